"""What do the tests of indexes share? A city: one tenant of the test's own, its graph, and the leader's part."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import orjson
import pytest_asyncio

from kairo.context.contexts import CORE
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.indexing import Indexer, store
from kairo.context.indexing.keys import keys_of
from kairo.context.indexing.narrowing import Narrower
from kairo.context.query import read_query
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.manifests import EntityType
from kairo.settings import Settings

DECLARED = Declarations.of(
    [
        EntityType("Thing", "open", {"en": "open"}, personal_attributes=frozenset({"owner"})),
        EntityType("Resident", "personal", {"en": "personal"}),
    ]
)
ALL = frozenset(DataClass)
_numbers = count(1)


@dataclass(slots=True)
class City:
    """A tenant with its graph. What is ready is looked up for every query, and every query without an index counts as slow."""

    tenant: str
    database: Database
    graph: Graph

    @property
    def everything(self) -> Scope:
        return Scope(self.tenant, "administrator:local", "test", ALL, ALL, own_undeclared=True, may_create_tenant=True)

    @property
    def public(self) -> Scope:
        return Scope(self.tenant, "anonymous:", read_classes=frozenset({DataClass.OPEN}))

    def indexer(self, clock: Any = system_clock, **given: Any) -> Indexer:
        """The leader's part. One query for a type with one entity is enough, unless told otherwise."""
        return Indexer(self.database, Settings(**{"index_least_queries": 1, "index_least_entities": 1, **given}), clock)

    async def write(self, *entities: dict[str, Any]) -> None:
        written = await self.graph.upsert(self.everything, entities)
        assert [item.error for item in written] == [None] * len(written)

    async def things(self, number: int, **more: Any) -> None:
        """Things 0 to number - 1, each with n, its number."""
        await self.write(*({"id": f"urn:t:{n:05}", "type": "Thing", "n": n, **more} for n in range(number)))

    async def ids(self, q: str, type: str = "Thing", scope: Scope | None = None, limit: int = 100) -> list[str]:
        found = await self.graph.search(scope or self.everything, read_query({"type": type, "q": q}, CORE), limit=limit)
        return [row.id for row in found.rows]

    async def make(self, attribute: str, type_key: str = "Thing", most_values: int = 50) -> store.Index:
        """An index that is there and empty."""
        async with self.database.unit(self.tenant) as unit:
            await store.make(unit.connection, self.tenant, type_key, attribute, most_values, system_clock())
        (made,) = [one for one in await self.indexes() if (one.type_key, one.attribute) == (type_key, attribute)]
        return made

    async def ready(self, attribute: str, type_key: str = "Thing", most_values: int = 50) -> store.Index:
        """An index that is there and full."""
        made = await self.make(attribute, type_key, most_values)
        while await self.indexer().step(self.tenant, made.id):
            pass
        return made

    async def indexes(self) -> list[store.Index]:
        return await store.indexes(self.database, self.tenant, system_clock().date().replace(year=2000))

    async def missed(self) -> None:
        """Writes down what was asked."""
        await self.graph.narrower.uses.flush()

    async def rows(self, index: store.Index) -> set[tuple[str, str]]:
        """What stands in an index: (key, entity)."""
        found = await self.database.fetch(
            self.tenant, "SELECT value, entity FROM attribute_value WHERE tenant = $1 AND index_id = $2", self.tenant, index.id
        )
        return {(row["value"], row["entity"]) for row in found}

    async def due(self, index: store.Index) -> set[tuple[str, str]]:
        """What should stand in it once it is full."""
        found = await self.database.fetch(
            self.tenant, "SELECT id, doc FROM entity WHERE tenant = $1 AND type_key = $2", self.tenant, index.type_key
        )
        docs = {row["id"]: orjson.loads(row["doc"]) for row in found}
        return {(key, id) for id, doc in docs.items() for key in keys_of(doc.get(index.attribute), index.most_values)}


async def city_of(database: Database) -> City:
    """A new tenant; close its graph."""
    tenant = f"city_{next(_numbers)}"
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
    graph.narrower = Narrower(database, DECLARED, system_clock, known_seconds=0, slow_seconds=0)
    await graph.create_tenant(tenant, "test")
    return City(tenant, database, graph)


@pytest_asyncio.fixture
async def city(database: Database) -> AsyncIterator[City]:
    made = await city_of(database)
    yield made
    await made.graph.close()
