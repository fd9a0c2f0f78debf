"""Do tenants where nothing happens cost the job workers nothing, and does only the owner of the tables look at all tenants?"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.indexing.store import add_uses, tenants_in_use
from kairo.context.maintenance import Maintenance
from kairo.context.subscriptions import Dispatcher, ReactionTable, store
from kairo.context.subscriptions.delivery.store import subscribed_tenants
from kairo.context.temporal.keeping.store import tenants_with
from kairo.parts import tables
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.platform.manifests import Change, EntityType, On

KEPT = Declarations.of([EntityType("Kept", "open", {"en": "kept"}, history_days=1)])
EVERY = frozenset(DataClass)
IDLE = 20


def scope_of(tenant: str) -> Scope:
    return Scope(tenant, "test", read_classes=EVERY, write_classes=EVERY, own_undeclared=True, may_create_tenant=True)


class Reacting:
    """A graph whose changes of type Kept are told here."""

    def __init__(self, database: Database) -> None:
        self.told: asyncio.Queue[Change] = asyncio.Queue()
        table = ReactionTable([On("Kept", self._react)], KEPT)
        self.graph = Graph(database, KEPT, table, system_clock)
        self.dispatcher = Dispatcher(database, table.all(), system_clock)

    async def _react(self, changes: list[Change]) -> None:
        for change in changes:
            self.told.put_nowait(change)

    async def write(self, tenant: str, kind: str = "Kept") -> None:
        (written,) = await self.graph.upsert(scope_of(tenant), [{"id": f"urn:{uuid4().hex}", "type": kind}])
        assert written.outcome == "created"


async def as_role(database: Database, role: str, statement: str) -> list[Any]:
    """What a role reads that says that it looks at all tenants."""
    async with database.owner() as owner:
        await owner.execute(f"SET ROLE {role}")
        return await owner.fetch(statement)


async def test_an_owner_who_is_no_superuser_looks_at_all_tenants(database: Database) -> None:
    reacting = Reacting(database)
    for tenant in ("looked_one", "looked_two"):
        await reacting.write(tenant)
        async with database.unit(tenant) as unit:
            await unit.connection.execute("UPDATE change_counter SET watching = 1 WHERE tenant = $1", tenant)
            wanted = [{"type_key": "Kept", "attribute": "a", "times": 1}]
            await add_uses(unit.connection, tenant, system_clock().date(), wanted)
    role = f"kairo_test_{uuid4().hex[:8]}"
    async with database.owner() as owner:
        await owner.execute(f"CREATE ROLE {role} NOLOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        try:
            await owner.execute(f"SET ROLE {role}")
            both = {"looked_one", "looked_two"}
            assert both <= set(await store.waiting_tenants(owner))
            assert both <= set(await subscribed_tenants(owner))
            assert both <= set(await tenants_in_use(owner))
            assert {(tenant, "Kept") for tenant in both} <= set(await tenants_with(owner, ["Kept"]))
            assert await owner.fetch("SELECT 1 FROM entity") == [], "no more than it needs"
        finally:
            await owner.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")


async def test_the_application_looks_at_no_other_tenant(database: Database) -> None:
    await Reacting(database).write("looked_three")
    for table in tables():
        if not table.rls:
            continue
        try:
            found = await as_role(database, "kairo_app", f'SELECT * FROM "{table.name}"')
        except asyncpg.InsufficientPrivilegeError:
            continue
        assert found == [], table.name


async def test_changes_of_all_tenants_are_told_and_idle_ones_not_asked(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    reacting = Reacting(database)
    for number in range(IDLE):
        await reacting.graph.create_tenant(f"idle_{number}", "test")
    asked: list[str] = []
    unit = database.unit

    def opened(tenant: str) -> Any:
        asked.append(tenant)
        return unit(tenant)

    monkeypatch.setattr("kairo.context.subscriptions.dispatcher.PAUSE_SECONDS", 0.01)
    work = asyncio.create_task(reacting.dispatcher.run_all())
    try:
        for tenant in ("busy_one", "busy_two", "busy_one"):
            await reacting.write(tenant)
            monkeypatch.setattr(database, "unit", opened)
            async with asyncio.timeout(10):
                while (await reacting.told.get()).tenant != tenant:
                    pass
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    assert not [tenant for tenant in asked if tenant.startswith("idle")]


async def test_a_round_that_fails_is_followed_by_another(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    reacting = Reacting(database)
    look, failures = store.waiting_tenants, [OSError("gone"), RuntimeError("odd")]

    async def failing(owner: Any) -> list[str]:
        if failures:
            raise failures.pop()
        return await look(owner)

    monkeypatch.setattr("kairo.context.subscriptions.dispatcher.PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(store, "waiting_tenants", failing)
    work = asyncio.create_task(reacting.dispatcher.run_all())
    try:
        await reacting.write("after_failures")
        async with asyncio.timeout(10):
            while (await reacting.told.get()).tenant != "after_failures":
                pass
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    assert not failures


async def test_housekeeping_asks_nothing_of_idle_tenants(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    owner = database.owner

    @asynccontextmanager
    async def listened(**given: Any) -> AsyncIterator[Any]:
        async with owner(**given) as connection:
            connection.add_query_logger(lambda query: sent.append(query.query))
            yield connection

    monkeypatch.setattr(database, "owner", listened)
    reacting = Reacting(database)
    maintenance = Maintenance(database, KEPT, system_clock)
    await maintenance.round()
    sent.clear()
    await maintenance.round()
    before = len(sent)
    assert before > 0
    for number in range(IDLE):
        await reacting.write(f"quiet_{number}", "NotKept")
    sent.clear()
    await maintenance.round()
    assert len(sent) == before
    await reacting.write("kept")
    sent.clear()
    await maintenance.round()
    assert len(sent) > before, "where such a type is in use, its history is looked at"
