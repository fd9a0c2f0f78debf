"""How often would an index on an attribute have helped, and how often did one? Counted in memory, written down now and then.

What a process counted and had not written when it was killed is lost: it is a hint.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Final

from kairo.context.indexing import store
from kairo.errors import KairoError
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.platform.observability.logs import logger

FLUSH_SECONDS: Final = 60.0
_MOST_KINDS: Final = 10_000  # pairs of types and attribute; what comes beyond in one minute is not counted


class Uses:
    """One for a process's graph; `close()` before the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counted: Counter[tuple[str, str, str]] = Counter()
        self._flushing: asyncio.Task[None] | None = None
        self._log = logger("indexes")

    def count(self, tenant: str, pairs: Iterable[tuple[str, str]]) -> None:
        """Counts one query for each of these type keys and attributes."""
        for pair in pairs:
            key = (tenant, *pair)
            if key in self._counted or len(self._counted) < _MOST_KINDS:
                self._counted[key] += 1
        if self._flushing is None:
            self._flushing = asyncio.create_task(self._flush_later(), name="uses of indexes")

    async def flush(self) -> None:
        """Writes down what was counted, one statement a tenant."""
        counted, self._counted = self._counted, Counter()
        day = self._clock().astimezone(TOKYO).date()
        for tenant in sorted({key[0] for key in counted}):
            rows = [
                {"type_key": key[1], "attribute": key[2], "times": times} for key, times in counted.items() if key[0] == tenant
            ]
            try:
                async with self._database.unit(tenant) as unit:
                    await store.add_uses(unit.connection, tenant, day, rows)
            except KairoError as error:
                self._log.warning("uses of attribute indexes were not written down", error=error.title)

    async def _flush_later(self) -> None:
        await asyncio.sleep(FLUSH_SECONDS)
        self._flushing = None
        await self.flush()

    async def close(self) -> None:
        """Writes down the rest."""
        if self._flushing is not None:
            self._flushing.cancel()
        if self._counted:
            await self.flush()
