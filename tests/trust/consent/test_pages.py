"""Can somebody of 81 read, give, refuse, change and withdraw a consent on a page?"""

from pathlib import Path
from typing import Any

import pytest

from kairo.platform.i18n import LANGUAGES, Catalogue
from kairo.trust.consent import manifest
from kairo.trust.consent.purposes import digest_of
from tests.trust.consent.people import (
    FAMILY,
    MOTHER,
    NAMES,
    PARTNERS,
    SON,
)
from tests.trust.consent.site import Visitor, asked, become, form_of, given


def test_all_words_are_there_in_three_languages() -> None:
    words = Catalogue(strict=True)
    words.add("consent", Path(str(manifest.__file__)).parent / "messages")
    assert not words.gaps("consent.")
    assert not words.value_gaps()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_she_gives_her_son_access_by_the_code_that_he_shows(mother: Visitor, language: str) -> None:
    become(mother, SON)
    answer = await mother.post(f"/{language}/me/consents/code", person=SON)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/{language}/me/consents#code-1")
    shown = (await mother.get(f"/{language}/me/consents")).text
    code = await mother.town.codes.shown(mother.town.tenant, SON)
    assert code is not None
    assert code.spaced in shown
    become(mother, MOTHER)
    assert 'name="code"' in (await mother.get(f"/{language}/me/consents/new")).text
    step = await mother.post(f"/{language}/me/consents/new", code=code.spaced, act="give")
    assert step.status_code == 200
    assert NAMES[SON] in step.text
    assert f"why family {language}" in step.text
    assert "checked" not in step.text.split("<main")[1], "nothing is ticked before she ticks it"
    done = await mother.post(f"/{language}/me/consents/new", **form_of(mother, "phone"), code=code.code, act="given")
    page = await mother.get(done.headers["location"])
    assert page.status_code == 200
    assert f"phone {language}" in page.text
    listed = (await mother.get(f"/{language}/me/consents")).text
    assert NAMES[SON] in listed
    assert 'value="withdraw"' in listed
    become(mother, SON)
    assert NAMES[MOTHER] in (await mother.get(f"/{language}/me/consents")).text


async def test_one_tap_withdraws_at_once_and_the_second_is_told(mother: Visitor) -> None:
    path = await given(mother, "phone")
    answer = await mother.post(path, act="withdraw")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert await mother.town.grants() == []
    again = await mother.post(path, act="withdraw")
    assert again.status_code == 409
    assert "撤回済み" in again.text
    assert 'value="withdraw"' not in (await mother.get(path)).text


async def test_she_reads_a_request_and_agrees_to_a_part_of_it(mother: Visitor) -> None:
    path = await asked(mother, "phone", "n")
    listed = (await mother.get("/ja/me/consents")).text
    assert "Partner ja" in listed
    assert path in listed
    page = (await mother.get(path)).text
    assert 'value="phone"' in page
    assert 'value="plan"' not in page, "what was not asked for cannot be ticked"
    answer = await mother.post(path, **form_of(mother, "n", text=PARTNERS), act="give")
    assert answer.status_code == 303
    assert [grant.attributes for grant in await mother.town.grants()] == [("n",)]


async def test_she_refuses(mother: Visitor) -> None:
    path = await asked(mother)
    assert (await mother.post(path, act="refuse")).status_code == 303
    page = (await mother.get(path)).text
    assert "同意しない" in page
    assert 'value="give"' not in page
    assert await mother.town.grants() == []


async def test_she_narrows_it_and_another_day_is_typed(mother: Visitor) -> None:
    path = await given(mother, "phone", "n")
    form = {
        "category": ["n"],
        "until": "other",
        "end_year": "2026",
        "end_month": "12",
        "end_day": "1",
        "text": digest_of(FAMILY),
    }
    answer = await mother.post(path, **form, act="change")
    assert answer.status_code == 303, answer.text
    (grant,) = await mother.town.grants()
    assert (grant.attributes, grant.until.isoformat()) == (("n",), "2026-12-01T15:00:00+00:00")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"category": ["phone", "diary"]}, "選べない項目"),
        ({"category": []}, "一つ以上"),
        ({"until": "2020-01-01"}, "明日以降"),
        ({"until": "2030-01-01"}, "遠すぎます"),
        ({"until": ""}, "いつまで"),
        ({"until": "tomorrow"}, "いつまで"),
        ({"until": "9999-12-31"}, "いつまで"),
        ({"until": "other", "end_year": "2026", "end_month": "13", "end_day": "1"}, "いつまで"),
        ({"text": "0" * 64}, "新しくなりました"),
        ({"text": ""}, "新しくなりました"),
    ],
)
async def test_a_form_that_was_tampered_with_is_refused_in_plain_words(mother: Visitor, change: Any, says: str) -> None:
    code = await mother.town.code(SON)
    form = {**form_of(mother, "phone"), **change}
    answer = await mother.post("/ja/me/consents/new", **form, code=code, act="given")
    assert answer.status_code in {400, 409}
    assert says in answer.text
    assert await mother.town.grants() == []
    path = await asked(mother)
    answer = await mother.post(path, **{**form_of(mother, "phone", text=PARTNERS), **change}, act="give")
    assert answer.status_code in {400, 409}
    assert says in answer.text
    assert await mother.town.grants() == []


@pytest.mark.parametrize("code", ["", "12345678", "<script>", "x" * 5000])
async def test_a_wrong_code_is_said_beside_the_form(mother: Visitor, code: str) -> None:
    answer = await mother.post("/ja/me/consents/new", code=code, act="give")
    assert answer.status_code == 400
    assert "このコードは使えません" in answer.text
    assert "<script>" not in answer.text.split("<main")[1]
