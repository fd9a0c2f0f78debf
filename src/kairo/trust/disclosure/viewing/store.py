"""Which looks are shown? Those at one person, those that an auditor searches for, and how many there were of whom and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.platform.db import Connection
from kairo.trust.disclosure.records import PSEUDONYM, Part

_PSEUDONYM = "SELECT k.pseudonym FROM disclosure_key k WHERE k.tenant = $1 AND k.subject = $2"
_WHO = "SELECT k.subject, k.pseudonym FROM disclosure_key k WHERE k.tenant = $1 AND k.pseudonym = ANY ($2::bytea[])"
_NARROWED = "l.at >= $3 AND l.at < $4 AND ($5 = '' OR l.principal = $5) AND ($6 = '' OR l.purpose = $6) AND l.seq < $7"
_AT_PERSON = f"""
SELECT l.seq, l.at, l.kind, l.principal, l.persons, l.purpose, l.parts, l.entities, l.what, array_agg(s.part) AS mine
FROM disclosure_subject s JOIN disclosure_look l ON l.tenant = s.tenant AND l.seq = s.seq
WHERE s.tenant = $1 AND s.subject = $2 AND {_NARROWED} AND (l.principal = $8) = $9
GROUP BY l.tenant, l.seq ORDER BY l.seq DESC LIMIT $10
"""
_IS_ABOUT = "SELECT true FROM disclosure_subject s WHERE s.tenant = $1 AND s.subject = $2 AND s.seq = $3 LIMIT 1"
_KINDS = """
SELECT l.principal, l.purpose, count(DISTINCT l.seq) AS looks FROM disclosure_subject s
JOIN disclosure_look l ON l.tenant = s.tenant AND l.seq = s.seq
WHERE s.tenant = $1 AND s.subject = $2 AND l.at >= $3 AND l.at < $4 GROUP BY 1, 2 ORDER BY looks DESC, 1, 2 LIMIT 200
"""
_SEARCH = f"""
SELECT l.seq, l.at, l.kind, l.principal, l.persons, l.purpose, l.parts, l.entities, l.what,
       (SELECT count(DISTINCT s.subject) FROM disclosure_subject s WHERE s.tenant = $1 AND s.seq = l.seq) AS subjects
FROM disclosure_look l WHERE l.tenant = $1 AND $2::bytea IS NULL AND {_NARROWED} ORDER BY l.seq DESC LIMIT $8
"""
_HOURS = """
SELECT l.principal, date_trunc('hour', l.at) AS hour, count(DISTINCT l.seq) AS looks, count(DISTINCT s.subject) AS persons
FROM disclosure_look l LEFT JOIN disclosure_subject s ON s.tenant = l.tenant AND s.seq = l.seq
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND l.kind = 'look' GROUP BY 1, 2 ORDER BY 2, 1 LIMIT 100000
"""
_LOOKED_AT = """
SELECT s.subject, count(DISTINCT l.principal) AS lookers FROM disclosure_look l
JOIN disclosure_subject s ON s.tenant = l.tenant AND s.seq = l.seq
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND starts_with(l.principal, 'staff:')
GROUP BY 1 HAVING count(DISTINCT l.principal) >= $4 ORDER BY 2 DESC LIMIT 20
"""
_PAIRS = """
SELECT DISTINCT l.principal, k.subject FROM disclosure_look l
JOIN disclosure_subject s ON s.tenant = l.tenant AND s.seq = l.seq
JOIN disclosure_key k ON k.tenant = s.tenant AND k.pseudonym = s.subject
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND starts_with(l.principal, 'staff:') LIMIT $4
"""
_BASELESS = """
SELECT l.principal, count(*) AS looks FROM disclosure_look l
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND l.kind = 'look'
  AND EXISTS (SELECT FROM jsonb_array_elements(l.parts) AS p WHERE p -> 'bases' = '[]')
GROUP BY 1 ORDER BY 2 DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which looks are asked for: from `since` until before `until`; of one principal (as it stands in the log) and for one purpose where
    given; before a number, the newest first."""

    since: datetime
    until: datetime
    principal: str = ""
    purpose: str = ""
    before: int = 1 << 62


@dataclass(frozen=True, slots=True)
class Seen:
    """One look as it is shown. `parts`: at a person those about them; `subjects`: how many persons it was about (an auditor's)."""

    seq: int
    at: datetime
    kind: str
    principal: str
    persons: tuple[bytes, ...]
    purpose: str
    parts: tuple[Part, ...]
    entities: int
    what: str
    subjects: int = 1


async def pseudonym_of(connection: Connection, tenant: str, person: str) -> bytes | None:
    """The pseudonym of a person; None for who was never looked at."""
    found: bytes | None = await connection.fetchval(_PSEUDONYM, tenant, person)
    return found


async def who(connection: Connection, tenant: str, pseudonyms: Collection[bytes]) -> dict[bytes, str]:
    """The persons whom pseudonyms stand for; without those who were erased."""
    return {row["pseudonym"]: row["subject"] for row in await connection.fetch(_WHO, tenant, list(pseudonyms))}


async def at_person(
    connection: Connection, tenant: str, person: bytes, wanted: Wanted, own: str, limit: int, *, are_own: bool
) -> list[Seen]:
    """Looks at a person: their own (`own`: how they stand in the log as principal), or all others."""
    rows = await connection.fetch(_AT_PERSON, tenant, person, *_narrowed(wanted), own, are_own, limit)
    return [_seen(row, sorted(row["mine"])) for row in rows]


async def is_about(connection: Connection, tenant: str, person: bytes, seq: int) -> bool:
    """Whether a look was at this person."""
    return bool(await connection.fetchval(_IS_ABOUT, tenant, person, seq))


async def kinds(
    connection: Connection, tenant: str, person: bytes, since: datetime, until: datetime
) -> list[tuple[str, str, int]]:
    """Who looked at a person for which purpose, and how often."""
    return [tuple(row) for row in await connection.fetch(_KINDS, tenant, person, since, until)]


async def search(connection: Connection, tenant: str, wanted: Wanted, limit: int) -> list[Seen]:
    """Looks at anybody."""
    rows = await connection.fetch(_SEARCH, tenant, None, *_narrowed(wanted), limit)
    return [_seen(row, None, row["subjects"]) for row in rows]


async def hours(connection: Connection, tenant: str, since: datetime, until: datetime) -> list[tuple[str, datetime, int, int]]:
    """Principal, hour, looks, persons; in order of time."""
    return [tuple(row) for row in await connection.fetch(_HOURS, tenant, since, until)]


async def looked_at(
    connection: Connection, tenant: str, since: datetime, until: datetime, least: int
) -> list[tuple[bytes, int]]:
    """Persons (pseudonyms) at whom at least so many members of staff looked, and how many did."""
    return [tuple(row) for row in await connection.fetch(_LOOKED_AT, tenant, since, until, least)]


async def pairs(connection: Connection, tenant: str, since: datetime, until: datetime, most: int) -> list[tuple[str, str]]:
    """Which member of staff looked at which person (URI)."""
    return [tuple(row) for row in await connection.fetch(_PAIRS, tenant, since, until, most)]


async def baseless(connection: Connection, tenant: str, since: datetime, until: datetime) -> list[tuple[str, int]]:
    """Who got something of which no basis was there any more when it was recorded, and how often."""
    return [tuple(row) for row in await connection.fetch(_BASELESS, tenant, since, until)]


def _narrowed(wanted: Wanted) -> tuple[Any, ...]:
    return wanted.since, wanted.until, wanted.principal, wanted.purpose, wanted.before


def _seen(row: Any, parts: Sequence[int] | None, subjects: int = 1) -> Seen:
    said = orjson.loads(row["parts"])
    persons = row["persons"]
    return Seen(
        *(row["seq"], row["at"], row["kind"], row["principal"]),
        tuple(persons[at : at + PSEUDONYM] for at in range(0, len(persons), PSEUDONYM)),
        row["purpose"],
        tuple(said if parts is None else (said[part] for part in parts)),
        *(row["entities"], row["what"], subjects),
    )
