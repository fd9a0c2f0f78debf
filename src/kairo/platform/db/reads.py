"""How do many concurrent reads by key share one statement? Those that wait at the same moment are asked together.

A read never joins a statement that was sent before it arrived: it could miss what its caller has just written. While a
statement is under way the next keys gather, so under load each statement carries many; alone, a read does not wait.
"""

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from kairo.errors import KairoError, TooManyRequests
from kairo.platform.db.database import Database
from kairo.platform.db.failures import as_kairo_error
from kairo.platform.db.pool import Record
from kairo.platform.db.units import checked_tenant


@dataclass(frozen=True, slots=True)
class Lookup:
    """A statement that finds rows by key: `$1` is the tenant, `any($2)` the keys, `$3…` the scope. Column 1 is the key.

    At most one row a key reaches the waiter: the first.
    """

    statement: str


class _Group:
    """What waits for one tenant, lookup and scope."""

    __slots__ = ("arguments", "busy", "lookup", "tenant", "waiting")

    def __init__(self, tenant: str, lookup: Lookup, arguments: tuple[Any, ...]) -> None:
        self.tenant = tenant
        self.lookup = lookup
        self.arguments = arguments
        self.waiting: dict[Hashable, list[asyncio.Future[Record | None]]] = {}
        self.busy = 0


class Coalescer:
    """Gathers reads; at most `slots` statements of one group are under way, each with at most `max_keys` keys."""

    def __init__(self, db: Database, *, slots: int = 2, max_keys: int = 256, max_waiting: int = 10_000) -> None:
        self._db = db
        self._slots = slots
        self._max_keys = max_keys
        self._max_waiting = max_waiting
        self._waiting = 0
        self._groups: dict[Hashable, _Group] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, tenant: str, lookup: Lookup, key: Hashable, *arguments: Any, group: Hashable = None) -> Record | None:
        """The row of one key, or None. Reads with the same tenant, lookup and arguments share statements.

        Where the arguments are not hashable, `group` stands for them: equal groups must mean equal arguments.
        """
        if self._waiting >= self._max_waiting:
            raise TooManyRequests(f"more than {self._max_waiting} reads wait already", headers={"Retry-After": "1"})
        name = (tenant, lookup, arguments if group is None else group)
        one = self._groups.get(name)
        if one is None:
            one = self._groups[name] = _Group(checked_tenant(tenant), lookup, arguments)
        answer: asyncio.Future[Record | None] = asyncio.get_running_loop().create_future()
        one.waiting.setdefault(key, []).append(answer)
        if one.busy < self._slots:
            self._start(name, one)
        self._waiting += 1
        try:
            return await answer
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Wait until the statements under way are answered."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, name: Hashable, one: _Group) -> None:
        one.busy += 1
        task = asyncio.create_task(self._work(name, one), name="coalesced read")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, name: Hashable, one: _Group) -> None:
        """Statement after statement, as long as keys wait. It begins after the tasks that are ready now have asked."""
        try:
            while keys := self._take(one):
                await self._ask(one, keys)
        finally:
            one.busy -= 1
            if not one.busy and not one.waiting:
                self._groups.pop(name, None)

    def _take(self, one: _Group) -> dict[Hashable, list[asyncio.Future[Record | None]]]:
        """The next keys that somebody still waits for."""
        taken: dict[Hashable, list[asyncio.Future[Record | None]]] = {}
        for key in list(one.waiting)[: self._max_keys]:
            waiters = [waiter for waiter in one.waiting.pop(key) if not waiter.done()]
            if waiters:
                taken[key] = waiters
        return taken if taken or not one.waiting else self._take(one)

    async def _ask(self, one: _Group, keys: dict[Hashable, list[asyncio.Future[Record | None]]]) -> None:
        try:
            rows = await self._db.fetch(one.tenant, one.lookup.statement, one.tenant, list(keys), *one.arguments)
        except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
            answer_all(keys, error=as_kairo_error(error))
            return
        except BaseException:
            answer_all(keys, error=KairoError("the read was given up"))
            raise
        found: dict[Hashable, Record] = {}
        for row in rows:
            found.setdefault(row[0], row)
        answer_all(keys, found=found)


def answer_all(
    keys: dict[Hashable, list[asyncio.Future[Record | None]]],
    *,
    found: dict[Hashable, Record] | None = None,
    error: Exception | None = None,
) -> None:
    """Give each waiter its row, None, or the error."""
    for key, waiters in keys.items():
        for waiter in waiters:
            if waiter.done():
                continue
            if error is not None:
                waiter.set_exception(error)
            else:
                waiter.set_result((found or {}).get(key))
