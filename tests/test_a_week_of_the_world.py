"""Does a week of the synthetic world in compressed time leave the program as large as it was?

The whole program runs in this process over a real database: the world, its reactions and search index, live pages, housekeeping.
Only time is not real: between two steps of the world pass WEEK / STEPS seconds, and nobody waits for them.
"""

import asyncio
import gc
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kairo.app import Kairo
from kairo.capabilities.sensing import running
from kairo.capabilities.sensing.running import SyntheticWorld
from kairo.context.gate import DataClass, Scope
from kairo.context.maintenance import Maintenance
from kairo.context.subscriptions import Dispatcher
from kairo.platform.db import Database
from kairo.settings import Settings

WEEK = timedelta(days=7)
STEPS = int(os.environ.get("KAIRO_TEST_STEPS", "40"))  # a real week has 604,800 of them; some thousands by hand
WARM_UP = STEPS // 2
LOOKS = 5  # the smallest of so many is taken: what is just being worked on counts not
SETTLING_BYTES = 30_000  # what is filled once, and not by the warm-up; on a busy machine that is more
MOST_BYTES_A_STEP = 300  # a step changes fifty entities: who keeps a short text of each keeps ten times as much
EVERY = frozenset(DataClass)
LOADER = Scope("352039", "test", read_classes=EVERY, write_classes=EVERY, may_create_tenant=True)


class Week:
    """A clock, and a sleep that lets it go on at once."""

    def __init__(self, kairo_steps: int) -> None:
        self.now = datetime(2026, 4, 1, tzinfo=UTC)
        self.steps = 0
        self.longest = kairo_steps
        self.sizes: dict[int, int] = {}
        self.after_step: Any = None

    def clock(self) -> datetime:
        return self.now

    async def sleep(self, _: float) -> None:
        """In place of the second between two steps: what else the program does in it, then later."""
        await self.after_step()
        self.steps += 1
        self.now += WEEK / self.longest
        if self.steps % WARM_UP > WARM_UP - LOOKS or self.steps % WARM_UP == 0:
            self.sizes[self.steps] = held_bytes()
        if self.steps == self.longest:
            raise asyncio.CancelledError


def held_bytes() -> int:
    """What the program holds, but for the buffers of connections: they grow by leaps, to what the largest answer needs."""
    gc.collect()
    buffers = [tracemalloc.Filter(False, pattern) for pattern in ("*/asyncpg/*", "*/selector_events.py", tracemalloc.__file__)]
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces(buffers).traces)


async def rows(database: Database, table: str) -> int:
    async with database.owner() as owner:
        await owner.execute("SET app.tenant = '352039'")
        return int(await owner.fetchval(f"SELECT count(*) FROM {table}"))


async def test_a_week_grows_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    week = Week(STEPS)
    monkeypatch.setattr(running, "asyncio", SimpleNamespace(sleep=week.sleep))
    patience = asyncio.timeout(60 + 2 * STEPS)  # a world that stands still says where, instead of keeping everyone
    async with patience, Kairo(Settings(), await Database.open(database_url, name="week"), week.clock) as kairo:
        districts = [
            {
                "id": f"urn:ngsi-ld:District:{number}",
                "type": "District",
                "name": {"type": "LanguageProperty", "languageMap": {"ja": f"地域{number}", "en": f"District {number}"}},
                "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.4 + number / 90, 34.1]}},
            }
            for number in range(6)
        ]
        assert {one.outcome for one in await kairo.graph.upsert(LOADER, districts)} == {"created"}
        await kairo.live.start()
        updates = 0

        async def listen() -> None:
            nonlocal updates
            async for found in kairo.live.listen(frozenset({"*"}), frozenset()):
                updates += len(found)

        listener = asyncio.create_task(listen())
        dispatcher = Dispatcher(kairo.database, kairo.reactions.all(), week.clock)
        maintenance = Maintenance(kairo.database, kairo.declarations, week.clock)

        async def beside() -> None:
            while await dispatcher.run("352039"):
                pass
            if week.steps % 10 == 0:
                await maintenance.round()

        week.after_step = beside
        tracemalloc.start()
        try:
            with pytest.raises(asyncio.CancelledError):
                await SyntheticWorld(kairo.graph, "352039", week.clock).run()
        finally:
            tracemalloc.stop()
            listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
        early = min(size for step, size in week.sizes.items() if step <= WARM_UP)
        late = min(size for step, size in week.sizes.items() if step > WARM_UP)
        print(f"{STEPS} steps, {await rows(kairo.database, 'change')} changes kept: {early} bytes, then {late}")
        assert late - early < SETTLING_BYTES + MOST_BYTES_A_STEP * (STEPS - WARM_UP)
        assert updates > 0, "a page heard of it"
        assert await rows(kairo.database, "outbox") == 0
        kept_steps = 2 + 10 + timedelta(hours=2) * STEPS / WEEK  # since the last round of housekeeping, and what it leaves
        assert await rows(kairo.database, "history") < 100 * kept_steps, "a step writes seventy rows"
