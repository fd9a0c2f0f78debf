"""Can a clerk enter what somebody signed, after a second look, and hand them the receipt?"""

from typing import Any

import pytest

from kairo.platform.i18n import LANGUAGES
from kairo.trust.consent.purposes import digest_of
from kairo.trust.consent.receipts import is_whole
from tests.trust.consent.people import (
    CARE,
    DEPARTMENT,
    MOTHER,
    NAMES,
    SON,
    application,
    clerk,
    key_of,
    resident,
)
from tests.trust.consent.site import Visitor, become, form_of, given


def at_counter(visitor: Visitor) -> None:
    visitor.scope = clerk(tenant=visitor.town.tenant)


def paper(visitor: Visitor, **more: Any) -> dict[str, Any]:
    keys = {"person": key_of(MOTHER), "recipient": key_of(SON), "evidence": "箱12の3", "purpose": "family"}
    return {**form_of(visitor, "phone"), **keys, **more}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_clerk_enters_a_paper_after_a_second_look_and_prints_the_receipt(mother: Visitor, language: str) -> None:
    at_counter(mother)
    counter = f"/{language}/console/consents"
    assert "?purpose=family" in (await mother.get(counter)).text
    assert 'name="evidence"' in (await mother.get(counter, params={"purpose": "family"})).text
    look = await mother.post(counter, **paper(mother), step="look")
    assert look.status_code == 200
    for said in (NAMES[MOTHER], NAMES[SON], f"phone {language}", "箱12の3", f"why family {language}"):
        assert said in look.text
    assert await mother.town.grants() == []
    done = await mother.post(counter, **paper(mother), step="record", act="give")
    assert done.status_code == 303
    assert key_of(MOTHER) not in done.headers["location"]
    id = done.headers["location"].rpartition("/")[2]
    receipt = await mother.get(f"/{language}/console/consents/{id}")
    assert NAMES[MOTHER] in receipt.text
    assert "箱12の3" in receipt.text
    assert is_whole((await mother.get(f"/{language}/console/consents/{id}/receipt.json")).json())
    assert len(await mother.town.grants()) == 1
    become(mother, MOTHER)
    assert NAMES[SON] in (await mother.get(f"/{language}/me/consents")).text


async def test_a_receipt_is_for_the_clerk_who_entered_it(mother: Visitor) -> None:
    at_counter(mother)
    done = await mother.post("/ja/console/consents", **paper(mother), step="record", act="give")
    mother.scope = clerk("2", tenant=mother.town.tenant)
    other = await mother.get(done.headers["location"])
    nothing = await mother.get("/ja/console/consents/" + "0" * 16)
    assert (other.status_code, nothing.status_code) == (404, 404)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"person": "9" * 16}, "登録されていません"),
        ({"person": ""}, "登録されていません"),
        ({"recipient": key_of(MOTHER)}, "ご自分自身"),
        ({"evidence": " "}, "保管番号"),
        ({"category": ["diary"]}, "選べない項目"),
        ({"until": "2020-01-01"}, "明日以降"),
    ],
)
@pytest.mark.parametrize("step", ["look", "record"])
async def test_a_paper_that_is_wrong_is_said_beside_the_form(mother: Visitor, change: Any, says: str, step: str) -> None:
    at_counter(mother)
    answer = await mother.post("/ja/console/consents", **paper(mother, **change), step=step, act="give")
    assert answer.status_code == 400
    assert says in answer.text
    assert await mother.town.grants() == []


async def test_a_withdrawal_on_paper_and_the_look_before_it_is_told(mother: Visitor) -> None:
    path = await given(mother, "phone")
    id = path.rpartition("/")[2]
    at_counter(mother)
    listed = await mother.post("/ja/console/consents", step="list", person=key_of(MOTHER))
    assert NAMES[SON] in listed.text
    assert mother.seen.looks == [(mother.scope.principal, MOTHER)]
    refused = await mother.post("/ja/console/consents", step="withdraw", person=key_of(MOTHER), id=id, evidence="")
    assert refused.status_code == 400
    done = await mother.post("/ja/console/consents", step="withdraw", person=key_of(MOTHER), id=id, evidence="箱12の4")
    assert done.status_code == 303
    assert await mother.town.grants() == []
    assert (await mother.post("/ja/console/consents", step="list", person="9" * 16)).status_code == 400


async def test_a_refusal_and_a_request_at_the_counter(mother: Visitor) -> None:
    at_counter(mother)
    form = paper(mother, purpose="care", recipient=DEPARTMENT, text=digest_of(CARE))
    look = await mother.post("/ja/console/consents", **form, step="look")
    assert "Care ja" in look.text
    assert (await mother.post("/ja/console/consents", **form, step="record", act="refuse")).status_code == 303
    assert (await mother.post("/ja/console/consents", **form, step="record", act="ask")).status_code == 303
    assert (await mother.post("/ja/console/consents", **form, step="record", act="sell")).status_code == 400
    become(mother, MOTHER)
    assert "Care ja" in (await mother.get("/ja/me/consents")).text


@pytest.mark.parametrize(("who", "status"), [(resident(SON), 403), (application(), 403), (clerk(purpose=""), 403)])
async def test_the_counter_is_for_staff_on_duty(mother: Visitor, who: Any, status: int) -> None:
    mother.scope = who
    assert (await mother.get("/ja/console/consents")).status_code == status
    assert (await mother.post("/ja/console/consents", **paper(mother), step="record", act="give")).status_code == status
    assert (await mother.get("/ja/console/consents/" + "0" * 16)).status_code == status
