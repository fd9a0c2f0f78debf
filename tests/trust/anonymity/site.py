"""The pages of anonymity as an application of their own, over a world of the tests; who asks is set by the test."""

from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide

from kairo.context.gate import Scope
from kairo.frame import exception_handlers, kept_by_nobody, page_of
from kairo.platform.web import Kit, LanguagePrefix, Page, SecurityHeaders, Site, StaticFiles
from kairo.settings import Settings
from kairo.trust.anonymity import manifest as anonymity
from tests.trust.anonymity.world import World


class Asker:
    """Who asks; a test may change it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope


def site(world: World, asker: Asker, *, static: StaticFiles | None = None) -> Any:
    """An ASGI application."""
    kit = Kit(Site(), strict=True, static=static) if static else Kit(Site(), strict=True)
    kit.add("anonymity", Path(str(anonymity.__file__)).parent)
    parts, settings = (anonymity.MANIFEST,), Settings(statistics_k=3)

    async def access() -> Scope:
        return asker.scope

    async def page(request: Request[Any, Any, State]) -> Page:
        return page_of(request, None, parts, kit, settings)

    given = {
        "kit": kit,
        "graph": world.graph,
        "statistics": world.statistics,
        "noisy": world.noisy,
        "extracts": world.extracts,
        "settings": settings,
    }

    def constant(value: object) -> Any:
        return lambda: value

    provided = {name: Provide(constant(value), sync_to_thread=False) for name, value in given.items()}
    application = Litestar(
        route_handlers=list(anonymity.MANIFEST.routes),
        dependencies={**provided, "access": Provide(access), "page": Provide(page)},
        exception_handlers=exception_handlers(kit, parts, settings),
        before_send=[kept_by_nobody],
        openapi_config=None,
        logging_config=None,
    )
    return SecurityHeaders(LanguagePrefix(application, unprefixed=("/api", "/static")))  # type: ignore[arg-type]
