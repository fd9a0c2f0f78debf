"""How does the synthetic world get into the graph? As an application like any other, one update a second for everything."""

import asyncio
from collections.abc import AsyncIterator

from kairo.capabilities.sensing.world import Spot, World
from kairo.context.gate import DataClass, Scope
from kairo.context.graph import GraphInterface
from kairo.context.reading import value_of
from kairo.platform.clock import Clock
from kairo.platform.observability.logs import logger

STEP_SECONDS = 1.0
PRINCIPAL = "application:synthetic-world"


class SyntheticWorld:
    """Runs the world of one tenant until it is cancelled. Waits until the districts are there."""

    def __init__(self, graph: GraphInterface, tenant: str, clock: Clock) -> None:
        self._graph = graph
        self._clock = clock
        self._log = logger("synthetic-world")
        opened = frozenset({DataClass.OPEN})
        self._scope = Scope(tenant, PRINCIPAL, "demonstration", read_classes=opened, write_classes=opened)

    async def run(self) -> None:
        """One step a second. A step that fails is logged and the next one comes: a demo must not end by a hiccup."""
        world = await self._world()
        await self._graph.upsert(self._scope, world.entities(self._clock()), request="synthetic-world")
        before = self._clock()
        while True:
            await asyncio.sleep(STEP_SECONDS - self._clock().timestamp() % STEP_SECONDS)
            now = self._clock()
            try:
                changes = world.step(now, (now - before).total_seconds())
                await self._graph.update(self._scope, changes, request="synthetic-world")
            except Exception:  # noqa: BLE001 - whatever it was, the next second may be better
                self._log.exception("a step of the synthetic world failed")
            before = now

    async def _world(self) -> World:
        while True:
            spots = [spot async for spot in self._spots()]
            if len(spots) >= 4:
                return World(spots, tenant=self._scope.tenant)
            await asyncio.sleep(5.0)

    async def _spots(self) -> AsyncIterator[Spot]:
        async for doc in self._graph.every(self._scope, "District"):
            location, name = value_of(doc, "location"), value_of(doc, "name", {})
            if location and location.get("type") == "Point":
                lon, lat = location["coordinates"][:2]
                yield Spot(doc["id"], name.get("ja", ""), name.get("en", ""), (lon, lat))
