"""What is stated of leaks, and what does the log say of whom they concern?"""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from kairo.platform.db import Connection
from kairo.trust.rights.breaches.rules import Breach

_COLUMNS: Final = "b.id, b.noticed_at, b.principal, b.type, b.since, b.until, b.text, b.is_malicious, b.is_property, b.is_protected, b.made_by, b.made_at"
_INSERT: Final = """
INSERT INTO breach (tenant, id, noticed_at, principal, type, since, until, text, is_malicious, is_property, is_protected, made_by, made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
# Whose data were got, as the log has it: a pseudonym without a key is of who was erased.
_CONCERNED: Final = """
SELECT s.subject AS pseudonym, k.subject AS person, l.parts -> s.part::int AS part, count(DISTINCT l.seq) AS looks
FROM disclosure_look l
JOIN disclosure_subject s ON s.tenant = l.tenant AND s.seq = l.seq
LEFT JOIN disclosure_key k ON k.tenant = l.tenant AND k.pseudonym = s.subject
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND l.kind = 'look' AND ($4 = '' OR l.principal = $4)
  AND ($5 = '' OR l.parts -> s.part::int -> 'types' ? $5)
GROUP BY 1, 2, 3 ORDER BY 1 LIMIT $6
"""
# Numbers about many, and Kairo's own work: they name nobody, and may still be what leaked.
_UNNAMED: Final = """
SELECT count(*) FROM disclosure_look l
WHERE l.tenant = $1 AND l.at >= $2 AND l.at < $3 AND ($4 = '' OR l.principal = $4)
  AND NOT EXISTS (SELECT FROM disclosure_subject s WHERE s.tenant = $1 AND s.seq = l.seq)
"""


@dataclass(frozen=True, slots=True)
class Concerned:
    """A person (None: erased) of whom attributes of types were got, and in how many looks."""

    pseudonym: bytes
    person: str | None
    types: tuple[str, ...]
    attributes: tuple[str, ...]
    looks: int


async def insert(connection: Connection, tenant: str, one: Breach) -> None:
    """Keeps what is stated."""
    stated = (one.noticed_at, one.principal, one.type, one.since, one.until, one.text)
    await connection.execute(
        _INSERT, tenant, one.id, *stated, one.is_malicious, one.is_property, one.is_protected, one.made_by, one.made_at
    )


async def get(connection: Connection, tenant: str, id: str) -> Breach | None:
    """One."""
    sql = f"SELECT {_COLUMNS} FROM breach b WHERE b.tenant = $1 AND b.id = $2"
    row = await connection.fetchrow(sql, tenant, id[:64])
    return None if row is None else Breach(**row)


async def latest(connection: Connection, tenant: str, limit: int) -> list[Breach]:
    """The latest, newest first."""
    sql = f"SELECT {_COLUMNS} FROM breach b WHERE b.tenant = $1 ORDER BY b.made_at DESC, b.id LIMIT $2"
    return [Breach(**row) for row in await connection.fetch(sql, tenant, limit)]


async def concerned(connection: Connection, tenant: str, one: Breach, limit: int) -> tuple[list[Concerned], int]:
    """Whose data were got in the period, and how many looks name nobody."""
    period = (one.since, one.until, one.principal)
    rows = await connection.fetch(_CONCERNED, tenant, *period, one.type, limit)
    return [_concerned(row) for row in rows], int(await connection.fetchval(_UNNAMED, tenant, *period))


def _concerned(row: Any) -> Concerned:
    part = orjson.loads(row["part"])
    return Concerned(row["pseudonym"], row["person"], tuple(part["types"]), tuple(part["attributes"]), row["looks"])
