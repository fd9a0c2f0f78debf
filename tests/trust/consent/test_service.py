"""What can people do with consents? Use cases over a real database: the event, the state, the audit record and the grants."""

from datetime import timedelta
from typing import Any

import pytest

from kairo.errors import (
    BadRequestData,
    KairoError,
    NonexistentTenant,
    OutOfDate,
)
from kairo.trust.consent.purposes import digest_of
from kairo.trust.consent.rules import Act, Channel, State
from kairo.trust.consent.tasks import Ending
from tests.trust.consent.acting import asked, audited, events, given, me
from tests.trust.consent.people import (
    FAMILY,
    MOTHER,
    NEIGHBOUR,
    PARTNERS,
    SON,
    City,
    category,
    city,
    key_of,
    purpose,
    resident,
)


async def test_a_mother_gives_her_son_access_and_takes_it_back(town: City) -> None:
    one = await given(town, "phone", "plan")
    assert (one.state, one.version, one.recipient) == (State.GIVEN, 1, f"resident:{key_of(SON)}")
    assert [(grant.types, grant.attributes) for grant in await town.grants()] == [
        (("Resident",), ("phone",)),
        (("Plan",), None),
    ]
    town.pass_time(hours=1)
    await town.service.withdraw(me(town, MOTHER), one.id)
    assert await town.grants() == []
    happened = await events(town, one.id)
    assert [(event.number, event.act, event.channel, event.principal) for event in happened] == [
        (1, Act.GIVE, Channel.DEVICE, f"resident:{key_of(MOTHER)}"),
        (2, Act.WITHDRAW, Channel.DEVICE, f"resident:{key_of(MOTHER)}"),
    ]
    by = f"resident:{key_of(MOTHER)}"
    assert await audited(town) == [
        (by, "grant", f"consent:{one.id}:1:phone"),
        (by, "grant", f"consent:{one.id}:1:plan"),
        (by, "consent-give", f"consent:{one.id}"),
        (by, "withdraw", f"consent:{one.id}:1:phone"),
        (by, "withdraw", f"consent:{one.id}:1:plan"),
        (by, "consent-withdraw", f"consent:{one.id}"),
    ]


async def test_what_is_agreed_to_is_read_at_once_and_not_after_the_withdrawal(town: City) -> None:
    from tests.context.granting.world import city as administrator

    doc = {"id": MOTHER, "type": "Resident", "n": {"type": "Property", "value": 1}, "phone": {"type": "Property", "value": "1"}}
    await town.graph.upsert(administrator(town.tenant), [doc])
    son = me(town, SON)
    assert await town.graph.get(son, MOTHER) is None
    one = await given(town, "phone")
    seen = await town.graph.get(son, MOTHER)
    assert seen is not None
    assert set(seen) == {"id", "type", "phone"}
    assert await town.graph.get(me(town, NEIGHBOUR), MOTHER) is None
    await town.service.withdraw(me(town, MOTHER), one.id)
    assert await town.graph.get(son, MOTHER) is None


async def test_a_request_waits_and_opens_nothing_until_it_is_answered(town: City) -> None:
    one = await asked(town, "n", "phone", days=20)
    assert one.state is State.ASKED
    assert await town.grants() == []
    answer = await town.service.answer(me(town, MOTHER), one.id, town.terms("phone", days=10, text=PARTNERS))
    assert (answer.state, answer.terms.categories) == (State.GIVEN, ("phone",))
    assert [(grant.principal, grant.purpose) for grant in await town.grants()] == [("application:partner", "watching")]


async def test_a_short_request_is_over_with_its_end(town: City) -> None:
    one = await asked(town, "phone", days=5)
    assert one.answer_by == one.terms.until
    assert (await asked(await city(town.database, f"{town.tenant}_b"), "phone", days=90)).answer_by == town.now + timedelta(
        days=30
    )


async def test_a_refusal_is_kept(town: City) -> None:
    one = await asked(town)
    await town.service.answer(me(town, MOTHER), one.id, None)
    assert await town.grants() == []
    assert [event.act for event in await events(town, one.id)] == [Act.ASK, Act.REFUSE]
    with pytest.raises(OutOfDate, match="refused"):
        await town.service.answer(me(town, MOTHER), one.id, town.terms("phone", text=PARTNERS))


async def test_events_and_texts_cannot_be_changed(town: City) -> None:
    await given(town)
    for statement in (
        "UPDATE consent_event SET evidence = 'x' WHERE tenant = $1",
        "DELETE FROM consent_event WHERE tenant = $1",
        "UPDATE consent_text SET purpose = 'x' WHERE tenant = $1",
        "DELETE FROM consent_text WHERE tenant = $1",
        "DELETE FROM consent WHERE tenant = $1",
    ):
        with pytest.raises(KairoError):
            async with town.database.unit(town.tenant) as unit:
                await unit.connection.execute(statement, town.tenant)


async def test_it_is_narrowed_and_extended(town: City) -> None:
    one = await given(town, "phone", "n", days=30)
    narrower = await town.service.change(me(town, MOTHER), one.id, town.terms("n", days=10))
    assert narrower.version == 2
    assert [grant.attributes for grant in await town.grants()] == [("n",)]
    wider = await town.service.change(me(town, MOTHER), one.id, town.terms("n", "plan", days=90))
    assert wider.version == 3
    assert [(grant.id, grant.until) for grant in await town.grants()] == [
        (f"consent:{one.id}:3:{name}", wider.terms.until) for name in ("n", "plan")
    ]
    assert [event.terms.categories for event in await events(town, one.id)] == [("phone", "n"), ("n",), ("n", "plan")]


async def test_a_new_text_changes_nothing_that_was_agreed_to(town: City) -> None:
    one = await given(town, "phone")
    before = await town.grants()
    newer = purpose(version=2, categories=(category("phone", attributes=("phone", "diary")), category("n", attributes=("n",))))
    town.declare(newer)
    assert await town.grants() == before
    narrower = await town.service.change(me(town, MOTHER), one.id, town.terms("phone", days=5))
    assert narrower.terms.text == digest_of(FAMILY)
    assert [grant.attributes for grant in await town.grants()] == [("phone",)]
    with pytest.raises(OutOfDate, match="another one by now"):
        await town.service.change(me(town, MOTHER), one.id, town.terms("phone", "n"))
    await town.service.change(me(town, MOTHER), one.id, town.terms("phone", text=newer))
    assert [grant.attributes for grant in await town.grants()] == [("phone", "diary")]


@pytest.mark.parametrize("declared", [(), (purpose(retired=True),)])
async def test_a_purpose_that_is_gone_takes_no_consent_but_is_still_withdrawn(town: City, declared: Any) -> None:
    one = await given(town, "phone", "n")
    town.declare(*declared)
    with pytest.raises(BadRequestData, match="no consent is asked") as refusal:
        await given(town)
    assert "終了" in str(refusal.value.detail_ja)
    with pytest.raises(BadRequestData, match="no consent is asked"):
        await town.service.change(me(town, MOTHER), one.id, town.terms("phone", "n", "plan"))
    await town.service.change(me(town, MOTHER), one.id, town.terms("n", days=5))
    await town.service.withdraw(me(town, MOTHER), one.id)
    assert await town.grants() == []


async def test_a_request_for_a_purpose_that_is_gone_can_only_be_refused(town: City) -> None:
    one = await asked(town)
    town.declare(FAMILY)
    with pytest.raises(BadRequestData, match="no consent is asked"):
        await town.service.answer(me(town, MOTHER), one.id, town.terms("phone", text=PARTNERS))
    assert (await town.service.answer(me(town, MOTHER), one.id, None)).state is State.REFUSED


async def test_a_new_consent_takes_the_place_of_the_one_before(town: City) -> None:
    first = await given(town, "phone")
    second = await given(town, "n")
    assert {grant.basis for grant in await town.grants()} == {f"consent:{second.id}"}
    assert [(event.act, event.replaced_by) for event in await events(town, first.id)] == [
        (Act.GIVE, None),
        (Act.WITHDRAW, second.id),
    ]


async def test_what_is_over_is_marked_once(town: City) -> None:
    one = await given(town, days=5)
    waiting = await asked(town, days=90)
    ending = Ending(town.database, town.service, town.clock)
    assert await town.service.expire(town.tenant, 10) == 0
    town.pass_time(days=31)
    assert await ending.round() >= 2, "other tests have some, too"
    assert await ending.round() == 0
    assert await town.grants() == []
    for id in (one.id, waiting.id):
        last = (await events(town, id))[-1]
        assert (last.act, last.principal, last.channel) == (Act.EXPIRE, "system:consent", Channel.PROGRAM)


async def test_what_is_over_cannot_be_changed_before_it_is_marked(town: City) -> None:
    one = await given(town, days=5)
    town.pass_time(days=6)
    for call in (
        town.service.withdraw(me(town, MOTHER), one.id),
        town.service.change(me(town, MOTHER), one.id, town.terms("n")),
    ):
        with pytest.raises(OutOfDate, match="expired"):
            await call
    again = await given(town, "n")
    assert {grant.basis for grant in await town.grants()} == {f"consent:{again.id}"}
    assert [event.act for event in await events(town, one.id)] == [Act.GIVE, Act.EXPIRE]


async def test_a_tenant_that_is_not_there(town: City) -> None:
    with pytest.raises(NonexistentTenant):
        await town.service.withdraw(resident(MOTHER, tenant="nowhere"), "0" * 16)


# Codes
