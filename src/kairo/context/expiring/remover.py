"""When are entities removed whose time is over? By the leader, a few at a time, some seconds after it.

Two who do it at once do no harm: whoever comes second finds nothing there.
"""

import asyncio
from collections.abc import Sequence

from kairo.context.entities.commits import Command
from kairo.context.expiring import Expire, expiry_scope, store
from kairo.context.graph import Graph
from kairo.errors import KairoError
from kairo.platform.observability.logs import logger

BATCH = 200
ROUND_SECONDS = 10.0


class Remover:
    """Removes what is over, in all tenants; the leader runs it."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._log = logger("expiry")

    async def run(self) -> None:
        """Until cancelled: a round every ten seconds. One that fails is logged, and the next one goes on."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round may succeed
                self._log.exception("entities whose time is over could not be removed; it goes on in a moment")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """All tenants once; how many entities were removed. Tenants where nothing is over cost nothing."""
        async with self._graph.database.owner() as owner:
            tenants = await store.tenants_with_some(owner, self._graph.clock())
        return sum([await self._remove_all(tenant) for tenant in tenants])

    async def remove(self, tenant: str, ids: Sequence[str]) -> int:
        """Removes those of these entities whose time is over; how many."""
        results = await self._graph.submit(expiry_scope(tenant), [Command(id, Expire()) for id in ids])
        return sum(not isinstance(result, KairoError) and not result.is_nothing for result in results)

    async def _remove_all(self, tenant: str) -> int:
        done, now = 0, self._graph.clock()
        loop = asyncio.get_running_loop()
        while ids := await store.ids_of(self._graph.database, tenant, now, BATCH):
            begun = loop.time()
            removed = await self.remove(tenant, ids)
            if not removed:  # others did, or a clock stands wrong
                break
            done += removed
            await asyncio.sleep(loop.time() - begun)  # half of the time is for those who wait
        return done
