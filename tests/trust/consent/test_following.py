"""What becomes of consents when a life changes? Nobody reads by them who died, moved out or closed the account; nor a protected person."""

from dataclasses import replace

import pytest

from kairo.trust.consent.rules import Act, Channel
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Status
from tests.trust.consent.acting import asked, events, given, me
from tests.trust.consent.people import MOTHER, NAMES, NEIGHBOUR, PARTNERS, SON, City, key_of

CLERK = "staff:1"


def account(person: str, kind: str = "resident") -> Account:
    return Account(key_of(person), kind, NAMES[person])


async def happen(town: City, before: Account, after: Account) -> None:
    """A change of an account, with what follows from it."""
    async with town.database.unit(town.tenant) as unit:
        await town.service.follow(unit, before, after, town.now, CLERK)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
@pytest.mark.parametrize("who", [MOTHER, SON])
async def test_it_ends_with_either_side(town: City, who: str, status: Status) -> None:
    one = await given(town)
    await happen(town, account(who), replace(account(who), status=status))
    assert await town.grants() == []
    last = (await events(town, one.id))[-1]
    assert (last.act, last.principal, last.channel) == (Act.WITHDRAW, CLERK, Channel.PROGRAM)


@pytest.mark.parametrize("who", [MOTHER, SON, NEIGHBOUR])
async def test_other_changes_and_other_people_end_nothing(town: City, who: str) -> None:
    await given(town)
    await happen(town, account(who), replace(account(who), ial=2))
    if who == NEIGHBOUR:
        await happen(town, account(who), replace(account(who), status=Status.DEAD, is_protected=True))
    await happen(town, account(MOTHER, "staff"), replace(account(MOTHER, "staff"), status=Status.CLOSED))
    assert len(await town.grants()) == 1


async def test_a_protected_person_is_seen_by_no_other_resident_until_they_agree_anew(town: City) -> None:
    await given(town)
    request = await asked(town)
    await town.service.answer(me(town, MOTHER), request.id, town.terms("phone", text=PARTNERS))
    protected = replace(account(MOTHER), is_protected=True)
    await happen(town, account(MOTHER), protected)
    assert {grant.principal for grant in await town.grants()} == {"application:partner"}
    again = await given(town)
    await happen(town, protected, replace(protected, ial=2))
    assert f"consent:{again.id}" in {grant.basis for grant in await town.grants()}


async def test_what_is_over_already_is_left_to_its_end(town: City) -> None:
    one = await given(town, days=5)
    town.pass_time(days=6)
    await happen(town, account(MOTHER), replace(account(MOTHER), status=Status.DEAD))
    assert len(await events(town, one.id)) == 1
