"""What do the tests of search share? A real graph with open, personal and mixed types, a search index that follows it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest_asyncio

from kairo.capabilities.search import SearchIndex, reaction
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import Dispatcher, ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.manifests import EntityType

TENANT = "352039"
OTHER_TENANT = "352021"
TITLE = {"en": "title"}
DECLARED = Declarations.of(
    [
        EntityType("Shelter", "open", TITLE, frozenset({"keeper"}), searchable=("name", "nameKana", "address", "keeper")),
        EntityType("Station", "open", TITLE, searchable=("name", "nameKana")),
        EntityType("Bus", "open", TITLE),
        EntityType("Resident", "personal", TITLE, searchable=("name",)),
    ]
)
PUBLIC = Scope(TENANT, "anonymous:", read_classes=frozenset({DataClass.OPEN}))
ADMINISTRATOR = Scope(
    TENANT,
    "administrator:",
    read_classes=frozenset(DataClass),
    write_classes=frozenset(DataClass),
    own_undeclared=True,
    may_create_tenant=True,
)


def entity(type: str, slug: str, name: str | dict[str, str], **more: Any) -> dict[str, Any]:
    named = {"languageMap": name} if isinstance(name, dict) else {"value": name}
    return {"id": f"urn:ngsi-ld:{type}:{slug}", "type": type, "name": named, **more}


@dataclass
class World:
    database: Database
    graph: Graph
    index: SearchIndex
    dispatcher: Dispatcher

    async def put(self, *entities: dict[str, Any], scope: Scope = ADMINISTRATOR) -> None:
        written = await self.graph.upsert(scope, entities)
        assert all(one.outcome != "refused" for one in written), written
        await self.react(scope.tenant)

    async def react(self, tenant: str = TENANT) -> None:
        while await self.dispatcher.run(tenant):
            pass

    async def titles(self, text: str, scope: Scope = PUBLIC, **more: Any) -> list[str]:
        return [hit.title.text for hit in (await self.index.find(scope, text, **more)).hits]


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[World]:
    index = SearchIndex(database, DECLARED)
    reactions = ReactionTable([reaction(index)], DECLARED)
    graph = Graph(database, DECLARED, reactions, system_clock)
    index.graph = graph
    made = World(database, graph, index, Dispatcher(database, reactions.all(), system_clock))
    for tenant in (TENANT, OTHER_TENANT):
        await graph.create_tenant(tenant, "administrator:")
    yield made
    for tenant in (TENANT, OTHER_TENANT):
        async with database.unit(tenant) as unit:
            for table in ("entity", "entity_geo", "search_entry", "search_gram", "outbox"):
                await unit.connection.execute(f"DELETE FROM {table} WHERE tenant = $1", tenant)
    await graph.close()
