"""A town in which one mother has a secret, everyone who might ask for it, and every way in which they could."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

import httpx

from kairo.context.gate import DataClass, Scope
from kairo.context.granting import Grant, give, withdraw
from kairo.parts import routes
from kairo.platform.http import Route
from kairo.trust.identity import store as credential_store
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.digests import digest_of
from tests.trust.identity.town import Town

TYPE: Final = "VitalSigns"
KNOWN, SECRET = "heartRate", "systolicBloodPressure"  # what she may agree to show, and what is nobody's but hers
PARTNER, STRANGER = "application:partner", "application:stranger"
_EVERY = frozenset(DataClass)
# What differs from one page to the next whoever asks: nonces, the time of day. The API says nothing of that kind.
_VOLATILE = re.compile(
    r"nonce-?[^\s\"';]+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?|\d{4}年\d+月\d+日[^<\n]{0,12}|\b\d\d:\d\d(:\d\d)?\b"
    r"|csrf[^>]{0,120}"
)


@dataclass
class Planted:
    """The mother with her readings, and what the others have in hand."""

    town: Town
    mother: Account
    askers: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    subscriptions: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"urn:ngsi-ld:{TYPE}:{self.mother.key}"

    @property
    def city(self) -> Scope:
        return Scope(self.town.tenant, "administrator:local", "administration", _EVERY, _EVERY, True, True)

    async def measure(self, secret: str) -> None:
        """Her readings, the secret one among them."""
        doc = {
            "id": self.id,
            "type": TYPE,
            "person": {"type": "Relationship", "object": self.mother.person},
            KNOWN: {"type": "Property", "value": 71, "observedAt": "2026-11-20T03:00:00Z"},
            SECRET: {"type": "Property", "value": secret, "observedAt": "2026-11-20T03:00:00Z"},
        }
        (written,) = await self.town.kairo.graph.upsert(self.city, [doc])
        assert written.error is None, written.error

    async def agrees(self, principal: str, purpose: str, *attributes: str) -> None:
        now = self.town.clock()
        grant = Grant(
            f"consent:{principal}", principal, purpose, (TYPE,), "consent:1", now - timedelta(1), now + timedelta(1), attributes,
            self.mother.person,
        )  # fmt: skip
        async with self.town.kairo.database.unit(self.town.tenant) as unit:
            await give(unit, grant, now, by=self.mother.principal)

    async def withdraws(self, principal: str, purpose: str) -> None:
        async with self.town.kairo.database.unit(self.town.tenant) as unit:
            await withdraw(unit, f"consent:{principal}", self.town.clock(), by=self.mother.principal, purpose=purpose)

    async def token(self, principal: str) -> httpx.AsyncClient:
        secret = f"{principal}-token-of-a-test".replace(":", "-")
        async with self.town.kairo.database.unit(self.town.tenant) as unit:
            given = (digest_of(secret), "token", principal, self.town.clock(), None)
            await credential_store.insert(unit.connection, self.town.tenant, *given)
        return await self.town.browser(authorization=f"Bearer {secret}", accept="*/*")


@asynccontextmanager
async def planted(town: Town) -> AsyncIterator[Planted]:
    """The town with everyone in it."""
    mother, son, neighbour = [await town.resident(name) for name in ("山口 花子", "山口 太郎", "隣 さん")]
    clerk = await town.staff("窓口 一郎")
    found = Planted(town, mother)
    found.askers = {
        "anonymous": await town.browser(),
        "mother": await town.browser(mother),
        "son": await town.browser(son),
        "neighbour": await town.browser(neighbour),
        "clerk": await town.browser(clerk),
        "partner": await found.token(PARTNER),
        "stranger": await found.token(STRANGER),
    }
    found.son = son  # type: ignore[attr-defined]
    yield found


@dataclass(frozen=True)
class Asked:
    """One request."""

    method: str
    path: str
    json: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.json or ''}".strip()


def conditions(secret: str) -> Iterator[dict[str, str]]:
    """Parameters by which a query could feel for the secret, and shapes in which it could show."""
    yield {}
    for q in (SECRET, f"!{SECRET}", f'{SECRET}=="{secret}"', f'{SECRET}!="{secret}"', f'{SECRET}~="{secret[:4]}"', f'{SECRET}>"a"',
              f"{SECRET}.observedAt>2020-01-01T00:00:00Z", f'person=="urn:x"|{SECRET}'):  # fmt: skip
        yield {"q": q}
    for name in (SECRET, KNOWN):
        yield {"attrs": name}
        yield {"pick": f"id,{name}"}
    yield {"omit": KNOWN}
    yield {"orderBy": SECRET, "local": "true"}
    yield {"orderBy": f"{SECRET};desc", "local": "true"}
    yield {"options": "keyValues"}
    yield {"options": "concise,sysAttrs"}
    yield {"count": "true", "limit": "0"}
    yield {"count": "true", "limit": "0", "q": f'{SECRET}=="{secret}"'}
    yield {"lang": "ja"}
    yield {"datasetId": "@none"}
    yield {"join": "inline"}


def asked_of(route: Route, world: Planted, secret: str) -> Iterator[Asked]:
    """Every way in which a route is asked: its parameters filled with all that names the mother, the reading or the secret."""
    fillings = {
        "id": [world.id, world.mother.person],
        "type": [TYPE, "Resident"],
        "attribute": [SECRET, KNOWN],
        "subscription": [*world.subscriptions.values(), "urn:none"],
        "version": ["v1.json", "v1.jsonld"],
        "number": ["1"],
        "slug": ["ato"],
        "file": [f"{secret}.csv"],
        "instance": ["urn:ngsi-ld:Instance:1"],
        "context": ["x"],
    }
    paths = [route.path]
    for name, kind in re.findall(r"\{(\w+)(:\w+)?\}", route.path):
        values = fillings.get(name, [secret])
        paths = [path.replace(f"{{{name}{kind}}}", quote(value, safe=":")) for path in paths for value in values]
    for path in paths:
        if route.method == "GET" and path.startswith("/ngsi-ld/"):
            past = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z"} if "/temporal/" in path else {}
            listed = {} if "{id}" in route.path else {"type": TYPE}
            for more in conditions(secret):
                yield Asked("GET", f"{path}?{httpx.QueryParams({**listed, **past, **more})}")
            if past:
                aggregated = {
                    "options": "aggregatedValues",
                    "aggrMethods": "max,min,distinctCount",
                    "aggrPeriodDuration": "P1D",
                }
                yield Asked("GET", f"{path}?{httpx.QueryParams({**listed, **past, **aggregated})}")
                yield Asked(
                    "GET", f"{path}?{httpx.QueryParams({**listed, **past, 'timeproperty': 'modifiedAt', 'lastN': '5'})}"
                )
        elif route.method == "GET":
            yield Asked("GET", path)
            named = {"q": secret, "entity": world.id, "attribute": SECRET, "id": world.id, "type": TYPE, "person": world.mother.person,
                     "ids": world.id, "types": TYPE}  # fmt: skip
            yield Asked("GET", f"{path}?{httpx.QueryParams(named)}")
        elif path.endswith("/query"):
            body: dict[str, Any] = {"type": "Query", "entities": [{"type": TYPE}], "q": f'{SECRET}=="{secret}"'}
            if "/temporal/" in path:
                body["temporalQ"] = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z"}
            yield Asked("POST", path, body)
            yield Asked("POST", path, {name: value for name, value in body.items() if name != "q"})


def readings(world: Planted, secret: str) -> list[Asked]:
    """Everything that can be asked without changing anything, walked from the router."""
    streams = {"/live"}  # it does not end; what it sends is asked of the gate's public scope
    found = [one for route in routes() if route.path not in streams for one in asked_of(route, world, secret)]
    return list({str(one): one for one in found}.values())


async def answer(asker: httpx.AsyncClient, one: Asked) -> tuple[int, str]:
    """Status and everything that is sent, without what differs from one answer to the next."""
    accept = {"accept": "application/json"} if one.path.startswith("/ngsi-ld/") else {}
    got = await asker.request(one.method, one.path, json=one.json, headers=accept, follow_redirects=False)
    headers = "\n".join(
        f"{name}: {value}"
        for name, value in sorted(got.headers.items())
        if name not in ("date", "content-length", "x-request-id")
    )
    text = got.text.replace(got.headers.get("x-request-id", "no such id"), "·")
    whole = f"{headers}\n\n{text}"
    return got.status_code, whole if one.path.startswith("/ngsi-ld/") else _VOLATILE.sub("·", whole)
