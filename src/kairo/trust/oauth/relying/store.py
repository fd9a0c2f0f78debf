"""How is kept who is on their way back from another provider, and whose account a person of it is?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

_LINK = """
INSERT INTO linked_login AS l (tenant, issuer, subject, principal, provider, linked_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, issuer, subject) DO UPDATE SET ends_at = NULL, linked_at = excluded.linked_at WHERE l.principal = $4
"""


@dataclass(frozen=True, slots=True)
class Underway:
    """A sign-in that has begun: `browser` is the digest of a cookie; `onward` where to go then; `links`: the account to link, if any."""

    digest: str
    provider: str
    browser: str
    nonce: str
    verifier: str
    onward: str
    links: str | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """A person of another provider who is somebody here. `ends_at`: until when they may sign in by it."""

    issuer: str
    subject: str
    principal: str
    provider: str
    linked_at: datetime
    ends_at: datetime | None
    last_at: datetime | None


async def begin(connection: Any, tenant: str, one: Underway, now: datetime) -> None:
    """Keeps a sign-in that begins, and forgets those that never came back."""
    await connection.execute("DELETE FROM provider_login WHERE tenant = $1 AND expires_at < $2", tenant, now)
    await connection.execute(
        "INSERT INTO provider_login (tenant, digest, provider, browser, nonce, verifier, onward, links, expires_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tenant, one.digest, one.provider, one.browser, one.nonce, one.verifier, one.onward, one.links, one.expires_at,
    )  # fmt: skip


async def take(connection: Any, tenant: str, digest: str, now: datetime) -> Underway | None:
    """The sign-in of this state, once: a second time there is none."""
    row = await connection.fetchrow(
        "DELETE FROM provider_login WHERE tenant = $1 AND digest = $2 AND expires_at > $3"
        " RETURNING digest, provider, browser, nonce, verifier, onward, links, expires_at",
        tenant, digest, now,
    )  # fmt: skip
    return Underway(**row) if row else None


async def link(connection: Any, tenant: str, person: tuple[str, str], principal: str, provider: str, now: datetime) -> bool:
    """The person (issuer, subject) is this account from now on; False where they are another's."""
    done = await connection.execute(_LINK, tenant, *person, principal, provider, now)
    return bool(done == "INSERT 0 1")


async def linked(connection: Any, tenant: str, person: tuple[str, str], now: datetime) -> str | None:
    """Whose account a person of another provider is, where that login is still good. Notes that it was used."""
    found = await connection.fetchval(
        "UPDATE linked_login SET last_at = $4 WHERE tenant = $1 AND issuer = $2 AND subject = $3"
        " AND (ends_at IS NULL OR ends_at > $4) RETURNING principal",
        tenant, *person, now,
    )  # fmt: skip
    return None if found is None else str(found)


async def logins_of(connection: Any, tenant: str, principal: str) -> list[Linked]:
    """The logins elsewhere of an account, the last one first."""
    rows = await connection.fetch(
        "SELECT issuer, subject, principal, provider, linked_at, ends_at, last_at FROM linked_login"
        " WHERE tenant = $1 AND principal = $2 ORDER BY linked_at DESC, issuer, subject",
        tenant, principal,
    )  # fmt: skip
    return [Linked(**row) for row in rows]


async def end(connection: Any, tenant: str, principal: str, provider: str, linked_at: datetime, at: datetime) -> bool:
    """The login is good until then; False where there is none."""
    done = await connection.execute(
        "UPDATE linked_login SET ends_at = $5 WHERE tenant = $1 AND principal = $2 AND provider = $3 AND linked_at = $4",
        tenant, principal, provider, linked_at, at,
    )  # fmt: skip
    return bool(done != "UPDATE 0")
