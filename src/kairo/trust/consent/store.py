"""How are consents kept? Their SQL: how each stands now, what happened to it, the texts that were agreed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.platform.manifests import Purpose
from kairo.trust.consent.purposes import canonical, document_of, purpose_of
from kairo.trust.consent.rules import Act, Channel, Consent, State, Terms


class Connection(Protocol):
    """The part of an asyncpg connection that a store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a consent once. `evidence`: where the signed paper lies; `terms`: what it said after that."""

    number: int
    at: datetime
    act: Act
    principal: str
    channel: Channel
    evidence: str
    version: int
    terms: Terms
    replaced_by: str | None


_COLUMNS = "c.id, c.subject, c.recipient, c.purpose, c.state, c.version, c.text, c.categories, c.until, c.since, c.asked_by, c.answer_by"
_GET = f"SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.id = $2"
_OF_SUBJECT = (
    f"SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.subject = $2 ORDER BY c.changed_at DESC, c.id LIMIT $3"
)
_OF_RECIPIENT = f"""
SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.recipient = $2 ORDER BY c.changed_at DESC, c.id LIMIT $3
"""
_IN_FORCE = f"""
SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.subject = $2 AND c.recipient = $3 AND c.purpose = $4 AND c.state = 'given'
"""
_ALL_IN_FORCE = f"""
SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.recipient = $2 AND c.state = 'given' ORDER BY c.id
"""
_ALL_BETWEEN = f"""
SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.subject = $2 AND c.recipient = $3 AND c.state = 'given' ORDER BY c.id
"""
_GIVEN_BY = f"SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.subject = $2 AND c.state = 'given' ORDER BY c.id"
_TO_DEPARTMENTS = f"""
SELECT {_COLUMNS} FROM consent c
WHERE c.tenant = $1 AND c.recipient >= 'department:' AND c.recipient < 'department;' AND c.state = 'given' ORDER BY c.id
"""
_TENANTS_WITH_DEPARTMENTS = """
SELECT t.tenant FROM tenant t WHERE EXISTS (
    SELECT FROM consent c
    WHERE c.tenant = t.tenant AND c.recipient >= 'department:' AND c.recipient < 'department;' AND c.state = 'given'
) ORDER BY t.tenant
"""
_PUT_GRANTS = "UPDATE consent SET grants = $3 WHERE tenant = $1 AND id = $2"
_MANY = f"SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.id = ANY($2::text[]) ORDER BY c.id"
_WAITING = """
SELECT EXISTS (SELECT FROM consent c WHERE c.tenant = $1 AND c.subject = $2 AND c.recipient = $3 AND c.purpose = $4
               AND c.state = 'asked' AND c.ends_at > $5)
"""
_OVER = f"SELECT {_COLUMNS} FROM consent c WHERE c.tenant = $1 AND c.ends_at <= $2 ORDER BY c.ends_at, c.id LIMIT $3"
_TENANTS_WITH_SOME = """
SELECT t.tenant FROM tenant t
WHERE EXISTS (SELECT FROM consent c WHERE c.tenant = t.tenant AND c.ends_at <= $1) ORDER BY t.tenant
"""
_PUT = """
INSERT INTO consent (tenant, id, subject, recipient, purpose, state, version, text, categories, until, since, asked_by, answer_by,
                     ends_at, changed_at, grants)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (tenant, id) DO UPDATE SET state = excluded.state, version = excluded.version, text = excluded.text,
    categories = excluded.categories, until = excluded.until, since = excluded.since, ends_at = excluded.ends_at,
    changed_at = excluded.changed_at, grants = excluded.grants
"""
_GRANTS = "SELECT c.grants FROM consent c WHERE c.tenant = $1 AND c.id = $2"
_ADD_EVENT = """
INSERT INTO consent_event (tenant, consent, number, at, act, principal, channel, evidence, version, text, categories, until,
                           replaced_by)
SELECT $1, $2, 1 + count(*), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM consent_event v WHERE v.tenant = $1 AND v.consent = $2
"""
_EVENTS = """
SELECT v.number, v.at, v.act, v.principal, v.channel, v.evidence, v.version, v.text, v.categories, v.until, v.replaced_by
FROM consent_event v WHERE v.tenant = $1 AND v.consent = $2 ORDER BY v.number
"""
_ADD_TEXT = """
INSERT INTO consent_text (tenant, digest, purpose, version, content, first_used_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, digest) DO NOTHING
"""
_TEXTS = "SELECT x.digest, x.content FROM consent_text x WHERE x.tenant = $1 AND x.digest = ANY($2::text[])"


async def get(connection: Connection, tenant: str, id: str) -> Consent | None:
    """One consent as it stands."""
    row = await connection.fetchrow(_GET, tenant, id)
    return None if row is None else _consent(row)


async def of_subject(connection: Connection, tenant: str, person: str, limit: int) -> list[Consent]:
    """What a person was asked for and agreed to, the last change first."""
    return [_consent(row) for row in await connection.fetch(_OF_SUBJECT, tenant, person, limit)]


async def of_recipient(connection: Connection, tenant: str, recipient: str, limit: int) -> list[Consent]:
    """What somebody was agreed to, or asked for, the last change first."""
    return [_consent(row) for row in await connection.fetch(_OF_RECIPIENT, tenant, recipient, limit)]


async def in_force(connection: Connection, tenant: str, subject: str, recipient: str, purpose: str) -> Consent | None:
    """The one that is given and not marked as over."""
    row = await connection.fetchrow(_IN_FORCE, tenant, subject, recipient, purpose)
    return None if row is None else _consent(row)


async def all_in_force(connection: Connection, tenant: str, recipient: str) -> list[Consent]:
    """All that are given to a recipient."""
    return [_consent(row) for row in await connection.fetch(_ALL_IN_FORCE, tenant, recipient)]


async def all_between(connection: Connection, tenant: str, subject: str, recipient: str) -> list[Consent]:
    """All that a person gave to a recipient, for whatever purpose."""
    return [_consent(row) for row in await connection.fetch(_ALL_BETWEEN, tenant, subject, recipient)]


async def given_by(connection: Connection, tenant: str, subject: str) -> list[Consent]:
    """All that a person gave, to whomever."""
    return [_consent(row) for row in await connection.fetch(_GIVEN_BY, tenant, subject)]


async def to_departments(connection: Connection, tenant: str) -> list[Consent]:
    """All that are given to departments."""
    return [_consent(row) for row in await connection.fetch(_TO_DEPARTMENTS, tenant)]


async def tenants_with_departments(owner: Connection) -> list[str]:
    """The tenants in which something is given to a department; asked by the owner of the tables."""
    return [row["tenant"] for row in await owner.fetch(_TENANTS_WITH_DEPARTMENTS)]


async def put_grants(connection: Connection, tenant: str, id: str, grants: Sequence[str]) -> None:
    """Keeps the ids of a consent's grants."""
    await connection.execute(_PUT_GRANTS, tenant, id, list(grants))


async def many(connection: Connection, tenant: str, ids: Sequence[str]) -> list[Consent]:
    """Those of these ids that are there."""
    return [_consent(row) for row in await connection.fetch(_MANY, tenant, list(ids))]


async def waiting(connection: Connection, tenant: str, subject: str, recipient: str, purpose: str, now: datetime) -> bool:
    """Whether a request of a recipient for a purpose waits for a person's answer."""
    return bool(await connection.fetchval(_WAITING, tenant, subject, recipient, purpose, now))


async def over(connection: Connection, tenant: str, now: datetime, limit: int) -> list[Consent]:
    """What has been over for longest, and is not marked so."""
    return [_consent(row) for row in await connection.fetch(_OVER, tenant, now, limit)]


async def tenants_with_some(owner: Connection, now: datetime) -> list[str]:
    """The tenants in which something is over; asked by the owner of the tables."""
    return [row["tenant"] for row in await owner.fetch(_TENANTS_WITH_SOME, now)]


async def put(connection: Connection, tenant: str, consent: Consent, now: datetime, grants: Sequence[str]) -> None:
    """Keeps how it stands now, and the ids of its grants."""
    terms = consent.terms
    await connection.execute(
        _PUT, tenant, consent.id, consent.subject, consent.recipient, consent.purpose, consent.state.value, consent.version,
        terms.text, list(terms.categories), terms.until, consent.since, consent.asked_by, consent.answer_by, consent.ends_at, now,
        list(grants),
    )  # fmt: skip


async def grants(connection: Connection, tenant: str, id: str) -> list[str]:
    """The ids of the grants that a consent has."""
    return list(await connection.fetchval(_GRANTS, tenant, id) or ())


async def add_event(
    connection: Connection,
    tenant: str,
    consent: Consent,
    now: datetime,
    *,
    act: Act,
    principal: str,
    channel: Channel,
    evidence: str,
    replaced_by: str | None,
) -> None:
    """Enters what happened; the consent is handed in as it is after that."""
    said = (act.value, principal, channel.value, evidence, consent.version)
    terms = (consent.terms.text, list(consent.terms.categories), consent.terms.until)
    await connection.execute(_ADD_EVENT, tenant, consent.id, now, *said, *terms, replaced_by)


async def events(connection: Connection, tenant: str, id: str) -> list[Event]:
    """All that happened to a consent, in order."""
    return [
        Event(
            row["number"],
            row["at"],
            Act(row["act"]),
            row["principal"],
            Channel(row["channel"]),
            row["evidence"],
            row["version"],
            Terms(row["text"], tuple(row["categories"]), row["until"]),
            row["replaced_by"],
        )
        for row in await connection.fetch(_EVENTS, tenant, id)
    ]


async def add_text(connection: Connection, tenant: str, digest: str, purpose: Purpose, now: datetime) -> None:
    """Keeps the words of a purpose; the same words again stay as they are."""
    content = canonical(document_of(purpose))
    await connection.execute(_ADD_TEXT, tenant, digest, purpose.id, purpose.version, content, now)


async def texts(connection: Connection, tenant: str, digests: Sequence[str]) -> dict[str, Purpose]:
    """The kept words of these digests."""
    rows = await connection.fetch(_TEXTS, tenant, list(digests))
    return {row["digest"]: purpose_of(orjson.loads(row["content"])) for row in rows}


def _consent(row: Any) -> Consent:
    return Consent(
        row["id"],
        row["subject"],
        row["recipient"],
        row["purpose"],
        State(row["state"]),
        row["version"],
        Terms(row["text"], tuple(row["categories"]), row["until"]),
        row["since"],
        row["asked_by"],
        row["answer_by"],
    )
