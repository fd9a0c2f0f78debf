"""Which scope does each kind of asker get, and does it end with what it stands on? A truth table, and what may not be remembered."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kairo.context.gate import DataClass, Scope
from kairo.platform.clock import TOKYO
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event, of_age_at
from kairo.trust.identity.mandates.rules import Kind
from kairo.trust.identity.principals import Principal
from tests.trust.identity.town import BY, Town

OPEN = frozenset({DataClass.OPEN})


async def scope(city: Town, secret: str, tenant: str = "", *, cookies: bool = True) -> Scope:
    return await city.kairo.gate.scope({"cookie": f"{SESSION_COOKIE}={secret}"}, tenant or city.tenant, cookies=cookies)


async def test_a_resident_reads_what_is_open_about_them_and_granted(city: Town) -> None:
    one = await city.resident()
    assert await scope(city, await city.session(one)) == Scope(
        city.tenant, one.principal, "family", OPEN, by_grants=True, persons=(one.person,)
    )


async def test_staff_have_no_purpose_until_they_choose_one(city: Town) -> None:
    one = await city.staff()
    secret = await city.session(one)
    before = Scope(city.tenant, one.principal, "", OPEN, by_grants=True)
    assert await scope(city, secret) == before
    session = await city.identity.sessions.find(secret)
    assert session is not None
    await city.identity.sessions.set_purpose(session, "counter")
    assert await scope(city, secret) == replace(before, purpose="counter")
    other = await city.session(one)
    assert await scope(city, other) == before, "another session of theirs has not chosen"


@pytest.mark.parametrize(
    ("event", "resident", "staff"),
    [(None, True, True), (Event.MOVED_OUT, True, None), (Event.DIED, False, None), (Event.CLOSED, False, False)],
)
async def test_what_is_left_of_an_account_in_each_state(
    city: Town, event: Event | None, resident: bool, staff: bool | None
) -> None:
    for account, left in ((await city.resident(), resident), (await city.staff(), staff)):
        if left is None:
            continue
        secret = await city.session(account)
        if event is not None:
            await city.identity.accounts.happen(account.key, event, by=BY, reason="test")
        held = await scope(city, secret)
        assert held.by_grants is left
        assert held.principal == (account.principal if left else "anonymous:")
        standing = await city.kairo.gate.standing(account.principal, city.tenant)
        assert (standing is not None) is left
        assert standing is None or standing == replace(held, purpose="family" if account.kind == "resident" else "")


async def test_nobody_has_a_standing_whom_nobody_knows(city: Town) -> None:
    for principal in ("resident:0123456789abcdef", "staff:x", "resident:", "staff", f"staff:{(await city.resident()).key}"):
        assert await city.kairo.gate.standing(principal, city.tenant) is None


async def test_in_another_municipality_an_account_is_a_stranger(city: Town) -> None:
    for account in (await city.resident(), await city.staff()):
        held = await scope(city, await city.session(account), "352063")
        assert (held.by_grants, held.persons, held.read_classes) == (False, (), OPEN)
        standing = await city.kairo.gate.standing(account.principal, "352063")
        assert standing is not None
        assert (standing.by_grants, standing.persons) == (False, ())


async def test_a_session_writes_nothing_through_the_api(city: Town) -> None:
    secret = await city.session(await city.resident())
    assert (await scope(city, secret, cookies=False)).principal == "anonymous:"
    assert (await scope(city, secret)).write_classes == frozenset()


async def family(city: Town) -> tuple[Account, Account]:
    """A parent and a child who comes of age on 1 April 2027."""
    born = (city.clock().astimezone(TOKYO).date()).replace(year=2009, month=4, day=1)
    parent, child = await city.resident("例 親"), await city.resident("例 子", born_on=born)
    await city.identity.mandates.make(Kind.PARENTAL, person=child.key, proxy=parent.key, by=BY, evidence="戸籍")
    return parent, child


async def test_a_parent_acts_for_a_child_until_the_second_it_is_of_age(city: Town) -> None:
    parent, child = await family(city)
    assert child.born_on is not None
    secret = await city.session(parent)
    assert (await scope(city, secret)).persons == (parent.person, child.person)
    city.clock.now = of_age_at(child.born_on) - timedelta(seconds=1)
    secret = await city.session(parent)
    assert (await scope(city, secret)).persons == (parent.person, child.person)
    city.clock.now = of_age_at(child.born_on)
    assert (await scope(city, secret)).persons == (parent.person,)
    standing = await city.kairo.gate.standing(parent.principal, city.tenant)
    assert standing is not None
    assert standing.persons == (parent.person,)


@pytest.mark.parametrize("whose", ["parent", "child"])
@pytest.mark.parametrize("event", [Event.MOVED_OUT, Event.CLOSED, "protected"])
async def test_nobody_is_represented_who_or_whose_proxy_has_gone_or_is_protected(
    city: Town, whose: str, event: Event | str
) -> None:
    parent, child = await family(city)
    secret = await city.session(parent)
    key = parent.key if whose == "parent" else child.key
    if isinstance(event, Event):
        await city.identity.accounts.happen(key, event, by=BY, reason="test")
    else:
        await city.identity.accounts.protect(key, by=BY, reason="test")
    assert child.person not in (await scope(city, secret)).persons


async def test_what_one_worker_revokes_is_over_in_another_at_once(city: Town) -> None:
    """Another worker is another Credentials on the same database; it has just believed the session."""
    from kairo.trust.gate import CityGate
    from kairo.trust.identity import Credentials

    one = await city.resident()
    secret = await city.session(one)
    elsewhere = CityGate(Credentials(city.kairo.database, city.tenant, city.clock))
    headers = {"cookie": f"{SESSION_COOKIE}={secret}"}
    assert (await elsewhere.scope(headers, city.tenant)).persons == (one.person,)
    await city.identity.sessions.revoke_all(Principal.named(one.principal))
    assert (await elsewhere.scope(headers, city.tenant)).persons == ()
