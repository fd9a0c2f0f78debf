"""How is the latest history of one attribute read, and how are partitions made? Writing is part of the commit (entities/store.py).

The creation of an entity is one row with attribute '*' (docs/adr/0013). Who reads by attribute reads the view
`attribute_history`, where such rows stand attribute by attribute; conditions on entity, attribute and time reach the key of
both of its parts. Only ORDER BY with LIMIT does not: whoever wants the newest of many asks the parts one by one, as `latest`.
"""

from datetime import date
from typing import Any

import orjson

from kairo.platform.db import Connection, Database

_COLUMNS = "at, change, number, operation, observed_at, instance"
_OF_ATTRIBUTE = (
    "tenant = $1 AND entity = $2 AND attribute = $3 AND dataset = '@none' AND NOT change <@ $5::text::int8multirange"
)
_NEWEST = "ORDER BY at DESC, change DESC, number DESC LIMIT $4"
_LATEST = f"""
SELECT at, operation, observed_at, instance FROM (
    (SELECT {_COLUMNS} FROM history WHERE {_OF_ATTRIBUTE} {_NEWEST})
    UNION ALL SELECT {_COLUMNS} FROM creation_history WHERE {_OF_ATTRIBUTE}
) AS h {_NEWEST}
"""


async def latest(
    database: Database, tenant: str, entity: str, attribute: str, limit: int, forbidden: str = "{}"
) -> list[dict[str, Any]]:
    """The latest instances of the default dataset of an attribute, newest first, but for those of `forbidden` changes (an
    int8multirange as text; evolution/store.py)."""
    rows = await database.fetch(tenant, _LATEST, tenant, entity, attribute, limit, forbidden)
    return [
        {
            "at": row["at"],
            "operation": row["operation"],
            "observed_at": row["observed_at"],
            "instance": orjson.loads(row["instance"]) if row["instance"] is not None else None,
        }
        for row in rows
    ]


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
