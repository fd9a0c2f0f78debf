"""A small municipality for the tests of identity: the whole program on a database, its people, and browsers of theirs."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import httpx

from kairo.app import Kairo
from kairo.platform.db import Database
from kairo.platform.web import Kit
from kairo.settings import Settings
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Principal
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.service import Identity

BY = "staff:counter"
BASE = "http://localhost:8080"


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = datetime(2026, 11, 22, 3, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> datetime:
        self.now += timedelta(**time)
        return self.now


@dataclass
class Town:
    """A tenant of its own, so that tests of one module do not meet."""

    kairo: Kairo
    clock: Clock
    app: Any
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def identity(self) -> Identity:
        return self.kairo.identity

    @property
    def tenant(self) -> str:
        return self.kairo.settings.tenant

    async def resident(self, name: str = "例 市民", **more: Any) -> Account:
        given = {"born_on": date(1974, 3, 3), "district": "odono", **more}
        return await self.identity.accounts.register(Account("", "resident", name, **given), by=BY)

    async def staff(self, name: str = "例 職員", **more: Any) -> Account:
        given = {"department": "市民課", "login": secrets.token_hex(4), **more}
        return await self.identity.accounts.register(Account("", "staff", name, **given), by=BY)

    async def session(self, account: Account, *, aal: int = 2, method: str = "passkey") -> str:
        return await self.identity.sessions.open(Principal.named(account.principal), aal=aal, method=method, device="test")

    async def browser(
        self, account: Account | None = None, *, aal: int = 2, session: str = "", **headers: str
    ) -> httpx.AsyncClient:
        """A browser, signed in as `account`."""
        secret = session or (await self.session(account, aal=aal) if account else "")
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, client=(f"198.51.100.{len(self.clients) + 1}", 4000)),
            base_url=BASE,
            headers={"accept": "text/html", "accept-language": "ja", **headers},
        )
        if secret:
            client.cookies.set(SESSION_COOKIE, secret, domain="localhost.local")  # what http.cookiejar makes of localhost
        self.clients.append(client)
        return client


@cache
def _kit() -> Kit:
    """One for all tests: compiling the templates takes longer than a test."""
    return Kairo(Settings(), None).kit()  # type: ignore[arg-type]


@asynccontextmanager
async def town(database: Database, **settings: Any) -> AsyncIterator[Town]:
    """A fresh municipality in the module's database."""
    clock = Clock()
    kairo = Kairo(Settings(tenant=f"t{secrets.token_hex(4)}", **settings), database, clock)
    await kairo.graph.create_tenant(kairo.settings.tenant, LOCAL_ADMINISTRATOR.id)
    made = Town(kairo, clock, kairo.asgi(_kit()))
    try:
        yield made
    finally:
        for client in made.clients:
            await client.aclose()
        await kairo.graph.close()
        await kairo.live.close()


@dataclass(frozen=True)
class Duty:
    """Powers of everybody on the staff, in place of trust/roles."""

    powers: frozenset[str] = frozenset()

    async def standing(self, scope: Any) -> "Duty":
        return self

    def may(self, power: str) -> bool:
        return power in self.powers


@dataclass
class Witness:
    """Remembers who looked at whom."""

    looks: list[tuple[str, str]] = field(default_factory=list)

    async def saw(self, scope: Any, looks: Any, *, basis: str = "") -> None:
        self.looks += [(scope.principal, look.entity) for look in looks]
