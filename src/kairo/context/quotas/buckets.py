"""May this request be answered now? Token buckets: so many a second, and as many at once after a second of silence.

A bucket that workers share stands in PostgreSQL; a worker takes a tenth of a second's worth at a time and counts it down by
itself, so that what a request costs is a look into a dictionary. What it does not use within a second is given up.
"""

import asyncio
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kairo.context.quotas import store
from kairo.platform.clock import Clock

_LOT_SECONDS: Final = 0.1
_LEASE_SECONDS: Final = 1.0
_MOST_CLIENTS: Final = 10_000  # remembered by address; of more, those that asked longest ago begin anew


class Units(Protocol):
    """The part of the database that opens an atomic unit."""

    def unit(self, tenant: str) -> Any: ...


@dataclass(slots=True)
class _Lease:
    tokens: int = 0
    until: float = 0.0
    empty_until: float = 0.0


class SharedBuckets:
    """Buckets that all workers of an installation take from."""

    def __init__(self, database: Units, clock: Clock, timer: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._timer = timer
        self._leases: dict[tuple[str, str], _Lease] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def take(self, tenant: str, name: str, rate: int) -> float:
        """Takes one from the bucket: 0, or the seconds to wait where it is empty."""
        key = (tenant, name)
        lease = self._leases.setdefault(key, _Lease())
        wait = self._from(lease)
        if wait is not None:
            return wait
        async with self._locks.setdefault(key, asyncio.Lock()):
            wait = self._from(lease)
            if wait is not None:
                return wait
            await self._renew(lease, tenant, name, rate)
            return self._from(lease) or 0.0

    def _from(self, lease: _Lease) -> float | None:
        """As `take`; None where PostgreSQL has to be asked."""
        now = self._timer()
        if lease.tokens > 0 and now < lease.until:
            lease.tokens -= 1
            return 0.0
        return lease.empty_until - now if now < lease.empty_until else None

    async def _renew(self, lease: _Lease, tenant: str, name: str, rate: int) -> None:
        lot = max(1, math.ceil(rate * _LOT_SECONDS))
        async with self._database.unit(tenant) as unit:
            granted, left = await store.take(unit.connection, tenant, name, rate, max(rate, 1), lot, self._clock())
        now = self._timer()
        lease.tokens, lease.until = granted, now + _LEASE_SECONDS
        lease.empty_until = 0.0 if granted else now + max(0.001, (1 - left) / rate)


class OwnBuckets:
    """Buckets of one worker, by the address of a client: each worker takes its part of the rate."""

    def __init__(self, timer: Callable[[], float]) -> None:
        self._timer = timer
        self._buckets = OrderedDict[str, tuple[float, float]]()

    def take(self, name: str, rate: float) -> float:
        """Takes one from the bucket: 0, or the seconds to wait where it is empty."""
        now, capacity = self._timer(), max(rate, 1.0)
        tokens, filled_at = self._buckets.pop(name, (capacity, now))
        tokens = min(capacity, tokens + rate * (now - filled_at))
        wait = 0.0 if tokens >= 1 else (1 - tokens) / rate
        self._buckets[name] = (tokens if wait else tokens - 1, now)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return wait
