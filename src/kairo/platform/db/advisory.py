"""Who alone does this now? Named locks in the database: for a unit, for a block, and for the one leader of an installation.

They end with their connection, so a killed holder blocks nobody. Behind Citus all lockers connect to the coordinator.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from kairo.errors import Unavailable
from kairo.platform.db.database import Database
from kairo.platform.db.failures import mapped
from kairo.platform.db.pool import Connection
from kairo.platform.db.units import Unit

_log = logging.getLogger(__name__)


def lock_key(name: str) -> int:
    """The 64-bit key of a name: the same in every process and version."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)


async def lock_session(connection: Connection, name: str) -> None:
    """Wait for the installation-wide lock; it ends with the connection."""
    with mapped():
        await connection.execute("SELECT pg_advisory_lock($1)", lock_key(name))


async def lock_in_unit(unit: Unit, name: str) -> None:
    """Wait for the lock of this name within the unit's tenant; it ends with the unit."""
    await unit.connection.execute("SELECT pg_advisory_xact_lock($1)", lock_key(f"{unit.tenant}/{name}"))


@asynccontextmanager
async def named_lock(db: Database, name: str) -> AsyncIterator[bool]:
    """Try for the installation-wide lock; the block learns whether it has it, and holds it until its end."""
    connection = await db.dedicated(name=f"kairo lock {name}"[:63])
    try:
        with mapped():
            held = await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_key(name))
        yield bool(held)
    finally:
        await connection.close(timeout=2)


class Leadership:
    """Stands for election again and again; while elected, runs the work; when the lock is lost, cancels the work.

    A leader that lost the database may go on for up to `check_seconds` while another is elected: work must be idempotent.
    """

    def __init__(self, db: Database, name: str = "leader", *, retry_seconds: float = 2.0, check_seconds: float = 2.0) -> None:
        self._db = db
        self._name = name
        self._retry_seconds = retry_seconds
        self._check_seconds = check_seconds
        self.leads = False

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Until cancelled: wait to be elected, run `work`, stand again when the lock is lost or `work` ends or fails."""
        while True:
            try:
                await self._term(work)
            except Unavailable as error:
                _log.info("no election: %s", error.detail)
            except Exception:  # noqa: BLE001 - the work is not ours, the election must go on
                _log.exception("the leader's work failed; standing again")
            await asyncio.sleep(self._retry_seconds)

    async def _term(self, work: Callable[[], Awaitable[None]]) -> None:
        connection = await self._db.dedicated(name=f"kairo {self._name}"[:63])
        try:
            with mapped():
                if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_key(self._name)):
                    return
            self.leads = True
            await self._lead(connection, work)
        finally:
            self.leads = False
            await _close(connection)

    async def _lead(self, connection: Connection, work: Callable[[], Awaitable[None]]) -> None:
        _log.info("elected: %s", self._name)
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        working = asyncio.ensure_future(work())
        watching = asyncio.ensure_future(self._watch(connection, lost))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
            else:
                _log.warning("leadership lost: %s", self._name)
        finally:
            for task in (working, watching):
                task.cancel()
            await asyncio.gather(working, watching, return_exceptions=True)

    async def _watch(self, connection: Connection, lost: asyncio.Event) -> None:
        """Returns when the connection that holds the lock is gone, or no longer answers."""
        while not lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._check_seconds):
                    await lost.wait()
                    return
            try:
                await connection.fetchval("SELECT 1", timeout=self._check_seconds)
            except Exception:  # noqa: BLE001 - whatever it is, the lock cannot be relied upon
                return


async def _close(connection: Connection) -> None:
    try:
        await connection.close(timeout=2)
    except Exception:  # noqa: BLE001 - it is gone anyway
        connection.terminate()
