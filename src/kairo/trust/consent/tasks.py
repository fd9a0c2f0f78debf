"""What follows from time passing? By the leader, once a minute: consents that are over are marked, though their grants ended by
themselves at their second; and a department's consents are read by those who work there now."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Protocol

from kairo.platform.clock import Clock
from kairo.platform.observability.logs import logger
from kairo.trust.consent import store
from kairo.trust.consent.service import ConsentService

BATCH: Final = 100
ROUND_SECONDS: Final = 60.0


class Database(Protocol):
    """The part of the database that looks at all tenants."""

    def owner(self) -> AbstractAsyncContextManager[Any]: ...


class Ending:
    """Marks consents that are over, and requests that nobody answered, and follows who works where, in all tenants."""

    def __init__(self, database: Database, service: ConsentService, clock: Clock) -> None:
        self._database = database
        self._service = service
        self._clock = clock
        self._log = logger("consent")

    async def run(self) -> None:
        """Until cancelled: a round a minute. One that fails is logged, and the next one goes on."""
        while True:
            try:
                await self.round()
            except Exception:  # noqa: BLE001 - the next round may succeed
                self._log.exception("consents that are over could not be marked; it goes on in a minute")
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> int:
        """All tenants once; how many were marked. Tenants where nothing is to be done cost nothing."""
        async with self._database.owner() as owner:
            tenants = await store.tenants_with_some(owner, self._clock())
            departments = await store.tenants_with_departments(owner)
        marked = 0
        for tenant in tenants:
            while done := await self._service.expire(tenant, BATCH):
                marked += done
        for tenant in departments:
            await self._service.regrant(tenant)
        return marked
