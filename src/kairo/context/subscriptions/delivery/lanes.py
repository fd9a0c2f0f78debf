"""Whose turn is it? One queue a subscription, each due at its own time, visited one at a time; the failing apart from the others.

A visit begins in a quick place; one that takes longer moves to a long one, and the next begins. Lanes whose last visit failed
have places of their own. So a thousand receivers that never answer keep those that do waiting for moments only.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from kairo.platform.clock import Clock
from kairo.platform.observability.logs import logger

QUICK_SECONDS = 0.25
_RETRY_SECONDS = 2.0
_QUICK, _LONG, _FAILING = "quick", "long", "failing"
Visit = Callable[[str, str], Awaitable[tuple[datetime | None, bool]]]


class _Lane:
    __slots__ = ("again", "at", "busy", "fails", "id", "tenant")

    def __init__(self, tenant: str, id: str) -> None:
        self.tenant = tenant
        self.id = id
        self.at: float | None = None  # when it is due; None: nothing to do
        self.busy = False
        self.again: float | None = None  # became due while it was visited
        self.fails = False


class Lanes:
    """Visits lanes when they are due. `visit(tenant, subscription)` gives when the lane is due again, and whether all went well."""

    def __init__(self, visit: Visit, clock: Clock, *, places: int, quick_seconds: float = QUICK_SECONDS) -> None:
        self._visit = visit
        self._clock = clock
        self._quick_seconds = quick_seconds
        self._places = {_QUICK: max(1, places // 8), _FAILING: max(1, places // 4)}
        self._places[_LONG] = max(1, places - sum(self._places.values()))
        self._taken = dict.fromkeys(self._places, 0)
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._due: list[tuple[float, int, _Lane]] = []
        self._ready: dict[str, deque[_Lane]] = {_QUICK: deque(), _FAILING: deque()}
        self._numbers = itertools.count()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = logger("notifications")

    def due(self, tenant: str, id: str, at: datetime) -> None:
        """A lane has something to do from this moment on."""
        lane = self._lanes.get((tenant, id))
        if lane is None:
            lane = self._lanes[(tenant, id)] = _Lane(tenant, id)
        self._set(lane, at.timestamp())

    def _set(self, lane: _Lane, at: float) -> None:
        if lane.busy:
            lane.again = at if lane.again is None else min(lane.again, at)
        elif lane.at is None or at < lane.at:
            lane.at = at
            heapq.heappush(self._due, (at, next(self._numbers), lane))
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled: every due lane is visited, in the order in which they became due."""
        try:
            while True:
                self._wake.clear()
                self._collect()
                self._start()
                seconds = self._due[0][0] - self._clock().timestamp() if self._due else 60.0
                try:
                    async with asyncio.timeout(max(0.0, seconds)):
                        await self._wake.wait()
                except TimeoutError:
                    pass
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _collect(self) -> None:
        """Moves lanes whose time has come to those that are ready; entries that an earlier time replaced are passed over."""
        now = self._clock().timestamp()
        while self._due and self._due[0][0] <= now:
            at, _, lane = heapq.heappop(self._due)
            if not lane.busy and lane.at == at:
                lane.busy = True
                self._ready[_FAILING if lane.fails else _QUICK].append(lane)

    def _start(self) -> None:
        for kind, ready in self._ready.items():
            while ready and self._taken[kind] < self._places[kind]:
                lane, place = ready.popleft(), _Place(self._places, self._taken, self._wake, kind)
                task = asyncio.create_task(self._run(lane, place), name="notify")
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _run(self, lane: _Lane, place: "_Place") -> None:
        at: float | None = None
        place.move_after(self._quick_seconds)
        try:
            following, well = await self._visit(lane.tenant, lane.id)
            lane.fails = not well
            at = None if following is None else following.timestamp()
        except Exception:  # noqa: BLE001 - a queue that cannot be visited now is visited later
            self._log.warning("a queue of notifications could not be visited", tenant=lane.tenant, exc_info=True)
            lane.fails = True
            at = self._clock().timestamp() + _RETRY_SECONDS
        finally:
            place.leave()
        self._end(lane, at)

    def _end(self, lane: _Lane, at: float | None) -> None:
        again, lane.again = lane.again, None
        lane.busy, lane.at = False, None
        times = [time for time in (at, again) if time is not None]
        if times:
            self._set(lane, min(times))
        else:
            del self._lanes[(lane.tenant, lane.id)]
        self._wake.set()


class _Place:
    """The place that one visit holds."""

    def __init__(self, places: Mapping[str, int], taken: dict[str, int], wake: asyncio.Event, kind: str) -> None:
        self._places = places
        self._taken = taken
        self._wake = wake
        self._kind = kind
        self._moving: asyncio.TimerHandle | None = None
        taken[kind] += 1

    def move_after(self, seconds: float) -> None:
        """A quick place is given back after so long, for a long one; while there is none, it is kept."""
        if self._kind == _QUICK:
            self._moving = asyncio.get_running_loop().call_later(seconds, self._move, seconds)

    def _move(self, seconds: float) -> None:
        if self._taken[_LONG] >= self._places[_LONG]:
            self.move_after(seconds)
            return
        self._taken[_QUICK] -= 1
        self._taken[_LONG] += 1
        self._kind = _LONG
        self._wake.set()

    def leave(self) -> None:
        """The visit has ended."""
        if self._moving is not None:
            self._moving.cancel()
        self._taken[self._kind] -= 1
