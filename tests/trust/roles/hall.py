"""The whole program with the demo's people, and a browser for each of them: for the tests of the console's pages."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from kairo.app import Kairo
from kairo.platform.db import Database
from kairo.settings import Settings
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.demo import key_of
from kairo.trust.identity.principals import Principal

TENANT = "352039"


class Hall:
    """The city hall: the program, and who comes to it."""

    def __init__(self, kairo: Kairo, stack: AsyncExitStack) -> None:
        self.kairo = kairo
        self._stack = stack
        self.app: Any = kairo.asgi()

    async def browser(self, slug: str = "") -> httpx.AsyncClient:
        """The browser of one of the demo's people (`administrator`: of that one; empty: of nobody in particular)."""
        cookies = {}
        if slug == "administrator":
            cookies = {SESSION_COOKIE: str(await self.kairo.credentials.enter(await self.kairo.credentials.new_link()))}
        elif slug:
            person = Principal.named(principal_of(slug))
            cookies = {SESSION_COOKIE: await self.kairo.identity.sessions.open(person, aal=2, method="passkey")}
        return await self._stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=self.app),
                base_url="http://test",
                headers={"accept": "text/html", "accept-language": "en"},
                cookies=cookies,
            )
        )

    async def on_duty(self, slug: str, purpose: str) -> httpx.AsyncClient:
        """The browser of someone who has chosen the duty of this purpose, through the page."""
        browser = await self.browser(slug)
        held = await self.kairo.roles.duties(TENANT, principal_of(slug))
        (duty,) = [one.id for one in held if one.purpose == purpose]
        answer = await browser.post("/en/console/duty", data={"duty": duty})
        assert answer.status_code == 303, answer.text
        return browser


def principal_of(slug: str) -> str:
    staff = {"clerk", "nurse", "officer-1", "officer-2", "auditor"}
    return f"{'staff' if slug in staff else 'resident'}:{key_of(slug)}"


@asynccontextmanager
async def open_hall(database: Database, folder: Path) -> AsyncIterator[Hall]:
    """The program over a real database, with the demo's people and their roles."""
    kairo = Kairo(Settings(demo=True, data=folder), database)
    await kairo.graph.create_tenant(TENANT, LOCAL_ADMINISTRATOR.id)
    await kairo.seed()
    async with AsyncExitStack() as stack:
        yield Hall(kairo, stack)
    await kairo.graph.close()
    await kairo.live.close()
