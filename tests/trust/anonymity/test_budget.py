"""Is the privacy budget never overspent, and does the same question always get the same answer?"""

import asyncio
import itertools
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Scope
from kairo.errors import BadRequestData, Forbidden, TooManyRequests
from kairo.platform.db import Database
from kairo.trust.anonymity.noise import Noise
from kairo.trust.anonymity.noisy import period_of
from kairo.trust.anonymity.tables import Answer
from tests.conftest import run_apart
from tests.trust.anonymity.world import NOW, World, city, resident

_tenants = (f"budget_{number}" for number in itertools.count())


@pytest.fixture
def tenant() -> str:
    return next(_tenants)


def numbers(answer: Answer) -> list[int]:
    return [cell["persons"] for cell in answer.cells]


async def spent(world: World, tenant: str) -> int:
    return next(one.spent for one in await world.noisy.budgets(tenant) if one.population == "Resident")


async def test_the_same_question_gets_the_same_answer_for_nothing(database: Database, tenant: str) -> None:
    world = World(database, noise=Noise(random.Random(1).randrange))
    await world.put(tenant, [resident(number, needsCare=number < 30) for number in range(50)])
    answers = [await world.noisy.ask(city(tenant), "Resident", ["needsCare"], [], 500) for _ in range(5)]
    assert len({tuple(numbers(one)) for one in answers}) == 1
    assert await spent(world, tenant) == 500
    assert len(world.processed) == 1, "nobody's data were gone through again"
    assert [axis.written for axis in answers[0].axes] == ["needsCare"]
    assert all(abs(found - true) < 30 for found, true in zip(numbers(answers[0]), (30, 20, 0), strict=True))


async def test_an_empty_budget_refuses_and_says_so(database: Database, tenant: str) -> None:
    world = World(database, privacy_budget=1000)
    await world.put(tenant, [resident(1, needsCare=True)])
    await world.noisy.ask(city(tenant), "Resident", ["needsCare"], [], 800)
    with pytest.raises(TooManyRequests) as refused:
        await world.noisy.ask(city(tenant), "Resident", ["birthDate/10"], [], 300)
    assert "0.2 left" in refused.value.detail
    assert "0.2" in str(refused.value.detail_ja)
    assert await spent(world, tenant) == 800
    await world.noisy.ask(city(tenant), "Resident", ["birthDate/10"], [], 200)
    await world.noisy.ask(city(tenant), "Resident", ["needsCare"], [], 800)  # kept: costs nothing
    world.now = datetime(2027, 4, 1, tzinfo=UTC)
    assert await spent(world, tenant) == 0, "a new fiscal year"


async def test_two_at_once_cannot_overspend(database: Database, tenant: str) -> None:
    world = World(database, privacy_budget=1000)
    await world.put(tenant, [resident(1, needsCare=True)])
    asked = [(["needsCare"], 600), (["birthDate/10"], 600), (["birthDate/20"], 600)]
    found = await asyncio.gather(
        *(world.noisy.ask(city(tenant), "Resident", one, [], epsilon) for one, epsilon in asked), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in found) == ["Answer", "TooManyRequests", "TooManyRequests"]
    assert await spent(world, tenant) == 600


async def test_one_question_twice_at_once_is_answered_once(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [resident(1, needsCare=True)])
    found = await asyncio.gather(*(world.noisy.ask(city(tenant), "Resident", ["needsCare"], [], 100) for _ in range(4)))
    assert len({tuple(numbers(one)) for one in found}) == 1
    assert await spent(world, tenant) == 100


@given(st.lists(st.tuples(st.sampled_from([5, 10, 20, 25, 50]), st.integers(1, 700)), max_size=8), st.integers(0, 1500))
@settings(max_examples=15, deadline=None)
def test_whatever_is_asked_the_budget_holds(database_url: str, asked: list[tuple[int, int]], budget: int) -> None:
    tenant = next(_tenants)

    async def work() -> None:
        async with await Database.open(database_url) as database:
            world = World(database, privacy_budget=budget)
            await world.put(tenant, [resident(1, birthDate="1950-01-01")])
            paid: dict[tuple[int, int], list[int]] = {}
            for width, epsilon in asked:
                left = budget - sum(one[1] for one in paid)
                try:
                    answer = await world.noisy.ask(city(tenant), "Resident", [f"birthDate/{width}"], [], epsilon)
                except TooManyRequests:
                    assert (width, epsilon) not in paid
                    assert epsilon > left
                else:
                    assert (width, epsilon) in paid or epsilon <= left
                    assert paid.setdefault((width, epsilon), numbers(answer)) == numbers(answer)
                assert await spent(world, tenant) == sum(one[1] for one in paid) <= budget
            await world.graph.close()

    run_apart(work())


async def test_nobody_at_all_gets_noise_too(database: Database, tenant: str) -> None:
    """An empty population looks like any other: which lines there are does not come from the data."""
    world = World(database, noise=Noise(random.Random(2).randrange))
    await world.put(tenant, [])
    answer = await world.noisy.ask(city(tenant), "Resident", ["birthDate/10"], [], 100)
    assert len(answer.cells) == 12
    assert any(numbers(answer))


@pytest.mark.parametrize("dimension", ["household", "income/100", "district^city"])
async def test_lines_that_would_come_from_the_data_are_refused(database: Database, tenant: str, dimension: str) -> None:
    world = World(database)
    await world.put(tenant, [resident(1, household="alone", income=5, district="ogori")])
    with pytest.raises(BadRequestData, match="would come from the data"):
        await world.noisy.ask(city(tenant), "Resident", [dimension], [], 100)
    assert await spent(world, tenant) == 0


@pytest.mark.parametrize("epsilon", [0, -1, 5001])
async def test_no_such_epsilon(database: Database, tenant: str, epsilon: int) -> None:
    with pytest.raises(BadRequestData):
        await World(database).noisy.ask(city(tenant), "Resident", ["needsCare"], [], epsilon)


async def test_staff_alone(database: Database, tenant: str) -> None:
    scope = Scope(tenant, "staff:ab", "counter", frozenset({DataClass.OPEN}), by_grants=True)
    with pytest.raises(Forbidden):
        await World(database).noisy.ask(scope, "Resident", ["needsCare"], [], 100)


def test_the_fiscal_year_begins_in_april_in_japan() -> None:
    assert period_of(NOW) == "2026"
    assert period_of(datetime(2026, 3, 31, 14, 59, tzinfo=UTC)) == "2025"
    assert period_of(datetime(2026, 3, 31, 15, tzinfo=UTC)) == "2026"
