"""Does housekeeping come to each tenant in time, and to none where nothing is left to do? Over a history that is only counted."""

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.temporal.keeping import Keeper, store
from kairo.platform.manifests import EntityType, HistorySampling

START = datetime(2026, 4, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROUNDS_A_DAY = 24 * 60


@dataclass
class Histories:
    """When each tenant's rows of history were entered, and who was looked at when. Stands in for the store's SQL."""

    entered: dict[str, list[datetime]]
    entities: dict[str, int] = field(default_factory=dict)  # one where nothing else is said
    last: dict[str, datetime | None] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)
    dropped: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    now: datetime = START
    synthetic: bool = True

    async def tenants_with(self, owner: Any, types: Any) -> dict[tuple[str, str], datetime | None]:
        del owner
        return {(tenant, type): self.last.get(tenant) for tenant in self.entered for type in types}

    async def entities_of(self, owner: Any, tenant: str, type: str, after: str, limit: int) -> list[tuple[str, bool]]:
        del owner, type
        self.looks.append(tenant)
        ids = [f"{number:05}" for number in range(self.entities.get(tenant, 1))]
        return [(id, self.synthetic) for id in ids if id > after][:limit]

    async def drop(self, owner: Any, tenant: str, ids: Any, before: datetime, limit: int, *, with_changes: bool) -> int:
        del owner, ids, limit, with_changes
        old = [at for at in self.entered[tenant] if at < before]
        self.entered[tenant] = [at for at in self.entered[tenant] if at >= before]
        self.dropped += [(tenant, at, self.now) for at in old]
        return len(old)

    async def thin_out(self, owner: Any, tenant: str, *given: Any, mean: bool) -> int:
        del owner, tenant, given, mean
        return 0

    def write(self, tenant: str) -> None:
        self.entered[tenant].append(self.now)
        self.last[tenant] = self.now

    @contextmanager
    def stand_in(self) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            for name in ("tenants_with", "entities_of", "drop", "thin_out"):
                patch.setattr(store, name, getattr(self, name))
            yield self

    async def round(self, keeper: Keeper, kind: EntityType, seconds: float = 10.0) -> int:
        deadline = asyncio.get_running_loop().time() + seconds
        return await keeper.tidy_all(None, [kind], self.now, deadline)  # type: ignore[arg-type]


def kept(**rules: Any) -> EntityType:
    return EntityType("Kept", "open", {"en": "kept"}, **rules)


@given(
    hours=st.sampled_from([0.5, 2.0, 12.0]),
    rule=st.sampled_from(["synthetic", "days", "days of what is real"]),
    writes=st.sets(st.integers(0, ROUNDS_A_DAY // 2), max_size=8),
)
def test_what_is_due_goes_in_time(hours: float, rule: str, writes: set[int]) -> None:
    """Never before, and at the most a twelfth of the time later; then nobody looks any more."""
    rules: dict[str, float] = {"synthetic_history_hours": hours} if rule == "synthetic" else {"history_days": hours / 24}
    if rule == "days of what is real":
        rules["synthetic_history_hours"] = 0.1
    histories = Histories({"a": []}, synthetic=rule == "synthetic")
    keeper, kind = Keeper(), kept(**rules)

    async def a_day_and_more() -> None:
        for minute in range(ROUNDS_A_DAY + ROUNDS_A_DAY // 2):
            histories.now = START + minute * MINUTE
            if minute in writes or minute == 0:
                histories.write("a")
            if minute == ROUNDS_A_DAY + 150:
                histories.looks.clear()
            await histories.round(keeper, kind)

    with histories.stand_in():
        asyncio.run(a_day_and_more())
    assert len(histories.dropped) == len(writes | {0})
    time = timedelta(hours=hours)
    assert all(time < gone - at <= time * 13 / 12 + 2 * MINUTE for _, at, gone in histories.dropped)
    assert histories.looks == []


@pytest.mark.parametrize(
    "kind",
    [
        kept(history_days=1),
        kept(synthetic_history_hours=24),
        kept(history_sampling=HistorySampling(after_days=0.5, period_hours=12)),
        kept(history_days=1, history_sampling=HistorySampling(after_days=0.5, period_hours=1)),
    ],
)
async def test_idle_tenants_are_looked_at_ever_less_and_then_no_more(kind: EntityType) -> None:
    histories, keeper = Histories({name: [] for name in "abc"}), Keeper()
    with histories.stand_in():
        for name in "abc":
            histories.write(name)
        looks = []
        for minute in range(2 * ROUNDS_A_DAY):
            histories.now = START + minute * MINUTE
            histories.looks.clear()
            await histories.round(keeper, kind)
            looks.append(len(histories.looks))
    assert sum(looks[:ROUNDS_A_DAY]) < 3 * 40
    assert sum(looks[ROUNDS_A_DAY + 65 :]) == 0


async def test_where_the_last_write_is_not_known_one_looks() -> None:
    histories, keeper = Histories({"old": []}), Keeper()
    with histories.stand_in():
        for hour in range(50):
            histories.now = START + hour * 60 * MINUTE
            await histories.round(keeper, kept(history_days=1))
    assert len(histories.looks) == 50


async def test_a_large_tenant_lets_others_have_their_turn() -> None:
    """With time for one step a round."""
    histories, keeper = Histories({name: [] for name in "abc"}, entities={"a": 500}), Keeper()
    with histories.stand_in():
        for minute in range(6):
            histories.now = START + minute * MINUTE
            await histories.round(keeper, kept(history_days=1), seconds=0)
    assert histories.looks[:3] == ["a", "b", "c"]
    assert histories.looks.count("a") >= 3, "and goes on where it stopped"
