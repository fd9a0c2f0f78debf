"""Does the resident's page show who acts for whom, and do its buttons do what they say?"""

from typing import Any

import pytest

from kairo.trust.identity.accounts.account import Account
from tests.trust.identity.mandates.test_service import made, sees
from tests.trust.identity.town import BY, Town

PATH = "/me/mandates"


def form(whom: Account, /, **more: Any) -> dict[str, Any]:
    number = "-".join(whom.key[at : at + 4] for at in range(0, 16, 4)).upper()
    last = {"until_year": "2027", "until_month": "3", "until_day": "31"}
    return {"action": "make", "kind": "family", "proxy": f" {number} ", "types": ["Resident"], **last, **more}


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "わたしの代理をする人"), ("ja-x-easy", "かわりを"), ("en", "Who acts for me")]
)
async def test_both_sides_see_it(city: Town, language: str, words: str) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    await made(city, mother, son)
    for one, other in ((mother, son), (son, mother)):
        answer = await (await city.browser(one)).get(f"/{language}{PATH}")
        assert answer.status_code == 200
        main = answer.text.split("<main")[1]
        assert words in main
        assert other.name in main
        assert "-".join(one.key[at : at + 4] for at in range(0, 16, 4)) in main


async def test_a_mother_asks_her_son_and_ends_it(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    browser = await city.browser(mother)
    assert (await browser.post(f"/ja{PATH}", data=form(son))).status_code == 200
    assert await sees(city, son, mother)
    (mandate,) = await city.identity.mandates.of(mother.key)
    assert mandate.until.isoformat() == "2027-03-31T15:00:00+00:00", "as the day after the last one begins in Japan"
    answer = await browser.post(f"/ja{PATH}", data={"action": "end", "id": mandate.id})
    assert "代理を終わらせました" in answer.text
    assert not await sees(city, son, mother)


async def test_of_what_is_over_no_name_is_shown_and_to_the_proxy_nothing(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    await made(city, mother, son)
    await city.identity.accounts.protect(mother.key, by=BY, reason="支援措置")
    his, hers = [(await (await city.browser(one)).get(f"/ja{PATH}")).text.split("<main")[1] for one in (son, mother)]
    assert "例 母" not in his
    assert 'id="past"' not in his
    assert 'id="past"' in hers
    assert "例 息子" not in hers


WRONG: dict[str, dict[str, Any]] = {
    "by law": {"kind": "parental"},
    "no kind": {"kind": "?"},
    "no data": {"types": []},
    "foreign data": {"types": ["Secret"]},
    "no day": {"until_day": "32"},
    "no end": {"until_year": "", "until_month": "", "until_day": ""},
    "too long": {"until_year": "2040"},
    "over": {"until_year": "2020"},
    "nobody": {"proxy": "0000-0000-0000-0000"},
    "empty": {"proxy": ""},
    "long": {"proxy": "x" * 5000},
    "no button": {"action": "?"},
}


@pytest.mark.parametrize("wrong", sorted(WRONG))
async def test_what_is_wrong_is_said_and_changes_nothing(city: Town, wrong: str) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    answer = await (await city.browser(mother)).post(f"/ja{PATH}", data=form(son, **WRONG[wrong]))
    assert answer.status_code in {400, 404}
    assert "notice-error" in answer.text
    assert await city.identity.mandates.of(mother.key) == []


async def test_nobody_ends_what_is_not_theirs(city: Town) -> None:
    mother, son, other = [await city.resident(f"例 {number}") for number in "一二三"]
    mandate = await made(city, mother, son)
    answer = await (await city.browser(other)).post(f"/ja{PATH}", data={"action": "end", "id": mandate.id})
    assert answer.status_code == 404
    assert await sees(city, son, mother)


async def test_a_weak_session_gives_none_and_staff_have_none(city: Town) -> None:
    mother, son = await city.resident("例 母"), await city.resident("例 息子")
    answer = await (await city.browser(mother, aal=1)).post(f"/ja{PATH}", data=form(son))
    assert answer.status_code == 303
    assert await city.identity.mandates.of(mother.key) == []
    assert (await (await city.browser(await city.staff())).get(f"/ja{PATH}")).status_code == 403
