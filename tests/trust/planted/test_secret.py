"""Does a secret appear exactly where it may? Before anyone agreed, with consent, after it was withdrawn; by every route and parameter.

Two laws: it is in no answer to those who may not see it; and nothing in any answer to them changes when the secret does.
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.trust.identity.town import Town
from tests.trust.planted.world import KNOWN, PARTNER, SECRET, Planted, answer, planted, readings

FIRST, SECOND = "himitsu-aaa", "himitsu-bbb"
MAY_WITHOUT = {"mother"}


@pytest_asyncio.fixture
async def world(city: Town) -> AsyncIterator[Planted]:
    async with planted(city) as found:
        yield found


async def drive(world: Planted, may: set[str]) -> dict[str, int]:
    """Asks everything as everyone, with the one secret and with the other; in how many answers each asker found it."""
    asked = readings(world, FIRST)
    assert len(asked) > 200
    told: dict[str, dict[str, tuple[int, str]]] = {}
    found: dict[str, int] = {}
    await world.measure(FIRST)
    for who, asker in world.askers.items():
        told[who] = {str(one): await answer(asker, one) for one in asked}
        shown = [
            name for name, (_, text) in told[who].items() if FIRST in text and FIRST not in name
        ]  # what they said themselves
        assert who in may or not shown, (who, shown)
        found[who] = len(shown)
    world.town.clock.pass_(minutes=1)
    await world.measure(SECOND)
    for who, asker in world.askers.items():
        if who in may:
            continue
        for one in asked:
            again = await answer(asker, one)
            assert again == told[who][str(one)], f"{who} can tell that the secret changed by {one}"
    for name, (status, _) in [(name, got) for per in told.values() for name, got in per.items()]:
        assert status < 500, name
    return found


async def test_before_anyone_agreed(world: Planted) -> None:
    found = await drive(world, MAY_WITHOUT)
    assert found["mother"] > 10


async def test_who_agreed_to_one_thing_agreed_to_that_alone(world: Planted) -> None:
    await world.agrees(PARTNER, "application", "person", KNOWN)
    await world.agrees(world.son.principal, "family", "person", KNOWN)  # type: ignore[attr-defined]
    await drive(world, MAY_WITHOUT)


async def test_with_consent_and_after_it_was_withdrawn(world: Planted) -> None:
    son = world.son.principal  # type: ignore[attr-defined]
    await world.agrees(PARTNER, "application", "person", SECRET)
    await world.agrees(son, "family", "person", SECRET)
    found = await drive(world, {*MAY_WITHOUT, "partner", "son"})
    assert min(found[who] for who in ("mother", "partner", "son")) > 10, found
    await world.withdraws(PARTNER, "application")
    await world.withdraws(son, "family")
    await drive(world, MAY_WITHOUT)
