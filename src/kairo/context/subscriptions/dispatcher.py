"""How do changes reach those who react? The outbox is read in order, handed over in batches, and emptied when all have it.

At least once: a batch is forgotten only after every reaction has returned; a failed one is kept and tried again with growing
pauses. Reactions get ids and read the entity themselves, so what they see is what holds at that moment.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Protocol

from kairo.context.subscriptions import store
from kairo.errors import Unavailable
from kairo.platform.clock import Clock
from kairo.platform.manifests import Change, Reaction
from kairo.platform.observability import metrics
from kairo.platform.observability.logs import logger

BATCH = 500
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 600.0
PAUSE_SECONDS = 1.0


class Units(Protocol):
    """The part of the database that opens an atomic unit, and the owner's connection."""

    def unit(self, tenant: str) -> Any: ...
    def owner(self, *, name: str) -> Any: ...


def pause_after(attempts: int) -> timedelta:
    """How long a failed change waits for its next try: doubling from one second, ten minutes at most."""
    return timedelta(seconds=min(FIRST_PAUSE_SECONDS * 2 ** min(attempts, 20), LONGEST_PAUSE_SECONDS))


class Dispatcher:
    """Empties the outboxes, of one tenant at a time."""

    def __init__(self, database: Units, reactions: Sequence[Reaction], clock: Clock) -> None:
        self._database = database
        self._reactions = list(reactions)
        self._clock = clock
        self._log = logger("reactions")

    async def run_all(self) -> None:
        """Until cancelled: whoever has changes has their turn, a batch each. Tenants where nothing waits cost nothing."""
        while True:
            try:
                async with self._database.owner(name="kairo reactions") as owner:
                    while True:
                        tenants = await store.waiting_tenants(owner)
                        taken = [await self.run(tenant) for tenant in tenants]
                        if not any(taken):
                            await asyncio.sleep(PAUSE_SECONDS)
            except Unavailable as error:
                self._log.warning("reactions wait for the database", reason=error.detail)
            except Exception:  # noqa: BLE001 - the next second may be better
                self._log.exception("reactions stopped; they go on in a second")
            await asyncio.sleep(PAUSE_SECONDS)

    async def run(self, tenant: str) -> int:
        """Hands over one batch of the tenant's changes. Returns how many were taken: less than BATCH means all for now."""
        async with self._database.unit(tenant) as unit:
            rows = await store.claim(unit.connection, tenant, self._clock(), BATCH)
            if not rows:
                return 0
            changes = [Change(tenant, row["entity"], row["seq"]) for row in rows]
            try:
                await self._hand_over(changes)
            except Exception as error:  # noqa: BLE001 - whatever a reaction raises, the change is kept
                self._log.exception("reaction failed", tenant=tenant, changes=len(changes))
                until = self._clock() + pause_after(max(row["attempts"] for row in rows))
                await store.postpone(unit.connection, tenant, [change.seq for change in changes], until, repr(error))
                metrics.REACTIONS.labels("failed").inc(len(changes))
            else:
                await store.done(unit.connection, tenant, [change.seq for change in changes])
                metrics.REACTIONS.labels("done").inc(len(changes))
        return len(rows)

    async def _hand_over(self, changes: list[Change]) -> None:
        for reaction in self._reactions:
            await reaction(changes)
