"""The pages and the interface of consent as a browser meets them, over a real database; who asks is set by the test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide

from kairo.context.gate import Look, Scope
from kairo.frame import exception_handlers, kept_by_nobody
from kairo.platform.web import Kit, LanguagePrefix, Page, Site, language_of
from kairo.settings import Settings
from kairo.trust.consent import manifest
from kairo.trust.consent.desk import ConsentDesk
from kairo.trust.consent.purposes import digest_of
from tests.trust.consent.people import FAMILY, MOTHER, SON, City, Known, application, resident


class Seen:
    """A witness that remembers what it was told."""

    def __init__(self) -> None:
        self.looks: list[tuple[str, str]] = []

    async def saw(self, scope: Scope, looks: Any, *, basis: str = "") -> None:
        self.looks += [(scope.principal, look.entity) for look in looks if isinstance(look, Look)]


class Visitor:
    """A browser or a program at the pages of a town; `scope` is who it is."""

    def __init__(self, town: City, client: httpx.AsyncClient, seen: Seen, scope: Scope) -> None:
        self.town, self.client, self.seen, self.scope = town, client, seen, scope

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.client.get(path, **more)

    async def post(self, path: str, **form: Any) -> httpx.Response:
        return await self.client.post(path, data=form)


@asynccontextmanager
async def visiting(town: City, scope: Scope) -> AsyncIterator[Visitor]:
    """A visitor of the town's pages."""
    kit, seen, settings = Kit(Site(), strict=True), Seen(), Settings()
    kit.add("consent", Path(str(manifest.__file__)).parent)
    desk = ConsentDesk.of(
        town.database, town.clock, town.service.purposes, Known(), members=town.staff, witness=seen, synthetic=True
    )
    parts = (manifest.MANIFEST,)

    async def access(request: Request[Any, Any, State]) -> Scope:
        return visitor.scope

    async def page(request: Request[Any, Any, State]) -> Page:
        return Page(title="", language=language_of(request.scope), path=request.scope["path"])  # type: ignore[arg-type]

    application = Litestar(
        route_handlers=list(manifest.MANIFEST.routes),
        dependencies={
            "kit": Provide(lambda: kit, sync_to_thread=False),
            "consent": Provide(lambda: desk, sync_to_thread=False),
            "access": Provide(access),
            "page": Provide(page),
        },
        exception_handlers=exception_handlers(kit, parts, settings),
        before_send=[kept_by_nobody],
        openapi_config=None,
        logging_config=None,
    )
    prefixed: Any = LanguagePrefix(application, unprefixed=("/api",))  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app=prefixed)
    headers = {"accept": "text/html,*/*;q=0.8", "sec-fetch-site": "same-origin"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver.local", headers=headers) as client:
        visitor = Visitor(town, client, seen, scope)
        yield visitor


def become(visitor: Visitor, person: str, *acts_for: str) -> None:
    visitor.scope = resident(person, *acts_for, tenant=visitor.town.tenant)


def form_of(visitor: Visitor, *categories: str, days: int = 30, text: Any = FAMILY, **more: Any) -> dict[str, Any]:
    last = visitor.town.terms(days=days).last_day.isoformat()
    return {"category": list(categories), "until": last, "text": digest_of(text), **more}


async def given(visitor: Visitor, *categories: str, **more: Any) -> str:
    """A mother's consent to her son by the form; the path of its page."""
    code = await visitor.town.code(SON)
    answer = await visitor.post("/ja/me/consents/new", **form_of(visitor, *categories, **more), code=code, act="given")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def asked(visitor: Visitor, *categories: str) -> str:
    code = await visitor.town.code(MOTHER)
    one = await visitor.town.service.ask(application(tenant=visitor.town.tenant), "watching", code, categories or None)
    return f"/ja/me/consents/{one.id}"
