"""How are attribute indexes kept, filled, read and given up? Their SQL, but for what a commit writes (entities/store.py).

Row security is forced and only comparisons of plain columns are leakproof, so an index is a table that is compared with plain
`=` and `BETWEEN`: no operator of jsonb could ever be an index condition here (docs/adr/0006, 0017).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

import orjson

from kairo.platform.db import Connection

Ranges = Sequence[tuple[str, str]]


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Index:
    """One index of a tenant: on an attribute of the entities whose set of types is `type_key`. `uses`: how many queries it helped
    since the day that was asked for."""

    id: int
    type_key: str
    attribute: str
    state: Literal["building", "ready", "leaving"]
    most_values: int
    filled_to: str
    made_at: datetime
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attribute that was asked for and has no index."""

    type_key: str
    attribute: str
    times: int


_COLUMNS = "index_id, type_key, attribute, state, most_values, filled_to, made_at"

_INDEXES = f"""
SELECT {_COLUMNS}, (
    SELECT coalesce(sum(u.times), 0) FROM attribute_use u
    WHERE u.tenant = $1 AND u.type_key = i.type_key AND u.attribute = i.attribute AND u.day >= $2
) AS uses
FROM attribute_index i WHERE i.tenant = $1 ORDER BY i.index_id
"""

_KEPT = f"SELECT {_COLUMNS} FROM attribute_index WHERE tenant = $1 AND state <> 'leaving' ORDER BY index_id"

_READY = "SELECT index_id, type_key, attribute FROM attribute_index WHERE tenant = $1 AND state = 'ready'"

_STILL_READY = """
SELECT count(*) AS number FROM attribute_index WHERE tenant = $1 AND index_id = ANY($2::bigint[]) AND state = 'ready'
"""


def _found(ids: str, lows: str, highs: str) -> str:
    """FROM clause: `n.entity`, perhaps several times, for each key in the ranges. Every range is one look-up in the key: the
    lateral query is planned by itself."""
    look = (
        "SELECT v.entity FROM attribute_value AS v"
        " WHERE v.tenant = $1 AND v.index_id = i.id AND v.value BETWEEN r.low AND r.high OFFSET 0"
    )
    return (
        f"unnest({ids}::bigint[]) AS i(id) CROSS JOIN unnest({lows}::text[], {highs}::text[]) AS r(low, high)"
        f" CROSS JOIN LATERAL ({look}) AS n"
    )


_COUNT = f"""
SELECT count(*) AS number FROM (SELECT 1 FROM {_found("$2", "$3", "$4")} LIMIT $5) AS n
"""

_USED = """
INSERT INTO attribute_use AS a (tenant, type_key, attribute, day, times)
SELECT $1, u.type_key, u.attribute, $2, u.times
FROM jsonb_to_recordset($3::jsonb) AS u(type_key text, attribute text, times bigint)
ON CONFLICT (tenant, type_key, attribute, day) DO UPDATE SET times = a.times + excluded.times
"""

_WANTED = """
SELECT u.type_key, u.attribute, sum(u.times)::bigint AS times FROM attribute_use u
WHERE u.tenant = $1 AND u.day >= $2 AND NOT EXISTS (
    SELECT 1 FROM attribute_index i WHERE i.tenant = $1 AND i.type_key = u.type_key AND i.attribute = u.attribute)
GROUP BY u.type_key, u.attribute HAVING sum(u.times) >= $3 ORDER BY times DESC, u.type_key, u.attribute
"""

_FORGET = "DELETE FROM attribute_use WHERE tenant = $1 AND day < $2"

_TURN = "UPDATE change_counter SET indexing = indexing + 1 WHERE tenant = $1 RETURNING indexing"

_MAKE = """
INSERT INTO attribute_index (tenant, index_id, type_key, attribute, state, most_values, made_at)
VALUES ($1, $2, $3, $4, 'building', $5, $6) ON CONFLICT (tenant, type_key, attribute) DO NOTHING
"""

_LOCK = "SELECT 1 FROM change_counter WHERE tenant = $1 FOR UPDATE"

_ONE = f"SELECT {_COLUMNS} FROM attribute_index WHERE tenant = $1 AND index_id = $2"

_ENTITIES = """
SELECT e.id, e.doc -> $3 AS stored FROM entity e
WHERE e.tenant = $1 AND e.type_key = $2 AND e.id > $4 ORDER BY e.id LIMIT $5
"""

_FILL = """
INSERT INTO attribute_value (tenant, index_id, value, entity)
SELECT $1, u.index_id, u.value, u.entity FROM jsonb_to_recordset($2::jsonb) AS u(index_id bigint, value text, entity text)
ON CONFLICT DO NOTHING
"""

_FILLED = "UPDATE attribute_index SET filled_to = $3, state = $4 WHERE tenant = $1 AND index_id = $2"

_LEAVE = "UPDATE attribute_index SET state = 'leaving' WHERE tenant = $1 AND index_id = $2"

_CLEAR = """
WITH first AS (SELECT v.value, v.entity FROM attribute_value v WHERE v.tenant = $1 AND v.index_id = $2 LIMIT $3)
DELETE FROM attribute_value v USING first s
WHERE v.tenant = $1 AND v.index_id = $2 AND v.value = s.value AND v.entity = s.entity
"""

_FORGET_INDEX = "DELETE FROM attribute_index WHERE tenant = $1 AND index_id = $2 AND state = 'leaving'"

_HAS_MANY = "SELECT count(*) AS number FROM (SELECT 1 FROM entity e WHERE e.tenant = $1 AND e.type_key = $2 LIMIT $3) AS n"

_VALUES = "SELECT count(*) AS number FROM attribute_value WHERE tenant = $1 AND index_id = $2"


def entities_in(ids: str, lows: str, highs: str) -> str:
    """The condition that entity `e` has a key in one of the ranges of one of the indexes: placeholders of bigint[], text[],
    text[]."""
    return f"e.id = ANY(ARRAY(SELECT n.entity FROM {_found(ids, lows, highs)}))"


# Readers


async def ready(database: Reading, tenant: str) -> dict[tuple[str, str], int]:
    """The indexes that hold all they should, by type key and attribute."""
    rows = await database.fetch(tenant, _READY, tenant)
    return {(row["type_key"], row["attribute"]): row["index_id"] for row in rows}


async def are_ready(database: Reading, tenant: str, ids: Sequence[int]) -> bool:
    """Whether all of these are there and ready. What is so before and after a statement was so for it: no number comes twice."""
    rows = await database.fetch(tenant, _STILL_READY, tenant, list(ids))
    return int(rows[0]["number"]) == len(ids)


async def count(database: Reading, tenant: str, ids: Sequence[int], ranges: Ranges, most: int) -> int:
    """How many keys stand in the ranges, counted up to `most`."""
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    rows = await database.fetch(tenant, _COUNT, tenant, list(ids), lows, highs, most)
    return int(rows[0]["number"])


async def add_uses(connection: Connection, tenant: str, day: date, rows: Sequence[dict[str, Any]]) -> None:
    """Adds to what was asked on a day: rows of type_key, attribute, times."""
    await connection.execute(_USED, tenant, day, orjson.dumps(rows))


# Writers


async def kept(connection: Connection, tenant: str) -> list[Index]:
    """The indexes that every commit keeps."""
    return [_index(row) for row in await connection.fetch(_KEPT, tenant)]


# The leader


async def tenants_in_use(owner: Connection) -> list[str]:
    """The tenants that have indexes, or where one was missed."""
    found = await owner.fetch("SELECT tenant FROM attribute_index UNION SELECT tenant FROM attribute_use ORDER BY tenant")
    return [row["tenant"] for row in found]


async def indexes(database: Reading, tenant: str, since: date) -> list[Index]:
    """All indexes of a tenant, with their uses since a day."""
    return [_index(row, int(row["uses"])) for row in await database.fetch(tenant, _INDEXES, tenant, since)]


async def wanted(database: Reading, tenant: str, since: date, least: int) -> list[Wanted]:
    """What has been asked for at least so often since a day and has no index, the most wanted first."""
    rows = await database.fetch(tenant, _WANTED, tenant, since, least)
    return [Wanted(row["type_key"], row["attribute"], row["times"]) for row in rows]


async def has_many(database: Reading, tenant: str, type_key: str, many: int) -> bool:
    """Whether there are at least so many entities of these types."""
    return int((await database.fetch(tenant, _HAS_MANY, tenant, type_key, many))[0]["number"]) >= many


async def values(database: Reading, tenant: str, id: int) -> int:
    """How many rows an index has."""
    return int((await database.fetch(tenant, _VALUES, tenant, id))[0]["number"])


async def forget_uses(connection: Connection, tenant: str, before: date) -> None:
    """Forgets what was asked before a day."""
    await connection.execute(_FORGET, tenant, before)


async def make(connection: Connection, tenant: str, type_key: str, attribute: str, most_values: int, now: datetime) -> None:
    """Begins an index: it is empty, and every later commit keeps it."""
    id = await connection.fetchval(_TURN, tenant)
    await connection.execute(_MAKE, tenant, id, type_key, attribute, most_values, now)


async def lock(connection: Connection, tenant: str) -> None:
    """Waits for the tenant's turn: until the end of the transaction no other commit writes its entities."""
    await connection.execute(_LOCK, tenant)


async def one(connection: Connection, tenant: str, id: int) -> Index | None:
    """An index as it is now."""
    row = await connection.fetchrow(_ONE, tenant, id)
    return None if row is None else _index(row)


async def entities_after(connection: Connection, tenant: str, index: Index, most: int) -> list[tuple[str, Any]]:
    """The next entities that an index is to be filled with: id and the attribute as it is stored."""
    rows = await connection.fetch(_ENTITIES, tenant, index.type_key, index.attribute, index.filled_to, most)
    return [(row["id"], None if row["stored"] is None else orjson.loads(row["stored"])) for row in rows]


async def fill(
    connection: Connection, tenant: str, id: int, rows: Sequence[dict[str, Any]], filled_to: str, *, complete: bool
) -> None:
    """Adds rows to an index that is being built, and says how far it is."""
    await connection.execute(_FILL, tenant, orjson.dumps(rows))
    await connection.execute(_FILLED, tenant, id, filled_to, "ready" if complete else "building")


async def leave(connection: Connection, tenant: str, id: int) -> None:
    """Gives an index up: no reader begins to use it, and no later commit keeps it."""
    await connection.fetchval(_TURN, tenant)
    await connection.execute(_LEAVE, tenant, id)


async def clear(connection: Connection, tenant: str, id: int, most: int) -> bool:
    """Deletes some rows of an index that was given up; with the last ones the index itself. Whether that is done."""
    gone = int((await connection.execute(_CLEAR, tenant, id, most)).rsplit(maxsplit=1)[-1])
    if gone == most:
        return False
    await connection.execute(_FORGET_INDEX, tenant, id)
    return True


def _index(row: Any, uses: int = 0) -> Index:
    given = (row["type_key"], row["attribute"], row["state"], row["most_values"], row["filled_to"], row["made_at"])
    return Index(row["index_id"], *given, uses)


def by_type(found: Iterable[Index]) -> dict[str, list[Index]]:
    """Indexes by the type key of their entities."""
    sorted_out: dict[str, list[Index]] = {}
    for index in found:
        sorted_out.setdefault(index.type_key, []).append(index)
    return sorted_out
