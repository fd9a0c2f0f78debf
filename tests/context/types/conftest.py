"""What do the tests of this folder share? A program at a version, over the module's database: its graph and its API."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx
import pytest_asyncio

from kairo.context.api.app import BrokerApi
from kairo.context.api.exchange import Desk
from kairo.context.contexts import ContextResolver
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.http.edge import Edge
from kairo.platform.http.proxies import TrustedProxies
from kairo.platform.manifests import Change, On
from kairo.settings import Settings
from kairo.trust.gate import CityGate
from kairo.trust.identity import Credentials
from tests.context.types.gauges import declared

ALL = frozenset(DataClass)
_numbers = count(1)


@dataclass(slots=True)
class Program:
    """Kairo as it was when the types had a certain version, with one tenant of the test's own."""

    graph: Graph
    database: Database
    tenant: str
    reader: httpx.AsyncClient

    @property
    def everything(self) -> Scope:
        """Who may read and write all."""
        return Scope(self.tenant, "administrator:local", "test", ALL, ALL, True)

    @property
    def public(self) -> Scope:
        """Who may read what is open."""
        return Scope(self.tenant, "anonymous:", read_classes=frozenset({DataClass.OPEN}))

    async def write(self, *entities: dict[str, Any]) -> None:
        """Writes entities, all of which must be taken."""
        written = await self.graph.upsert(self.everything, entities)
        assert [item.error for item in written] == [None] * len(written)

    async def rows(self, table: str, columns: str = "*", where: str = "true") -> list[dict[str, Any]]:
        """Rows of the tenant as the owner sees them."""
        async with self.database.owner() as owner:
            await owner.execute(f"SET app.tenant = '{self.tenant}'")
            found = await owner.fetch(f"SELECT {columns} FROM {table} WHERE tenant = $1 AND {where}", self.tenant)
        return [dict(row) for row in found]

    async def read(self, path: str, **parameters: Any) -> Any:
        """What anyone is answered by the API."""
        answer = await self.reader.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def nobody(_: list[Change]) -> None:
    """Reacts to every change by nothing."""


@pytest_asyncio.fixture
async def program(database: Database) -> AsyncIterator[Callable[..., Any]]:
    """Starts a program at a version of the types (several may run at once), all over the same new tenant."""
    tenant, settings = f"tenant_{next(_numbers)}", Settings()
    async with AsyncExitStack() as stack:

        async def start(version: int, **more: Any) -> Program:
            declarations = declared(version, **more)
            graph = Graph(database, declarations, ReactionTable([On("Gauge", nobody)], declarations), system_clock)
            stack.push_async_callback(graph.close)
            await graph.create_tenant(tenant, "administrator:local")
            contexts = PostgresContextStore(database, settings.tenant)
            gate = CityGate(Credentials(database, settings.tenant, system_clock))
            api: Any = Edge(BrokerApi(Desk(graph, gate, ContextResolver(contexts), settings), contexts), TrustedProxies(()))
            reader = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app=api), base_url="http://test/ngsi-ld/v1", headers={"NGSILD-Tenant": tenant}
                )
            )
            return Program(graph, database, tenant, reader)

        yield start
