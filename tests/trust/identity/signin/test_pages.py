"""Do the pages of signing in lead in by every way, back to pages of this site only, and away from whatever is wrong?"""

import re
from typing import Any

import httpx
import pyotp
import pytest

from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.signin.pages import DEVICE_COOKIE
from tests.trust.identity.signin.authenticator import ORIGIN, Authenticator
from tests.trust.identity.signin.test_passwords import PASSWORD, enrolled
from tests.trust.identity.town import BY, Town

ENROL = "/enrol"
JSON = {"accept": "application/json", "content-type": "application/json"}


async def with_passkey(city: Town) -> tuple[Account, Authenticator]:
    account, device = await city.resident("例 花子"), Authenticator()
    await city.identity.passkeys.add(account, device.make(await city.identity.passkeys.begin_registration(account, "")), "")
    return account, device


async def by_passkey(browser: httpx.AsyncClient, device: Authenticator, **more: Any) -> httpx.Response:
    options = await browser.post("/ja/sign-in/passkey/options", json={}, headers=JSON)
    assert options.status_code == 200
    answer = {"credential": device.sign(options.json()), **more}
    return await browser.post("/ja/sign-in/passkey", json=answer, headers=JSON)


async def test_a_passkey_leads_in_and_back(city: Town) -> None:
    account, device = await with_passkey(city)
    browser = await city.browser()
    answer = await by_passkey(browser, device, back="/me/mandates?x=1")
    assert answer.json() == {"to": "/ja/me/mandates?x=1"}
    cookie = answer.headers["set-cookie"].lower()
    assert all(flag in cookie for flag in ("httponly", "samesite=strict", "path=/"))
    text = (await browser.get("/ja/me/sessions")).text
    assert "マイページ（例 花子さん）" in text
    assert "パスキー" in text.split("<main")[1]
    assert account.name in text


@pytest.mark.parametrize(
    "back",
    ["//elsewhere.example", "https://elsewhere.example/", "/\\elsewhere.example", "/\t/elsewhere.example", "javascript:x"],
)
async def test_signing_in_leads_nowhere_else(city: Town, demo: Town, back: str) -> None:
    _, device = await with_passkey(city)
    assert (await by_passkey(await city.browser(), device, back=back)).json() == {"to": "/ja/me"}
    from kairo.trust.identity.accounts.demo import key_of

    clicked = await (await demo.browser()).post("/ja/sign-in/demo", data={"key": key_of("taro"), "back": back})
    assert clicked.headers["location"] == "/ja/me"
    page = await (await city.browser()).get("/ja/sign-in", params={"back": back})
    assert "elsewhere.example" not in page.text.split("<main")[1]


async def test_password_and_code_lead_in_and_make_the_device_known(city: Town) -> None:
    _, secret, _ = await enrolled(city)
    browser = await city.browser()
    form = {"login": "mori", "password": PASSWORD, "code": pyotp.TOTP(secret).at(city.clock()), "back": "/me/sessions"}
    answer = await browser.post("/ja/sign-in/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ja/me/sessions")
    assert {SESSION_COOKIE, DEVICE_COOKIE} <= set(browser.cookies)
    assert (await browser.get("/ja/me/sessions")).status_code == 200


async def test_what_is_wrong_is_said_on_the_page_and_nothing_is_kept_of_it(city: Town) -> None:
    await enrolled(city)
    browser = await city.browser()
    answer = await browser.post("/ja/sign-in/password", data={"login": "mori", "password": "wrong", "code": "1", "back": "/me"})
    assert answer.status_code == 401
    assert "いずれかが違います" in answer.text
    assert "wrong" not in answer.text
    assert 'value="mori"' in answer.text
    assert "set-cookie" not in answer.headers
    for _ in range(6):
        answer = await browser.post("/ja/sign-in/password", data={"login": "mori", "password": "wrong", "code": "1"})
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 1


@pytest.mark.parametrize("body", [None, [], "x", {}, {"credential": []}, {"credential": {"response": {"clientDataJSON": 5}}}])
@pytest.mark.parametrize("path", ["/ja/sign-in/passkey", "/ja/enrol/passkey", "/ja/me/passkeys"])
async def test_whatever_a_script_sends_is_answered(city: Town, path: str, body: Any) -> None:
    browser = await city.browser(await city.resident())
    answer = await browser.post(path, json=body, headers=JSON)
    assert answer.status_code in {400, 401}
    assert answer.headers["content-type"].startswith("application/problem+json")
    broken = await browser.post(path, content=b"{" * 5000, headers=JSON)
    assert broken.status_code == 400
    form = await browser.post(path, data={"credential": "x"}, headers={"accept": "application/json"})
    assert form.status_code == 415


@pytest.mark.parametrize(
    "path",
    ["/sign-in/passkey/options", "/sign-in/passkey", "/sign-in/password", "/enrol/passkey/options", "/enrol/passkey", "/enrol/password",
     "/me/passkeys/options", "/me/passkeys", "/me/sessions", "/me/mandates", "/console/people", "/console/staff"],
)  # fmt: skip
async def test_only_this_site_sends_them(city: Town, path: str) -> None:
    browser = await city.browser(await city.resident())
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://elsewhere.example"}):
        answer = await browser.post(f"/ja{path}", json={}, headers={**JSON, **headers})
        assert answer.status_code == 403


async def test_a_new_sign_in_ends_the_session_before(city: Town) -> None:
    account, device = await with_passkey(city)
    before = await city.session(account, aal=1)
    browser = await city.browser(session=before)
    await by_passkey(browser, device)
    assert await city.identity.sessions.find(before) is None
    assert await city.identity.sessions.find(browser.cookies[SESSION_COOKIE]) is not None


@pytest.mark.parametrize(
    ("path", "aal"), [("/me/sessions", 1), ("/me/mandates", 1), ("/console/people", 2), ("/console/staff", 2)]
)
async def test_who_is_not_signed_in_is_led_to_it_and_back(city: Town, path: str, aal: int) -> None:
    answer = await (await city.browser()).get(f"/ja{path}?x=%2F")
    assert answer.status_code == 303
    where = httpx.URL(answer.headers["location"])
    assert where.path == "/ja/sign-in"
    assert dict(where.params) == {"back": f"{path}?x=%2F", "aal": str(aal)}
    program = await (await city.browser(accept="application/json")).get(f"/ja{path}")
    assert program.status_code == 401
    assert program.json()["type"] == "urn:kairo:error:sign-in-needed"


async def test_a_weak_session_is_led_to_a_stronger_one(city: Town) -> None:
    account = await city.staff()
    browser = await city.browser(account, aal=1)
    answer = await browser.get("/ja/console/people")
    assert answer.status_code == 303
    text = (await browser.get(answer.headers["location"])).text
    assert "もう一度、確認させてください" in text


# The link of the counter


async def test_a_link_makes_a_passkey_once_and_ends_what_was_before(city: Town) -> None:
    account, lost = await with_passkey(city)
    thief = await city.session(account)
    code = await city.identity.enrolment.issue(account.key, by=BY, reason="紛失")
    assert await city.identity.sessions.find(thief) is None
    browser, device = await city.browser(), Authenticator()
    page = await browser.get(f"/ja{ENROL}", params={"code": code})
    assert page.status_code == 200
    assert account.name not in page.text.split("<main")[1]
    options = (await browser.post("/ja/enrol/passkey/options", json={"code": code}, headers=JSON)).json()
    answer = await browser.post(
        "/ja/enrol/passkey", json={"code": code, "label": "母の電話", "credential": device.make(options)}, headers=JSON
    )
    assert answer.json() == {"to": "/ja/me"}
    (kept,) = await city.identity.passkeys.of(account)
    assert kept.label == "母の電話"
    assert (await by_passkey(await city.browser(), device)).status_code == 200
    assert (await by_passkey(await city.browser(), lost)).status_code == 401
    again = await browser.post("/ja/enrol/passkey/options", json={"code": code}, headers=JSON)
    assert again.status_code == 401


@pytest.mark.parametrize("code", ["", "x", "x" * 43, "%00", "x" * 5000])
async def test_no_link(city: Town, code: str) -> None:
    browser = await city.browser()
    assert (await browser.get(f"/ja{ENROL}", params={"code": code})).status_code == 401
    assert (await browser.post("/ja/enrol/passkey/options", json={"code": code}, headers=JSON)).status_code == 401
    assert (await browser.post("/ja/enrol/password", data={"code": code})).status_code == 401


async def test_a_link_ends(city: Town) -> None:
    code = await city.identity.enrolment.issue((await city.resident()).key, by=BY, reason="新規")
    city.clock.pass_(hours=24)
    assert (await (await city.browser()).get(f"/ja{ENROL}", params={"code": code})).status_code == 401


async def test_staff_set_a_password_by_their_link(city: Town) -> None:
    account = await city.staff(login="mori")
    code = await city.identity.enrolment.issue(account.key, by=BY, reason="新任")
    browser = await city.browser()
    text = (await browser.get(f"/ja{ENROL}", params={"code": code})).text
    assert "<svg" in text.split("<figure>")[1].split("</figure>")[0]
    found = re.search(r'name="totp_secret" value="([A-Z2-7]{32})"', text)
    assert found
    form = {
        "code": code, "totp_secret": found[1], "password": PASSWORD, "again": PASSWORD,
        "one_time": pyotp.TOTP(found[1]).at(city.clock()),
    }  # fmt: skip
    for wrong in ({"again": "x"}, {"password": "short", "again": "short"}, {"one_time": "000000x"}, {"totp_secret": "A" * 31}):
        answer = await browser.post("/ja/enrol/password", data={**form, **wrong})
        assert answer.status_code == 400
        assert "notice-error" in answer.text
    answer = await browser.post("/ja/enrol/password", data=form)
    assert answer.status_code == 200
    assert len(re.findall(r"<code>[a-z2-7]{4}(?:-[a-z2-7]{4}){3}</code>", answer.text)) == 10
    assert answer.headers["cache-control"] == "no-store"
    assert (await browser.get("/ja/me/sessions")).status_code == 200


async def test_residents_have_no_passwords(city: Town) -> None:
    code = await city.identity.enrolment.issue((await city.resident()).key, by=BY, reason="新規")
    browser = await city.browser()
    assert "totp_secret" not in (await browser.get(f"/ja{ENROL}", params={"code": code})).text
    secret = pyotp.random_base32()
    form = {
        "code": code,
        "totp_secret": secret,
        "password": PASSWORD,
        "again": PASSWORD,
        "one_time": pyotp.TOTP(secret).at(city.clock()),
    }
    assert (await browser.post("/ja/enrol/password", data=form)).status_code == 400


async def test_pages_say_where_passkeys_work(city: Town) -> None:
    text = (await (await city.browser()).get("/en/sign-in")).text
    assert f'data-origin="{ORIGIN}"' in text
    assert "data-passkey" in text
