"""How is the outbox claimed and emptied? Its SQL: always one tenant, rows of other workers skipped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def execute(self, query: str, *args: Any) -> str: ...


async def waiting_tenants(owner: Connection) -> list[str]:
    """Which tenants have changes to react to, pending ones that wait for their next try included."""
    rows = await owner.fetch("SELECT t.tenant FROM tenant t WHERE EXISTS (SELECT 1 FROM outbox o WHERE o.tenant = t.tenant)")
    return [row["tenant"] for row in rows]


async def claim(connection: Connection, tenant: str, now: datetime, most: int) -> list[Any]:
    """Locks the oldest pending changes of the tenant for this transaction: rows of (seq, entity, attempts)."""
    return await connection.fetch(
        "SELECT seq, entity, attempts FROM outbox WHERE tenant = $1 AND (not_before IS NULL OR not_before <= $2)"
        " ORDER BY seq LIMIT $3 FOR UPDATE SKIP LOCKED",
        tenant,
        now,
        most,
    )


async def done(connection: Connection, tenant: str, seqs: Sequence[int]) -> None:
    """Forgets changes that everybody has reacted to."""
    await connection.execute("DELETE FROM outbox WHERE tenant = $1 AND seq = ANY($2::bigint[])", tenant, list(seqs))


async def postpone(connection: Connection, tenant: str, seqs: Sequence[int], until: datetime, error: str) -> None:
    """Keeps changes whose reaction failed for another try at `until`."""
    await connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, not_before = $3, last_error = $4"
        " WHERE tenant = $1 AND seq = ANY($2::bigint[])",
        tenant,
        list(seqs),
        until,
        error[:500],
    )
