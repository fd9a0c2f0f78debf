"""Does a mandate open what it covers, for as long as it is in force, and nothing else?"""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kairo.context.gate import Scope
from kairo.context.granting import given_to
from kairo.errors import AlreadyExists, Forbidden, ResourceNotFound
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.mandates.rules import Kind, Mandate
from tests.trust.identity.town import BY, Town


async def made(city: Town, mother: Account, son: Account, kind: Kind = Kind.FAMILY, **more: Any) -> Mandate:
    given: dict[str, Any] = {"by": mother.principal, "until": city.clock() + timedelta(days=30), "types": ["Resident"], **more}
    return await city.identity.mandates.make(kind, person=mother.key, proxy=son.key, **given)


async def scope(city: Town, account: Account) -> Scope:
    secret = await city.session(account)
    return await city.kairo.gate.scope({"cookie": f"{SESSION_COOKIE}={secret}"}, city.tenant)


async def sees(city: Town, asker: Account, whom: Account) -> bool:
    return await city.kairo.graph.get(await scope(city, asker), whom.person) is not None


async def grants(city: Town, account: Account) -> list[str]:
    async with city.kairo.database.reading(city.tenant) as connection:
        return [grant.basis for grant in await given_to(connection, city.tenant, account.principal)]


async def audit(city: Town, whom: Account) -> list[tuple[str, str]]:
    rows = await city.kairo.database.fetch(
        city.tenant,
        "SELECT principal, operation FROM change WHERE tenant = $1 AND entity = $2 AND operation LIKE '%mandate' ORDER BY seq",
        city.tenant,
        whom.person,
    )
    return [(row["principal"], row["operation"]) for row in rows]


async def test_a_son_sees_what_his_mother_chose_until_she_ends_it(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    assert not await sees(city, son, mother)
    mandate = await made(city, mother, son)
    assert await sees(city, son, mother)
    assert not await sees(city, mother, son)
    assert await grants(city, son) == [f"mandate:{mandate.id}"]
    assert (await scope(city, son)).persons == (son.person,), "only what is by law makes someone act in everything"
    await city.identity.mandates.end(mandate.id, by=mother.principal)
    assert not await sees(city, son, mother)
    assert await grants(city, son) == []
    assert await audit(city, mother) == [(mother.principal, "mandate"), (mother.principal, "end-mandate")]


async def test_it_ends_at_its_second(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    await made(city, mother, son)
    city.clock.now += timedelta(days=30) - timedelta(seconds=1)
    assert await sees(city, son, mother)
    city.clock.pass_(seconds=1)
    assert not await sees(city, son, mother)


async def test_kinds_of_data_that_were_not_chosen_stay_closed(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    other = next(name for name in city.identity.mandates.types if name != "Resident")
    await made(city, mother, son, types=[other])
    assert not await sees(city, son, mother)


async def test_the_counter_records_on_paper_and_the_person_still_ends_it(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    mandate = await made(city, mother, son, by=BY, evidence="委任状")
    (seen,) = await city.identity.mandates.of(mother.key)
    assert (seen.recorded_by, seen.evidence, seen.in_force(city.clock())) == (BY, "委任状", True)
    await city.identity.mandates.end(mandate.id, by=mother.principal)
    (seen,) = await city.identity.mandates.of(mother.key)
    assert (seen.ended_by, seen.in_force(city.clock())) == (mother.principal, False)


async def test_whoever_has_no_part_in_it_is_told_that_there_is_none(city: Town) -> None:
    mother, son, other = [await city.resident(f"例 {number}") for number in "一二三"]
    mandate = await made(city, mother, son)
    for by, is_counter in ((other.principal, False), ("anonymous:", False), (BY, True)):
        with pytest.raises(ResourceNotFound):
            await city.identity.mandates.end(mandate.id, by=by, is_counter=is_counter, about=other.key)
    await city.identity.mandates.end(mandate.id, by=son.principal)
    with pytest.raises(ResourceNotFound):
        await city.identity.mandates.end(mandate.id, by=son.principal)


async def test_what_the_law_gives_ends_at_the_counter(city: Town) -> None:
    ward, guardian = await city.resident("例 被後見"), await city.resident("例 後見")
    await city.identity.accounts.happen(ward.key, Event.GUARDIANSHIP_BEGAN, by=BY, reason="審判")
    mandate = await made(city, ward, guardian, Kind.GUARDIAN, by=BY, types=[], evidence="登記事項証明書")
    assert (await scope(city, guardian)).persons == (guardian.person, ward.person)
    assert await grants(city, guardian) == []
    for one in (ward, guardian):
        with pytest.raises(Forbidden):
            await city.identity.mandates.end(mandate.id, by=one.principal)
    await city.identity.mandates.end(mandate.id, by=BY, is_counter=True, about=ward.key, reason="終了")
    assert (await scope(city, guardian)).persons == (guardian.person,)


async def test_guardianship_ends_with_its_mandates(city: Town) -> None:
    ward, guardian = await city.resident("例 被後見"), await city.resident("例 後見")
    await city.identity.accounts.happen(ward.key, Event.GUARDIANSHIP_BEGAN, by=BY, reason="審判")
    await made(city, ward, guardian, Kind.GUARDIAN, by=BY, types=[], evidence="登記事項証明書")
    await city.identity.accounts.happen(ward.key, Event.GUARDIANSHIP_ENDED, by=BY, reason="審判の取消し")
    assert (await scope(city, guardian)).persons == (guardian.person,)


@pytest.mark.parametrize("whose", ["mother", "son"])
@pytest.mark.parametrize("change", [Event.MOVED_OUT, Event.DIED, Event.CLOSED, "protect"])
async def test_a_change_of_either_ends_it_and_its_grants(city: Town, whose: str, change: Event | str) -> None:
    people = {"mother": await city.resident("例 母"), "son": await city.resident("例 息子")}
    await made(city, people["mother"], people["son"])
    if isinstance(change, Event):
        await city.identity.accounts.happen(people[whose].key, change, by=BY, reason="test")
    else:
        await city.identity.accounts.protect(people[whose].key, by=BY, reason="test")
    assert await grants(city, people["son"]) == []
    assert not any(one.in_force(city.clock()) for one in await city.identity.mandates.of(people["mother"].key))


async def test_one_of_a_kind_between_two_however_many_ask(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    results = await asyncio.gather(*(made(city, mother, son) for _ in range(4)), return_exceptions=True)
    assert sorted(isinstance(one, AlreadyExists) for one in results) == [False, True, True, True]
    assert len(await grants(city, son)) == 1


async def test_nobody_makes_one_over_or_for_whom_nobody_finds(city: Town) -> None:
    mother, hidden = await city.resident("例 母"), await city.resident("例 守られる人")
    await city.identity.accounts.protect(hidden.key, by=BY, reason="支援措置")
    said = set()
    for person, proxy, by in ((mother, hidden, mother.principal), (hidden, mother, BY), (mother, "0" * 16, mother.principal)):
        key = proxy if isinstance(proxy, str) else proxy.key
        with pytest.raises(ResourceNotFound) as refused:
            await city.identity.mandates.make(
                Kind.FAMILY,
                person=person.key,
                proxy=key,
                by=by,
                until=city.clock() + timedelta(days=1),
                types=["Resident"],
                evidence="x",
            )
        said.add((refused.value.detail, refused.value.detail_ja, refused.value.mend))
    assert len(said) == 1


async def test_the_administrator_sees_the_graph_as_before(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    await made(city, mother, son)
    city_scope = city.kairo.gate.scope_of(LOCAL_ADMINISTRATOR, city.tenant)
    assert await city.kairo.graph.count(city_scope, "Resident") == 2
