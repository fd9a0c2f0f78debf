"""What gets an index, when is it given up, and does filling bear writers and interruptions?"""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest

from kairo.context.entities import store as entities
from kairo.context.indexing import choosing, store
from kairo.platform.clock import TOKYO, system_clock
from kairo.platform.db import Database
from tests.context.indexing.conftest import City, city_of


async def asked(city: City, q: str, times: int, type: str = "Thing") -> None:
    for _ in range(times):
        await city.ids(q, type)
    await city.missed()


async def states(city: City) -> dict[str, str]:
    return {f"{index.type_key}.{index.attribute}": index.state for index in await city.indexes()}


def later(**delta: float) -> Any:
    return lambda: system_clock() + timedelta(**delta)


async def test_what_is_asked_often_of_many_entities_gets_an_index(city: City) -> None:
    await city.things(10)
    indexer = city.indexer(index_least_queries=3, index_least_entities=10)
    await asked(city, "n==1", 2)
    await indexer.tend(city.tenant)
    assert await states(city) == {}
    await asked(city, "n==1", 1)
    await indexer.tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready"}
    (index,) = await city.indexes()
    assert await city.rows(index) == await city.due(index) != set()


async def test_few_entities_need_none(city: City) -> None:
    await city.things(9)
    await asked(city, "n==1", 5)
    await city.indexer(index_least_entities=10).tend(city.tenant)
    assert await states(city) == {}


async def test_what_was_asked_long_ago_counts_no_more(city: City) -> None:
    await city.things(3)
    await asked(city, "n==1", 5)
    await city.indexer(later(days=2)).tend(city.tenant)
    assert await states(city) == {}


async def test_small_sets_of_types_go_along_with_the_large_one(city: City) -> None:
    await city.things(10)
    await city.write({"id": "urn:t:x", "type": ["Thing", "Other"], "n": 1, "m": 1})
    await asked(city, "n==1", 1)
    await asked(city, "m==1", 1, "Other")
    await city.indexer(index_least_entities=10).tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready", "Other Thing.n": "ready"}


async def test_there_are_at_most_so_many_and_the_most_wanted_first(city: City) -> None:
    await city.things(3, a=1, b=1)
    await asked(city, "a==1", 1)
    await asked(city, "b==1", 2)
    await asked(city, "n==1", 3)
    await city.indexer(max_indexes=2).tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready", "Thing.b": "ready"}
    await city.indexer(max_indexes=1).tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready"}
    await city.indexer(max_indexes=0).tend(city.tenant)
    assert await states(city) == {}
    assert await city.database.fetch(city.tenant, "SELECT 1 FROM attribute_value WHERE tenant = $1", city.tenant) == []


async def test_what_helps_nobody_for_long_is_given_up(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "ROWS_A_STEP", 2)
    await city.things(5, kind="bus")
    await city.ready("kind")
    used = await city.ready("n")
    await city.indexer(later(days=14)).tend(city.tenant)
    assert await states(city) == {"Thing.kind": "ready", "Thing.n": "ready"}
    async with city.database.unit(city.tenant) as unit:
        day = later(days=10)().astimezone(TOKYO).date()
        await store.add_uses(unit.connection, city.tenant, day, [{"type_key": "Thing", "attribute": "n", "times": 1}])
    await city.indexer(later(days=15)).tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready"}
    left = await city.database.fetch(
        city.tenant, "SELECT DISTINCT index_id FROM attribute_value WHERE tenant = $1", city.tenant
    )
    assert [row["index_id"] for row in left] == [used.id]


async def test_it_goes_on_where_it_was_interrupted(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "ENTITIES_A_STEP", 2)
    await city.things(5, m=1)
    begun, given_up = await city.make("n"), await city.ready("m")
    assert await city.indexer().step(city.tenant, begun.id)
    async with city.database.unit(city.tenant) as unit:
        await store.leave(unit.connection, city.tenant, given_up.id)
    assert await states(city) == {"Thing.n": "building", "Thing.m": "leaving"}
    await city.indexer().tend(city.tenant)
    assert await states(city) == {"Thing.n": "ready"}
    assert await city.rows(begun) == await city.due(begun)
    assert not await city.indexer().step(city.tenant, begun.id), "two leaders do no harm"


async def test_no_entity_is_missed_while_others_write(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Indexes come and go under four writers; what stays as it is is found at every moment, and at the end each row is right."""
    monkeypatch.setattr(choosing, "ENTITIES_A_STEP", 7)
    random.seed(7)
    await city.things(120)
    await city.write(*({"id": f"urn:stays:{n}", "type": "Thing", "n": 1000 + n} for n in range(5)))
    stop = asyncio.Event()

    async def writes(name: int) -> None:
        while not stop.is_set():
            id = f"urn:t:{random.randrange(150):05}"
            if random.random() < 0.2:
                await city.graph.delete(city.everything, [id])
            else:
                kind = random.choice(["Thing", ["Other", "Thing"], "Other"])
                await city.write({"id": id, "type": kind, "n": random.randrange(50), "writer": name})

    async def reads() -> None:
        while not stop.is_set():
            number = random.randrange(5)
            assert await city.ids(f"n=={1000 + number}") == [f"urn:stays:{number}"]

    async def leads() -> None:
        indexer = city.indexer()
        for _ in range(3):
            for key in ("Thing", "Other Thing"):
                await city.ready("n", key)
            for index in await city.indexes():
                assert await city.ids("n==1003") == ["urn:stays:3"]
                async with city.database.unit(city.tenant) as unit:
                    await store.leave(unit.connection, city.tenant, index.id)
            await indexer.tend(city.tenant)
        for key in ("Thing", "Other Thing"):
            await city.ready("n", key)
        stop.set()

    async with asyncio.timeout(120), asyncio.TaskGroup() as group:
        for name in range(4):
            group.create_task(writes(name))
        for _ in range(2):
            group.create_task(reads())
        group.create_task(leads())
    for index in await city.indexes():
        rows = await city.rows(index)
        assert rows == await city.due(index) != set()


async def test_a_round_looks_at_all_tenants_that_want_something(database: Database) -> None:
    cities = [await city_of(database) for _ in range(2)]
    for one in cities:
        await one.things(3)
        await asked(one, "n==1", 1)
    await cities[0].indexer().round()
    assert [await states(one) for one in cities] == [{"Thing.n": "ready"}] * 2
    for one in cities:
        await one.graph.close()


async def test_a_round_that_fails_is_followed_by_another(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "ROUND_SECONDS", 0.01)
    failures, done = [OSError("gone"), RuntimeError("odd")], asyncio.Event()

    async def failing(_: Any) -> list[str]:
        if failures:
            raise failures.pop()
        done.set()
        return []

    monkeypatch.setattr(store, "tenants_in_use", failing)
    work = asyncio.create_task(city.indexer().run())
    async with asyncio.timeout(10):
        await done.wait()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    assert not failures


async def test_a_commit_of_what_has_no_index_names_no_index(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    await city.ready("n")
    parts: list[set[str]] = []
    written = entities.write

    async def noted(connection: Any, tenant: str, writes: entities.Writes) -> None:
        parts.append({name for name in ("values", "values_gone") if getattr(writes, name)})
        await written(connection, tenant, writes)

    monkeypatch.setattr(entities, "write", noted)
    await city.write({"id": "urn:o:1", "type": "Other", "n": 1})
    await city.write({"id": "urn:t:1", "type": "Thing", "m": 1})
    await city.write({"id": "urn:t:1", "type": "Thing", "m": 2, "n": 1})
    await city.write({"id": "urn:t:1", "type": "Thing", "m": 3, "n": 1})
    await city.write({"id": "urn:t:1", "type": "Thing", "m": 3, "n": 2})
    await city.graph.delete(city.everything, ["urn:t:1"])
    assert parts == [set(), set(), {"values"}, set(), {"values", "values_gone"}, {"values_gone"}]
