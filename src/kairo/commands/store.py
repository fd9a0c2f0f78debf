"""What do commands ask of the whole installation? How much is in it, over all tenants, as the owner of the tables."""

import asyncpg

from kairo.platform.db import Database
from kairo.platform.db.owner import owner_of

_TENANTS = "SELECT tenant FROM tenant ORDER BY tenant"
_ENTITIES = "SELECT count(*) FROM entity WHERE tenant = $1"
_DOCUMENT = "SELECT doc FROM entity WHERE tenant = $1 AND id = $2"


async def document(database: Database, tenant: str, id: str) -> bytes | None:
    """The stored bytes of an entity that the program itself wrote."""
    row = await database.fetchrow(tenant, _DOCUMENT, tenant, id)
    return row["doc"] if row else None


async def number_of_entities(url: str) -> int:
    """All entities of all tenants; 0 where there are no tables yet.

    Each tenant is counted by itself: row-level security is forced, so an ordinary owner sees one tenant at a time.
    """
    number = 0
    async with owner_of(url, name="kairo count") as connection:
        try:
            for row in await connection.fetch(_TENANTS):
                async with connection.transaction(readonly=True):
                    await connection.execute(f"SET LOCAL app.tenant = '{row['tenant']}'")
                    number += await connection.fetchval(_ENTITIES, row["tenant"])
        except asyncpg.UndefinedTableError:
            return 0
    return number
