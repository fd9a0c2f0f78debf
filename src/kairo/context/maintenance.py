"""What does the graph need from time to time? Partitions for the months to come; history dropped or thinned out in its time."""

import asyncio

from kairo.context.gate import Declarations
from kairo.context.temporal import store
from kairo.context.temporal.keeping import Keeper
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.platform.observability.logs import logger

ROUND_SECONDS = 60.0
_TENANTS_KEPT_SECONDS = 10.0
_KEEPING_SECONDS = 20.0  # what a round spends on history at the most; the next one goes on


class Maintenance:
    """Housekeeping of one installation; the leader runs it."""

    def __init__(self, database: Database, declarations: Declarations, clock: Clock) -> None:
        self._database = database
        self._declarations = declarations
        self._clock = clock
        self._tenants: list[str] = []
        self._tenants_read: float | None = None
        self._keeper = Keeper()
        self._log = logger("maintenance")

    async def tenants(self) -> list[str]:
        """All tenants of the installation; looked up every ten seconds."""
        loop_time = asyncio.get_running_loop().time()
        if self._tenants_read is None or loop_time - self._tenants_read > _TENANTS_KEPT_SECONDS:
            self._tenants = await store.all_tenants(self._database)
            self._tenants_read = loop_time
        return self._tenants

    async def run(self) -> None:
        """Until cancelled: one round a minute. A round that fails is logged, and the next one comes."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round may succeed
                self._log.exception("a round of housekeeping failed")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """One round: returns how many rows of history were dropped."""
        now = self._clock()
        deadline = asyncio.get_running_loop().time() + _KEEPING_SECONDS
        async with self._database.owner() as owner:
            await store.make_partitions(owner, now.astimezone(TOKYO).date())
            return await self._keeper.tidy_all(owner, self._declarations.by_type.values(), now, deadline)
