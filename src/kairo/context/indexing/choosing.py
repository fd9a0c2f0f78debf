"""Which attributes get an index, and which indexes are given up? The leader looks once a minute, and fills what it begins.

All of it goes on where it was interrupted: what an index lacks, or what is left of one, is in its row. A step of filling takes the
tenant's turn as every commit does, so that it reads entities which nobody writes meanwhile; between two steps it rests.
"""

import asyncio
from datetime import date, timedelta
from typing import Final

from kairo.context.indexing import store
from kairo.context.indexing.keys import keys_of, rows_of
from kairo.context.indexing.store import Index, Wanted
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.platform.observability.logs import logger
from kairo.settings import Settings

ROUND_SECONDS: Final = 60.0
ENTITIES_A_STEP: Final = 200
ROWS_A_STEP: Final = 10_000


class Indexer:
    """Makes, fills and gives up the indexes of all tenants, as the settings say; the leader runs it."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._log = logger("indexes")

    async def run(self) -> None:
        """Until cancelled: a round a minute. One that fails is logged, and the next one goes on."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round goes on where this one stopped
                self._log.exception("attribute indexes could not be looked after; queries are answered without")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """All tenants that have indexes, or where one was missed."""
        async with self._database.owner() as owner:
            tenants = await store.tenants_in_use(owner)
        for tenant in tenants:
            await self.tend(tenant)

    async def tend(self, tenant: str) -> None:
        """One tenant: gives up what nobody uses, begins what is missed, finishes what was begun."""
        today = self._clock().astimezone(TOKYO).date()
        since = today - timedelta(days=self._settings.index_unused_days)
        indexes = await store.indexes(self._database, tenant, since)
        for index in self._superfluous(indexes, since):
            await self._leave(tenant, index)
        await self._begin(tenant, today)
        for index in await store.indexes(self._database, tenant, since):
            if index.state == "building":
                await self._build(tenant, index)
            elif index.state == "leaving":
                await self._clear(tenant, index)
        async with self._database.unit(tenant) as unit:
            await store.forget_uses(unit.connection, tenant, since)

    def _superfluous(self, indexes: list[Index], since: date) -> list[Index]:
        """What nobody used in the time that an unused index is kept, and of more than the limit those that are used the least."""
        used = [index for index in indexes if index.state != "leaving"]
        unused = [index for index in used if not index.uses and index.made_at.astimezone(TOKYO).date() < since]
        rest = sorted((index for index in used if index not in unused), key=lambda index: (-index.uses, index.id))
        return unused + rest[self._settings.max_indexes :]

    async def _begin(self, tenant: str, today: date) -> None:
        """Begins indexes on what has been missed often enough since yesterday, as far as there is room.

        A query for a type goes over several sets of types where entities have several, and needs an index on each: the small
        sets go along with the large one.
        """
        wanted = await store.wanted(self._database, tenant, today - timedelta(days=1), self._settings.index_least_queries)
        if not wanted:
            return
        there = await store.indexes(self._database, tenant, today)
        room = self._settings.max_indexes - len(there)
        worthy = {index.attribute for index in there if index.state != "leaving"}
        for one in wanted:
            if one.attribute not in worthy and await self._is_large(tenant, one):
                worthy.add(one.attribute)
        for one in [one for one in wanted if one.attribute in worthy][: max(0, room)]:
            async with self._database.unit(tenant) as unit:
                given = (one.type_key, one.attribute, self._settings.max_index_values, self._clock())
                await store.make(unit.connection, tenant, *given)

    async def _is_large(self, tenant: str, one: Wanted) -> bool:
        return await store.has_many(self._database, tenant, one.type_key, self._settings.index_least_entities)

    async def _build(self, tenant: str, index: Index) -> None:
        self._log.info("an attribute index is filled", tenant=tenant, types=index.type_key, attribute=index.attribute)
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            if not await self.step(tenant, index.id):
                break
            await asyncio.sleep(loop.time() - begun)  # half of the time is for those who wait
        self._log.info("an attribute index is ready", tenant=tenant, types=index.type_key, attribute=index.attribute)

    async def step(self, tenant: str, index_id: int) -> bool:
        """Fills an index with the next entities, in one transaction; whether there may be more of them."""
        async with self._database.unit(tenant) as unit:
            connection = unit.connection
            await store.lock(connection, tenant)
            index = await store.one(connection, tenant, index_id)
            if index is None or index.state != "building":
                return False
            found = await store.entities_after(connection, tenant, index, ENTITIES_A_STEP)
            rows = [row for id, stored in found for row in rows_of(id, index.id, keys_of(stored, index.most_values))]
            more = len(found) == ENTITIES_A_STEP
            filled_to = found[-1][0] if found else index.filled_to
            await store.fill(connection, tenant, index.id, rows, filled_to, complete=not more)
        return more

    async def _leave(self, tenant: str, index: Index) -> None:
        async with self._database.unit(tenant) as unit:
            await store.leave(unit.connection, tenant, index.id)
        self._log.info("an attribute index is given up", tenant=tenant, types=index.type_key, attribute=index.attribute)

    async def _clear(self, tenant: str, index: Index) -> None:
        is_done = False
        while not is_done:
            async with self._database.unit(tenant) as unit:
                is_done = await store.clear(unit.connection, tenant, index.id, ROWS_A_STEP)
