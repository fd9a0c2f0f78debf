"""How are requests counted without paying for it each time? In plain numbers, handed to the metrics twice a second.

A metric that the processes share costs about a microsecond a number (a file, a process id, a lock): too much beside a read.
"""

import asyncio
from bisect import bisect_left
from collections import Counter
from typing import Any

from kairo.platform.observability import metrics

FLUSH_SECONDS = 0.5
_LOOKS_AT_LOOP = 256  # requests; a flush is planned at the first, and again should its loop have ended


class _Waits:
    """The seconds of one surface's requests since the last flush: their number by bucket, and their sum."""

    def __init__(self, surface: str) -> None:
        self._metric: Any = metrics.SECONDS.labels(surface)
        self._bounds: list[float] = self._metric._upper_bounds  # noqa: SLF001 - the library observes one number at a time only
        self._numbers = [0] * len(self._bounds)
        self._sum = 0.0

    def count(self, seconds: float) -> None:
        self._numbers[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def flush(self) -> None:
        for bucket, number in enumerate(self._numbers):
            if number:
                self._metric._buckets[bucket].inc(number)  # noqa: SLF001
                self._numbers[bucket] = 0
        self._metric._sum.inc(self._sum)  # noqa: SLF001
        self._sum = 0.0


class Tally:
    """Requests since the last flush."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, str, int, float]] = []
        self._waits: dict[str, _Waits] = {}
        self._loop: asyncio.AbstractEventLoop | None = None  # where a flush is planned

    def count(self, surface: str, method: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        seen = self._seen
        seen.append((surface, method, status, seconds))
        if len(seen) % _LOOKS_AT_LOOP == 1:
            loop = asyncio.get_running_loop()
            if loop is not self._loop:
                self._loop = loop
                loop.call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Hands what was counted to the metrics."""
        self._loop = None
        seen, self._seen = self._seen, []
        for (surface, method, status), number in Counter([one[:3] for one in seen]).items():
            metrics.REQUESTS.labels(surface, method, str(status)).inc(number)
        for surface, _, _, seconds in seen:
            waits = self._waits.get(surface)
            if waits is None:
                waits = self._waits[surface] = _Waits(surface)
            waits.count(seconds)
        for waits in self._waits.values():
            waits.flush()
