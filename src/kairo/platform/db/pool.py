"""Which connection serves the next statement? A pool that remembers the tenant of each connection and waits out a restart.

asyncpg's own pool resets a connection on every release (one round trip, and the tenant is forgotten) and hands connections
out without regard to tenants; hence this small one. A connection that served a tenant is given to that tenant again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from kairo.errors import Unavailable
from kairo.platform.db.failures import is_connection_error

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:
    Connection = asyncpg.Connection
Record: TypeAlias = asyncpg.Record

_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.5
_SETTLE_SECONDS = 5.0


@dataclass(slots=True, eq=False)
class Held:
    """A connection, the tenant that its session is set to (None: none, or not known), and whether its statements are planned once."""

    connection: Connection
    tenant: str | None = None
    plans_once: bool = False


class Pool:
    """At most `size` connections, opened when needed; who waits is served in order, for at most `wait_seconds`."""

    def __init__(self, connect: Callable[[], Awaitable[Connection]], *, size: int, wait_seconds: float) -> None:
        self._connect = connect
        self._size = size
        self._wait_seconds = wait_seconds
        self._idle: list[Held] = []
        self._count = 0
        self._waiting: deque[asyncio.Future[Held | None]] = deque()
        self._all: set[Held] = set()
        self._settling: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(self, tenant: str | None = None, *, plans_once: bool = False) -> Held:
        """A live connection, one of `tenant` if one is idle, set to this way of planning if there is a choice. Raises Unavailable when none can be had in time."""
        deadline = asyncio.get_running_loop().time() + self._wait_seconds
        while True:
            if self._closed:
                raise Unavailable("the database was closed by this program")
            held = self._take_idle(tenant, plans_once)
            if held is None and self._count < self._size:
                held = await self._open(deadline)
            if held is None:
                held = await self._await_turn(deadline)
            if held is not None and not held.connection.is_closed():
                return held
            if held is not None:
                self._forget(held)

    def release(self, held: Held) -> None:
        """Give a connection back: to who waits longest, or to the idle ones. A broken or unfinished one is thrown away."""
        if held.connection.is_closed() or self._closed or held.connection.is_in_transaction():
            held.connection.terminate()
            self._forget(held)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(held)
                return
        self._idle.append(held)

    def settle(self, held: Held) -> None:
        """Give a connection back after an error or a cancellation, in the background.

        asyncpg then may have left a statement prepared but not synchronised: an implicit transaction, with a snapshot and
        locks, stays open until the next statement. So there is one.
        """
        task = asyncio.create_task(self._settle(held), name="settle a connection")
        self._settling.add(task)
        task.add_done_callback(self._settling.discard)

    async def _settle(self, held: Held) -> None:
        try:
            await held.connection.execute("SELECT 1", timeout=_SETTLE_SECONDS)
        except asyncio.CancelledError:
            self.discard(held)
            raise
        except Exception:  # noqa: BLE001 - whatever it is, nobody needs this connection any more
            self.discard(held)
        else:
            self.release(held)

    def discard(self, held: Held) -> None:
        """Throw a connection away whose state is not known."""
        held.connection.terminate()
        self._forget(held)

    def discard_idle(self) -> None:
        """One connection turned out dead, so its neighbours probably are: the server was restarted."""
        while self._idle:
            self.discard(self._idle.pop())

    async def close(self) -> None:
        """Close all connections; who still holds one loses it after a moment."""
        self._closed = True
        for turn in self._waiting:
            if not turn.done():
                turn.set_result(None)
        await asyncio.gather(*self._settling, return_exceptions=True)
        closing = [held.connection.close(timeout=2) for held in self._all if not held.connection.is_closed()]
        await asyncio.gather(*closing, return_exceptions=True)
        self._all.clear()
        self._idle.clear()

    def _take_idle(self, tenant: str | None, plans_once: bool) -> Held | None:
        """The most recently used idle connection of the tenant that plans so; else one of no tenant; else one of the tenant; else
        the one idle the longest."""
        idle = self._idle
        if not idle:
            return None
        wanted = range(len(idle) - 1, -1, -1)
        at = next((i for i in wanted if idle[i].tenant == tenant and idle[i].plans_once is plans_once), None)
        if at is None:
            at = next((i for i in wanted if idle[i].tenant is None), None)
        if at is None and self._count < self._size:
            return None  # rather open one more than take another tenant's, or one that plans otherwise
        if at is None:
            at = next((i for i in wanted if idle[i].tenant == tenant), None)
        return idle.pop(at or 0)

    async def _open(self, deadline: float) -> Held:
        self._count += 1
        try:
            held = Held(await self._connect_until(deadline))
        except BaseException:
            self._count -= 1
            self._wake_one()
            raise
        self._all.add(held)
        return held

    async def _connect_until(self, deadline: float) -> Connection:
        """Try again while the server is starting, restarting or full."""
        loop = asyncio.get_running_loop()
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                return await asyncio.wait_for(self._connect(), max(1.0, deadline - loop.time()))
            except Exception as error:
                full = getattr(error, "sqlstate", "") == "53300"
                if not (full or isinstance(error, OSError) or is_connection_error(error)):
                    raise
                if loop.time() + pause > deadline:
                    raise Unavailable(f"the database is out of reach: {str(error) or type(error).__name__}") from error
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _await_turn(self, deadline: float) -> Held | None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Held | None] = loop.create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                return await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and (given := turn.result()) is not None:
                self.release(given)
            if isinstance(error, TimeoutError):
                raise Unavailable(f"no database connection became free within {self._wait_seconds:g} s") from None
            raise

    def _forget(self, held: Held) -> None:
        if held in self._all:
            self._all.discard(held)
            self._count -= 1
        self._wake_one()

    def _wake_one(self) -> None:
        """A place is free: whoever waits longest may open a connection."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
