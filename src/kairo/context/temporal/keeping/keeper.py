"""Whose history is dropped or thinned out next? Type by type, a few entities at a time, as long as a round may last.

A round that is out of time goes on where it stopped, those that wait longest first. Where a pass found nothing to do the next
one comes later, from a minute on twice as late each time, but no later than a twelfth of the time that is kept, or an hour; and
where nothing was written since what is done already, none comes. So tenants where nothing happens cost nothing. What an earlier
pass of this process thinned out is not looked at again; after a restart the first pass looks at everything once.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kairo.context.temporal.keeping import store
from kairo.platform.clock import TOKYO
from kairo.platform.db import Connection
from kairo.platform.manifests import EntityType

_ENTITIES_A_STEP = 50
_ENTITIES_THINNED_A_STEP = 10  # a year of hourly values of fifty sensors, seen for the first time, took half a minute
_ROWS_A_STEP = 20_000
_FIRST_REST, _LONGEST_REST, _SHARE_OF_KEPT = timedelta(minutes=1), timedelta(hours=1), 12
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_ORIGIN = datetime(2000, 1, 1, tzinfo=TOKYO)  # periods of days are days in Japan


@dataclass(slots=True)
class _Pass:
    """How far the pass over one type of one tenant has come, and when it is to go on. What was entered before `done` needs none."""

    done: datetime = _ALWAYS
    thinned: datetime = _ALWAYS  # up to here by the passes before
    due: datetime = _ALWAYS
    rest: timedelta = timedelta()
    began: datetime = _ALWAYS
    after: str = ""
    gone: int = 0  # rows, since it began


class Keeper:
    """Keeps of history what its entity types declare. One for the leader."""

    def __init__(self) -> None:
        self._passes: dict[tuple[str, str], _Pass] = {}

    async def tidy_all(self, owner: Connection, kinds: Iterable[EntityType], now: datetime, deadline: float) -> int:
        """`tidy` of every tenant for every type of these that asks for something, is in use there and is due, as far as there is
        time."""
        asking = {
            kind.type: kind
            for kind in kinds
            if kind.history_days is not None or kind.synthetic_history_hours is not None or kind.history_sampling is not None
        }
        found = await store.tenants_with(owner, sorted(asking))
        passes = {one: self._passes.setdefault(one, _Pass()) for one in found}
        due = [one for one, last in found.items() if passes[one].due <= now and (last is None or passes[one].done <= last)]
        gone = 0
        for tenant, type in sorted(due, key=lambda one: passes[one].due):
            gone += await self.tidy(owner, tenant, asking[type], now, deadline)
            if asyncio.get_running_loop().time() >= deadline:
                break
        return gone

    async def tidy(self, owner: Connection, tenant: str, kind: EntityType, now: datetime, deadline: float) -> int:
        """One pass over the entities of a type, or as much of it as there is time (of the loop's clock). Returns how many rows
        went."""
        one = self._passes.setdefault((tenant, kind.type), _Pass())
        if not one.after:
            one.began = now
        before = one.gone
        few = _ENTITIES_A_STEP if kind.history_sampling is None else _ENTITIES_THINNED_A_STEP
        while True:
            found = await store.entities_of(owner, tenant, kind.type, one.after, few)
            one.gone += await self._step(owner, tenant, kind, now, found, one)
            gone = one.gone - before
            if len(found) < few:
                self._passes[tenant, kind.type] = _next(one, kind, now)
                return gone
            one.after = found[-1][0]
            if asyncio.get_running_loop().time() >= deadline:
                one.due = now
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
            ids = [id for id, is_synthetic in found if not is_synthetic]  # what is dropped soon is not thinned out before
        sampling = kind.history_sampling
        if sampling is not None and ids:
            period = timedelta(hours=sampling.period_hours)
            since = max(one.thinned, _ALWAYS + period) - period  # the period that was not over then
            until = one.began - timedelta(days=sampling.after_days)
            gone += await store.thin_out(owner, tenant, ids, since, until, period, _ORIGIN, mean=sampling.keep == "mean")
        return gone

    async def _drop(self, owner: Connection, tenant: str, ids: list[str], before: datetime, *, with_changes: bool) -> int:
        gone = 0
        while True:
            dropped = await store.drop(owner, tenant, ids, before, _ROWS_A_STEP, with_changes=with_changes)
            gone += dropped
            if dropped < _ROWS_A_STEP:
                return gone


def _next(one: _Pass, kind: EntityType, now: datetime) -> _Pass:
    """The pass after this one. `times`: after these something of the type's history goes, after the longest nothing more does."""
    sampling, thinned = kind.history_sampling, _ALWAYS
    times = [timedelta(days=kind.history_days)] if kind.history_days is not None else []
    if kind.synthetic_history_hours is not None:
        times.append(timedelta(hours=kind.synthetic_history_hours))
    if sampling is not None:
        times.append(timedelta(days=sampling.after_days, hours=sampling.period_hours))
        thinned = one.began - timedelta(days=sampling.after_days)
    longest = min(_LONGEST_REST, min(times) / _SHARE_OF_KEPT)
    rest = timedelta() if one.gone else min(max(2 * one.rest, _FIRST_REST), longest)
    return _Pass(done=one.began - max(times), thinned=thinned, due=now + rest, rest=rest)
