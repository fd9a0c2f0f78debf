"""Does no secret stand in a log line or an error, however talkative the log is? Every kind of secret goes through the program here,
as it should be used, used up, misspelt, and while something fails unforeseen."""

import logging
import re
import secrets as random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp
import pytest
import structlog

from kairo.platform.observability.logs import configure, logger
from kairo.trust.identity.accounts.account import Account
from tests.trust.oauth.city import BACK, ISSUER, Browser, City
from tests.trust.oauth.partners import PEOPLE, app, refresh, userinfo

HTML = {"accept": "text/html"}
PROGRAM = {"accept": "application/json"}


@pytest.fixture(autouse=True)
def _talkative() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@dataclass
class Kept:
    """The secrets that went through, and the errors that were answered."""

    secrets: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def secret(self, name: str, value: str) -> str:
        assert len(value) >= 6, name
        self.secrets[name] = value
        return value

    def refused(self, answer: httpx.Response, *statuses: int) -> None:
        assert answer.status_code in statuses, (answer.status_code, answer.text)
        own = answer.request.url.query.decode()  # which the page's links to other languages repeat
        self.errors.append(
            f"{answer.request.url.path}\n{answer.headers}\n{answer.text.replace(own, '') if own else answer.text}"
        )

    def cookies(self, answer: httpx.Response, browser: str) -> None:
        for one in answer.headers.get_list("set-cookie"):
            name, _, value = one.partition(";")[0].partition("=")
            if len(value) > 6:
                self.secret(f"{browser} {name}", value)


def nobody(town: City) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=town.app, raise_app_exceptions=False), base_url=ISSUER)


async def administrator(town: City, kept: Kept) -> None:
    """One-time link, session, token."""
    browser = nobody(town)
    link = kept.secret("link", await town.kairo.credentials.new_link())
    page = await browser.get("/ja/enter", params={"link": link}, headers=HTML)
    assert page.headers["cache-control"] == "no-store"
    kept.cookies(await browser.post("/ja/enter", data={"link": link}), "administrator")
    for accept in (HTML, PROGRAM):
        kept.refused(await nobody(town).post("/ja/enter", data={"link": link}, headers=accept), 401)
    token = kept.secret("token", await town.kairo.credentials.administrator_token(town.kairo.settings.data / "admin.token"))
    assert (await town.get("/types", token)).status_code == 200
    kept.refused(await town.get("/types", f"{token}x"), 401)
    kept.refused(await town.http.get("/ngsi-ld/v1/types", headers={"Authorization": f"Basic {token}"}), 401)


async def staff(town: City, kept: Kept) -> None:
    """Enrolment link, password, secret of one-time codes, recovery codes, device, session."""
    accounts = town.kairo.identity.accounts
    login = f"mori-{random.token_hex(3)}"
    account = await accounts.register(Account("", "staff", "職員", login=login), by="administrator:local")
    code = await town.kairo.identity.enrolment.issue(account.key, by="administrator:local", reason="new")
    code = kept.secret("enrolment", code)
    browser = nobody(town)
    page = await browser.get("/ja/enrol", params={"code": code}, headers=HTML)
    found = re.search(r'name="totp_secret" value="(\w+)"', page.text)
    assert found
    totp, password = kept.secret("totp", found[1]), kept.secret("password", "kawa ishi hashi neko")
    wrong = {"code": code, "totp_secret": totp, "password": password, "again": f"{password}!", "one_time": "000000"}
    again = await browser.post("/ja/enrol/password", data=wrong, headers=HTML)
    assert again.status_code == 400
    assert {one.headers["cache-control"] for one in (page, again)} == {"no-store"}
    right = {**wrong, "again": password, "one_time": pyotp.TOTP(totp).at(town.kairo.clock())}
    done = await browser.post("/ja/enrol/password", data=right, headers=HTML)
    assert done.status_code == 200, done.text
    kept.cookies(done, "enrolled")
    for number, one in enumerate(re.findall(r"\b[a-z2-7]{4}(?:-[a-z2-7]{4}){3}\b", done.text)):
        kept.secret(f"recovery {number}", one)
    assert "recovery 9" in kept.secrets
    kept.refused(await nobody(town).post("/ja/enrol/password", data=right, headers=PROGRAM), 401)
    kept.refused(await nobody(town).post("/ja/enrol/passkey/options", json={"code": code}, headers=PROGRAM), 401)
    kept.refused(await nobody(town).get("/ja/enrol", params={"code": code}, headers=HTML), 401)
    given = {"login": login, "password": password, "code": kept.secrets["recovery 0"]}
    for changed in ({"password": f"{password}x"}, {"code": "000000"}, {"login": "nobody"}):
        kept.refused(await nobody(town).post("/ja/sign-in/password", data={**given, **changed}, headers=HTML), 401)
    inside = nobody(town)
    came = await inside.post("/ja/sign-in/password", data=given, headers=HTML)
    assert came.status_code == 303, came.text
    kept.cookies(came, "signed in")
    kept.refused(await nobody(town).post("/ja/sign-in/password", data=given, headers=HTML), 401)  # its code is used


async def resident(town: City, kept: Kept) -> Browser:
    """The code of consent, used in vain."""
    mother, son = await town.resident(), await town.resident("見本 太郎")
    person = f"urn:ngsi-ld:Resident:{mother.principal.partition(':')[2]}"
    assert (await mother.http.post("/ja/me/consents/code", data={"person": person})).status_code == 303
    shown = await town.kairo.consent.codes.shown(town.kairo.settings.tenant, person)
    assert shown is not None
    code = kept.secret("consent code", shown.code)
    key = await town.token(await town.partner("read write"))
    bearer = {"Authorization": f"Bearer {kept.secret('partner token', key['access_token'])}"}
    asked = {"purpose": "no such purpose", "code": code}
    kept.refused(await town.http.post("/api/consent-requests", json=asked, headers=bearer), 400, 403, 404)
    typed = await mother.http.post("/ja/me/consents/new", data={"code": code, "act": "given"}, headers=HTML)
    assert (typed.status_code, typed.headers["cache-control"]) == (400, "no-store"), "the form, with what she typed"
    kept.refused(await town.http.post("/api/consent-requests", content=f'{{"code": "{code}"'.encode(), headers=bearer), 400)
    assert (await son.http.post("/ja/me/consents/new", data={"code": code, "act": ""}, headers=HTML)).status_code == 200
    return mother


async def applications(town: City, kept: Kept, browser: Browser) -> None:
    """Keys, tokens, codes, verifiers, refresh tokens, identity tokens."""
    partner, other = await app(town), await app(town)
    kept.secret("key", partner.secret)
    kept.secret("other key", other.secret)
    assert (await town.get("/types", partner.secret)).status_code == 200
    visit = await browser.sign_in_to(partner, scope=PEOPLE)
    kept.secret("authorization code", visit.answer["code"])
    kept.secret("verifier", visit.verifier)
    kept.refused(await visit.tokens(town, code_verifier=f"{visit.verifier}x"), 400)
    visit = await browser.sign_in_to(partner, scope=PEOPLE)
    kept.secret("second code", visit.answer["code"])
    token = (await visit.tokens(town)).json()
    for name in ("access_token", "refresh_token", "id_token"):
        kept.secret(name, token[name])
    kept.refused(await visit.tokens(town), 400)
    kept.refused(await refresh(town, other, token["refresh_token"]), 400)
    kept.refused(await userinfo(town, f"{token['access_token']}x"), 401)
    kept.refused(
        await town.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=(partner.name, other.secret)), 401
    )
    form = {"token": token["access_token"], "client_id": partner.name, "client_secret": other.secret}
    kept.refused(await town.http.post("/oauth/introspect", data=form), 400, 401)
    query = {"client_id": partner.name, "redirect_uri": f"{BACK}/{token['id_token'][:60]}", "code_challenge": visit.verifier}
    kept.refused(await browser.http.get("/ja/oauth/authorize", params=query, headers=HTML), 400)


async def failing(town: City, kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something fails unforeseen with a secret in its hands, and says it in its message."""
    session = kept.secrets["signed in __Host-kairo_session"]

    async def broken(secret: str) -> Any:
        raise ValueError(f"no luck with {secret}") from KeyError(kept.secrets["password"])

    monkeypatch.setattr(town.kairo.credentials.sessions, "find", broken)
    monkeypatch.setattr(town.kairo.credentials, "who", lambda secret, kind: broken(secret))
    cookie = {"cookie": f"__Host-kairo_session={session}"}
    for path, headers in (("/ja/me/sessions", HTML), ("/ja/me/sessions", PROGRAM), ("/ngsi-ld/v1/types", PROGRAM)):
        kept.refused(
            await nobody(town).get(path, params={"link": kept.secrets["link"]}, headers={**headers, **cookie}), 400, 500
        )
    headers = {"Authorization": f"Bearer {kept.secrets['token']}", **PROGRAM}
    kept.refused(await nobody(town).get("/ngsi-ld/v1/types", headers=headers), 500)


async def test_no_secret_is_told(town: City, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    configure("json", "debug")
    logger("planted").debug("the log is captured")
    kept = Kept()
    await administrator(town, kept)
    await staff(town, kept)
    await applications(town, kept, await resident(town, kept))
    await failing(town, kept, monkeypatch)
    log = "".join(capsys.readouterr())
    for canary in ("the log is captured", "a sign-in by password was refused", "signed in", "request failed"):
        assert canary in log, f"the log was not captured: {canary}"
    assert len(kept.secrets) >= 25
    assert len(kept.errors) >= 20
    for name, secret in kept.secrets.items():
        assert secret not in log, f"{name} stands in the log"
        for error in kept.errors:
            assert secret not in error, f"{name} stands in an error: {error[:200]}"
