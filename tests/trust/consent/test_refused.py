"""What is refused, in plain words, and changes nothing? Bad input, two devices at once, and what is somebody else's."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from kairo.errors import (
    AlreadyExists,
    BadRequestData,
    Forbidden,
    KairoError,
    OutOfDate,
    ResourceNotFound,
)
from kairo.trust.consent.reading import ConsentReader
from kairo.trust.consent.rules import Channel, Consent, State
from tests.trust.consent.acting import ANYONE, asked, events, given, me
from tests.trust.consent.people import (
    MOTHER,
    NEIGHBOUR,
    PARTNERS,
    SON,
    City,
    Known,
    application,
    city,
    clerk,
    key_of,
    resident,
)


@pytest.mark.parametrize("verb", ["withdraw", "change", "answer", "one"])
async def test_what_is_somebody_elses_is_as_if_it_were_not_there(town: City, verb: str) -> None:
    one = await given(town)
    reader = ConsentReader(town.database, town.clock, town.service.purposes, Known())

    async def told(scope: Any, id: str) -> tuple[str, ...]:
        with pytest.raises(ResourceNotFound) as refusal:
            if verb == "withdraw":
                await town.service.withdraw(scope, id)
            elif verb == "change":
                await town.service.change(scope, id, town.terms("phone"))
            elif verb == "answer":
                await town.service.answer(scope, id, None)
            else:
                await reader.one(scope, id)
        error = refusal.value
        return (error.detail, str(error.detail_ja), error.mend, str(error.mend_ja))

    elsewhere = await city(town.database, f"{town.tenant}_else")
    answers = {
        await told(me(town, NEIGHBOUR), one.id),
        await told(me(town, SON), one.id),
        await told(me(town, MOTHER), "0" * 16),
        await told(me(town, MOTHER), "'; DROP TABLE consent; --"),
        await told(me(town, MOTHER), "\0"),
        await told(me(elsewhere, MOTHER), one.id),
        await told(clerk(tenant=town.tenant), one.id),
        await told(replace(ANYONE, tenant=town.tenant), one.id),
    }
    assert len(answers) == 1


async def test_withdrawing_twice_says_so(town: City) -> None:
    one = await given(town)
    await town.service.withdraw(me(town, MOTHER), one.id)
    with pytest.raises(OutOfDate, match="withdrawn") as refusal:
        await town.service.withdraw(me(town, MOTHER), one.id)
    assert "撤回済み" in str(refusal.value.detail_ja)
    assert len(await events(town, one.id)) == 2


async def test_of_two_devices_at_once_one_is_first(town: City) -> None:
    one = await asked(town)
    scope, terms = me(town, MOTHER), town.terms("phone", text=PARTNERS)
    both = await asyncio.gather(
        town.service.answer(scope, one.id, terms), town.service.answer(scope, one.id, None), return_exceptions=True
    )
    assert sum(isinstance(answer, OutOfDate) for answer in both) == 1
    won = next(answer for answer in both if isinstance(answer, Consent))
    assert bool(await town.grants()) is (won.state is State.GIVEN)
    assert len(await events(town, one.id)) == 2


async def test_a_code_that_two_use_at_once_works_once(town: City) -> None:
    code = await town.code(SON)
    calls = [town.service.give(me(town, MOTHER), MOTHER, "family", code, town.terms("phone")) for _ in range(2)]
    both = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(answer, BadRequestData) for answer in both) == 1


@pytest.mark.parametrize(("categories", "days"), [(("phone", "diary"), 5), (("phone",), 101), (("phone",), -1), ((), 5)])
async def test_a_form_that_was_tampered_with_agrees_to_nothing(town: City, categories: tuple[str, ...], days: int) -> None:
    terms = replace(town.terms("phone", days=days), categories=categories)
    code = await town.code(SON)
    with pytest.raises(BadRequestData):
        await town.service.give(me(town, MOTHER), MOTHER, "family", code, terms)
    assert await town.grants() == []
    assert (await town.codes.person(me(town, MOTHER), code))[1] == SON, "the code is not used up by what failed"


async def test_an_answer_says_no_more_than_was_asked(town: City) -> None:
    one = await asked(town, "phone", days=10)
    for terms in (town.terms("phone", "n", days=5, text=PARTNERS), town.terms("phone", days=11, text=PARTNERS)):
        with pytest.raises(BadRequestData):
            await town.service.answer(me(town, MOTHER), one.id, terms)


async def test_a_family_form_cannot_name_another_purpose(town: City) -> None:
    with pytest.raises(BadRequestData, match="not for a resident"):
        await town.service.give(me(town, MOTHER), MOTHER, "watching", await town.code(SON), town.terms("phone", text=PARTNERS))


async def test_nobody_gives_access_to_themselves(town: City) -> None:
    with pytest.raises(BadRequestData, match="one person"):
        await town.service.give(me(town, MOTHER), MOTHER, "family", await town.code(MOTHER), town.terms("phone"))


async def test_who_acts_for_a_person_decides_but_not_to_their_own_good(town: City) -> None:
    son = me(town, SON, MOTHER)
    with pytest.raises(Forbidden, match="own good"):
        await town.service.give(son, MOTHER, "family", await town.code(SON), town.terms("phone"))
    one = await town.service.give(son, MOTHER, "family", await town.code(NEIGHBOUR), town.terms("phone"))
    (event,) = await events(town, one.id)
    assert (event.channel, event.principal, one.subject) == (Channel.PROXY, f"resident:{key_of(SON)}", MOTHER)
    requested = await town.service.ask(me(town, SON), "family", await town.code(MOTHER))
    with pytest.raises(Forbidden, match="own good"):
        await town.service.answer(son, requested.id, town.terms("phone"))


async def test_one_request_for_a_purpose_waits_at_a_time(town: City) -> None:
    one = await asked(town)
    with pytest.raises(AlreadyExists):
        await asked(town)
    await town.service.answer(me(town, MOTHER), one.id, None)
    assert (await asked(town)).state is State.ASKED


@pytest.mark.parametrize(
    ("asker", "error"),
    [
        (application("application:other"), Forbidden),
        (resident(SON), Forbidden),
        (clerk(), Forbidden),
        (ANYONE, Forbidden),
    ],
)
async def test_who_is_no_recipient_does_not_ask(town: City, asker: Any, error: type[KairoError]) -> None:
    code = await town.code(MOTHER)
    with pytest.raises(error):
        await town.service.ask(replace(asker, tenant=town.tenant), "watching", code)
    assert (await town.codes.person(me(town, SON), code))[1] == MOTHER, "the code is not used up"


@pytest.mark.parametrize(
    ("categories", "days"), [(("diary",), 5), (("phone",), 101), (("phone",), 0), (("phone",), -3), ((), 5)]
)
async def test_a_request_stays_within_the_purpose(town: City, categories: tuple[str, ...], days: int) -> None:
    with pytest.raises(BadRequestData):
        await town.service.ask(
            application(tenant=town.tenant), "watching", await town.code(MOTHER), categories=categories, days=days
        )
