"""Who runs delivery? One process of the installation at a time: it matches what happened and visits the queues.

What it holds in memory is only whose turn it is; everything that counts is in the database, and whoever takes over finds it
there. Hints come by NOTIFY; after a lost connection, and every few minutes anyway, it looks for itself.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.lanes import Lanes
from kairo.context.subscriptions.delivery.matcher import Matcher
from kairo.context.subscriptions.delivery.visits import Visitor
from kairo.errors import Unavailable
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Listener
from kairo.platform.observability import metrics
from kairo.platform.observability.logs import logger

TIDY_SECONDS = 60.0
LOOK_EVERY = 5  # rounds of tidying between two looks at all tenants
AGAIN_SECONDS = 5.0
PAUSE_SECONDS = 1.0


class Engine:
    """Delivers notifications until it is cancelled. `tenants` lists those of the installation where somebody ever subscribed."""

    def __init__(
        self,
        database: Database,
        matcher: Matcher,
        visitor: Visitor,
        clock: Clock,
        tenants: Callable[[], Awaitable[list[str]]],
        *,
        places: int,
        longest_queue: int,
        dead_letter_days: int,
    ) -> None:
        self._database = database
        self._matcher = matcher
        self._clock = clock
        self._tenants = tenants
        self._longest_queue = longest_queue
        self._dead_letter_days = dead_letter_days
        self._lanes = Lanes(visitor.visit, clock, places=places)
        self._dirty: dict[str, None] = {}  # tenants with events that are not matched yet, in the order they came
        self._stirred = asyncio.Event()
        self._looking = asyncio.Event()
        self._subscribed: set[str] = set()
        self._log = logger("notifications")

    async def run(self) -> None:
        """Until cancelled."""
        async with Listener(self._database, [store.CHANNEL], self._heard), asyncio.TaskGroup() as group:
            group.create_task(self._match())
            group.create_task(self._lanes.run())
            group.create_task(self._look())

    def _heard(self, _channel: str, payload: str) -> None:
        """`tenant`: something watched happened. `tenant subscription`: it was changed. Nothing: hints may have been missed."""
        tenant, _, subscription = payload.partition(" ")
        if subscription:
            self._subscribed.add(tenant)
            self._lanes.due(tenant, subscription, self._clock())
        elif tenant:
            self._stir(tenant)
        else:
            self._looking.set()

    def _stir(self, tenant: str) -> None:
        self._dirty[tenant] = None
        self._stirred.set()

    async def _match(self) -> None:
        """Matches tenant after tenant, a step each, as long as there is something to match."""
        while True:
            await self._stirred.wait()
            tenant = next(iter(self._dirty))
            del self._dirty[tenant]
            if not self._dirty:
                self._stirred.clear()
            try:
                matched = await self._matcher.step(tenant)
            except Unavailable as error:
                self._log.warning("notifications wait for the database", reason=error.detail)
                self._stir(tenant)
                await asyncio.sleep(PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - the events stay, the next try may succeed
                self._log.exception("matching failed; it goes on in a second", tenant=tenant)
                self._stir(tenant)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                now = self._clock()
                for subscription in matched.subscriptions:
                    self._lanes.due(tenant, subscription, now)
                if matched.more:
                    self._stir(tenant)

    async def _look(self) -> None:
        """Finds what waits, at the start and whenever hints may have been missed; keeps house in between."""
        rounds = 0
        while True:
            everywhere = self._looking.is_set() or rounds % LOOK_EVERY == 0
            self._looking.clear()
            well = await self._round(everywhere)
            rounds = rounds + 1 if well else 0  # what could not be looked at is looked at soon, everywhere
            try:
                async with asyncio.timeout(TIDY_SECONDS if well else AGAIN_SECONDS):
                    await self._looking.wait()
            except TimeoutError:
                pass

    async def _round(self, everywhere: bool) -> bool:
        """Looks at all tenants, or at those that have subscriptions. False where one could not be looked at."""
        waiting = dead = 0
        well = True
        try:
            tenants = await self._tenants() if everywhere else sorted(self._subscribed)
        except Exception:  # noqa: BLE001 - the next round may succeed
            self._log.warning("the tenants could not be listed", exc_info=True)
            return False
        for tenant in tenants:
            try:
                found = await self._look_at(tenant)
            except Exception:  # noqa: BLE001 - the other tenants have their turn all the same
                self._log.warning("notifications of a tenant could not be looked at", tenant=tenant, exc_info=True)
                well = False
            else:
                waiting, dead = waiting + found[0], dead + found[1]
        metrics.NOTIFICATIONS_WAITING.set(waiting)
        metrics.DEAD_LETTERS.set(dead)
        return well

    async def _look_at(self, tenant: str) -> tuple[int, int]:
        now = self._clock()
        async with self._database.reading(tenant) as connection:
            if not await store.watch_version(connection, tenant):
                return 0, 0
            lanes = await store.waiting(connection, tenant, now)
        self._subscribed.add(tenant)
        for lane in lanes:
            self._lanes.due(tenant, lane["id"], lane["at"])
        self._stir(tenant)
        async with self._database.unit(tenant) as unit:
            return await store.tidy(
                unit.connection, tenant, now, now - timedelta(days=self._dead_letter_days), self._longest_queue
            )
