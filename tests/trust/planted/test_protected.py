"""Is a protected person (DV等支援措置) revealed by nothing that staff may see of an area, and still served by what they agreed to?"""

from datetime import timedelta

import pytest_asyncio

from kairo.context.gate import DataClass, Scope
from kairo.context.granting import Grant, give
from tests.trust.identity.town import BY, Town
from tests.trust.planted.world import KNOWN, PARTNER, SECRET, TYPE, Planted, planted

OPEN = frozenset({DataClass.OPEN})


@pytest_asyncio.fixture
async def world(city: Town) -> Planted:
    async with planted(city) as found:
        await found.measure("a")
        return found


async def area_grant(world: Planted, principal: str) -> None:
    """Everything of the type in the whole municipality, as a role gives it."""
    now = world.town.clock()
    one = Grant(f"role:{principal}", principal, "health", (TYPE,), "role:1", now - timedelta(1), now + timedelta(1), area="")
    async with world.town.kairo.database.unit(world.town.tenant) as unit:
        await give(unit, one, now, by=BY)


async def test_an_area_reveals_them_no_more(world: Planted) -> None:
    nurse = await world.town.staff("保健 めぐみ")
    await area_grant(world, nurse.principal)
    graph, scope = world.town.kairo.graph, Scope(world.town.tenant, nurse.principal, "health", OPEN, by_grants=True)
    assert await graph.get(scope, world.id) is not None
    await world.town.identity.accounts.protect(world.mother.key, by=BY, reason="支援措置")
    assert await graph.get(scope, world.id) is None
    assert (await graph.find(scope, TYPE)).docs == []
    assert await graph.count(scope, TYPE) == 0
    assert await graph.count(scope, TYPE, f"!{SECRET}") == 0
    assert await graph.past.target(scope, world.id) is None

    own = Scope(world.town.tenant, world.mother.principal, "family", OPEN, by_grants=True, persons=(world.mother.person,))
    assert await graph.get(own, world.id) is not None
    await world.agrees(PARTNER, "care", KNOWN)
    partner = Scope(world.town.tenant, PARTNER, "care", OPEN, by_grants=True)
    assert set(await graph.get(partner, world.id) or {}) == {"id", "type", KNOWN}

    await world.town.identity.accounts.protect(world.mother.key, by=BY, reason="支援措置の終了", is_protected=False)
    assert await graph.get(scope, world.id) is not None


async def test_who_is_protected_from_the_first_day(world: Planted) -> None:
    nurse = await world.town.staff("保健 めぐみ")
    await area_grant(world, nurse.principal)
    person = await world.town.resident("守 られる", is_protected=True)
    doc = {"id": "urn:signs:x", "type": TYPE, "person": {"type": "Relationship", "object": person.person}, KNOWN: 1}
    await world.town.kairo.graph.upsert(world.city, [doc])
    scope = Scope(world.town.tenant, nurse.principal, "health", OPEN, by_grants=True)
    assert [one["id"] for one in (await world.town.kairo.graph.find(scope, TYPE)).docs] == [world.id]
