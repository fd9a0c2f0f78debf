"""Does an emergency release open at once, end by itself without a second officer, and reach whom it concerned; and a drill nobody?"""

from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio

from kairo.context.granting import given_to
from kairo.errors import BadRequestData, Forbidden, OutOfDate, ResourceNotFound
from kairo.platform.db import Database
from kairo.trust.emergency.rules import Item, Opening, State
from kairo.trust.emergency.service import Emergency
from kairo.trust.roles.permissions import Standing
from tests.trust.roles.town import (
    ANNA,
    AYA,
    BEN,
    DECLARED,
    KENJI,
    MARI,
    NOW,
    Moment,
    administrator,
    city,
    graph_of,
    people,
    sees,
    staff,
)

_numbers = count(1)
LISTED = Item("Resident", ("name", "telephone"))
OPENED = {"name", "telephone"}


def officer(tenant: str, principal: str) -> Standing:
    return Standing(tenant, principal, "disaster", frozenset({"open-emergency", "confirm"}))


def opening(**more: object) -> Opening:
    known = {"reason": "earthquake", "area": "", "recipients": (AYA,), "items": (LISTED,), "until": NOW + timedelta(days=1)}
    return Opening(**{**known, "is_drill": False, "in_disaster": True, "for_life": True, **more})  # type: ignore[arg-type]


class Town:
    """A town of its own for each test."""

    def __init__(self, database: Database) -> None:
        self.tenant = f"emergency_{next(_numbers)}"
        self.clock = Moment()
        self.database = database
        self.graph = graph_of(database, self.clock)
        self.emergency = Emergency(database, DECLARED, self.clock)
        self.mari, self.kenji = officer(self.tenant, MARI), officer(self.tenant, KENJI)

    async def seen(self, principal: str = AYA, id: str = ANNA, purpose: str = "emergency") -> set[str]:
        return await sees(self.graph, staff(self.tenant, principal, purpose), id)

    async def state(self) -> State:
        return (await self.emergency.latest(self.tenant))[0][1]

    async def done(self) -> list[tuple[str, str]]:
        sql = "SELECT principal, operation FROM change WHERE tenant = $1 AND operation NOT IN ('create', 'upsert') ORDER BY seq"
        return [tuple(row.values()) for row in await self.database.fetch(self.tenant, sql, self.tenant)]

    async def told(self, person: str) -> list[str]:
        return [one.id for one in await self.emergency.notices_for(self.tenant, person)]


@pytest_asyncio.fixture
async def town(database: Database) -> Town:
    made = Town(database)
    await people(made.graph, made.tenant)
    return made


async def test_it_opens_at_once_for_its_recipients_and_its_items(town: Town) -> None:
    await town.emergency.open(town.mari, opening())
    assert await town.seen() == OPENED
    assert await town.seen(id=BEN) == OPENED
    assert await town.seen(KENJI) == await town.seen(purpose="counter") == await town.seen(id="urn:plan") == set()


async def test_without_a_second_officer_it_ends_by_itself(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening())
    town.clock.passes(minutes=14, seconds=59)
    assert await town.seen() == OPENED
    town.clock.passes(seconds=1)
    assert await town.seen() == set()
    assert await town.state() is State.LAPSED
    with pytest.raises(OutOfDate):
        await town.emergency.confirm(town.kenji, one.id)
    assert await town.seen() == set()


async def test_confirmed_it_goes_on_to_its_end(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening())
    town.clock.passes(minutes=14)
    for refused in (town.mari, officer(town.tenant, MARI)):
        with pytest.raises(Forbidden):
            await town.emergency.confirm(refused, one.id)
    await town.emergency.confirm(town.kenji, one.id)
    town.clock.passes(hours=23)
    assert await town.seen() == OPENED
    with pytest.raises(OutOfDate):
        await town.emergency.confirm(administrator(town.tenant), one.id)
    town.clock.now = one.until
    assert await town.seen() == set()
    assert await town.state() is State.OVER


@pytest.mark.parametrize("confirmed", [False, True])
async def test_closing_ends_it_at_once(town: Town, confirmed: bool) -> None:
    one = await town.emergency.open(town.mari, opening())
    if confirmed:
        await town.emergency.confirm(town.kenji, one.id)
    await town.emergency.close(town.kenji, one.id)
    assert await town.seen() == set()
    assert await town.state() is State.CLOSED
    for again in (town.emergency.close, town.emergency.confirm):
        with pytest.raises(OutOfDate):
            await again(town.kenji, one.id)
    async with town.database.reading(town.tenant) as connection:
        assert await given_to(connection, town.tenant, AYA) == []


async def test_everything_is_recorded(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening())
    await town.emergency.confirm(town.kenji, one.id)
    await town.emergency.close(town.mari, one.id)
    mari, kenji = [(MARI, f"emergency-{did}") for did in ("open", "close")], (KENJI, "emergency-confirm")
    assert await town.done() == [
        mari[0],
        (MARI, "grant"),
        kenji,
        (KENJI, "withdraw"),
        (KENJI, "grant"),
        mari[1],
        (MARI, "withdraw"),
    ]


async def test_an_area_bounds_who_is_read_and_who_is_told(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening(area="/north"))
    assert await town.seen(id=ANNA) == OPENED
    assert await town.seen(id=BEN) == set()
    await town.emergency.close(town.mari, one.id)
    assert (await town.told(ANNA), await town.told(BEN)) == ([one.id], [])


async def test_residents_are_told_when_it_is_over(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening())
    assert await town.told(ANNA) == []
    await town.graph.upsert(city(town.tenant), [{"id": "urn:ngsi-ld:Resident:chie", "type": "Resident", "name": "Chie"}])
    await town.graph.upsert(city(town.tenant), [{"id": "urn:ngsi-ld:Resident:dan", "type": "Resident", "care": "none"}])
    await town.emergency.confirm(town.kenji, one.id)
    assert await town.told(ANNA) == []
    town.clock.now = one.until
    (notice,) = await town.emergency.notices_for(town.tenant, ANNA)
    assert (notice.reason, notice.ended_at, notice.was_confirmed, notice.items) == ("earthquake", one.until, True, (LISTED,))
    assert await town.told("urn:ngsi-ld:Resident:chie") == [one.id], "who came while it ran"
    assert await town.told("urn:ngsi-ld:Resident:dan") == [], "nothing of what was released is about them"


async def test_who_was_readable_until_nobody_confirmed_is_told_too(town: Town) -> None:
    await town.emergency.open(town.mari, opening())
    town.clock.passes(minutes=15)
    (notice,) = await town.emergency.notices_for(town.tenant, BEN)
    assert (notice.was_confirmed, notice.ended_at) == (False, NOW + timedelta(minutes=15))


async def test_an_item_of_its_own_basis_concerns_those_whom_it_is_about(town: Town) -> None:
    plan = Item("Plan", ("phone",), "by-law", "消防法 2条9項")
    one = await town.emergency.open(town.mari, opening(items=(plan,)))
    assert await town.seen(id="urn:plan") == {"phone"}
    await town.emergency.close(town.mari, one.id)
    assert (await town.told(ANNA), await town.told(BEN)) == ([one.id], [one.id])


async def test_a_drill_takes_the_same_steps_and_releases_nothing(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening(is_drill=True))
    assert [each.id for each in await town.emergency.naming(town.tenant, AYA)] == [one.id]
    assert one.purpose == "emergency-drill"
    for purpose in ("emergency", "emergency-drill"):
        assert await town.seen(purpose=purpose) == set()
    assert [each.id for each in await town.emergency.waiting(town.kenji)] == [one.id]
    await town.emergency.confirm(town.kenji, one.id)
    assert await town.seen() == await town.seen(purpose="emergency-drill") == set()
    await town.emergency.close(town.mari, one.id)
    assert await town.told(ANNA) == []
    assert [did for _, did in await town.done()] == ["emergency-drill-open", "emergency-drill-confirm", "emergency-drill-close"]
    async with town.database.reading(town.tenant) as connection:
        assert await given_to(connection, town.tenant, AYA) == []


async def test_who_was_named_finds_it_while_it_runs(town: Town) -> None:
    one = await town.emergency.open(town.mari, opening())
    assert [each.id for each in await town.emergency.naming(town.tenant, AYA)] == [one.id]
    assert await town.emergency.naming(town.tenant, KENJI) == []
    assert await town.emergency.waiting(town.mari) == []
    town.clock.passes(minutes=15)
    assert await town.emergency.naming(town.tenant, AYA) == await town.emergency.waiting(town.kenji) == []


async def test_who_may_not_open_leaves_nothing(town: Town) -> None:
    confirms_alone = Standing(town.tenant, AYA, "roles", frozenset({"confirm"}))
    with pytest.raises(Forbidden):
        await town.emergency.open(confirms_alone, opening())
    with pytest.raises(BadRequestData):
        await town.emergency.open(town.mari, opening(reason=""))
    with pytest.raises(ResourceNotFound):
        await town.emergency.confirm(town.kenji, "none")
    assert await town.done() == []
    assert await town.seen() == set()


async def test_a_moment_before_its_end_nothing_is_left_to_give(town: Town) -> None:
    """Grants hold for whole seconds; confirming in the last one gives none and breaks nothing."""
    one = await town.emergency.open(town.mari, opening(until=NOW + timedelta(minutes=2, milliseconds=900)))
    town.clock.passes(minutes=2, milliseconds=500)
    await town.emergency.confirm(town.kenji, one.id)
    assert await town.seen() == set()
