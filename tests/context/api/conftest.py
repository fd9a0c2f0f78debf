"""What do the API's tests share? The broker over a real database, called through ASGI, by an administrator or by anyone."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from kairo.context.api.app import BrokerApi
from kairo.context.api.exchange import Desk
from kairo.context.contexts import ContextResolver
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.gate import Declarations
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.manifests import EntityType
from kairo.settings import Settings
from kairo.trust.gate import CityGate
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Credentials

DECLARED = Declarations.of(
    [
        EntityType("OpenThing", "open", {"en": "open"}, personal_attributes=frozenset({"ownerName"})),
        EntityType("Resident", "personal", {"en": "personal"}),
    ]
)


class Client(httpx.AsyncClient):
    """A client of the API in this process; `headers` say who asks."""


@pytest_asyncio.fixture
async def api(database: Database) -> AsyncIterator[BrokerApi]:
    settings = Settings()
    credentials = Credentials(database, settings.tenant, system_clock)
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
    await graph.create_tenant(settings.tenant, LOCAL_ADMINISTRATOR.id)
    contexts = PostgresContextStore(database, settings.tenant)
    desk = Desk(graph, CityGate(credentials), ContextResolver(contexts), settings)
    yield BrokerApi(desk, contexts)
    await graph.close()


@pytest_asyncio.fixture
async def administrator(api: BrokerApi, tmp_path: Any) -> AsyncIterator[httpx.AsyncClient]:
    credentials: Credentials = api.desk.gate._credentials  # type: ignore[attr-defined]
    token = await credentials.administrator_token(tmp_path / "token")
    transport = httpx.ASGITransport(app=api)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers={"Authorization": f"Bearer {token}"}
    ) as client:
        yield client


@pytest_asyncio.fixture
async def anyone(api: BrokerApi) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=api)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
