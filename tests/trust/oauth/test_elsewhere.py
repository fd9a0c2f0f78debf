"""Do people sign in by an account elsewhere, linked by themselves, and nobody by anything forged? The peer is a second Kairo."""

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
import pytest_asyncio
import yaml

from kairo.platform.db import Database
from kairo.trust.identity.accounts.rules import Event
from tests.trust.oauth.city import COOKIE, ISSUER, Browser, City, address_of, city
from tests.trust.oauth.elsewhere import listening, passed_to

REGION = "352063"


@dataclass
class Two:
    """The city, and the region by whose accounts its people may sign in."""

    town: City
    region: City

    async def nobody(self) -> Browser:
        return Browser("", httpx.AsyncClient(transport=self.town.http._transport, base_url=ISSUER))

    async def led(self, browser: Browser, *, link: bool = False, back: str = "/me/logins") -> str:
        """Where the city sends a browser to sign in elsewhere."""
        if link:
            page = await browser.http.post("/ja/me/logins", data={"action": "link", "provider": "region"})
        else:
            page = await browser.http.post("/ja/sign-in/with/region", data={"back": back})
        assert page.status_code == 200, page.text
        return address_of(page.text)

    async def agreed(self, there: Browser, address: str) -> str:
        """What the region answers, once its resident agrees: the way back."""
        query = urlsplit(address).query
        page = await there.http.get(f"/ja/oauth/authorize?{query}", headers={"accept": "text/html"})
        if page.status_code == 302:
            return str(page.headers["location"])
        done = await there.http.post("/ja/oauth/authorize", data={"request": query, "action": "allow"})
        return address_of(done.text)

    async def back(self, browser: Browser, location: str) -> httpx.Response:
        headers = {"accept": "text/html", "sec-fetch-site": "cross-site"}
        return await browser.http.get(f"/ja{location.removeprefix(ISSUER)}", headers=headers)

    async def linked(self) -> tuple[Browser, Browser]:
        """A resident here who has linked their account at the region."""
        here, there = await self.town.resident(), await self.region.resident("見本 花子（地域）")
        done = await self.back(here, await self.agreed(there, await self.led(here, link=True)))
        assert done.status_code == 200, done.text
        return here, there


@pytest_asyncio.fixture
async def two(database: Database, signing_keys: Path, tmp_path: Path) -> AsyncIterator[Two]:
    """Two programs: the region on a port of this machine."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        shutil.copy(signing_keys, folder)
    found: list[City] = []
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(listening(passed_to(lambda: found[0].app)))
        peer = city(database, there, tenant=REGION, public_url=f"http://127.0.0.1:{port}")
        region = await stack.enter_async_context(peer)
        found.append(region)
        partner = await region.partner("openid", redirect_uris=f"{ISSUER}/sign-in/with/region/back")
        (here / "secret").write_text(partner.secret)
        one = {
            "name": "region", "preset": "kairo", "title": {"ja": "圏域のアカウント", "en": "Account of the region"},
            "issuer": region.kairo.oauth.issuer, "client_id": partner.name, "secret_file": "secret", "networks": ["127.0.0.0/8"],
        }  # fmt: skip
        (here / "providers.yaml").write_text(yaml.safe_dump({"providers": [one]}))
        town = await stack.enter_async_context(city(database, here, sign_in_providers=here / "providers.yaml"))
        yield Two(town, region)


async def is_in(browser: Browser) -> bool:
    return (await browser.http.get("/ja/me/logins", headers={"accept": "text/html"})).status_code == 200


async def test_an_account_elsewhere_is_linked_and_then_opens_the_door(two: Two) -> None:
    here, there = await two.linked()
    page = (await here.http.get("/ja/me/logins", headers={"accept": "text/html"})).text
    assert page.count("圏域のアカウント") >= 2
    browser = await two.nobody()
    assert "圏域のアカウント" in (await browser.http.get("/ja/sign-in", headers={"accept": "text/html"})).text
    done = await two.back(browser, await two.agreed(there, await two.led(browser)))
    assert done.status_code == 200
    assert address_of(done.text) == "/ja/me/logins"
    assert COOKIE in done.cookies
    session = await two.town.kairo.credentials.sessions.find(done.cookies[COOKIE])
    assert session is not None
    assert (session.principal.id, session.method, session.aal) == (here.principal, "oidc", 2), "AAL as the other one says"
    assert await is_in(browser)


async def test_who_is_not_linked_is_nobody_here(two: Two) -> None:
    browser, stranger = await two.nobody(), await two.region.resident("だれか")
    done = await two.back(browser, await two.agreed(stranger, await two.led(browser)))
    assert done.status_code == 200
    assert "まだ連携していません" in done.text
    assert not await is_in(browser)


async def test_an_account_elsewhere_is_one_person_here(two: Two) -> None:
    _, there = await two.linked()
    other = await two.town.resident("見本 太郎")
    done = await two.back(other, await two.agreed(there, await two.led(other, link=True)))
    assert done.status_code == 403
    browser = await two.nobody()
    await two.back(browser, await two.agreed(there, await two.led(browser)))
    shown = (await browser.http.get("/ja/me/logins", headers={"accept": "text/html"})).text
    assert "圏域のアカウント" in shown


async def test_a_login_has_an_end(two: Two) -> None:
    here, there = await two.linked()
    (login,) = await two.town.kairo.relying.logins(here.principal)
    form = {"action": "end", "provider": "region", "since": login.linked_at.isoformat(), "days": "30"}
    stranger = await two.town.resident("だれか")
    assert (await stranger.http.post("/ja/me/logins", data=form)).status_code == 404
    assert (await here.http.post("/ja/me/logins", data=form)).status_code == 200
    browser = await two.nobody()
    await two.back(browser, await two.agreed(there, await two.led(browser)))
    assert await is_in(browser)
    assert (await here.http.post("/ja/me/logins", data={**form, "days": "0"})).status_code == 200
    late = await two.nobody()
    assert "まだ連携していません" in (await two.back(late, await two.agreed(there, await two.led(late)))).text
    for wrong in ({**form, "days": "x"}, {**form, "days": "-1"}, {**form, "action": "other"}):
        assert (await here.http.post("/ja/me/logins", data=wrong)).status_code == 400
    for wrong in ({**form, "since": "then"}, {**form, "provider": "x" * 500}):
        assert (await here.http.post("/ja/me/logins", data=wrong)).status_code == 404


async def test_a_closed_account_does_not_come_in_by_the_back_door(two: Two) -> None:
    here, there = await two.linked()
    key = here.principal.partition(":")[2]
    await two.town.kairo.identity.accounts.happen(key, Event.DIED, by="administrator:local", reason="x")
    browser = await two.nobody()
    assert "まだ連携していません" in (await two.back(browser, await two.agreed(there, await two.led(browser)))).text


def with_(location: str, **changed: str | None) -> str:
    """The way back, with other parameters."""
    parts = urlsplit(location)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()} | changed
    return parts._replace(query=urlencode({name: value for name, value in query.items() if value is not None})).geturl()


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        ({"state": None}, ""),
        ({"state": "x" * 43}, ""),
        ({"iss": "https://evil.example"}, ""),
        ({"iss": None}, ""),
        ({"code": "x" * 48}, ""),
        ({"code": None}, ""),
        ({"code": None, "error": "access_denied"}, ""),
        ({"state": "x" * 40_000}, ""),
        ({"code": "a\x00"}, ""),
        ({}, "other"),
    ],
)
async def test_an_answer_that_does_not_hold(two: Two, changed: dict[str, str | None], path: str) -> None:
    _, there = await two.linked()
    browser = await two.nobody()
    location = with_(await two.agreed(there, await two.led(browser)), **changed)
    if path:
        location = location.replace("/with/region/", f"/with/{path}/")
    done = await two.back(browser, location)
    assert done.status_code in {400, 401, 404}
    assert COOKIE not in done.cookies
    assert not await is_in(browser)


async def test_an_answer_counts_once_and_in_the_browser_that_asked(two: Two) -> None:
    _, there = await two.linked()
    browser, thief = await two.nobody(), await two.nobody()
    location = await two.agreed(there, await two.led(browser))
    assert (await two.back(thief, location)).status_code == 401, "somebody else's answer, put into another browser"
    assert (await two.back(browser, location)).status_code == 401, "and it is used up by the try"
    again = await two.agreed(there, await two.led(browser))
    assert (await two.back(browser, again)).status_code == 200
    assert (await two.back(browser, again)).status_code == 401
    slow = await two.agreed(there, await two.led(browser))
    two.town.passes(minutes=11)
    assert (await two.back(browser, slow)).status_code == 401


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/a\n"])
async def test_the_way_on_leads_nowhere_else(two: Two, back: str) -> None:
    _, there = await two.linked()
    browser = await two.nobody()
    done = await two.back(browser, await two.agreed(there, await two.led(browser, back=back)))
    assert address_of(done.text) == "/ja/me"


async def test_linking_asks_for_a_strong_sign_in(two: Two) -> None:
    from kairo.trust.identity import Principal

    here = await two.town.resident()
    weak = await two.town.kairo.credentials.sessions.open(Principal.named(here.principal), aal=1, method="oidc")
    here.http.cookies = httpx.Cookies({COOKIE: weak})
    form = {"action": "link", "provider": "region"}
    assert (await here.http.post("/ja/me/logins", data=form)).status_code == 401
    assert (await here.http.post("/ja/me/logins", data=form, headers={"sec-fetch-site": "cross-site"})).status_code == 403
    assert (
        await (await two.nobody()).http.post("/ja/sign-in/with/region", headers={"sec-fetch-site": "cross-site"})
    ).status_code == 403
    assert (await (await two.nobody()).http.post("/sign-in/with/nobody", data={})).status_code == 404
