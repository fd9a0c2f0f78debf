"""How is history read, and how are its partitions made and old rows dropped? Writing is part of the commit (entities/store.py)."""

from datetime import date, datetime
from typing import Any

import orjson

from kairo.platform.db import Connection, Database

_LATEST = """
SELECT at, operation, observed_at, instance FROM history
WHERE tenant = $1 AND entity = $2 AND attribute = $3 AND dataset = '@none' ORDER BY at DESC LIMIT $4
"""

_PRUNE = """
DELETE FROM history h USING entity e
WHERE h.tenant = $1 AND h.at < $3 AND e.tenant = $1 AND e.type_key = $2 AND h.entity = e.id
  AND ($4 = false OR e.doc #> '{synthetic,value}' = 'true')
"""

_PRUNE_CHANGES = """
DELETE FROM change c USING entity e
WHERE c.tenant = $1 AND c.at < $3 AND e.tenant = $1 AND e.type_key = $2 AND c.entity = e.id
  AND e.doc #> '{synthetic,value}' = 'true'
"""


async def latest(database: Database, tenant: str, entity: str, attribute: str, limit: int) -> list[dict[str, Any]]:
    """The latest instances of the default dataset of an attribute, newest first."""
    rows = await database.fetch(tenant, _LATEST, tenant, entity, attribute, limit)
    return [
        {
            "at": row["at"],
            "operation": row["operation"],
            "observed_at": row["observed_at"],
            "instance": orjson.loads(row["instance"]) if row["instance"] is not None else None,
        }
        for row in rows
    ]


async def prune(owner: Connection, tenant: str, type_key: str, before: datetime, *, synthetic: bool) -> int:
    """Deletes history of entities of one type that is older than its manifest keeps it; `synthetic`: only of those that say
    so, and their audit records too. As the owner: the application may only add to both. Returns the number of rows."""
    async with owner.transaction():
        await owner.execute(f"SET LOCAL app.tenant = '{tenant}'")
        answer = await owner.execute(_PRUNE, tenant, type_key, before, synthetic)
        if synthetic:
            await owner.execute(_PRUNE_CHANGES, tenant, type_key, before)
    return int(answer.split()[-1])


async def all_tenants(database: Database) -> list[str]:
    """The tenants of the installation (the one table that every tenant may read whole)."""
    rows = await database.fetch("installation", "SELECT tenant FROM tenant ORDER BY tenant")
    return [row["tenant"] for row in rows]


def months_from(day: date, count: int) -> list[tuple[str, date, date]]:
    """Name, first day and next first day of `count` months from the one of `day`."""
    found = []
    year, month = day.year, day.month
    for _ in range(count):
        begin = date(year, month, 1)
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        found.append((f"history_{begin:%Y%m}", begin, date(year, month, 1)))
    return found


async def make_partitions(owner: Connection, today: date, months: int = 4) -> list[str]:
    """Makes the partitions of this month and the next ones. Returns the names of those that were missing.

    A month whose rows went to the default partition already (a clock that stood wrong) stays there.
    """
    made = []
    for name, begin, end in months_from(today, months):
        if await owner.fetchval("SELECT to_regclass($1) IS NOT NULL", name):
            continue
        stray = await owner.fetchval("SELECT EXISTS (SELECT 1 FROM ONLY history_other WHERE at >= $1 AND at < $2)", begin, end)
        if not stray:
            await owner.execute(f"CREATE TABLE {name} PARTITION OF history FOR VALUES FROM ('{begin}') TO ('{end}')")
            made.append(name)
    return made
