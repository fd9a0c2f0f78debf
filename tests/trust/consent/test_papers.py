"""Who enters what people signed on paper, for whom, and what must a paper say?"""

from dataclasses import replace
from typing import Any

import pytest

from kairo.errors import (
    BadRequestData,
    Forbidden,
    KairoError,
    ResourceNotFound,
    Unauthenticated,
)
from kairo.trust.consent.rules import Act, Channel, State
from kairo.trust.consent.tasks import Ending
from tests.trust.consent.acting import ANYONE, events, me
from tests.trust.consent.people import (
    CARE,
    DEPARTMENT,
    FAMILY,
    MOTHER,
    NEIGHBOUR,
    PARTNERS,
    SON,
    City,
    application,
    clerk,
    key_of,
    resident,
)


async def test_at_the_counter_a_paper_is_entered_and_withdrawn(town: City) -> None:
    staff = clerk(tenant=town.tenant)
    son = f"resident:{key_of(SON)}"
    one = await town.service.record(staff, Act.GIVE, MOTHER, son, "family", town.terms("phone"), "  箱12　No.3 ")
    (event,) = await events(town, one.id)
    assert (event.channel, event.evidence, event.principal) == (Channel.PAPER, "箱12 No.3", staff.principal)
    assert len(await town.grants()) == 1
    with pytest.raises(ResourceNotFound):
        await town.service.withdraw_on_paper(staff, NEIGHBOUR, one.id, "paper")
    await town.service.withdraw_on_paper(staff, MOTHER, one.id, "箱12 No.4")
    assert await town.grants() == []


async def test_a_refusal_on_paper_is_kept_and_a_clerk_may_ask(town: City) -> None:
    staff = clerk(tenant=town.tenant)
    terms = town.terms("phone", text=CARE)
    refused = await town.service.record(staff, Act.REFUSE, MOTHER, DEPARTMENT, "care", terms, "paper")
    assert refused.state is State.REFUSED
    waiting = await town.service.record(staff, Act.ASK, MOTHER, DEPARTMENT, "care", terms, "")
    assert (waiting.state, waiting.asked_by) == (State.ASKED, staff.principal)
    answer = await town.service.answer(me(town, MOTHER), waiting.id, terms)
    assert answer.state is State.GIVEN


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        (clerk(), None),
        (replace(clerk(), principal="administrator:local", purpose="administration"), None),
        (clerk(purpose=""), Forbidden),
        (clerk(purpose="tax"), Forbidden),
        (resident(SON), Forbidden),
        (application(), Forbidden),
        (ANYONE, Unauthenticated),
    ],
)
async def test_who_may_enter_papers(town: City, scope: Any, error: type[KairoError] | None) -> None:
    call = town.service.record(
        replace(scope, tenant=town.tenant), Act.GIVE, MOTHER, DEPARTMENT, "care", town.terms("phone", text=CARE), "paper"
    )
    if error is None:
        assert (await call).state is State.GIVEN
    else:
        with pytest.raises(error):
            await call


@pytest.mark.parametrize("evidence", ["", "  ", "x" * 201, "a\0b", "a\x07"])
async def test_a_paper_says_where_it_lies(town: City, evidence: str) -> None:
    with pytest.raises(BadRequestData, match="where the signed paper lies"):
        await town.service.record(
            clerk(tenant=town.tenant), Act.GIVE, MOTHER, DEPARTMENT, "care", town.terms("phone", text=CARE), evidence
        )


@pytest.mark.parametrize(
    ("subject", "recipient", "purpose"),
    [
        (f"{MOTHER[:-1]}9", f"resident:{key_of(SON)}", "family"),
        (MOTHER, "resident:9", "family"),
        (MOTHER, f"resident:{key_of(SON)}", "care"),
        (MOTHER, "application:other", "watching"),
    ],
)
async def test_names_at_the_counter_lead_to_somebody(town: City, subject: str, recipient: str, purpose: str) -> None:
    text = {"family": FAMILY, "care": CARE, "watching": PARTNERS}[purpose]
    with pytest.raises(BadRequestData):
        await town.service.record(
            clerk(tenant=town.tenant), Act.GIVE, subject, recipient, purpose, town.terms("phone", text=text), "paper"
        )


async def test_the_staff_of_a_department_read_and_those_who_left_do_not(town: City) -> None:
    town.staff.members = ["staff:x"]
    terms = town.terms("phone", text=CARE)
    one = await town.service.record(clerk(tenant=town.tenant), Act.GIVE, MOTHER, DEPARTMENT, "care", terms, "paper")
    assert [grant.principal for grant in await town.grants()] == ["staff:x"]
    town.staff.members = ["staff:y"]
    assert await town.service.regrant(town.tenant) == 1
    assert await town.service.regrant(town.tenant) == 0
    assert [grant.principal for grant in await town.grants("staff:x", "staff:y")] == ["staff:y"]
    await town.service.withdraw(me(town, MOTHER), one.id)
    assert await town.grants("staff:x", "staff:y") == []


async def test_who_works_in_a_department_is_looked_up_by_the_leader(town: City) -> None:
    terms = town.terms("phone", text=CARE)
    await town.service.record(clerk(tenant=town.tenant), Act.GIVE, MOTHER, DEPARTMENT, "care", terms, "paper")
    town.staff.members = ["staff:new"]
    await Ending(town.database, town.service, town.clock).round()
    assert [grant.principal for grant in await town.grants("staff:new")] == ["staff:new"]
