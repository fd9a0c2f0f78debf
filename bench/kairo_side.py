"""What is measured? The broker as the program runs it: Edge, Dispatch, the real gate, with types of its own declared."""

from typing import Any, Self

from bench.entities import SENSOR_TYPE, TYPE
from bench.residents import RESIDENT_TYPE
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
from kairo.platform.manifests import Concerns, EntityType
from kairo.platform.observability.logs import configure
from kairo.platform.processes.collector import settle
from kairo.settings import Settings, load_settings
from kairo.trust.gate import CityGate
from kairo.trust.identity import Credentials

DECLARED = Declarations.of(
    [
        EntityType(TYPE, "open", {"ja": "計測点", "ja-x-easy": "はかる もの", "en": "Bench thing"}),
        EntityType(SENSOR_TYPE, "open", {"ja": "計測器", "ja-x-easy": "はかる きかい", "en": "Bench sensor"}),
        EntityType(
            *(RESIDENT_TYPE, "personal", {"ja": "計測用の人", "ja-x-easy": "はかる ひと", "en": "Bench resident"}),
            subjects=(Concerns("id", "self"),),
        ),
    ]
)


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    await Response(404).send(send)


class Parts:
    """What a process of the broker is put together from, over one database."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self.settings = settings
        self.database = database
        self.graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
        self.gate = CityGate(Credentials(database, settings.tenant, system_clock), open_to_all=settings.open)
        self.stored_contexts = PostgresContextStore(database, settings.tenant)
        self.contexts = ContextResolver(self.stored_contexts, None)

    @classmethod
    async def open(cls, settings: Settings, name: str) -> Self:
        """Connects to the database."""
        return cls(settings, await Database.open(settings.database_url, size=settings.pool_size, name=name))

    async def close(self) -> None:
        """Answers what waits, then lets go of the database."""
        await self.graph.close()
        await self.database.close()

    def asgi(self) -> App:
        """The web application of one worker."""
        broker = BrokerApi(Desk(self.graph, self.gate, self.contexts, self.settings), self.stored_contexts)
        return Edge(Dispatch({"ngsi-ld": broker}, default=_nothing), TrustedProxies(self.settings.trusted_proxies))


class Worker:
    """The web application of one worker, put together when the server starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app: App | None = None
        self._parts: Parts | None = None

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            assert self._app is not None
            await self._app(scope, receive, send)
            return
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._parts = await Parts.open(self._settings, "bench web")
                self._app = self._parts.asgi()
                settle()  # as Kairo's own web worker does
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._parts is not None:
                    await self._parts.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def worker() -> Worker:
    """The factory that the server calls."""
    configure("text", "warning")
    return Worker(load_settings())
