"""How are rows of history dropped, and thinned out? As the owner of the tables: the application does neither.

All statements take a few entities at a time, by id, and each is one transaction: history is never seen half done.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kairo.platform.db import Connection

_KEY = "h.tenant = $1 AND h.entity = d.entity AND h.attribute = d.attribute AND h.dataset = d.dataset AND h.at = d.at"
_SAME_ROW = f"{_KEY} AND h.change = d.change AND h.number = d.number"

_TENANTS_WITH = """
SELECT DISTINCT s.tenant, u.type, c.last_at FROM type_set s CROSS JOIN unnest(s.types) AS u(type)
LEFT JOIN change_counter c ON c.tenant = s.tenant
WHERE s.types && $1::text[] AND u.type = ANY($1::text[]) ORDER BY s.tenant, u.type
"""

_ENTITIES = """
WITH kinds AS (SELECT s.type_key FROM type_set s WHERE s.tenant = $1 AND $2 = ANY(s.types))
SELECT o.id, bool_or(o.is_synthetic) AS is_synthetic FROM (
    (SELECT e.id, e.doc #> '{synthetic,value}' = 'true' AS is_synthetic FROM entity e
     WHERE e.tenant = $1 AND e.type_key IN (SELECT k.type_key FROM kinds k) AND e.id > $3 ORDER BY e.id LIMIT $4)
    UNION ALL
    (SELECT p.entity, p.is_synthetic FROM entity_past p
     WHERE p.tenant = $1 AND p.type_key IN (SELECT k.type_key FROM kinds k) AND p.entity > $3 ORDER BY p.entity LIMIT $4)
) AS o GROUP BY o.id ORDER BY o.id LIMIT $4
"""

# The audit record of a change goes with the first of its rows: found by its number, since `change` has no index by entity.
_DROP = f"""
WITH doomed AS (
    SELECT h.entity, h.attribute, h.dataset, h.at, h.change, h.number FROM history h
    WHERE h.tenant = $1 AND h.entity = ANY($2::text[]) AND h.at < $3 LIMIT $4
), gone AS (
    DELETE FROM history h USING doomed d WHERE h.at < $3 AND {_SAME_ROW} RETURNING h.change
), forgotten AS (
    DELETE FROM change c WHERE $5 AND c.tenant = $1 AND c.seq IN (SELECT g.change FROM gone g) AND c.entity = ANY($2::text[])
)
SELECT count(*) FROM gone
"""

# What explains no row any more is of no use, and may be all that is left of a person.
_DROP_PASTS = """
DELETE FROM entity_past p WHERE p.tenant = $1 AND p.entity = ANY($2::text[]) AND p.modified_at < $3
  AND NOT EXISTS (SELECT 1 FROM history h WHERE h.tenant = $1 AND h.entity = p.entity AND h.change <= p.last_change)
"""

_DROP_NAMES = """
DELETE FROM entity_subject s WHERE s.tenant = $1 AND s.entity = ANY($2::text[]) AND NOT s.is_now
  AND NOT EXISTS (SELECT FROM history h WHERE h.tenant = $1 AND h.entity = s.entity)
  AND NOT EXISTS (SELECT FROM entity_past p WHERE p.tenant = $1 AND p.entity = s.entity)
"""

# The last instance of each period stays, in place of all; with `mean` its number becomes their mean. Periods that are not over
# before $4 are left alone, and so are creations, types and scopes.
_THIN_OUT = f"""
WITH old AS (
    SELECT h.entity, h.attribute, h.dataset, h.at, h.change, h.number, coalesce(h.observed_at, h.at) AS time, h.instance -> 'value' AS value,
           date_bin($5::interval, coalesce(h.observed_at, h.at), $6::timestamptz) AS period
    FROM history h
    WHERE h.tenant = $1 AND h.entity = ANY($2::text[]) AND h.at >= $3 AND h.at < $4 AND h.instance IS NOT NULL
      AND h.attribute <> ALL('{{*,type,scope,expiresAt}}'::text[])
), placed AS (
    SELECT o.*, row_number() OVER (w ORDER BY o.time DESC, o.change DESC, o.number DESC) AS place, count(*) OVER w AS many,
           avg(CASE WHEN jsonb_typeof(o.value) = 'number' THEN o.value::float8 END) OVER w AS mean,
           bool_and(coalesce(jsonb_typeof(o.value) = 'number', false)) OVER w AS is_numeric
    FROM old o WHERE o.period + $5::interval <= $4
    WINDOW w AS (PARTITION BY o.entity, o.attribute, o.dataset, o.period)
), averaged AS (
    UPDATE history h SET instance = jsonb_set(h.instance, '{{value}}', to_jsonb(d.mean)) FROM placed d
    WHERE $7 AND d.place = 1 AND d.many > 1 AND d.is_numeric AND {_SAME_ROW}
)
DELETE FROM history h USING placed d WHERE d.place > 1 AND {_SAME_ROW}
"""


async def tenants_with(owner: Connection, types: Sequence[str]) -> dict[tuple[str, str], datetime | None]:
    """Each tenant with each of these types that an entity of it has or had, and when something was last written there."""
    rows = await owner.fetch(_TENANTS_WITH, list(types))
    return {(row["tenant"], row["type"]): row["last_at"] for row in rows}


async def entities_of(owner: Connection, tenant: str, type: str, after: str, limit: int) -> list[tuple[str, bool]]:
    """Entities that are or were of a type, in order of id, each with whether it says that it is synthetic."""
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.tenant = '{tenant}'")
        rows = await owner.fetch(_ENTITIES, tenant, type, after, limit)
    return [(row["id"], bool(row["is_synthetic"])) for row in rows]


async def drop(owner: Connection, tenant: str, ids: Sequence[str], before: datetime, limit: int, *, with_changes: bool) -> int:
    """Deletes at most `limit` rows of history that were entered before a moment; `with_changes`: the audit records of what they
    tell, too. Returns how many rows of history went."""
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.tenant = '{tenant}'")
        dropped: int = await owner.fetchval(_DROP, tenant, list(ids), before, limit, with_changes)
        if dropped < limit:
            await owner.execute(_DROP_PASTS, tenant, list(ids), before)
            await owner.execute(_DROP_NAMES, tenant, list(ids))
    return dropped


async def thin_out(
    owner: Connection,
    tenant: str,
    ids: Sequence[str],
    since: datetime,
    before: datetime,
    period: timedelta,
    origin: datetime,
    *,
    mean: bool,
) -> int:
    """Leaves one instance a period of what was entered between two moments. Returns how many rows went."""
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.tenant = '{tenant}'")
        given: tuple[Any, ...] = (tenant, list(ids), since, before, period, origin, mean)
        return _count(await owner.execute(_THIN_OUT, *given))


def _count(answer: str) -> int:
    return int(answer.rsplit(maxsplit=1)[-1])
