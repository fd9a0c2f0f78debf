"""Which versions do the stored entities have, and which are to be rewritten? The SQL of the task and of `kairo doctor`."""

from kairo.platform.db import Database

_IN_USE = """
SELECT type_key, type_version, count(*) AS number FROM entity WHERE tenant = $1
GROUP BY type_key, type_version ORDER BY type_key, type_version
"""

_IDS = """
SELECT id FROM entity WHERE tenant = $1 AND type_key = $2 AND type_version = $3 AND id > $4 ORDER BY id LIMIT $5
"""


async def versions_in_use(database: Database, tenant: str) -> list[tuple[str, int, int]]:
    """(type_key, type_version, how many entities) of a tenant. Reads the whole table."""
    rows = await database.fetch(tenant, _IN_USE, tenant)
    return [(row["type_key"], row["type_version"], row["number"]) for row in rows]


async def ids_of(database: Database, tenant: str, type_key: str, number: int, after: str, limit: int) -> list[str]:
    """Ids of entities of these types and this version, in order, after an id."""
    rows = await database.fetch(tenant, _IDS, tenant, type_key, number, after, limit)
    return [row["id"] for row in rows]
