"""When are old entities stored in the newest version of their types? By the leader, bit by bit, behind the readers' backs.

What is done is in the rows themselves, so it goes on wherever it was interrupted. Each bit is one commit of the one committer
with its audit records; readers upcast what is still to come.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Graph
from kairo.context.types import store
from kairo.platform.observability import metrics
from kairo.platform.observability.logs import logger

BATCH = 200
ROUND_SECONDS = 3600.0  # a program of an older version may still run beside this one, and write
RETRY_SECONDS = 60.0
PROGRESS_EVERY = 10_000

Tenants = Callable[[], Awaitable[Sequence[str]]]


def system_scope(tenant: str) -> Scope:
    """Rewrites everything, whoever may see it; it shows nothing to anyone."""
    every = frozenset(DataClass)
    return Scope(tenant, "system:versions", "upcasting", every, every)


class Rewriter:
    """Rewrites the entities of all tenants; the leader runs it."""

    def __init__(self, graph: Graph, tenants: Tenants) -> None:
        self._graph = graph
        self._tenants = tenants
        self._log = logger("versions")

    async def run(self) -> None:
        """Until cancelled: a round an hour. One that fails is logged and tried again in a minute."""
        while True:
            pause = ROUND_SECONDS
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round goes on where this one stopped
                self._log.exception("entities could not be rewritten; they stay readable, and it goes on in a minute")
                pause = RETRY_SECONDS
            await asyncio.sleep(pause)

    async def round(self) -> int:
        """All tenants once; how many entities were rewritten. Entities of a version that no code here knows are reported."""
        versions, done = self._graph.versions, 0
        for tenant in await self._tenants():
            for type_key, number, count in await store.versions_in_use(self._graph.database, tenant):
                if versions.is_newer(type_key, number):
                    what = "a newer Kairo wrote these entities; they are shown as they are"
                    self._log.warning(what, tenant=tenant, types=type_key, type_version=number, entities=count)
                elif versions.is_old(type_key, number):
                    done += await self._rewrite(tenant, type_key, number, count)
        return done

    async def _rewrite(self, tenant: str, type_key: str, number: int, count: int) -> int:
        self._log.info("entities are rewritten", tenant=tenant, types=type_key, type_version=number, entities=count)
        after, done, told = "", 0, 0
        loop = asyncio.get_running_loop()
        while ids := await store.ids_of(self._graph.database, tenant, type_key, number, after, BATCH):
            begun = loop.time()
            rewritten = await self._graph.rewrite(system_scope(tenant), ids)
            metrics.REWRITTEN.inc(rewritten)
            after, done = ids[-1], done + rewritten
            if done - told >= PROGRESS_EVERY:
                told = done
                self._log.info("entities are rewritten", tenant=tenant, types=type_key, done=done, entities=count)
            await asyncio.sleep(loop.time() - begun)  # half of the time is for those who wait
        self._log.info("entities were rewritten", tenant=tenant, types=type_key, type_version=number, done=done)
        return done
