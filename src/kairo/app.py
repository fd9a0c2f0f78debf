"""How is the program put together? The composition root: parts from manifests, one database, one graph, one ASGI application."""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from kairo.capabilities import search, sensing
from kairo.context.api.app import BrokerApi
from kairo.context.api.exchange import Desk
from kairo.context.api.subscriptions import book_of, trials_of
from kairo.context.contexts import ContextResolver, HttpFetcher
from kairo.context.contexts.store import PostgresContextStore, own_hosts
from kairo.context.expiring.remover import Remover
from kairo.context.gate import Scope
from kairo.context.graph import Graph
from kairo.context.indexing import Indexer
from kairo.context.maintenance import Maintenance
from kairo.context.quotas import Quotas
from kairo.context.subscriptions import Dispatcher, ReactionTable
from kairo.context.subscriptions.delivery.running import LEADERSHIP, deliver
from kairo.context.types.published import PublishedContexts
from kairo.context.types.rewriting import Rewriter
from kairo.context.types.schemas import CONTEXTS, SCHEMAS
from kairo.frame import exception_handlers, kept_by_nobody, page_of
from kairo.parts import PARTS, declarations, manifests, part_folder
from kairo.platform.clock import Clock, system_clock
from kairo.platform.db import Database, Leadership
from kairo.platform.http.cors import Cors
from kairo.platform.http.dispatch import Dispatch
from kairo.platform.http.edge import Edge
from kairo.platform.http.head import HeadAsGet
from kairo.platform.http.messages import App
from kairo.platform.http.patience import BodiesInTime
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.i18n import LANGUAGES
from kairo.platform.observability.health import Health
from kairo.platform.observability.logs import logger
from kairo.platform.web import Kit, LanguagePrefix, Page, SecurityHeaders, Site, StaticFiles, links
from kairo.services.health.tasks import load_demo as load_vital_signs
from kairo.settings import Settings
from kairo.trust.gate import Visit
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from kairo.trust.identity.accounts.demo import key_of
from kairo.trust.identity.principals import PERSON
from kairo.trust.identity.sessions.session import Session
from kairo.trusted import Trusted

CLOSING_SECONDS = 5.0
UNPREFIXED = ("/ngsi-ld", "/api", "/.well-known", "/static", "/health", "/metrics", "/live", SCHEMAS, CONTEXTS)


class Kairo(Trusted):
    """Everything that a process works with. Web workers serve `asgi`, job workers run `jobs`."""

    def __init__(self, settings: Settings, database: Database, clock: Clock = system_clock) -> None:
        super().__init__(settings, database, clock, declarations())
        self.search = search.SearchIndex(database, self.declarations)
        declared = [on for manifest in manifests() for on in manifest.reactions]
        self.reactions = ReactionTable([search.reaction(self.search), *declared], self.declarations)
        made_of = (database, self.declarations, self.reactions, self.clock)
        self.graph = Graph(*made_of, most_linked=settings.max_linked, witness=self.disclosure)
        self.search.graph = self.graph
        self.connect(self.graph, self.desk.quotas)
        self.live = sensing.LiveHub(database, self.graph, self.gate.public, settings.tenant)
        self.graph.on_change = self.live.announce
        self.subscriptions = book_of(self.desk)
        self._log = logger("app")

    @classmethod
    async def open(cls, settings: Settings, *, name: str) -> Self:
        """Connects to the database. The supervisor has migrated it."""
        database = await Database.open(settings.database_url, size=settings.pool_size, name=name)
        return cls(settings, database)

    async def close(self) -> None:
        """Answers what waits, then lets go of the database. When the database is gone, what waits is refused after a while:
        a process whose supervisor was killed must not keep the port."""
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.live.close()
                await self.graph.close()
                await self.disclosure.close()
        except TimeoutError:
            self._log.warning("the database does not answer; what still waits is refused")
        await self.database.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # Web

    def broker(self) -> BrokerApi:
        """The NGSI-LD API."""
        own = own_hosts(self.settings.public_url, self.settings.host)
        return BrokerApi(self.desk, PostgresContextStore(self.database, self.settings.tenant, own))

    @cached_property
    def desk(self) -> Desk:
        """What the API's handlers work with, and who delivers notifications."""
        own = own_hosts(self.settings.public_url, self.settings.host)
        contexts = PostgresContextStore(self.database, self.settings.tenant, own)
        fetcher = HttpFetcher(self.settings.context_hosts) if self.settings.context_hosts else None
        known = PublishedContexts(contexts, self.declarations.by_type.values(), own)
        quotas = Quotas.of_settings(self.settings, self.database, self.clock)
        return Desk(self.graph, self.gate, ContextResolver(known, fetcher), self.settings, quotas)

    def kit(self) -> Kit:
        """The page kit with the templates and messages of every part that has any."""
        settings = self.settings
        footer = links((("アクセシビリティ / Accessibility", "/accessibility"), ("このサイトについて / About", "/about")))
        site = Site(
            operator=settings.operator,
            phone=settings.phone,
            phone_label=settings.phone_label,
            footer=footer,
            sign_in="/sign-in",
        )
        kit = Kit(site, static=StaticFiles())
        for part in PARTS:
            folder = part_folder(part)
            if (folder / "templates").is_dir() or (folder / "messages").is_dir():
                kit.add(part.MANIFEST.name, folder, messages=(folder / "messages").is_dir())
        kit.environment(LANGUAGES[0])  # compiled before the first visitor comes; the others right after (Worker)
        return kit

    def pages(self, kit: Kit) -> Litestar:
        """The pages of every part. Handlers are handed `graph`, `access`, `kit`, `page` and what else is named here."""
        gate, settings, parts = self.gate, self.settings, manifests()

        async def visit(request: Request[Any, Any, State]) -> Visit:
            headers = {name.lower(): value for name, value in request.headers.items()}
            return await gate.visit(headers, settings.tenant)

        async def access(visit: NamedDependency[SkipValidation[Visit]]) -> Scope:
            return visit.scope

        async def session(visit: NamedDependency[SkipValidation[Visit]]) -> Session | None:
            return visit.session

        async def page(request: Request[Any, Any, State], visit: NamedDependency[SkipValidation[Visit]]) -> Page:
            return page_of(request, visit.scope, parts, kit, settings, visit.session)

        given: dict[str, Any] = {
            **self.handed_out(),
            "graph": self.graph,
            "kit": kit,
            "search": self.search,
            "live": self.live,
            "settings": settings,
            "manifests": parts,
            "entity_types": self.declarations.by_type,
            "subscriptions": self.subscriptions,
            "trials": trials_of(self.desk, self.subscriptions),
        }
        provided = {name: Provide(_constant(value), use_cache=True, sync_to_thread=False) for name, value in given.items()}
        return Litestar(
            route_handlers=[route for manifest in parts for route in manifest.routes],
            dependencies={
                **provided,
                "visit": Provide(visit),
                "access": Provide(access),
                "session": Provide(session),
                "page": Provide(page),
            },
            exception_handlers=exception_handlers(kit, parts, settings),
            before_send=[kept_by_nobody],
            openapi_config=None,
            request_max_body_size=settings.max_body_bytes,
            logging_config=None,
        )

    def asgi(self, kit: Kit | None = None) -> App:
        """The whole web application, without its start and end."""
        kit = kit or self.kit()
        health = Health(self.database, self.gate.may_see_metrics)
        api: App = self.broker()
        if self.settings.cors_origins:
            api = Cors(api, self.settings.cors_origins)
        pages = LanguagePrefix(BodiesInTime(HeadAsGet(self.pages(kit)), self.settings.body_seconds), UNPREFIXED)  # type: ignore[arg-type]
        front = Dispatch(
            {"ngsi-ld": api, "health": health, "metrics": health},
            default=SecurityHeaders(Dispatch({"static": kit.static}, default=pages), tiles=self.settings.map_tiles),
        )
        settings = self.settings
        proxies = TrustedProxies(settings.trusted_proxies)
        return Edge(front, proxies, reader_seconds=settings.reader_seconds, held_bytes=settings.max_held_bytes)

    async def seed(self) -> None:
        """Makes the demo's people where they are not there yet."""
        await self.graph.create_tenant(self.settings.tenant, LOCAL_ADMINISTRATOR.id)
        await self.seed_people()
        measuring = [f"{PERSON}{key_of(slug)}" for slug in ("hanako", "tadashi")]
        await load_vital_signs(self.graph, self.settings.tenant, measuring, self.clock())

    async def reindex(self, tenant: str, progress: Callable[[int, int, str], None]) -> None:
        """Makes the search index of a tenant anew: after a large load, so that it can be searched at once."""
        await self.search.rebuild(tenant, progress)

    # Jobs

    async def jobs(self) -> None:
        """Reactions in every job worker; in the one that leads also housekeeping and, in the demo, the synthetic world."""
        dispatcher = Dispatcher(self.database, self.reactions.all(), self.clock)
        maintenance = Maintenance(self.database, self.declarations, self.clock)
        async with asyncio.TaskGroup() as group:
            group.create_task(dispatcher.run_all())
            group.create_task(Leadership(self.database, LEADERSHIP).run(self._deliver))
            group.create_task(self._lead(maintenance))

    async def _deliver(self) -> None:
        await deliver(self.graph, self.gate, self.desk.contexts, self.settings)

    async def _lead(self, maintenance: Maintenance) -> None:
        async def work() -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(maintenance.run())
                group.create_task(Rewriter(self.graph, maintenance.tenants).run())
                group.create_task(Remover(self.graph).run())
                group.create_task(Indexer(self.database, self.settings, self.clock).run())
                for work_of_trust in self.housekeeping():
                    group.create_task(work_of_trust)
                if self.settings.demo:
                    world = sensing.SyntheticWorld(self.graph, self.settings.tenant, self.clock)
                    group.create_task(world.run())

        await Leadership(self.database).run(work)


def _constant(value: object) -> Callable[[], Any]:
    return lambda: value
