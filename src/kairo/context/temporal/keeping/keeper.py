"""Whose history is dropped or thinned out next? Type by type, a few entities at a time, as long as a round may last.

A round that is out of time goes on where it stopped. What an earlier pass of this process thinned out is not looked at again;
after a restart the first pass looks at everything once.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from kairo.context.temporal.keeping import store
from kairo.platform.clock import TOKYO
from kairo.platform.db import Connection
from kairo.platform.manifests import EntityType

_ENTITIES_A_STEP = 50
_ENTITIES_THINNED_A_STEP = 10  # a year of hourly values of fifty sensors, seen for the first time, took half a minute
_ROWS_A_STEP = 20_000
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_ORIGIN = datetime(2000, 1, 1, tzinfo=TOKYO)  # periods of days are days in Japan


@dataclass(slots=True)
class _Pass:
    """How far the pass over one type of one tenant has come."""

    after: str = ""
    thinned: datetime = _ALWAYS  # up to here by the passes before
    until: datetime = field(default=_ALWAYS)


class Keeper:
    """Keeps of history what its entity types declare. One for the leader."""

    def __init__(self) -> None:
        self._passes: dict[tuple[str, str], _Pass] = {}

    async def tidy_all(self, owner: Connection, kinds: Iterable[EntityType], now: datetime, deadline: float) -> int:
        """`tidy` of every tenant for every type of these that asks for something and is in use there."""
        asking = {
            kind.type: kind
            for kind in kinds
            if kind.history_days is not None or kind.synthetic_history_hours is not None or kind.history_sampling is not None
        }
        found = await store.tenants_with(owner, sorted(asking))
        return sum([await self.tidy(owner, tenant, asking[type], now, deadline) for tenant, type in found])

    async def tidy(self, owner: Connection, tenant: str, kind: EntityType, now: datetime, deadline: float) -> int:
        """One pass over the entities of a type, or as much of it as there is time (of the loop's clock). Returns how many rows
        went."""
        one = self._passes.setdefault((tenant, kind.type), _Pass())
        if not one.after and kind.history_sampling is not None:
            one.until = now - timedelta(days=kind.history_sampling.after_days)
        gone = 0
        few = _ENTITIES_A_STEP if kind.history_sampling is None else _ENTITIES_THINNED_A_STEP
        while True:
            found = await store.entities_of(owner, tenant, kind.type, one.after, few)
            gone += await self._step(owner, tenant, kind, now, found, one)
            if len(found) < few:
                one.after, one.thinned = "", one.until
                return gone
            one.after = found[-1][0]
            if asyncio.get_running_loop().time() >= deadline:
                return gone

    async def _step(
        self, owner: Connection, tenant: str, kind: EntityType, now: datetime, found: list[tuple[str, bool]], one: _Pass
    ) -> int:
        ids = [id for id, _ in found]
        gone = 0
        if kind.history_days is not None and ids:
            gone += await self._drop(owner, tenant, ids, now - timedelta(days=kind.history_days), with_changes=False)
        synthetic = [id for id, is_synthetic in found if is_synthetic]
        if kind.synthetic_history_hours is not None and synthetic:
            before = now - timedelta(hours=kind.synthetic_history_hours)
            gone += await self._drop(owner, tenant, synthetic, before, with_changes=True)
        sampling = kind.history_sampling
        if sampling is not None and ids:
            period = timedelta(hours=sampling.period_hours)
            since = max(one.thinned, _ALWAYS + period) - period  # the period that was not over then
            gone += await store.thin_out(owner, tenant, ids, since, one.until, period, _ORIGIN, mean=sampling.keep == "mean")
        return gone

    async def _drop(self, owner: Connection, tenant: str, ids: list[str], before: datetime, *, with_changes: bool) -> int:
        gone = 0
        while True:
            dropped = await store.drop(owner, tenant, ids, before, _ROWS_A_STEP, with_changes=with_changes)
            gone += dropped
            if dropped < _ROWS_A_STEP:
                return gone
