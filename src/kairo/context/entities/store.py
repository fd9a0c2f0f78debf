"""How does a commit take its turn, read and write entities, history and changes? Whoever may see them: what an asker reads goes
through context/query, which joins the scope. Every statement names its tenant (docs/architecture.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import orjson

from kairo.context.entities.rows import Row
from kairo.context.gate import DataClass
from kairo.platform.db import Coalescer, Lookup


class Connection(Protocol):
    """The part of an asyncpg connection that a store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """A row of `entity` as a writer needs it: the stored form parsed, with its facts."""

    id: str
    type_key: str
    doc: dict[str, Any]
    stamps: dict[str, Any]
    data_class: DataClass
    writer: str
    controller: str
    created_at: datetime
    modified_at: datetime
    type_version: int


@dataclass(slots=True)
class Writes:
    """The rows that one commit writes at one moment, part by part. Filled by the committer, written by `write`."""

    at: datetime
    made: list[Row] = field(default_factory=list)  # entities that were not there
    changed: list[Row] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    geometries: list[Row] = field(default_factory=list)
    geometries_gone: list[Row] = field(default_factory=list)
    subjects: list[Row] = field(default_factory=list)  # all of each entity among them (granting/subjects.py)
    history: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    values: list[Row] = field(default_factory=list)  # of attribute indexes (indexing/writing.py)
    values_gone: list[Row] = field(default_factory=list)
    pasts: list[Row] = field(default_factory=list)  # written by temporal/writing/store.py


# Clocks of machines differ a little: times never go back. One that stood far ahead was wrong, and is not followed.
_LOCK = """
UPDATE change_counter SET last_change = last_change + $2,
    last_at = CASE WHEN last_at > $3::timestamptz + interval '5 minutes' THEN $3 ELSE greatest(last_at, $3) END
WHERE tenant = $1 RETURNING last_change, watching, last_at, indexing
"""

_LOADED = "e.id, e.type_key, e.doc, e.stamps, e.data_class, e.writer, e.controller, e.created_at, e.modified_at, e.type_version"
_LOAD = f"""
SELECT {_LOADED} FROM entity e WHERE e.tenant = $1 AND e.id = ANY(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)))
"""

# The lock and what is to be changed in one message. A statement sees what was committed before it began: where it had to wait
# for the lock, the entities may have changed since, which the counter tells, because every commit moves it on.
_LOCK_AND_LOAD = f"""
WITH seen AS (
    SELECT c.last_change FROM change_counter c WHERE c.tenant = $1
), turn AS ({_LOCK})
SELECT t.last_change, t.watching, t.last_at, t.indexing, t.last_change - $2 = s.last_change AS is_fresh, {_LOADED}
FROM turn t CROSS JOIN seen s
LEFT JOIN entity e ON e.tenant = $1 AND e.id = ANY(ARRAY(SELECT jsonb_array_elements_text($4::jsonb)))
"""

_CREATE_TENANT = """
WITH made AS (
    INSERT INTO tenant (tenant, created_at, created_by) VALUES ($1, $2, $3) ON CONFLICT (tenant) DO NOTHING
)
INSERT INTO change_counter (tenant, last_change) VALUES ($1, 0) ON CONFLICT (tenant) DO NOTHING
"""

# A commit is one statement, put together of the parts that it has rows for: PostgreSQL opens each table and index that a
# statement names, rows or not. Rows travel as JSON, one parameter a part: the driver walks through arrays value by value,
# which cost it more than the rest of a commit together, while JSON is written by orjson and read by PostgreSQL in one go.
_COLUMNS = """tenant, id, type_key, scopes, doc, stamps, data_class, withheld, writer, controller, type_version, created_at,
    modified_at, expires_at, change"""
_GIVEN = """AS (
    SELECT * FROM jsonb_to_recordset({rows}::jsonb)
         AS u(id text, type_key text, scopes text, doc jsonb, stamps jsonb, data_class text, withheld text, writer text,
              controller text, type_version int, created_at timestamptz, modified_at timestamptz, expires_at timestamptz,
              change bigint, history_of_all boolean)
)"""
_VALUES = """$1, u.id, u.type_key, coalesce(string_to_array(u.scopes, ' '), '{{}}'), u.doc, u.stamps, u.data_class,
    coalesce(string_to_array(u.withheld, ' '), '{{}}'), u.writer, u.controller, u.type_version, coalesce(u.created_at, $2),
    coalesce(u.modified_at, $2), u.expires_at, u.change"""
_PARTS = {
    # Of a new entity, the history may be one row with all attributes of its document (docs/adr/0013): they travel once.
    "made": f"""
new_rows {_GIVEN}, made AS (
    INSERT INTO entity ({_COLUMNS}) SELECT {_VALUES} FROM new_rows u
), begun AS (
    INSERT INTO history (tenant, entity, attribute, dataset, at, change, operation, instance)
    SELECT $1, u.id, '*', '@none', $2, u.change, 'created', u.doc - '{{{{id,type}}}}'::text[] FROM new_rows u
    WHERE u.history_of_all
)""",
    "changed": f"""
rows {_GIVEN}, changed AS (
    INSERT INTO entity ({_COLUMNS}) SELECT {_VALUES} FROM rows u
    ON CONFLICT (tenant, id) DO UPDATE SET
        type_key = excluded.type_key, scopes = excluded.scopes, doc = excluded.doc, stamps = excluded.stamps,
        data_class = excluded.data_class, withheld = excluded.withheld, type_version = excluded.type_version,
        created_at = excluded.created_at, modified_at = excluded.modified_at, expires_at = excluded.expires_at,
        writer = excluded.writer, controller = excluded.controller, change = excluded.change
)""",
    "types": """
types AS (
    INSERT INTO type_set (tenant, type_key, types)
    SELECT $1, u.type_key, string_to_array(u.type_key, ' ') FROM jsonb_array_elements_text({rows}::jsonb) AS u(type_key)
    ON CONFLICT (tenant, type_key) DO NOTHING
)""",
    "deleted": """
gone AS (
    DELETE FROM entity WHERE tenant = $1 AND id = ANY(ARRAY(SELECT jsonb_array_elements_text({rows}::jsonb)))
)""",
    "geometries": """
placed AS (
    INSERT INTO entity_geo (tenant, entity, attribute, dataset, cell, bounds, geometry)
    SELECT $1, u.entity, u.attribute, u.dataset, u.cell, box(point(u.west, u.south), point(u.east, u.north)), u.geometry
    FROM jsonb_to_recordset({rows}::jsonb)
         AS u(entity text, attribute text, dataset text, cell bigint, west float8, south float8, east float8, north float8,
              geometry jsonb)
    ON CONFLICT (tenant, entity, attribute, dataset) DO UPDATE SET
        cell = excluded.cell, bounds = excluded.bounds, geometry = excluded.geometry
)""",
    "geometries_gone": """
unplaced AS (
    DELETE FROM entity_geo g USING jsonb_to_recordset({rows}::jsonb) AS u(entity text, attribute text, dataset text)
    WHERE g.tenant = $1 AND g.entity = u.entity AND g.attribute = u.attribute AND g.dataset = u.dataset
)""",
    "subjects": """
concerned AS (
    SELECT * FROM jsonb_to_recordset({rows}::jsonb) AS u(entity text, attribute text, subject text, role text)
), begins_to_concern AS (
    INSERT INTO entity_subject (tenant, entity, attribute, subject, role)
    SELECT $1, c.entity, c.attribute, c.subject, c.role FROM concerned c WHERE c.attribute IS NOT NULL
    ON CONFLICT (tenant, entity, attribute, subject, role) DO UPDATE SET is_now = true WHERE NOT entity_subject.is_now
), concerns_no_more AS (
    UPDATE entity_subject s SET is_now = false WHERE s.tenant = $1 AND s.is_now AND s.entity IN (SELECT c.entity FROM concerned c)
      AND (s.entity, s.attribute, s.subject, s.role) NOT IN (
          SELECT c.entity, c.attribute, c.subject, c.role FROM concerned c WHERE c.attribute IS NOT NULL
      )
)""",
    "values": """
valued AS (
    INSERT INTO attribute_value (tenant, index_id, value, entity)
    SELECT $1, u.index_id, u.value, u.entity FROM jsonb_to_recordset({rows}::jsonb) AS u(index_id bigint, value text, entity text)
    ON CONFLICT DO NOTHING
)""",
    "values_gone": """
unvalued AS (
    DELETE FROM attribute_value v USING jsonb_to_recordset({rows}::jsonb) AS u(index_id bigint, value text, entity text)
    WHERE v.tenant = $1 AND v.index_id = u.index_id AND v.value = u.value AND v.entity = u.entity
)""",
    "history": """
remembered AS (
    INSERT INTO history (tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance)
    SELECT $1, u.entity, u.attribute, u.dataset, $2::timestamptz, u.change, u.number, u.operation, u.observed_at, u.instance
    FROM jsonb_to_recordset({rows}::jsonb)
         AS u(entity text, attribute text, dataset text, change bigint, number int, operation text, observed_at timestamptz,
              instance jsonb)
)""",
    "outbox": """
reacting AS (
    INSERT INTO outbox (tenant, seq, entity)
    SELECT $1, u.seq, u.entity FROM jsonb_to_recordset({rows}::jsonb) AS u(seq bigint, entity text)
)""",
    "changes": """
audited AS (
    INSERT INTO change (tenant, seq, at, principal, purpose, operation, entity, attributes, request)
    SELECT $1, u.seq, $2::timestamptz, u.principal, u.purpose, u.operation, u.entity, string_to_array(u.attributes, ' '), u.request
    FROM jsonb_to_recordset({rows}::jsonb)
         AS u(seq bigint, principal text, purpose text, operation text, entity text, attributes text, request text)
)""",
}


@lru_cache
def _statement(parts: tuple[str, ...]) -> str:
    """The statement that writes these parts, each from a parameter of its own ($1 is the tenant, $2 the moment)."""
    named = [_PARTS[part].format(rows=f"${number}") for number, part in enumerate(parts, 3)]
    return f"WITH {','.join(named)}\nSELECT $1::text AS tenant"


class Turn(NamedTuple):
    """A tenant that is locked: the last change number taken, the version of what subscriptions watch, the moment of the commit, the
    version of its attribute indexes."""

    last_change: int
    watching: int
    now: datetime
    indexing: int


async def lock_tenant(connection: Connection, tenant: str, numbers: int, now: datetime) -> Turn | None:
    """Locks the tenant for this transaction and takes `numbers` change numbers; None: no such tenant. The commit's moment is
    `now`, or that of the commit before where this machine's clock is up to five minutes behind."""
    row = await connection.fetchrow(_LOCK, tenant, numbers, now)
    return None if row is None else Turn(row["last_change"], row["watching"], row["last_at"], row["indexing"])


async def create_tenant(connection: Connection, tenant: str, now: datetime, by: str) -> None:
    """Makes a tenant; a tenant that is there already stays as it is."""
    await connection.execute(_CREATE_TENANT, tenant, now, by)


async def tenant_exists(connection: Connection, tenant: str) -> bool:
    """Whether the tenant is there (the connection's own tenant: row security hides all others)."""
    return bool(await connection.fetchval("SELECT true FROM tenant WHERE tenant = $1", tenant))


async def lock_and_load(
    connection: Connection, tenant: str, numbers: int, now: datetime, ids: Sequence[str]
) -> tuple[Turn, dict[str, StoredEntity]] | None:
    """`lock_tenant` and, as they stand from then on, `load`. None: no such tenant."""
    rows = await connection.fetch(_LOCK_AND_LOAD, tenant, numbers, now, orjson.dumps(ids))
    if not rows:
        return None
    first = rows[0]
    turn = Turn(first["last_change"], first["watching"], first["last_at"], first["indexing"])
    if not first["is_fresh"]:
        return turn, await load(connection, tenant, ids)
    return turn, {} if first["id"] is None else {row["id"]: _stored(row) for row in rows}


async def load(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, StoredEntity]:
    """The entities with these ids, whoever may see them: the committer asks the scope for each."""
    return {row["id"]: _stored(row) for row in await connection.fetch(_LOAD, tenant, orjson.dumps(ids))}


def _stored(row: Any) -> StoredEntity:
    return StoredEntity(
        row["id"],
        row["type_key"],
        orjson.loads(row["doc"]),
        orjson.loads(row["stamps"]),
        DataClass(row["data_class"]),
        row["writer"],
        row["controller"],
        row["created_at"],
        row["modified_at"],
        row["type_version"],
    )


async def write(connection: Connection, tenant: str, writes: Writes) -> None:
    """Writes all rows of a commit in one statement."""
    writes.types = sorted({row["type_key"] for row in (*writes.made, *writes.changed)})
    given = {part: rows for part in _PARTS if (rows := getattr(writes, part))}
    await connection.execute(_statement(tuple(given)), tenant, writes.at, *map(orjson.dumps, given.values()))


# One row for all sets of a tenant, so that concurrent queries share the statement as reads by id do.
_TYPE_SETS = Lookup(
    "SELECT s.tenant, jsonb_object_agg(s.type_key, s.types) AS sets FROM type_set s"
    " WHERE s.tenant = $1 AND s.tenant = ANY($2::text[]) GROUP BY s.tenant"
)


async def type_sets(reads: Coalescer, tenant: str) -> dict[str, list[str]]:
    """The distinct sets of types that entities of the tenant have or had, by type key."""
    record = await reads.get(tenant, _TYPE_SETS, tenant)
    return orjson.loads(record["sets"]) if record is not None else {}
