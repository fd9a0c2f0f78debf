"""Does a session last as long as it should and no longer, and does only its owner see and end it?"""

from datetime import timedelta

import pytest

from kairo.errors import Forbidden, ResourceNotFound, SignInNeeded
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.principals import Principal
from kairo.trust.identity.sessions.service import TOUCHED_SECONDS
from kairo.trust.identity.sessions.session import Session, require, strong_enough
from tests.trust.identity.town import BY, Town


def principal(account: Account) -> Principal:
    return Principal.named(account.principal)


async def found(city: Town, secret: str) -> Session:
    session = await city.identity.sessions.find(secret)
    assert session is not None
    return session


async def test_it_ends_when_idle_and_use_keeps_it(city: Town) -> None:
    sessions, idle = city.identity.sessions, city.identity.sessions.lives.idle
    secret = await city.session(await city.resident())
    for _ in range(3):
        city.clock.now += idle - timedelta(seconds=1)
        assert await sessions.find(secret) is not None
    city.clock.now += idle
    assert await sessions.find(secret) is None


async def test_it_ends_for_good_however_much_it_is_used(city: Town) -> None:
    sessions = city.identity.sessions
    secret, end = await city.session(await city.resident()), city.clock() + sessions.lives.absolute
    while city.clock() < end:
        assert await sessions.find(secret) is not None
        city.clock.pass_(minutes=30)
    assert await sessions.find(secret) is None


async def test_the_administrator_is_not_idle(city: Town) -> None:
    credentials = city.kairo.credentials
    secret = str(await credentials.enter(await credentials.new_link(), "terminal"))
    city.clock.now += credentials.sessions.lives.absolute - timedelta(seconds=1)
    assert await credentials.who(secret, "session") == LOCAL_ADMINISTRATOR
    assert (await found(city, secret)).aal == 2
    city.clock.pass_(seconds=1)
    assert await credentials.who(secret, "session") is None


async def test_use_is_written_once_a_minute(city: Town) -> None:
    secret, began = await city.session(await city.resident()), city.clock()
    city.clock.pass_(seconds=TOUCHED_SECONDS - 1)
    await found(city, secret)
    assert (await found(city, secret)).last_used_at == began
    city.clock.pass_(seconds=1)
    await found(city, secret)
    assert (await found(city, secret)).last_used_at == city.clock()


async def test_its_owner_sees_and_ends_it_and_nobody_else(city: Town) -> None:
    sessions, one, other = city.identity.sessions, await city.resident(), await city.resident()
    first, second, foreign = [await city.session(account) for account in (one, one, other)]
    assert {each.id for each in await sessions.of(principal(one))} == {(await found(city, each)).id for each in (first, second)}
    with pytest.raises(ResourceNotFound):
        await sessions.revoke(principal(one), (await found(city, foreign)).id)
    await sessions.revoke(principal(one), (await found(city, first)).id)
    assert await sessions.find(first) is None
    third = await city.session(one)
    assert await sessions.revoke_all(principal(one), but=await found(city, second)) == 1
    assert await sessions.find(third) is None
    assert await sessions.find(second) is not None
    assert await sessions.find(foreign) is not None


async def test_an_ended_session_chooses_no_duty(city: Town) -> None:
    account = await city.staff()
    session = await found(city, await city.session(account))
    await city.identity.sessions.revoke_all(principal(account))
    with pytest.raises(ResourceNotFound):
        await city.identity.sessions.set_purpose(session, "counter")


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "\0" * 43, "x" * 5000])
async def test_no_secret(city: Town, secret: str) -> None:
    assert await city.identity.sessions.find(secret) is None


@pytest.mark.parametrize("aal", [1, 2, 3])
@pytest.mark.parametrize("ial", [1, 2])
@pytest.mark.parametrize("needed", [(1, 1), (2, 1), (1, 2), (2, 2), (3, 1)])
async def test_only_what_is_strong_enough(city: Town, aal: int, ial: int, needed: tuple[int, int]) -> None:
    account = await city.resident(ial=ial)
    session = await found(city, await city.session(account, aal=aal))
    enough = aal >= needed[0] and ial >= needed[1]
    assert strong_enough(session, aal=needed[0], ial=needed[1]) is enough
    if enough:
        assert require(session, aal=needed[0], ial=needed[1]) is session
    else:
        with pytest.raises(SignInNeeded if aal < needed[0] else Forbidden):
            require(session, aal=needed[0], ial=needed[1])


def test_nobody_is_not_strong_enough() -> None:
    assert not strong_enough(None)
    with pytest.raises(SignInNeeded):
        require(None)


async def test_a_proof_at_the_counter_counts_at_once(city: Town) -> None:
    account = await city.resident()
    secret = await city.session(account)
    assert (await found(city, secret)).ial == 1
    await city.identity.accounts.proofed(account.key, 2, by=BY, reason="運転免許証")
    assert (await found(city, secret)).ial == 2
