"""Do staff register applications and hand out keys on a page, in three languages, and do others not even see that there is one?"""

import re
import secrets

import httpx
import pytest

from kairo.trust.identity import LOCAL_ADMINISTRATOR, Principal
from kairo.trust.identity.accounts.account import Account
from tests.trust.oauth.city import BACK, COOKIE, ISSUER, Browser, City, Visit

HTML = {"accept": "text/html"}


async def inside(town: City, principal: Principal) -> httpx.AsyncClient:
    secret = await town.kairo.credentials.sessions.open(principal, aal=2, method="link")
    return httpx.AsyncClient(transport=town.http._transport, base_url=ISSUER, cookies={COOKIE: secret})


async def clerk(town: City, duty: str = "applications") -> httpx.AsyncClient:
    login = f"clerk-{secrets.token_hex(4)}"
    account = await town.kairo.identity.accounts.register(Account("", "staff", "職員", login=login), by="administrator:local")
    client = await inside(town, Principal.named(account.principal))
    session = await town.kairo.credentials.sessions.find(client.cookies[COOKIE])
    assert session is not None
    await town.kairo.credentials.sessions.set_purpose(session, duty)
    return client


def form(name: str, **more: str) -> dict[str, str]:
    given = {
        "title": "見守り",
        "organisation": "見守り社",
        "description": "見守ります。",
        "words": "read write",
        "purpose": "care",
    }
    return {
        "action": "register",
        "name": name,
        **given,
        "authentication": "secret",
        "redirect_uris": BACK,
        "logout_uris": "",
        **more,
    }


async def test_an_application_from_its_registration_to_its_end(town: City) -> None:
    here = await inside(town, LOCAL_ADMINISTRATOR)
    name = f"app-{secrets.token_hex(4)}"
    page = await here.post("/ja/console/applications", data=form(name))
    assert page.status_code == 200, page.text
    made = await here.post(
        "/ja/console/applications", data={"action": "key", "name": name, "label": "本番", "words": "read", "days": "30"}
    )
    secret = re.search(r"<code>(kairo_[\w-]{43})</code>", made.text)
    assert secret
    assert made.headers["cache-control"] == "no-store"
    shown = await here.get(f"/ja/console/applications?name={name}", headers=HTML)
    assert secret[1] not in shown.text, "it was shown once"
    assert "本番" in shown.text
    assert (await town.get("/entities?type=Sensor", secret[1])).status_code == 200
    key = re.search(r'name="key" value="(\w+)"', shown.text)
    assert key
    assert (
        await here.post("/ja/console/applications", data={"action": "end-key", "name": name, "key": key[1]})
    ).status_code == 200
    assert (await town.get("/entities?type=Sensor", secret[1])).status_code == 401
    assert "停止" in (await here.post("/ja/console/applications", data={"action": "stop", "name": name})).text
    assert "有効" in (await here.post("/ja/console/applications", data={"action": "approve", "name": name})).text


async def test_a_clerk_waits_for_a_colleague(town: City) -> None:
    one, two = await clerk(town), await clerk(town)
    name = f"app-{secrets.token_hex(4)}"
    page = await one.post("/ja/console/applications", data=form(name))
    assert "承認待ち" in page.text
    assert 'value="approve"' not in page.text
    assert (await one.post("/ja/console/applications", data={"action": "approve", "name": name})).status_code == 403
    shown = await two.get(f"/ja/console/applications?name={name}", headers=HTML)
    assert 'value="approve"' in shown.text
    assert "有効" in (await two.post("/ja/console/applications", data={"action": "approve", "name": name})).text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"name": "A B"}, 400),
        ({"name": ""}, 400),
        ({"title": ""}, 400),
        ({"title": "x" * 101}, 400),
        ({"title": "a\nb"}, 400),
        ({"words": "everything"}, 400),
        ({"redirect_uris": "http://app.example/"}, 400),
        ({"logout_uris": "javascript:alert(1)"}, 400),
        ({"authentication": "smile"}, 400),
        ({"authentication": "private_key_jwt", "jwks": "{}"}, 400),
        (
            {
                "authentication": "private_key_jwt",
                "jwks": '{"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}]}',
            },
            400,
        ),
        ({"action": "dance"}, 400),
        ({"action": "key", "days": "0"}, 400),
        ({"action": "key", "days": "x"}, 400),
        ({"action": "end-key", "key": "x"}, 404),
        ({"action": "stop", "name": "nobody"}, 404),
    ],
)
async def test_what_cannot_be_entered(town: City, changed: dict[str, str], status: int) -> None:
    here = await inside(town, LOCAL_ADMINISTRATOR)
    name = f"app-{secrets.token_hex(4)}"
    if changed.get("action") == "key":
        await here.post("/ja/console/applications", data=form(name))
    page = await here.post("/ja/console/applications", data={**form(name), "label": "x", **changed}, headers=HTML)
    assert page.status_code == status, page.text
    assert (
        await here.post("/ja/console/applications", data={**form(name), **changed}, headers={"sec-fetch-site": "cross-site"})
    ).status_code == 403


async def test_a_name_is_taken_once(town: City) -> None:
    here = await inside(town, LOCAL_ADMINISTRATOR)
    name = f"app-{secrets.token_hex(4)}"
    assert (await here.post("/ja/console/applications", data=form(name))).status_code == 200
    assert (await here.post("/ja/console/applications", data=form(name))).status_code == 409


async def test_others_do_not_see_that_there_is_such_a_page(town: City) -> None:
    resident, other = await town.resident(), await clerk(town, "counter")
    for path in ("/ja/console/applications", "/ja/console/applications?name=x"):
        assert (await resident.http.get(path, headers=HTML)).status_code == 404
        assert (await other.get(path, headers=HTML)).status_code == 404
        assert (await town.http.get(path)).status_code == 401
    partner = await town.partner()
    bearer = {"authorization": f"Bearer {partner.secret}"}
    assert (await town.http.get("/ja/console/applications", headers=bearer)).status_code == 404
    assert (await town.http.post("/ja/console/applications", headers=bearer, data=form("x"))).status_code == 404


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_pages_speak_three_languages(town: City, language: str) -> None:
    partner, browser = (
        await town.partner("openid offline_access", redirect_uris=BACK, title="アプリ <b>"),
        await town.resident(),
    )
    consent = await browser.http.get(
        f"/{language}/oauth/authorize?{Visit(partner).query(scope='openid offline_access')}", headers=HTML
    )
    assert consent.status_code == 200
    assert "アプリ &lt;b&gt;" in consent.text
    assert 'name="robots" content="noindex"' in consent.text
    await browser.sign_in_to(partner)
    administrator = await inside(town, LOCAL_ADMINISTRATOR)
    pages = [
        (browser.http, "/me/applications"),
        (browser.http, "/me/logins"),
        (browser.http, "/oauth/logout"),
        (administrator, "/console/applications"),
        (administrator, f"/console/applications?name={partner.name}"),
    ]
    for client, path in pages:
        page = await client.get(f"/{language}{path}", headers=HTML)
        assert page.status_code == 200, path
        assert "oauth." not in re.sub(r"<[^>]+>", "", page.text), f"{path}: a message is missing"


async def test_an_error_page_for_who_sits_there(town: City) -> None:
    browser: Browser = await town.resident()
    page = await browser.http.get("/ja/oauth/authorize?client_id=nobody", headers=HTML)
    assert page.status_code == 400
    assert "アプリの運営者にお知らせください" in page.text
