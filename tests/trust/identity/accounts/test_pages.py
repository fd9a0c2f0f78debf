"""Does the counter find only whom it names exactly, leave a record of each look, and do what the clerk was asked for?"""

import re
from datetime import date
from typing import Any

import httpx
import pytest

from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.permissions import COUNTER, PERSONNEL
from tests.trust.identity.mandates.test_service import sees
from tests.trust.identity.town import BY, Duty, Town, Witness

PATH = "/console/people"
BORN = {"born_year": "1944", "born_month": "5", "born_day": "10"}


async def clerk(city: Town, *powers: str, aal: int = 2) -> tuple[httpx.AsyncClient, Account]:
    city.identity.powers, city.identity.witness = Duty(frozenset(powers or (COUNTER,))), Witness()
    account = await city.staff("例 窓口")
    return await city.browser(account, aal=aal), account


async def hanako(city: Town, **more: Any) -> Account:
    return await city.resident("山口 花子", born_on=date(1944, 5, 10), **more)


def looks(city: Town) -> list[tuple[str, str]]:
    assert isinstance(city.identity.witness, Witness)
    return city.identity.witness.looks


async def test_who_is_named_exactly_is_found_and_the_look_is_on_the_record(city: Town) -> None:
    one = await hanako(city)
    browser, account = await clerk(city)
    assert (await browser.get(f"/ja{PATH}")).status_code == 200
    assert looks(city) == []
    answer = await browser.post(f"/ja{PATH}", data={"action": "find", "name": "山口花子", **BORN})
    assert answer.status_code == 200
    assert "山口 花子" in answer.text.split("<main")[1]
    assert looks(city) == [(account.principal, one.person)]
    assert answer.headers["cache-control"] == "no-store"


async def test_who_may_not_be_found_is_nobody(city: Town) -> None:
    """A protected, a dead and an unknown person get the same answer, byte by byte but for the request."""
    hidden, dead = await hanako(city), await city.resident("例 故人", born_on=date(1944, 5, 10))
    await city.identity.accounts.protect(hidden.key, by=BY, reason="支援措置")
    await city.identity.accounts.happen(dead.key, Event.DIED, by=BY, reason="死亡届")
    browser, _ = await clerk(city)
    answers = set()
    for name in ("山口花子", "例 故人", "例 無名"):
        answer = await browser.post(f"/ja{PATH}", data={"action": "find", "name": name, **BORN})
        answers.add((answer.status_code, answer.text.replace(name, "")))
    for key in (hidden.key, dead.key, "0" * 16, ""):
        for action in ("enrol", "mandate", "end-mandate", "moved_out", "died"):
            answer = await browser.post(f"/ja{PATH}", data={"action": action, "key": key, "reason": "x", "name": ""})
            answers.add((answer.status_code, answer.text))
    assert len(answers) <= 2, "with the birth date in the form and without"
    assert {status for status, _ in answers} == {404}
    assert looks(city) == []
    assert (await city.identity.accounts.get(hidden.key)).is_protected


@pytest.mark.parametrize(
    ("who", "status"), [("anyone", 303), ("a resident", 403), ("other staff", 403), ("weak", 303), ("the administrator", 403)]
)
@pytest.mark.parametrize(("path", "power"), [(PATH, COUNTER), ("/console/staff", PERSONNEL)])
async def test_only_the_counter(city: Town, who: str, status: int, path: str, power: str) -> None:
    browsers = {
        "anyone": city.browser,
        "weak": lambda: _first(clerk(city, power, aal=1)),
        "other staff": lambda: _first(clerk(city, PERSONNEL if power == COUNTER else COUNTER)),
    }
    if who in browsers:
        browser = await browsers[who]()
    elif who == "a resident":
        browser = await city.browser(await hanako(city))
    else:
        credentials = city.kairo.credentials
        browser = await city.browser(session=str(await credentials.enter(await credentials.new_link())))
        city.identity.powers = Duty()
    assert (await browser.get(f"/ja{path}")).status_code == status
    answer = await browser.post(f"/ja{path}", data={"action": "find", "name": "山口花子", **BORN})
    assert answer.status_code == status


async def _first(pair: Any) -> httpx.AsyncClient:
    browser: httpx.AsyncClient = (await pair)[0]
    return browser


async def test_a_lost_passkey_is_made_up_for(city: Town) -> None:
    one = await hanako(city)
    session = await city.session(one)
    browser, account = await clerk(city)
    form = {"action": "enrol", "key": one.key, "reason": "紛失、運転免許証"}
    assert (await browser.post(f"/ja{PATH}", data={**form, "reason": " "})).status_code == 400
    assert await city.identity.sessions.find(session) is not None
    answer = await browser.post(f"/ja{PATH}", data=form)
    assert answer.status_code == 200
    assert await city.identity.sessions.find(session) is None
    link = re.search(r'href="http://localhost:8080/ja/enrol\?code=([A-Za-z0-9_-]+)"', answer.text)
    assert link
    assert (await city.identity.enrolment.of(link[1])).key == one.key
    assert "<svg" in answer.text.split("<figure>")[1]
    assert (await city.identity.accounts.get(one.key)).ial == 2
    rows = await city.kairo.database.fetch(
        city.tenant,
        "SELECT operation, attributes FROM change WHERE tenant = $1 AND principal = $2 ORDER BY seq",
        city.tenant,
        account.principal,
    )
    assert [(row["operation"], row["attributes"]) for row in rows] == [
        ("enrolment", [form["reason"]]),
        ("proof", [form["reason"]]),
    ]


async def test_a_mandate_is_recorded_on_paper_and_ended(city: Town) -> None:
    mother, son = await hanako(city), await city.resident("山口 太郎", born_on=date(1974, 3, 3))
    browser, account = await clerk(city)
    form = {
        "action": "mandate", "key": mother.key, "kind": "supporter", "proxy_name": "山口太郎", "proxy_born_year": "1974",
        "proxy_born_month": "3", "proxy_born_day": "3", "types": ["Resident"], "until_year": "2027", "until_month": "3", "until_day": "31",
        "evidence": "委任状",
    }  # fmt: skip
    assert (await browser.post(f"/ja{PATH}", data={**form, "evidence": ""})).status_code == 400
    assert (await browser.post(f"/ja{PATH}", data={**form, "proxy_name": "山口 次郎"})).status_code == 404
    answer = await browser.post(f"/ja{PATH}", data=form)
    assert answer.status_code == 200
    assert "山口 太郎" in answer.text
    assert await sees(city, son, mother)
    assert (await browser.post(f"/ja{PATH}", data=form)).status_code == 409
    (mandate,) = await city.identity.mandates.of(mother.key)
    assert (mandate.recorded_by, mandate.evidence) == (account.principal, "委任状")
    end = {"action": "end-mandate", "key": mother.key, "id": mandate.id, "reason": "本人の希望"}
    assert (await browser.post(f"/ja{PATH}", data={**end, "reason": ""})).status_code == 400
    assert (await browser.post(f"/ja{PATH}", data=end)).status_code == 200
    assert not await sees(city, son, mother)


async def test_what_happened_is_recorded(city: Town) -> None:
    one = await hanako(city)
    browser, _ = await clerk(city)
    form = {"action": "moved_out", "key": one.key, "reason": "転出届"}
    assert (await browser.post(f"/ja{PATH}", data={**form, "reason": ""})).status_code == 400
    answer = await browser.post(f"/ja{PATH}", data=form)
    assert "転出" in answer.text
    assert (await city.identity.accounts.get(one.key)).status == "moved_out"
    assert (await browser.post(f"/ja{PATH}", data=form)).status_code == 400, "it happens once"
    for action in ("protect", "?", ""):
        assert (await browser.post(f"/ja{PATH}", data={**form, "action": action})).status_code == 400


@pytest.mark.parametrize(
    "born",
    [{}, {"born_year": "x", "born_month": "", "born_day": ""}, {"born_year": "3000", "born_month": "1", "born_day": "1"}],
)
async def test_no_birth_date_finds_nobody(city: Town, born: dict[str, str]) -> None:
    await hanako(city)
    browser, _ = await clerk(city)
    answer = await browser.post(f"/ja{PATH}", data={"action": "find", "name": "山口花子", **born})
    assert answer.status_code == 400
    assert looks(city) == []
