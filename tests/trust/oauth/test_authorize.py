"""Which requests of an application does the page of consent answer, which go back with an error, and which lead nowhere?"""

import warnings

import httpx
import pytest

from tests.trust.oauth.city import BACK, ISSUER, Browser, City, Visit, address_of
from tests.trust.oauth.partners import app

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Authlib speaks of httpx's successor


# What is told to the application, at its own address, and what only to who sits there: where nothing is certain of it.
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "read"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://app.example/r"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "consent_required"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_a_request_that_cannot_be(town: City, more: dict[str, str], error: str) -> None:
    partner, browser = await app(town), await town.resident()
    visit = Visit(partner)
    page = await browser.http.get(f"/ja/oauth/authorize?{visit.query(**more)}", headers={"accept": "text/html"})
    assert page.status_code == 302, page.text
    assert page.headers["location"].startswith(f"{BACK}?")
    visit.came_back(page.headers["location"])
    assert visit.answer["error"] == error
    assert (visit.answer["state"], visit.answer["iss"]) == (visit.state, ISSUER)
    assert "code" not in visit.answer


@pytest.mark.parametrize(
    "more",
    [
        {"client_id": "nobody"},
        {"client_id": ""},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": ""},
        {"redirect_uri": BACK + "/"},
        {"redirect_uri": BACK + "?x=1"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "https://app.example/back#x"},
        {"redirect_uri": "//app.example/back"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "https://app.example%2Fback"},
        {"state": "x\x00"},
        {"nonce": "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "\n"},
        {"state": "x" * 40_000},
        {"client_id": "x" * 10_000},
    ],
)
async def test_a_browser_is_never_sent_where_nobody_registered(town: City, more: dict[str, str]) -> None:
    partner, browser = await app(town), await town.resident()
    query = Visit(partner).query(**more)
    for page in (
        await browser.http.get(f"/ja/oauth/authorize?{query}", headers={"accept": "text/html"}),
        await browser.http.post(
            "/ja/oauth/authorize", data={"request": query, "action": "allow"}, headers={"accept": "text/html"}
        ),
    ):
        assert page.status_code == 400
        assert "location" not in page.headers
        assert "http-equiv" not in page.text
        assert '"https://evil' not in page.text


async def test_a_parameter_that_stands_there_twice(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    query = f"{Visit(partner).query()}&client_id=other"
    assert (await browser.http.get(f"/ja/oauth/authorize?{query}", headers={"accept": "text/html"})).status_code == 400


async def test_who_is_not_signed_in_is_led_to_sign_in_and_back(town: City) -> None:
    partner = await app(town)
    visit = Visit(partner)
    nobody = Browser("", httpx.AsyncClient(transport=town.http._transport, base_url=ISSUER))
    page = await nobody.http.get(f"/ja/oauth/authorize?{visit.query()}", headers={"accept": "text/html"})
    assert page.status_code == 303
    assert page.headers["location"].startswith("/ja/sign-in?back=%2Fja%2Foauth%2Fauthorize%3F")
    silent = await nobody.http.get(f"/ja/oauth/authorize?{visit.query(prompt='none')}", headers={"accept": "text/html"})
    assert visit.came_back(silent.headers["location"]).answer["error"] == "login_required"
    from_elsewhere = {"accept": "text/html", "sec-fetch-site": "cross-site"}
    led = await nobody.http.get(f"/ja/oauth/authorize?{visit.query(prompt='none')}", headers=from_elsewhere)
    assert led.status_code == 200, "the cookie did not come along: a page of ours leads on, and then it does"
    assert address_of(led.text).startswith("/ja/oauth/authorize?")


async def test_staff_sign_in_to_no_application(town: City) -> None:
    from kairo.trust.identity.accounts.account import Account

    partner = await app(town)
    clerk = await town.kairo.identity.accounts.register(Account("", "staff", "職員", login="clerk"), by="administrator:local")
    page = await (await town.browser(clerk.principal)).http.get(
        f"/ja/oauth/authorize?{Visit(partner).query()}", headers={"accept": "text/html"}
    )
    assert page.status_code == 303
    assert "/sign-in" in page.headers["location"]


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"max_age": "60"}, {"prompt": "select_account"}])
async def test_a_sign_in_that_must_be_fresh(town: City, more: dict[str, str]) -> None:
    partner, browser = await app(town), await town.resident()
    town.passes(minutes=5)
    query = Visit(partner).query(**more)
    page = await browser.http.get(f"/ja/oauth/authorize?{query}", headers={"accept": "text/html"})
    assert page.status_code == 303
    back = httpx.URL(page.headers["location"]).params["back"]
    assert (await browser.http.get(back, headers={"accept": "text/html"})).status_code == 303, "the old sign-in does not do"
    fresh = await town.browser(browser.principal)
    assert (await fresh.http.get(back, headers={"accept": "text/html"})).status_code == 200
    if "prompt" in more:
        forged = f"/ja/oauth/authorize?{query}&kairo_again=0.{'0' * 32}"
        assert (await browser.http.get(forged, headers={"accept": "text/html"})).status_code == 303


async def test_only_a_form_of_this_site_decides(town: City) -> None:
    partner, browser = await app(town), await town.resident()
    form = {"request": Visit(partner).query(), "action": "allow"}
    foreign = await browser.http.post("/ja/oauth/authorize", data=form, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403
    nobody = await town.http.post("/ja/oauth/authorize", data=form)
    assert nobody.status_code == 303
    assert "/sign-in" in nobody.headers["location"]
