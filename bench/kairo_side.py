"""What is measured? The broker as the program runs it: Edge, Dispatch, the real gate, with one more open type declared."""

from typing import Any

from bench.entities import TYPE
from kairo.context.api.app import BrokerApi
from kairo.context.api.exchange import Desk
from kairo.context.contexts import ContextResolver
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.gate import Declarations
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.http.dispatch import Dispatch
from kairo.platform.http.edge import Edge
from kairo.platform.http.messages import App, Receive, Response, Scope, Send
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.manifests import EntityType
from kairo.platform.observability.logs import configure
from kairo.platform.processes.collector import settle
from kairo.settings import load_settings
from kairo.trust.gate import CityGate
from kairo.trust.identity import Credentials

DECLARED = Declarations.of([EntityType(TYPE, "open", {"ja": "計測点", "ja-x-easy": "はかる もの", "en": "Bench thing"})])


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(404).send(send)


class Worker:
    """The web application of one worker, put together when the server starts."""

    def __init__(self) -> None:
        self._settings = load_settings()
        self._app: App | None = None
        self._database: Database | None = None
        self._graph: Graph | None = None

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            assert self._app is not None
            await self._app(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._open()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self._close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _open(self) -> None:
        settings = self._settings
        self._database = await Database.open(settings.database_url, size=settings.pool_size, name="bench web")
        graph = self._graph = Graph(self._database, DECLARED, ReactionTable([], DECLARED), system_clock)
        gate = CityGate(Credentials(self._database, settings.tenant, system_clock), open_to_all=settings.open)
        contexts = PostgresContextStore(self._database, settings.tenant)
        broker = BrokerApi(Desk(graph, gate, ContextResolver(contexts, None), settings), contexts)
        self._app = Edge(Dispatch({"ngsi-ld": broker}, default=_nothing), TrustedProxies(settings.trusted_proxies))
        settle()  # as Kairo's own web worker does

    async def _close(self) -> None:
        if self._graph is not None:
            await self._graph.close()
        if self._database is not None:
            await self._database.close()


def worker() -> Worker:
    """The factory that the server calls."""
    configure("text", "warning")
    return Worker()
