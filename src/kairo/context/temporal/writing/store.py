"""How are rows of the past written, changed and removed? The only SQL that changes history once it is there.

`closed` conditions are those of evolution/store.py: nothing that the asker may not see is touched. A row with attribute '*' holds
a whole creation (docs/adr/0013): an attribute is cut out of it, and what is corrected becomes a row of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.context.gate import DataClass


class Connection(Protocol):
    """The part of an asyncpg connection that a store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Standing:
    """What an entity is, or was at last: `last_change` is that of its last row in `entity_past`, None where it is there."""

    types: tuple[str, ...]
    data_class: DataClass
    writer: str
    last_change: int | None


_STANDING = """
SELECT e.type_key, e.data_class, e.writer, NULL::bigint AS last_change FROM entity e WHERE e.tenant = $1 AND e.id = $2
UNION ALL
(SELECT p.type_key, p.data_class, p.writer, p.last_change FROM entity_past p
 WHERE p.tenant = $1 AND p.entity = $2 AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.tenant = $1 AND e.id = $2)
 ORDER BY p.last_change DESC LIMIT 1)
"""

_ADD = """
INSERT INTO history (tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance)
SELECT $1, $2, u.attribute, u.dataset, $3, $4, u.number, u.operation,
       CASE WHEN u.attribute = 'scope' THEN coalesce(u.observed_at, $3) ELSE u.observed_at END, u.instance
FROM jsonb_to_recordset($5::jsonb)
     AS u(attribute text, dataset text, number int, operation text, observed_at timestamptz, instance jsonb)
"""

_AUDIT = """
INSERT INTO change (tenant, seq, at, principal, purpose, operation, entity, attributes, request)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_ADD_PASTS = """
INSERT INTO entity_past (tenant, entity, last_change, type_key, data_class, personal, writer, controller, created_at,
                         modified_at, deleted_at, is_synthetic)
SELECT $1, u.entity, u.last_change, u.type_key, u.data_class, string_to_array(u.personal, ' '), u.writer, u.controller,
       u.created_at, $2::timestamptz, CASE WHEN u.is_deleted THEN $2::timestamptz END,
       u.is_synthetic
FROM jsonb_to_recordset($3::jsonb)
     AS u(entity text, last_change bigint, type_key text, data_class text, personal text, writer text, controller text,
          created_at timestamptz, is_deleted boolean, is_synthetic boolean)
ON CONFLICT (tenant, entity, last_change) DO UPDATE SET modified_at = excluded.modified_at
"""

_MOVE_PAST = """
WITH types AS (
    INSERT INTO type_set (tenant, type_key, types) VALUES ($1, $5, string_to_array($5, ' '))
    ON CONFLICT (tenant, type_key) DO NOTHING
)
UPDATE entity_past SET last_change = $4, type_key = $5, data_class = $6, personal = ARRAY(SELECT DISTINCT unnest(personal || $7)),
    modified_at = $8
WHERE tenant = $1 AND entity = $2 AND last_change = $3
"""

_FIRST_PAST = """
WITH types AS (
    INSERT INTO type_set (tenant, type_key, types) VALUES ($1, $4, string_to_array($4, ' '))
    ON CONFLICT (tenant, type_key) DO NOTHING
)
INSERT INTO entity_past (tenant, entity, last_change, type_key, data_class, personal, writer, controller, created_at, modified_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)
"""

_FIND = """
SELECT h.dataset, h.change, h.instance IS NULL AS is_deletion FROM attribute_history h
WHERE h.tenant = $1 AND h.entity = $2 AND h.attribute = $3 AND h.at = $4 AND h.number = $5 AND NOT h.change <@ $6::text::int8multirange
ORDER BY h.change
"""

_OF_ROW = "tenant = $1 AND entity = $2 AND at = $4 AND change = $5 AND number = $6"
_ERASE_ROW = f"DELETE FROM history WHERE {_OF_ROW} AND attribute = $3 AND dataset = $7"
_CORRECT_ROW = f"""
UPDATE history SET instance = $8, observed_at = $9::text::timestamptz, modified_at = $10 WHERE {_OF_ROW} AND attribute = $3 AND dataset = $7
"""
_CUT_ROW = f"UPDATE history SET instance = instance - $3::text WHERE {_OF_ROW} AND attribute = '*' AND instance ? $3::text"
_WRITE_OUT = """
INSERT INTO history (tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance, modified_at)
VALUES ($1, $2, $3, $7, $4, $5, $6, 'created', $9::text::timestamptz, $8, $10)
"""
_OPEN = "tenant = $1 AND entity = $2 AND NOT change <@ $3::text::int8multirange"
_ERASE_ATTRIBUTE = f"DELETE FROM history WHERE {_OPEN} AND attribute = $4 AND ($5::text IS NULL OR dataset = $5)"
_CUT_ATTRIBUTE = f"""
UPDATE history SET instance = instance - $4::text WHERE {_OPEN} AND attribute = '*' AND instance ? $4::text
  AND ($5::text IS NULL OR coalesce(instance -> $4::text ->> 'datasetId', '@none') = $5)
"""
_ERASE_EMPTY = "DELETE FROM history WHERE tenant = $1 AND entity = $2 AND attribute = '*' AND instance = '{}'"
_NAME = """
INSERT INTO entity_subject (tenant, entity, attribute, subject, role, is_now)
SELECT $1, u.entity, u.attribute, u.subject, u.role, false
FROM jsonb_to_recordset($2::jsonb) AS u(entity text, attribute text, subject text, role text)
ON CONFLICT (tenant, entity, attribute, subject, role) DO NOTHING
"""
# Where nothing is left of the past, nor is anybody whom it was about.
_ERASE_NAMES = """
DELETE FROM entity_subject s WHERE s.tenant = $1 AND s.entity = $2 AND NOT s.is_now
  AND NOT EXISTS (SELECT FROM history h WHERE h.tenant = $1 AND h.entity = $2)
  AND NOT EXISTS (SELECT FROM entity_past p WHERE p.tenant = $1 AND p.entity = $2)
"""
_ERASE_ALL = f"DELETE FROM history WHERE {_OPEN}"
_ERASE_PASTS = """
DELETE FROM entity_past WHERE tenant = $1 AND entity = $2 AND NOT last_change <@ $3::text::int8multirange
"""


async def standing(connection: Connection, tenant: str, id: str) -> Standing | None:
    """What is known of an entity by its present or its past, whoever may see it: the committer asks the scope."""
    row = await connection.fetchrow(_STANDING, tenant, id)
    if row is None:
        return None
    return Standing(tuple(row["type_key"].split(" ")), DataClass(row["data_class"]), row["writer"], row["last_change"])


async def add(connection: Connection, tenant: str, id: str, at: datetime, change: int, rows: Sequence[dict[str, Any]]) -> None:
    """Enters instances; rows of attribute, dataset, number, operation, observed_at, instance."""
    await connection.execute(_ADD, tenant, id, at, change, orjson.dumps(rows))


async def audit(connection: Connection, tenant: str, change: int, at: datetime, *record: Any) -> None:
    """The audit record: principal, purpose, operation, entity, attributes, request."""
    await connection.execute(_AUDIT, tenant, change, at, *record)


async def add_pasts(connection: Connection, tenant: str, at: datetime, rows: Sequence[dict[str, Any]]) -> None:
    """Notes what entities were up to and with a change of this commit. Part of the commit (entities/commits.py)."""
    await connection.execute(_ADD_PASTS, tenant, at, orjson.dumps(rows))


async def first_past(connection: Connection, tenant: str, id: str, change: int, type_key: str, *facts: Any) -> None:
    """An entity is known by its past only. Facts: data class, personal attributes, writer, controller, moment."""
    await connection.execute(_FIRST_PAST, tenant, id, change, type_key, *facts)


async def move_past(connection: Connection, tenant: str, id: str, before: int, change: int, type_key: str, *facts: Any) -> None:
    """The last past of an entity reaches to another change. Facts: data class, personal attributes, moment."""
    await connection.execute(_MOVE_PAST, tenant, id, before, change, type_key, *facts)


async def find(
    connection: Connection, tenant: str, id: str, attribute: str, at: datetime, number: int, forbidden: str
) -> list[Any]:
    """Rows of (dataset, change, is_deletion): the instances that an id may mean."""
    return await connection.fetch(_FIND, tenant, id, attribute, at, number, forbidden)


async def erase_instance(connection: Connection, tenant: str, id: str, attribute: str, *row: Any) -> None:
    """Removes one instance. `row`: at, change, number, dataset."""
    if _count(await connection.execute(_ERASE_ROW, tenant, id, attribute, *row)) == 0:
        await connection.execute(_CUT_ROW, tenant, id, attribute, *row[:3])
        await connection.execute(_ERASE_EMPTY, tenant, id)


async def correct_instance(connection: Connection, tenant: str, id: str, attribute: str, *row: Any) -> None:
    """Puts another in the place of one instance. `row`: at, change, number, dataset, instance, observed_at, moment."""
    if _count(await connection.execute(_CORRECT_ROW, tenant, id, attribute, *row)) == 0:
        await connection.execute(_CUT_ROW, tenant, id, attribute, *row[:3])
        await connection.execute(_WRITE_OUT, tenant, id, attribute, *row)
        await connection.execute(_ERASE_EMPTY, tenant, id)


async def erase_attribute(
    connection: Connection, tenant: str, id: str, forbidden: str, attribute: str, dataset: str | None
) -> int:
    """Removes all instances of an attribute (of one dataset); how many rows that touched."""
    given = (tenant, id, forbidden, attribute, dataset)
    erased = _count(await connection.execute(_ERASE_ATTRIBUTE, *given)) + _count(
        await connection.execute(_CUT_ATTRIBUTE, *given)
    )
    await connection.execute(_ERASE_EMPTY, tenant, id)
    return erased


async def name(connection: Connection, tenant: str, rows: Sequence[Mapping[str, str]]) -> None:
    """Keeps persons whom an entity was about: rows of (entity, attribute, subject, role)."""
    if rows:
        await connection.execute(_NAME, tenant, orjson.dumps(list(rows)))


async def erase_all(connection: Connection, tenant: str, id: str, forbidden: str) -> None:
    """Removes the whole evolution."""
    await connection.execute(_ERASE_ALL, tenant, id, forbidden)
    await connection.execute(_ERASE_PASTS, tenant, id, forbidden)
    await connection.execute(_ERASE_NAMES, tenant, id)


def _count(answer: str) -> int:
    return int(answer.rsplit(maxsplit=1)[-1])
