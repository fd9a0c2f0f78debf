"""Does a page show nothing of anybody else, keep nothing, and say what is new, near its end, or gone? And the receipt."""

from typing import Any

import pytest

from kairo.platform.i18n import LANGUAGES
from kairo.trust.consent.purposes import digest_of
from kairo.trust.consent.receipts import is_whole
from tests.trust.consent.people import (
    MOTHER,
    NAMES,
    NEIGHBOUR,
    SON,
    application,
    category,
    clerk,
    purpose,
)
from tests.trust.consent.site import Visitor, asked, become, form_of, given, visiting


async def test_what_is_somebody_elses_is_not_found(mother: Visitor) -> None:
    path = await given(mother, "phone")
    nothing = "/ja/me/consents/" + "0" * 16
    told = set()
    for who, where in ((MOTHER, nothing), (SON, path), (NEIGHBOUR, path)):
        become(mother, who)
        for answer in (
            await mother.get(where),
            await mother.post(where, act="withdraw"),
            await mother.get(f"{where}/receipt"),
            await mother.get(f"{where}/receipt.json"),
        ):
            assert answer.status_code == 404
            told.add(answer.text.replace(where, "").split("<main")[1].split("</main")[0])
    assert len(told) == 1
    assert len(await mother.town.grants()) == 1


@pytest.mark.parametrize("path", ["/ja/me/consents", "/ja/me/consents/new", f"/ja/me/consents/{'0' * 16}"])
@pytest.mark.parametrize("who", [application(), clerk()])
async def test_the_pages_are_for_residents(mother: Visitor, path: str, who: Any) -> None:
    mother.scope = who
    led = await mother.get(path)
    assert (led.status_code, led.headers["location"][:17]) == (303, "/ja/sign-in?back=")
    assert (await mother.get(path, headers={"accept": "application/json"})).status_code == 401


async def test_only_forms_of_this_site_count(mother: Visitor) -> None:
    path = await given(mother, "phone")
    mother.client.headers["sec-fetch-site"] = "cross-site"
    for where in (path, "/ja/me/consents/new", "/ja/me/consents/code", "/ja/console/consents"):
        assert (await mother.post(where, act="withdraw", person=MOTHER)).status_code == 403
    assert len(await mother.town.grants()) == 1


async def test_pages_are_kept_nowhere(mother: Visitor) -> None:
    path = await given(mother, "phone")
    for where in ("/ja/me/consents", "/ja/me/consents/new", path, f"{path}/receipt", f"{path}/receipt.json"):
        answer = await mother.get(where)
        assert answer.headers["cache-control"] == "no-store", where
        if "json" not in where:
            assert 'content="noindex"' in answer.text


async def test_who_acts_for_her_finds_hers_and_gives_nothing_to_themselves(mother: Visitor) -> None:
    path = await given(mother, "phone")
    become(mother, NEIGHBOUR, MOTHER)
    listed = (await mother.get("/ja/me/consents")).text
    assert NAMES[MOTHER] in listed
    assert path in listed
    code = await mother.town.code(NEIGHBOUR)
    answer = await mother.post("/ja/me/consents/new", code=code, person=MOTHER, act="give")
    assert answer.status_code == 403
    assert (await mother.post("/ja/me/consents/new", code=code, person=SON, act="give")).status_code == 404
    assert (await mother.post("/ja/me/consents/code", person=SON)).status_code == 404


async def test_a_son_asks_and_she_answers(mother: Visitor) -> None:
    code = await mother.town.code(MOTHER)
    become(mother, SON)
    step = await mother.post("/ja/me/consents/new", code=code, act="ask")
    assert NAMES[MOTHER] in step.text
    done = await mother.post("/ja/me/consents/new", **form_of(mother, "phone", days=10), code=code, act="asked")
    assert (done.status_code, done.headers["location"]) == (303, "/ja/me/consents#to-me")
    waiting = (await mother.get("/ja/me/consents")).text
    assert "回答待ち" in waiting
    become(mother, MOTHER)
    assert NAMES[SON] in (await mother.get("/ja/me/consents")).text


async def test_new_words_are_offered_and_the_old_ones_stand(mother: Visitor) -> None:
    path = await given(mother, "phone")
    newer = purpose(
        version=2,
        text={tag: f"newer {tag}" for tag in LANGUAGES},
        categories=(category("phone", attributes=("phone", "diary")),),
    )
    mother.town.declare(newer)
    async with visiting(mother.town, mother.scope) as visitor:
        page = (await visitor.get(path)).text
        assert "why family ja" in page
        assert "newer ja" not in page
        assert "?words=new" in page
        offered = (await visitor.get(path, params={"words": "new"})).text
        assert "newer ja" in offered
        assert digest_of(newer) in offered
        answer = await visitor.post(path, **form_of(visitor, "phone", text=newer), act="change")
        assert answer.status_code == 303
    (grant,) = await mother.town.grants()
    assert grant.attributes == ("phone", "diary")


async def test_a_purpose_that_is_gone_says_so(mother: Visitor) -> None:
    path = await asked(mother)
    mother.town.declare()
    async with visiting(mother.town, mother.scope) as visitor:
        page = (await visitor.get(path)).text
        assert "終了したため" in page
        assert 'value="give"' not in page
        assert 'value="refuse"' in page
        step = await visitor.post("/ja/me/consents/new", code=await mother.town.code(SON), act="give")
        assert step.status_code == 400
        assert "終了したか" in step.text


async def test_the_end_is_announced(mother: Visitor) -> None:
    await given(mother, "phone", days=60)
    assert "まもなく期限" not in (await mother.get("/ja/me/consents")).text
    mother.town.pass_time(days=35)
    assert "まもなく期限" in (await mother.get("/ja/me/consents")).text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_receipt_is_read_by_people_and_programs(mother: Visitor, language: str) -> None:
    path = await given(mother, "phone", "n")
    id = path.rpartition("/")[2]
    page = (await mother.get(f"/{language}/me/consents/{id}/receipt")).text
    file = await mother.get(f"/{language}/me/consents/{id}/receipt.json")
    assert file.headers["content-type"] == "application/json"
    assert "attachment" in file.headers["content-disposition"]
    receipt = file.json()
    assert is_whole(receipt)
    assert receipt["digest"]["value"][:8] in page
    assert receipt["receipt_metadata"]["receipt_id"] in page
    assert NAMES[SON] in page
    (what,) = receipt["pii_processing"]["purposes"]
    assert [one["pii_type"] for one in what["pii_information"]] == ["phone", "n"]
    assert (receipt["event"]["event_type"], receipt["event"]["event_state"]) == ("give", "given")
    receipt["pii_processing"]["purposes"][0]["pii_information"].pop()
    assert not is_whole(receipt)
    assert not is_whole({})
    await mother.post(path, act="withdraw")
    later = (await mother.get(f"{path}/receipt.json")).json()
    assert later["event"]["event_state"] == "withdrawn"
    assert [event["event_type"] for event in later["history"]] == ["give", "withdraw"]


async def test_an_unknown_button_is_refused(mother: Visitor) -> None:
    path = await given(mother, "phone")
    assert (await mother.post(path, act="sell")).status_code == 400


# The counter
