"""Does everybody get their turn? Lanes by themselves, then many subscriptions and many receivers that never answer."""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from kairo.context.subscriptions.delivery.lanes import Lanes
from kairo.platform.clock import system_clock
from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import delivering, eventually, ids, receiving, subscribed

Turn = tuple[datetime | None, bool]


class Visits:
    """Notes who is visited; those whose name begins with `slow` wait until they are let go."""

    def __init__(self, places: int) -> None:
        self.order: list[str] = []
        self.under_way: set[str] = set()
        self.most = 0
        self.let_go = asyncio.Event()
        self.failing: set[str] = set()
        self.again: dict[str, datetime] = {}
        self.lanes = Lanes(self.visit, system_clock, places=places, quick_seconds=0.01)

    async def visit(self, tenant: str, id: str) -> Turn:
        assert id not in self.under_way, "one visit of a lane at a time"
        self.order.append(id)
        self.under_way.add(id)
        self.most = max(self.most, len(self.under_way))
        if id.startswith("slow"):
            await self.let_go.wait()
        else:
            await asyncio.sleep(0)
        self.under_way.discard(id)
        return self.again.pop(id, None), id not in self.failing

    def due(self, *names: str) -> None:
        for name in names:
            self.lanes.due("t", name, system_clock())

    async def until(self, *names: str) -> None:
        await eventually(lambda: set(names) <= set(self.order))


@pytest.fixture
async def visits() -> Any:
    made = Visits(places=16)
    running = asyncio.create_task(made.lanes.run())
    yield made
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_lanes_have_their_turn_in_the_order_in_which_they_became_due(visits: Visits) -> None:
    names = [f"q{number}" for number in range(100)]
    visits.due(*names)
    await visits.until(*names)
    assert visits.order == names


async def test_the_slow_give_back_the_places_of_the_quick(visits: Visits) -> None:
    visits.due(*(f"slow{number}" for number in range(8)))
    visits.due("q")
    await visits.until("q")
    assert len(visits.under_way) >= 8


async def test_no_more_at_once_than_there_are_places(visits: Visits) -> None:
    visits.due(*(f"slow{number}" for number in range(50)))
    await visits.until("slow11")
    visits.let_go.set()
    await visits.until("slow49")
    assert 12 <= visits.most <= 16


async def test_the_failing_have_places_of_their_own(visits: Visits) -> None:
    failing = [f"slow{number}" for number in range(4)]
    visits.failing = set(failing)
    visits.let_go.set()
    for name in failing:
        visits.again[name] = system_clock() + timedelta(milliseconds=50)
    visits.due(*failing)
    await visits.until(*failing)
    visits.let_go.clear()
    await eventually(lambda: len(visits.under_way) == 4)
    visits.due("q0", "q1")
    await visits.until("q0", "q1")


async def test_what_becomes_due_during_a_visit_is_visited_again(visits: Visits) -> None:
    visits.due("slow")
    await visits.until("slow")
    visits.due("slow", "slow")
    assert visits.order == ["slow"]
    visits.let_go.set()
    await eventually(lambda: len(visits.order) == 2)


async def test_an_earlier_time_counts(visits: Visits) -> None:
    visits.lanes.due("t", "q", system_clock() + timedelta(hours=1))
    visits.due("q")
    await visits.until("q")


async def test_many_that_never_answer_hold_nobody_up(broker: Broker, administrator: Asker) -> None:
    """60 receivers that answer nothing, 40 subscriptions that do: all of theirs arrive long before the first timeout."""
    type = f"T{uuid4().hex[:8]}"
    async with receiving(lambda _: None) as silent, receiving() as receiver:
        for _ in range(60):
            await subscribed(administrator, silent.url, entities=[{"type": type}])
        for _ in range(40):
            await subscribed(administrator, receiver.url, entities=[{"type": type}])
        batch = [{"id": f"urn:{type}:{n}", "type": type, "a": {"type": "Property", "value": n}} for n in range(5)]
        ok(await administrator.post("/entityOperations/create", json=batch), 201)
        settings = broker.settings.__class__(
            notification_networks=("127.0.0.0/8",), notification_timeout_seconds=30, notification_places=128
        )
        async with delivering(broker, settings):
            got = await receiver.until(200, seconds=25)
    told: dict[str, list[str]] = {}
    for one in got:
        told.setdefault(one.body["subscriptionId"], []).extend(ids([one]))
    assert len(told) == 40
    assert all(entities == [f"urn:{type}:{number}" for number in range(5)] for entities in told.values())


async def test_a_change_asks_only_those_who_watch_it(broker: Broker, administrator: Asker) -> None:
    """Subscriptions to other types, attributes or entities are not even looked at: the index alone passes them over."""
    type = f"T{uuid4().hex[:8]}"
    url = "https://receiver.example/"
    await subscribed(administrator, url, entities=[{"type": f"{type}Other"}])
    await subscribed(administrator, url, entities=[{"type": type}], watchedAttributes=["b"])
    await subscribed(administrator, url, entities=[{"type": type, "id": "urn:x:other"}])
    found = await subscribed(administrator, url, entities=[{"type": type}], watchedAttributes=["a"])
    statement = "SELECT subscription FROM subscription_watch WHERE type = $1 AND attribute = ANY($2) AND entity = ANY($3)"
    async with broker.database.reading(broker.settings.tenant) as connection:
        rows = await connection.fetch(statement, type, ["a", "*"], ["", "urn:x:1"])
    assert [row["subscription"] for row in rows] == [found]
