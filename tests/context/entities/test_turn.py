"""Does a commit see what the commits before it made of its entities, also where it had to wait for them?"""

import asyncio
from datetime import UTC, datetime

import pytest

from kairo.context.entities import store
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database

NOW = datetime(2026, 4, 1, tzinfo=UTC)
EVERY = frozenset(DataClass)
ID = "urn:ngsi-ld:Turn:1"


def scope_of(tenant: str) -> Scope:
    return Scope(tenant, "test", read_classes=EVERY, write_classes=EVERY, own_undeclared=True, may_create_tenant=True)


async def written(database: Database, tenant: str, value: int) -> None:
    declarations = Declarations()
    graph = Graph(database, declarations, ReactionTable([], declarations), system_clock)
    await graph.upsert(scope_of(tenant), [{"id": ID, "type": "Turn", "n": {"type": "Property", "value": value}}])


async def test_there_is_no_turn_without_the_tenant(database: Database) -> None:
    async with database.unit("turn_none") as unit:
        assert await store.lock_and_load(unit.connection, "turn_none", 1, NOW, [ID]) is None


async def test_numbers_are_taken_and_entities_come_along(database: Database) -> None:
    await written(database, "turn_along", 1)
    async with database.unit("turn_along") as unit:
        begun = await store.lock_and_load(unit.connection, "turn_along", 3, NOW, [ID, "urn:ngsi-ld:Turn:none"])
    assert begun is not None
    turn, stored = begun
    assert turn.last_change == 4
    assert [entity.doc["n"]["value"] for entity in stored.values()] == [1]


@pytest.mark.parametrize("before", [True, False], ids=["changed", "created"])
async def test_who_waited_sees_what_was_committed_meanwhile(database: Database, before: bool) -> None:
    tenant = f"turn_waited_{before}".lower()
    await written(database, tenant, 1)
    id = ID if before else f"{ID}:new"
    async with database.unit(tenant) as first:
        held = await store.lock_and_load(first.connection, tenant, 1, NOW, [id])
        assert held is not None

        async def second() -> dict[str, store.StoredEntity]:
            async with database.unit(tenant) as unit:
                begun = await store.lock_and_load(unit.connection, tenant, 1, NOW, [id])
                assert begun is not None
                assert begun[0].last_change == held[0].last_change + 1
                return begun[1]

        waiting = asyncio.create_task(second())
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NULL"
        async with asyncio.timeout(10):
            while not await first.connection.fetchval(waits):  # noqa: ASYNC110 - the statement has begun, and waits for the row
                await asyncio.sleep(0.01)
        await first.connection.execute(
            "INSERT INTO entity (tenant, id, type_key, scopes, doc, stamps, data_class, withheld, writer, controller, created_at,"
            " modified_at, change) SELECT $1, $2, 'Turn', '{}', '{\"id\": \"new\"}', '{}', 'undeclared', '{}', 'test', $1, $3, $3, $4"
            " ON CONFLICT (tenant, id) DO UPDATE SET doc = excluded.doc",
            tenant,
            id,
            NOW,
            held[0].last_change,
        )
    stored = await waiting
    assert stored[id].doc == {"id": "new"}
