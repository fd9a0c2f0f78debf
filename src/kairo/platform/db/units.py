"""What is one atomic change, and whose rows does it see? A unit: one transaction that sees the rows of one tenant only.

The tenant travels as `SET LOCAL app.tenant = '…'`, a quoted literal: a Citus coordinator passes that on to its workers, but
not set_config(). The row-level security of every table compares it (`ROW_SECURITY`); without it no row is seen at all.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from kairo.errors import BadRequestData, KairoError
from kairo.platform.db.failures import is_connection_error, mapped, outcome_unknown
from kairo.platform.db.pool import Connection, Held, Pool

_log = logging.getLogger(__name__)
_TENANT = re.compile(r"[a-z0-9_]{1,63}")

# What a migration says of each table with a tenant; `{table}` is its name.
ROW_SECURITY = """\
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
CREATE POLICY by_tenant ON {table} USING (tenant = current_setting('app.tenant', true));
GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO kairo_app;
"""


def checked_tenant(tenant: str) -> str:
    """The tenant's name, known to be safe inside a quoted literal; else BadRequestData."""
    if not _TENANT.fullmatch(tenant):
        raise BadRequestData(
            f"{tenant[:80]!r} is no tenant name",
            detail_ja=f"「{tenant[:80]}」はテナント名ではありません。",
            mend="Use 1 to 63 of a-z, 0-9 and _, such as a municipality code (352039).",
        )
    return tenant


class Unit:
    """One transaction on one connection, of one tenant. `connection.transaction()` does not nest here; `savepoint()` does."""

    __slots__ = ("_after", "_savepoints", "connection", "tenant")

    def __init__(self, tenant: str, connection: Connection) -> None:
        self.tenant = tenant
        self.connection = connection
        self._after: list[Callable[[], object]] = []
        self._savepoints = 0

    def after_commit(self, call: Callable[[], object]) -> None:
        """Call this once the commit succeeded; for hints and wake-ups only: what it raises is logged and lost."""
        self._after.append(call)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A part of the unit that may fail alone: what it wrote, and its `after_commit`, are taken back; the error goes on."""
        self._savepoints += 1
        name = f"part_{self._savepoints}"
        calls = len(self._after)
        await self.connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            del self._after[calls:]
            if not self.connection.is_closed():
                await self.connection.execute(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
            raise
        await self.connection.execute(f"RELEASE SAVEPOINT {name}")

    def committed(self) -> None:
        """Run what waits for the commit."""
        for call in self._after:
            try:
                call()
            except Exception:  # noqa: BLE001 - the change is stored; nobody may be told otherwise
                _log.exception("a call after the commit failed")


@asynccontextmanager
async def unit(pool: Pool, tenant: str) -> AsyncIterator[Unit]:
    """Begin, run the body, commit; any error in the body rolls back and goes on, errors of the database as KairoError."""
    checked_tenant(tenant)
    with mapped():
        held = await _begin(pool, tenant)
        one = Unit(tenant, held.connection)
        try:
            yield one
        except BaseException:
            await _finish(_roll_back(pool, held))
            raise
        await _finish(_commit(pool, held, one))


async def _begin(pool: Pool, tenant: str) -> Held:
    """A connection inside a transaction of the tenant. A connection that turns out dead is replaced: nothing has happened yet."""
    for last in (False, False, True):
        held = await pool.acquire(tenant)
        try:
            await held.connection.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL app.tenant = '{tenant}'")
        except BaseException as error:
            pool.discard(held)
            unsettled = getattr(error, "sqlstate", None) == "25001"  # left in an implicit transaction; see Pool.settle
            if last or not (unsettled or is_connection_error(error)):
                raise
            if not unsettled:
                pool.discard_idle()
        else:
            return held
    raise AssertionError("unreachable")


async def _commit(pool: Pool, held: Held, one: Unit) -> None:
    try:
        answer = await held.connection.execute("COMMIT")
    except BaseException as error:
        pool.discard(held)
        if is_connection_error(error) or not isinstance(error, asyncpg.PostgresError):
            raise outcome_unknown() from error
        raise
    pool.release(held)
    if answer != "COMMIT":  # PostgreSQL answers ROLLBACK when a statement had failed and the body swallowed its error
        raise KairoError("a statement of this unit had failed, so nothing was stored")
    one.committed()


async def _roll_back(pool: Pool, held: Held) -> None:
    try:
        if not held.connection.is_closed():
            await held.connection.execute("ROLLBACK", timeout=5)
    except Exception:  # noqa: BLE001 - a closed connection rolls back too
        pool.discard(held)
    else:
        pool.release(held)


async def _finish(ending: Coroutine[Any, Any, None]) -> None:
    """Let the end of a transaction come to its end even if the caller is cancelled meanwhile; then tell the caller."""
    task = asyncio.ensure_future(ending)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # seen: the cancellation matters more to the caller
        raise
