"""How come there to be 200,000 grants? The broker gives those of the first resident, then their rows are multiplied in SQL.

As with things (filling.py), a row that is multiplied is the broker's but for what belongs to the grant, its audit record included.
Whom a resident is about (`entity_subject`) is multiplied together with the resident.
"""

import secrets
from typing import TYPE_CHECKING, Any

import orjson

from bench import residents
from bench.database import connected
from bench.entities import TENANT
from bench.filling import COUNT, Progress
from kairo.context.granting import Grant, give
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.identity import store
from kairo.trust.identity.digests import digest_of

if TYPE_CHECKING:
    from bench.sides import Sides

_CHUNK = 2000  # residents

# $1 the tenant, $2 the grant that the broker gave, $3 what differs in each, $4 the number before the first change.
_ROWS = """
WITH given AS (
    SELECT u.differs, $4 + u.number AS change FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS u(differs, number)
), audited AS (
    INSERT INTO change SELECT r.* FROM change t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
        'seq', g.change, 'principal', g.differs -> 'subject', 'entity', g.differs -> 'id'
    )) AS r WHERE t.tenant = $1 AND t.entity = $2
)
INSERT INTO access_grant SELECT r.* FROM access_grant t CROSS JOIN given g
CROSS JOIN LATERAL jsonb_populate_record(t, g.differs) AS r WHERE t.tenant = $1 AND t.id = $2
"""


async def fill(sides: "Sides") -> None:
    """The grants of all residents, who are stored."""
    number, url = sides.sizes.residents, sides.kairo.postgres.url
    first = await _given(url, number)
    said = Progress(sides.say, "grants", 0, number * residents.GRANTS_EACH)
    async with connected(url) as connection:
        for start in range(1, number, _CHUNK):
            end = min(start + _CHUNK, number)
            rows = list(residents.grants(range(start, end), number))
            base = await connection.fetchval(COUNT, TENANT, len(rows))
            await connection.execute(_ROWS, TENANT, first, orjson.dumps(rows).decode(), base)
            said(end * residents.GRANTS_EACH)


async def _given(url: str, number: int) -> str:
    """The first resident's grants, as the broker gives them: the id of the first one."""
    rows = list(residents.grants(range(1), number))
    async with await Database.open(url, size=1) as database, database.unit(TENANT) as unit:
        for row in rows:
            await give(unit, _grant(row), system_clock(), by=row["subject"])
    return rows[0]["id"]


def _grant(row: dict[str, str]) -> Grant:
    given: dict[str, Any] = {"basis": "consent", "since": residents.SINCE, "until": residents.UNTIL, **row}
    return Grant(purpose=residents.PURPOSE, types=(residents.RESIDENT_TYPE,), attributes=residents.GRANTED, **given)


async def token_of(url: str, principal: str) -> str:
    """A new token of an application."""
    secret = secrets.token_urlsafe(32)
    async with await Database.open(url, size=1) as database, database.unit(TENANT) as unit:
        await store.insert(unit.connection, TENANT, digest_of(secret), "token", principal, system_clock(), None)
    return secret
