"""Where is something whose time is over? Its SQL, by the index of what expires."""

from datetime import datetime
from typing import Any, Protocol


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


_TENANTS = """
SELECT t.tenant FROM tenant t
WHERE EXISTS (SELECT 1 FROM entity e WHERE e.tenant = t.tenant AND e.expires_at <= $1) ORDER BY t.tenant
"""
_IDS = "SELECT e.id FROM entity e WHERE e.tenant = $1 AND e.expires_at <= $2 ORDER BY e.expires_at, e.id LIMIT $3"


async def tenants_with_some(owner: Connection, now: datetime) -> list[str]:
    """The tenants in which something is over."""
    return [row["tenant"] for row in await owner.fetch(_TENANTS, now)]


async def ids_of(database: Reading, tenant: str, now: datetime, limit: int) -> list[str]:
    """What has been over for longest."""
    return [row["id"] for row in await database.fetch(tenant, _IDS, tenant, now, limit)]
