"""How are entities read from and written to PostgreSQL? The only SQL on current entities, history and changes.

Every statement names its tenant (reference: the scale-out habits in docs/architecture.md) and every read joins the scope:
a row is seen when its class is among the scope's, or when it is undeclared and the asker wrote it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.context.gate import DataClass, Scope
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


Row = dict[str, Any]


@dataclass(slots=True)
class Writes:
    """The rows that one commit writes at one moment, by column. Filled by the committer, written by `write` in one statement."""

    at: datetime
    entities: list[Row] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    geometries: list[Row] = field(default_factory=list)
    geometries_gone: list[Row] = field(default_factory=list)
    history: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)


# Every scoped read: $1 the tenant, $3 to $6 the scope (`scope_parameters`); $2 is what is looked up.
SCOPED = "(e.data_class = ANY($3::text[]) OR ($4 AND e.data_class = 'undeclared' AND e.writer = $5))"
READABLE = "(CASE WHEN $6 OR e.withheld = '{}' THEN e.doc ELSE e.doc - e.withheld END)"


def scope_parameters(scope: Scope) -> tuple[Any, ...]:
    """Parameters $3 to $6: classes, own undeclared rows, principal, personal attributes."""
    return (sorted(scope.read_classes), scope.own_undeclared, scope.principal, scope.reads_personal)


# `expires_at` comes along, and the reader compares it with its clock: a time among the parameters would keep concurrent
# reads from sharing a statement.
GET_DOCUMENT = f"""
SELECT e.id, {READABLE} AS doc, e.expires_at FROM entity e WHERE e.tenant = $1 AND e.id = ANY($2::text[]) AND {SCOPED}
"""

GET_ROW = f"""
SELECT e.id, {READABLE} AS doc, e.expires_at, e.stamps, e.created_at, e.modified_at
FROM entity e WHERE e.tenant = $1 AND e.id = ANY($2::text[]) AND {SCOPED}
"""

_LOCK = "UPDATE change_counter SET last_change = last_change + $2 WHERE tenant = $1 RETURNING last_change"

_LOAD = """
SELECT id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at
FROM entity WHERE tenant = $1 AND id = ANY($2::text[])
"""

_CREATE_TENANT = """
WITH made AS (
    INSERT INTO tenant (tenant, created_at, created_by) VALUES ($1, $2, $3) ON CONFLICT (tenant) DO NOTHING
)
INSERT INTO change_counter (tenant, last_change) VALUES ($1, 0) ON CONFLICT (tenant) DO NOTHING
"""

# Rows travel as JSON, one parameter a table: the driver walks through arrays value by value, which cost it more than the rest
# of a commit together, while JSON is written by orjson and read by PostgreSQL in one go. `history_of_all`: the entity is new,
# and its history are the attributes of its document, each as it stands there; so they do not travel twice.
_WRITE = """
WITH given AS (
    SELECT * FROM jsonb_to_recordset($3::jsonb)
         AS u(id text, type_key text, scopes text, doc jsonb, stamps jsonb, data_class text, withheld text, writer text,
              controller text, type_version int, created_at timestamptz, modified_at timestamptz, expires_at timestamptz,
              change bigint, history_of_all boolean)
), types AS (
    INSERT INTO type_set (tenant, type_key, types)
    SELECT $1, u.type_key, string_to_array(u.type_key, ' ') FROM unnest($10::text[]) AS u(type_key)
    ON CONFLICT (tenant, type_key) DO NOTHING
), written AS (
    INSERT INTO entity (tenant, id, type_key, scopes, doc, stamps, data_class, withheld, writer, controller, type_version,
                        created_at, modified_at, expires_at, change)
    SELECT $1, u.id, u.type_key, string_to_array(u.scopes, ' '), u.doc, u.stamps, u.data_class,
           string_to_array(u.withheld, ' '), u.writer, u.controller, u.type_version, u.created_at, u.modified_at,
           u.expires_at, u.change
    FROM given u
    ON CONFLICT (tenant, id) DO UPDATE SET
        type_key = excluded.type_key, scopes = excluded.scopes, doc = excluded.doc, stamps = excluded.stamps,
        data_class = excluded.data_class, withheld = excluded.withheld, type_version = excluded.type_version,
        created_at = excluded.created_at, modified_at = excluded.modified_at, expires_at = excluded.expires_at,
        writer = excluded.writer, controller = excluded.controller, change = excluded.change
), gone AS (
    DELETE FROM entity WHERE tenant = $1 AND id = ANY($4::text[])
), placed AS (
    INSERT INTO entity_geo (tenant, entity, attribute, dataset, cell, bounds, geometry)
    SELECT $1, u.entity, u.attribute, u.dataset, u.cell, box(point(u.west, u.south), point(u.east, u.north)), u.geometry
    FROM jsonb_to_recordset($5::jsonb)
         AS u(entity text, attribute text, dataset text, cell bigint, west float8, south float8, east float8, north float8,
              geometry jsonb)
    ON CONFLICT (tenant, entity, attribute, dataset) DO UPDATE SET
        cell = excluded.cell, bounds = excluded.bounds, geometry = excluded.geometry
), unplaced AS (
    DELETE FROM entity_geo g USING jsonb_to_recordset($6::jsonb) AS u(entity text, attribute text, dataset text)
    WHERE g.tenant = $1 AND g.entity = u.entity AND g.attribute = u.attribute AND g.dataset = u.dataset
), remembered AS (
    INSERT INTO history (tenant, entity, attribute, dataset, at, change, operation, observed_at, instance)
    SELECT $1, u.entity, u.attribute, u.dataset, $2::timestamptz, u.change, u.operation, u.observed_at, u.instance
    FROM jsonb_to_recordset($7::jsonb)
         AS u(entity text, attribute text, dataset text, change bigint, operation text, observed_at timestamptz, instance jsonb)
    UNION ALL
    SELECT $1, u.id, a.key, coalesce(a.value ->> 'datasetId', '@none'), $2, u.change, 'created',
           (a.value ->> 'observedAt')::timestamptz, a.value
    FROM given u, jsonb_each(u.doc) AS a WHERE u.history_of_all AND a.key NOT IN ('id', 'type')
), reacting AS (
    INSERT INTO outbox (tenant, seq, entity)
    SELECT $1, u.seq, u.entity FROM jsonb_to_recordset($8::jsonb) AS u(seq bigint, entity text)
)
INSERT INTO change (tenant, seq, at, principal, purpose, operation, entity, attributes, request)
SELECT $1, u.seq, $2, u.principal, u.purpose, u.operation, u.entity, string_to_array(u.attributes, ' '), u.request
FROM jsonb_to_recordset($9::jsonb)
     AS u(seq bigint, principal text, purpose text, operation text, entity text, attributes text, request text)
"""


async def lock_tenant(connection: Connection, tenant: str, numbers: int) -> int | None:
    """Locks the tenant for this transaction and takes `numbers` change numbers: the last taken, or None: no such tenant."""
    last: int | None = await connection.fetchval(_LOCK, tenant, numbers)
    return last


async def create_tenant(connection: Connection, tenant: str, now: datetime, by: str) -> None:
    """Makes a tenant; a tenant that is there already stays as it is."""
    await connection.execute(_CREATE_TENANT, tenant, now, by)


async def tenant_exists(connection: Connection, tenant: str) -> bool:
    """Whether the tenant is there (the connection's own tenant: row security hides all others)."""
    return bool(await connection.fetchval("SELECT true FROM tenant WHERE tenant = $1", tenant))


async def load(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, StoredEntity]:
    """The entities with these ids, whoever may see them: the committer asks the scope for each."""
    rows = await connection.fetch(_LOAD, tenant, list(ids))
    return {
        row["id"]: StoredEntity(
            row["id"],
            row["type_key"],
            orjson.loads(row["doc"]),
            orjson.loads(row["stamps"]),
            DataClass(row["data_class"]),
            row["writer"],
            row["controller"],
            row["created_at"],
            row["modified_at"],
        )
        for row in rows
    }


async def write(connection: Connection, tenant: str, writes: Writes) -> None:
    """Writes all rows of a commit in one statement."""
    await connection.execute(
        _WRITE,
        tenant,
        writes.at,
        orjson.dumps(writes.entities),
        writes.deleted,
        *map(orjson.dumps, (writes.geometries, writes.geometries_gone, writes.history, writes.outbox, writes.changes)),
        sorted({row["type_key"] for row in writes.entities}),
    )


# One row for all sets of a tenant, so that concurrent queries share the statement as reads by id do.
_TYPE_SETS = Lookup(
    "SELECT s.tenant, jsonb_object_agg(s.type_key, s.types) AS sets FROM type_set s"
    " WHERE s.tenant = $1 AND s.tenant = ANY($2::text[]) GROUP BY s.tenant"
)
_ALIVE = "(e.expires_at IS NULL OR e.expires_at > $7)"


async def type_sets(reads: Coalescer, tenant: str) -> dict[str, list[str]]:
    """The distinct sets of types that entities of the tenant have or had, by type key."""
    record = await reads.get(tenant, _TYPE_SETS, tenant)
    return orjson.loads(record["sets"]) if record is not None else {}


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


FIRST_QUERY_PARAMETER = 11
_BY_TYPE = {0: "$2::text[] IS NULL", 1: "e.type_key = ($2::text[])[1]", 2: "e.type_key = ANY($2::text[])"}


def readable(scope: Scope) -> str:
    """The document as the scope may read it, as an SQL expression: what every condition of a query must look at."""
    return "e.doc" if scope.reads_personal else READABLE


def _conditions(type_keys: Sequence[str] | None, where: str) -> str:
    kinds = 0 if type_keys is None else min(len(type_keys), 2)
    return f"e.tenant = $1 AND {_BY_TYPE[kinds]} AND {SCOPED} AND {_ALIVE} AND ({where})"


async def page(
    database: Reading,
    scope: Scope,
    type_keys: Sequence[str] | None,
    where: str,
    parameters: Sequence[object],
    now: datetime,
    *,
    after: str,
    limit: int,
    offset: int,
) -> list[Any]:
    """Rows in order of id, beginning after an id. `where` comes from `compile_query` with FIRST_QUERY_PARAMETER."""
    statement = (
        f"SELECT e.id, {READABLE} AS doc, e.expires_at, e.stamps, e.created_at, e.modified_at FROM entity e"
        f" WHERE {_conditions(type_keys, where)} AND e.id > $8 ORDER BY e.id LIMIT $9 OFFSET $10"
    )
    keys = None if type_keys is None else list(type_keys)
    return await database.fetch(
        scope.tenant, statement, scope.tenant, keys, *scope_parameters(scope), now, after, limit, offset, *parameters
    )


async def count(
    database: Reading,
    scope: Scope,
    type_keys: Sequence[str] | None,
    where: str,
    parameters: Sequence[object],
    now: datetime,
) -> int:
    """How many rows a query finds."""
    statement = (
        f"SELECT count(*) AS number FROM entity e WHERE {_conditions(type_keys, where)}"
        " AND $6::boolean IS NOT NULL AND $8::text IS NULL AND $9::int IS NULL AND $10::int IS NULL"
    )
    keys = None if type_keys is None else list(type_keys)
    rows = await database.fetch(
        scope.tenant, statement, scope.tenant, keys, *scope_parameters(scope), now, None, None, None, *parameters
    )
    return int(rows[0]["number"])


async def types_in_use(database: Reading, scope: Scope, now: datetime) -> list[Any]:
    """The type keys of entities that the scope may read, with how many there are of each."""
    statement = (
        f"SELECT e.type_key, count(*) AS number FROM entity e WHERE e.tenant = $1 AND $2::text[] IS NULL AND {SCOPED}"
        f" AND {READABLE} IS NOT NULL AND {_ALIVE} GROUP BY e.type_key"
    )
    return await database.fetch(scope.tenant, statement, scope.tenant, None, *scope_parameters(scope), now)


async def attributes_in_use(database: Reading, scope: Scope, now: datetime) -> list[Any]:
    """Rows of (type_key, attribute, kinds, number) over the entities that the scope may read."""
    statement = f"""
        SELECT d.type_key, a.key AS attribute, count(*) AS number,
               array_agg(DISTINCT coalesce(a.value ->> 'type', a.value -> 0 ->> 'type')) AS kinds
        FROM (SELECT e.type_key, {READABLE} AS doc FROM entity e
              WHERE e.tenant = $1 AND $2::text[] IS NULL AND {SCOPED} AND {_ALIVE}) AS d,
             jsonb_each(d.doc) AS a
        WHERE a.key NOT IN ('id', 'type', 'scope', 'expiresAt')
        GROUP BY d.type_key, a.key
    """
    return await database.fetch(scope.tenant, statement, scope.tenant, None, *scope_parameters(scope), now)
