"""How are buckets kept, so that all workers take from the same one?"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...


# What the bucket holds by now: what it held, and what has flowed in since; never more than it can hold.
_SECONDS = "greatest(0, extract(epoch FROM $6::timestamptz - b.filled_at)::float8)"
_BY_NOW = f"least($4::float8, b.tokens + $3::float8 * {_SECONDS})"
_TAKE = f"""
INSERT INTO quota_bucket AS b (tenant, name, tokens, granted, filled_at) VALUES ($1, $2, $4::float8 - $5::int, $5::int, $6)
ON CONFLICT (tenant, name) DO UPDATE SET
    granted = least($5::int, floor({_BY_NOW}))::int,
    tokens = {_BY_NOW} - least($5::int, floor({_BY_NOW})),
    filled_at = greatest(b.filled_at, $6::timestamptz)
RETURNING granted, tokens
"""


async def take(
    connection: Connection, tenant: str, name: str, rate: float, capacity: float, wished: int, now: datetime
) -> tuple[int, float]:
    """Takes up to `wished` from a bucket that fills by `rate` a second up to `capacity`: how many, and what is left."""
    row = await connection.fetchrow(_TAKE, tenant, name, float(rate), float(capacity), wished, now)
    return row["granted"], row["tokens"]


async def number_of_entities(connection: Connection, tenant: str) -> int:
    """How many entities a tenant has, whoever may see them."""
    return int(await connection.fetchval("SELECT count(*) FROM entity WHERE tenant = $1", tenant))


async def number_there(connection: Connection, tenant: str, ids: Sequence[str]) -> int:
    """How many of these ids are taken."""
    there = "SELECT count(*) FROM entity WHERE tenant = $1 AND id = ANY($2::text[])"
    return int(await connection.fetchval(there, tenant, list(ids)))
