"""A city for the tests of applications: the whole program on the test's database, called in this process, its clock in our hands."""

import base64
import hashlib
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from kairo.app import Kairo
from kairo.context.gate import DataClass, Scope
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.settings import Settings
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.accounts.account import Account
from kairo.trust.oauth.records import State
from kairo.trust.oauth.service import Wish

HOME = "352039"
ISSUER = "https://city.example"
COOKIE = f"__Host-{SESSION_COOKIE}"  # by https
BACK = "https://app.example/back"
_kits: list[Any] = []
EVERY = frozenset(DataClass)
ADMINISTRATOR = Scope(HOME, "administrator:local", "administration", EVERY, EVERY, True, True, "all")
CLERK = Scope(HOME, "staff:aaaa", "applications", frozenset({DataClass.OPEN}), by_grants=True)


class Duties:
    """Roles, as far as this part asks: whoever of the staff has chosen the duty `applications` has its power."""

    async def standing(self, scope: Scope) -> "Duties.Held":
        is_clerk = scope.principal.startswith("staff:") and scope.purpose == "applications"
        return Duties.Held(is_clerk or scope.principal == "administrator:local")

    @dataclass
    class Held:
        """What the duty allows."""

        has_power: bool

        def may(self, power: str) -> bool:
            return self.has_power and power == "applications"


@dataclass
class Partner:
    """An application of a partner, and the secret of its key."""

    name: str
    secret: str = ""

    @property
    def basic(self) -> tuple[str, str]:
        return (self.name, self.secret)


@dataclass
class City:
    """The program, and how to call it."""

    kairo: Kairo
    http: httpx.AsyncClient
    app: Any
    ahead: list[timedelta] = field(default_factory=lambda: [timedelta()])

    def passes(self, **time: float) -> None:
        """Time goes by for the program."""
        self.ahead[0] += timedelta(**time)

    async def partner(self, words: str = "read write subscribe", key_words: str = "", **wish: str) -> Partner:
        """A new application with one key, where it shows itself by keys."""
        name = wish.pop("name", f"app-{secrets.token_hex(4)}")
        given = {
            "title": "見守りアプリ",
            "organisation": "やまぐち見守り社",
            "description": "見守ります。",
            "purpose": "watching-over",
        }
        await self.kairo.oauth.applications.register(ADMINISTRATOR, Wish(name=name, words=words, **{**given, **wish}))
        if wish.get("authentication", "secret") != "secret":
            return Partner(name)
        return Partner(name, await self.kairo.oauth.applications.new_key(ADMINISTRATOR, name, label="一つめ", words=key_words))

    async def token(self, partner: Partner, **form: str) -> dict[str, Any]:
        """An access token of the application's own."""
        answer = await self.http.post("/oauth/token", data={"grant_type": "client_credentials", **form}, auth=partner.basic)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def get(self, path: str, secret: str, **headers: str) -> httpx.Response:
        """The API, asked by the bearer of a key or token."""
        return await self.http.get(f"/ngsi-ld/v1{path}", headers={"Authorization": f"Bearer {secret}", **headers})

    async def write(self, secret: str, type: str, id: str = "") -> int:
        """The status of creating an entity."""
        entity = {
            "id": id or f"urn:ngsi-ld:{type}:{secrets.token_hex(4)}",
            "type": type,
            "name": {"type": "Property", "value": "x"},
        }
        answer = await self.http.post("/ngsi-ld/v1/entities", json=entity, headers={"Authorization": f"Bearer {secret}"})
        return answer.status_code

    async def stop(self, partner: Partner) -> None:
        await self.kairo.oauth.applications.decide(ADMINISTRATOR, partner.name, State.STOPPED)

    async def resident(self, name: str = "見本 花子") -> "Browser":
        """A new resident, signed in at a browser of their own."""
        account = await self.kairo.identity.accounts.register(Account("", "resident", name, ial=2), by="administrator:local")
        return await self.browser(account.principal)

    async def browser(self, principal: str) -> "Browser":
        from kairo.trust.identity import Principal

        secret = await self.kairo.credentials.sessions.open(Principal.named(principal), aal=2, method="passkey")
        http = httpx.AsyncClient(transport=self.http._transport, base_url=ISSUER, cookies={COOKIE: secret})
        return Browser(principal, http)


@dataclass
class Browser:
    """A resident's browser."""

    principal: str
    http: httpx.AsyncClient

    async def sign_in_to(
        self, partner: Partner, *, action: str = "allow", attributes: tuple[str, ...] = (), **more: str
    ) -> "Visit":
        """Goes to the page of consent and decides there, where it is asked at all."""
        visit = Visit(partner)
        query = visit.query(**more)
        page = await self.http.get(f"/ja/oauth/authorize?{query}", headers={"accept": "text/html"})
        if page.status_code == 302:
            return visit.came_back(page.headers["location"])
        assert page.status_code == 200, page.text
        form = {"request": query, "action": action, "attribute": list(attributes)}
        done = await self.http.post("/ja/oauth/authorize", data=form, headers={"accept": "text/html"})
        assert done.status_code == 200, done.text
        return visit.came_back(address_of(done.text))


@dataclass
class Visit:
    """One sign-in to an application, as the application sees it."""

    partner: Partner
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    answer: dict[str, str] = field(default_factory=dict)
    location: str = ""

    def query(self, **more: str) -> str:
        """The request; `more` replaces or, by an empty text, takes out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        given = {
            "response_type": "code",
            "client_id": self.partner.name,
            "redirect_uri": BACK,
            "scope": "openid profile",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **more,
        }
        return urlencode({name: value for name, value in given.items() if value})

    def came_back(self, location: str) -> "Visit":
        self.location = location
        self.answer = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return self

    async def tokens(self, city: City, **more: Any) -> httpx.Response:
        """The code, changed for tokens."""
        auth = more.pop("auth", self.partner.basic if self.partner.secret else None)
        form = {
            "grant_type": "authorization_code",
            "code": self.answer["code"],
            "redirect_uri": BACK,
            "code_verifier": self.verifier,
            **({} if auth else {"client_id": self.partner.name}),
            **more,
        }
        form = {name: value for name, value in form.items() if value}
        return await city.http.post("/oauth/token", data=form, **({"auth": auth} if auth else {}))


def address_of(page: str) -> str:
    """Where a page leads on to by itself."""
    found = re.search(r'http-equiv="refresh" content="0; ?url=([^"]+)"', page)
    assert found, page
    return found[1].replace("&amp;", "&").replace("&#39;", "'")


@asynccontextmanager
async def city(database: Database, data: Path, **settings: Any) -> AsyncIterator[City]:
    """The program. Its clock is the machine's and what has passed."""
    ahead = [timedelta()]
    wanted = Settings(**{"data": data, "public_url": ISSUER, **settings})
    kairo = Kairo(wanted, database, lambda: system_clock() + ahead[0])
    kairo.oauth.applications._powers = Duties()
    await kairo.graph.create_tenant(wanted.tenant, "administrator:local")
    kits = _kits or [kairo.kit()]
    _kits[:] = kits  # templates are compiled once: that takes longer than a test
    app: Any = kairo.asgi(kits[0])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=ISSUER) as http:
        yield City(kairo, http, app, ahead)
    await kairo.close()
