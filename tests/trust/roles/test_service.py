"""Does a role open what it reads, to whom it was given, for its purpose and its time; and nothing before a second person said so?"""

from datetime import timedelta
from itertools import count

import pytest
import pytest_asyncio

from kairo.context.granting import given_to
from kairo.context.graph import Graph
from kairo.errors import BadRequestData, Forbidden, OutOfDate, ResourceNotFound, Unauthenticated
from kairo.platform.db import Database
from kairo.trust.roles.rules import State
from kairo.trust.roles.service import Roles
from tests.trust.roles.town import (
    ADMINISTRATOR,
    ANNA,
    AYA,
    BEN,
    KENJI,
    MARI,
    NOW,
    Moment,
    administrator,
    city,
    graph_of,
    officer,
    people,
    roles_of,
    sees,
    staff,
    wanted,
)

_numbers = count(1)


class Town:
    """A town of its own for each test."""

    def __init__(self, database: Database) -> None:
        self.tenant = f"roles_{next(_numbers)}"
        self.clock = Moment()
        self.database = database
        self.graph: Graph = graph_of(database, self.clock)
        self.roles: Roles = roles_of(database, self.clock)

    async def seen(self, principal: str, purpose: str, id: str = ANNA) -> set[str]:
        return await sees(self.graph, staff(self.tenant, principal, purpose), id)

    async def done(self) -> list[tuple[str, str, str]]:
        sql = "SELECT principal, operation, entity FROM change WHERE tenant = $1 AND operation NOT IN ('create', 'upsert') ORDER BY seq"
        return [tuple(row.values()) for row in await self.database.fetch(self.tenant, sql, self.tenant)]


@pytest_asyncio.fixture
async def town(database: Database) -> Town:
    made = Town(database)
    await people(made.graph, made.tenant)
    return made


async def test_a_clerk_sees_what_the_role_reads_under_its_purpose_and_until_its_end(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted())
    assert one.confirm_by is None
    assert await town.seen(AYA, "counter") == {"name", "telephone"}
    assert await town.seen(AYA, "counter", BEN) == {"name", "telephone"}, (
        "the whole municipality: entities without a scope, too"
    )
    assert await town.seen(AYA, "") == await town.seen(AYA, "care") == await town.seen(KENJI, "counter") == set()
    town.clock.now = one.until - timedelta(seconds=1)
    assert await town.seen(AYA, "counter") == {"name", "telephone"}
    town.clock.now = one.until
    assert await town.seen(AYA, "counter") == set()


async def test_it_begins_when_it_begins(town: Town) -> None:
    await town.roles.propose(officer(town.tenant, MARI), wanted(since=NOW + timedelta(days=1)))
    assert await town.seen(AYA, "counter") == set()
    assert await town.roles.duties(town.tenant, AYA) == []
    town.clock.passes(days=1)
    assert await town.seen(AYA, "counter") == {"name", "telephone"}
    assert len(await town.roles.duties(town.tenant, AYA)) == 1


async def test_an_area_bounds_it(town: Town) -> None:
    await town.roles.propose(officer(town.tenant, MARI), wanted(area="/north"))
    assert await town.seen(AYA, "counter", ANNA) == {"name", "telephone"}
    assert await town.seen(AYA, "counter", BEN) == set()


async def test_its_end_takes_it_back_at_once(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted())
    other = await town.roles.propose(officer(town.tenant, MARI), wanted(KENJI))
    await town.roles.end(officer(town.tenant, MARI), one.id)
    assert await town.seen(AYA, "counter") == set()
    assert await town.seen(KENJI, "counter") == {"name", "telephone"}
    assert await town.done() == [
        (MARI, "role-give", one.id),
        (MARI, "grant", f"role:{one.id}:1"),
        (MARI, "role-give", other.id),
        (MARI, "grant", f"role:{other.id}:1"),
        (MARI, "role-end", one.id),
        (MARI, "withdraw", f"role:{one.id}:1"),
    ]
    with pytest.raises(OutOfDate):
        await town.roles.end(officer(town.tenant, MARI), one.id)


async def test_two_roles_for_one_purpose_end_apart(town: Town) -> None:
    await town.roles.propose(officer(town.tenant, MARI), wanted())
    wide = await town.roles.propose(officer(town.tenant, MARI), wanted(role="carer", purpose="counter"))
    await town.roles.confirm(officer(town.tenant, KENJI), wide.id)
    assert await town.seen(AYA, "counter") == {"name", "telephone", "care", "scope"}
    await town.roles.end(officer(town.tenant, MARI), wide.id)
    assert await town.seen(AYA, "counter") == {"name", "telephone"}


async def test_what_is_dangerous_holds_from_the_second_word_on(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted(role="carer"))
    assert await town.seen(AYA, "care") == set()
    assert [each.id for each in await town.roles.waiting(officer(town.tenant, KENJI))] == [one.id]
    for refused in (MARI, AYA):
        assert await town.roles.waiting(officer(town.tenant, refused)) == []
        with pytest.raises(Forbidden):
            await town.roles.confirm(officer(town.tenant, refused), one.id)
    assert await town.seen(AYA, "care") == set()
    town.clock.passes(hours=71)
    await town.roles.confirm(officer(town.tenant, KENJI), one.id)
    assert await town.seen(AYA, "care") == {"name", "telephone", "care", "scope"}
    with pytest.raises(OutOfDate):
        await town.roles.confirm(administrator(town.tenant), one.id)
    assert [did for _, did, _ in await town.done()] == ["role-propose", "role-confirm", "grant", "grant"]


async def test_a_proposal_that_nobody_confirmed_in_time_is_over(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted(role="carer"))
    town.clock.passes(hours=72)
    assert await town.roles.waiting(officer(town.tenant, KENJI)) == []
    with pytest.raises(OutOfDate):
        await town.roles.confirm(officer(town.tenant, KENJI), one.id)
    assert [state for _, state in await town.roles.all(town.tenant)] == [State.LAPSED]
    async with town.database.reading(town.tenant) as connection:
        assert await given_to(connection, town.tenant, AYA) == []


async def test_a_refused_proposal_stays_refused(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted(role="carer"))
    await town.roles.end(officer(town.tenant, KENJI), one.id)
    with pytest.raises(OutOfDate):
        await town.roles.confirm(administrator(town.tenant), one.id)


async def test_the_first_officer_is_made_by_the_administrator_alone_and_the_next_is_not(town: Town) -> None:
    first = await town.roles.propose(administrator(town.tenant), wanted(MARI, "officer"))
    assert first.confirm_by is None
    second = await town.roles.propose(administrator(town.tenant), wanted(KENJI, "officer"))
    assert second.confirm_by is not None
    with pytest.raises(Forbidden):
        await town.roles.confirm(administrator(town.tenant), second.id)
    mari = await town.roles.standing(staff(town.tenant, MARI, "roles"))
    assert mari.may("grant-roles")
    await town.roles.confirm(mari, second.id)
    assert {one.principal: state for one, state in await town.roles.all(town.tenant)} == {
        MARI: State.IN_FORCE,
        KENJI: State.IN_FORCE,
    }
    third = await town.roles.propose(mari, wanted(AYA, "carer"))
    assert (await town.roles.confirm(administrator(town.tenant), third.id)).confirmed_by == ADMINISTRATOR


async def test_a_role_that_reads_something_is_never_given_alone(town: Town) -> None:
    assert (await town.roles.propose(administrator(town.tenant), wanted(MARI, "carer"))).confirm_by is not None


async def test_without_the_duty_there_is_no_power(town: Town) -> None:
    await town.roles.propose(administrator(town.tenant), wanted(MARI, "officer"))
    for purpose in ("", "counter"):
        idle = await town.roles.standing(staff(town.tenant, MARI, purpose))
        with pytest.raises(Forbidden):
            await town.roles.propose(idle, wanted())
    nobody = await town.roles.standing(staff(town.tenant, "anonymous:", "roles"))
    with pytest.raises(Unauthenticated):
        await town.roles.propose(nobody, wanted())


async def test_everyone_lays_down_their_own_role_and_no_other(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted())
    aya, kenji = [await town.roles.standing(staff(town.tenant, each, "counter")) for each in (AYA, KENJI)]
    with pytest.raises(Forbidden):
        await town.roles.end(kenji, one.id)
    with pytest.raises(Forbidden):
        await town.roles.end(kenji, "none")  # the same words as for one that is there
    await town.roles.end(aya, one.id)
    assert await town.seen(AYA, "counter") == set()


async def test_a_duty_is_chosen_among_ones_own(town: Town) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted())
    aya, kenji = [await town.roles.standing(staff(town.tenant, each)) for each in (AYA, KENJI)]
    assert (await town.roles.duty(aya, one.id)).purpose == "counter"
    with pytest.raises(ResourceNotFound):
        await town.roles.duty(kenji, one.id)


async def test_a_bad_proposal_says_all_that_is_wrong_and_leaves_nothing(town: Town) -> None:
    with pytest.raises(BadRequestData) as caught:
        await town.roles.propose(officer(town.tenant, MARI), wanted("resident:x", reason="", department=""))
    for word in ("reason", "staff", "department"):
        assert word in caught.value.detail
    with pytest.raises(BadRequestData):
        await town.roles.propose(officer(town.tenant, MARI), wanted(role="clerk", purpose="x"))
    with pytest.raises(BadRequestData):
        await town.roles.propose(officer(town.tenant, MARI), wanted(area="x"))
    assert await town.roles.all(town.tenant) == []
    assert await town.done() == []


async def test_one_town_does_not_see_anothers_roles(town: Town, database: Database) -> None:
    one = await town.roles.propose(officer(town.tenant, MARI), wanted())
    other = Town(database)
    await other.graph.upsert(city(other.tenant), [{"id": BEN, "type": "Resident", "name": "Ben"}])
    assert await other.roles.all(other.tenant) == []
    with pytest.raises(ResourceNotFound):
        await other.roles.confirm(officer(other.tenant, KENJI), one.id)
    assert await other.seen(AYA, "counter", BEN) == set()
