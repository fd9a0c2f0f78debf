"""Is what is over removed once, with its history, its audit record and its event, whoever meets it first?"""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kairo.context.expiring import store
from kairo.context.expiring.remover import Remover
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import iso, system_clock
from kairo.platform.db import Database
from tests.context.api.broker import DECLARED, Asker, Broker, ok, refused
from tests.context.subscriptions.world import NULL, World, prop

PAST = "2020-01-01T00:00:00Z"
EVERY = ["entityCreated", "entityUpdated", "entityDeleted"]


async def expired(broker: Broker, id: str) -> list[dict[str, Any]]:
    """The audit records of its removals."""
    return [row for row in await broker.rows("change", entity=id) if row["operation"] == "expire"]


async def test_those_who_subscribed_are_told_once(world: World) -> None:
    await world.subscribe(notificationTrigger=["entityDeleted"])
    await world.create(a=prop(1), expiresAt=PAST)
    assert await Remover(world.broker.graph).round() == 1
    assert await Remover(world.broker.graph).round() == 0
    ((data,),) = await world.told()
    assert set(data) == {"id", "type", "deletedAt"}
    assert await world.broker.rows("entity", id=world.id) == []
    (record,) = await expired(world.broker, world.id)
    assert (record["principal"], record["purpose"]) == ("system:expiry", "expiry")


async def test_what_is_not_over_stays(world: World) -> None:
    later = iso(system_clock() + timedelta(hours=1))
    await world.create(a=prop(1), expiresAt=later)
    await Remover(world.broker.graph).round()
    assert (await world.asker.entity(world.id))["a"] == prop(1)
    assert await Remover(world.broker.graph).remove(world.broker.settings.tenant, [world.id, "urn:nothing:1"]) == 0


async def test_history_says_that_it_is_gone(world: World) -> None:
    await world.create(a=prop(1), expiresAt=PAST)
    await Remover(world.broker.graph).round()
    past = ok(await world.asker.get(f"/temporal/entities/{world.id}")).json()
    assert [item["value"] for item in past["a"]] == [1, NULL]
    assert past["a"][1]["deletedAt"]


async def test_two_at_once_remove_it_once(broker: Broker, database: Database, administrator: Asker) -> None:
    """As two job workers would, each with its graph."""
    kind = f"T{uuid4().hex[:8]}"
    batch = [{"id": f"urn:{kind}:{number}", "type": kind, "expiresAt": PAST} for number in range(40)]
    ok(await administrator.post("/entityOperations/create", json=batch), 201)
    others = [Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock) for _ in range(2)]
    try:
        removed = await asyncio.gather(*(Remover(graph).round() for graph in (broker.graph, *others)))
    finally:
        for graph in others:
            await graph.close()
    assert sum(removed) == len(batch)
    records = [row["entity"] for row in await broker.rows("change") if row["operation"] == "expire"]
    assert sorted(id for id in records if id.startswith(f"urn:{kind}:")) == sorted(str(item["id"]) for item in batch)


async def test_whoever_writes_first_finds_nothing_there(world: World) -> None:
    """A request that comes before the remover ends the old entity, and then is answered as if it had not been there."""
    await world.subscribe(notificationTrigger=EVERY)
    writes = (
        (world.asker.patch(f"/entities/{world.id}/attrs", json={"a": prop(2)}), 404),
        (world.asker.delete(f"/entities/{world.id}"), 404),
        (world.asker.post("/entities", json={"id": world.id, "type": world.kind, "b": prop(1)}), 201),
        (world.asker.post("/entityOperations/upsert", json=[{"id": world.id, "type": world.kind, "b": prop(3)}]), 201),
    )
    for ended, (write, status) in enumerate(writes, 1):
        if ended == 4:
            ok(await world.asker.delete(f"/entities/{world.id}"), 204)
        await world.create(a=prop(1), expiresAt=PAST)
        ok(await write, status)
        assert len(await expired(world.broker, world.id)) == ended
    assert await Remover(world.broker.graph).round() == 0
    assert await world.asker.entity(world.id) == {"id": world.id, "type": world.kind, "b": prop(3)}
    kinds = ["deletedAt" if "deletedAt" in data else "".join(sorted(set(data) & {"a", "b"})) for (data,) in await world.told()]
    assert kinds == ["a", "deletedAt", "a", "deletedAt", "a", "deletedAt", "b", "deletedAt", "a", "deletedAt", "b"]


async def test_one_batch_meets_it_twice(world: World) -> None:
    await world.create(a=prop(1), expiresAt=PAST)
    again = {"id": world.id, "type": world.kind, "b": prop(1)}
    answer = ok(await world.asker.post("/entityOperations/create", json=[again, again]), 207)
    assert answer.json()["success"] == [world.id]
    assert answer.json()["errors"][0]["error"]["status"] == 409
    assert len(await expired(world.broker, world.id)) == 1
    numbers = [row["seq"] for row in await world.broker.rows("change")]
    assert len(numbers) == len(set(numbers)), "each change has a number of its own"


async def test_its_id_is_free_for_everyone(application: Asker, administrator: Asker) -> None:
    """Also where what is over could not be seen by who takes the id."""
    id = f"urn:resident:{uuid4().hex}"
    await administrator.made({"id": id, "type": "Resident", "name": prop("山口 花子"), "expiresAt": PAST})
    await application.made({"id": id, "type": "Kiosk", "a": prop(1)})
    assert await application.entity(id) == {"id": id, "type": "Kiosk", "a": prop(1)}
    seen = ok(await application.get(f"/temporal/entities/{id}")).json()
    assert set(seen) == {"id", "type", "a"}


async def test_rows_beside_it_go_too(world: World) -> None:
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.47, 34.18]}}
    await world.create(location=place, expiresAt=PAST)
    await Remover(world.broker.graph).round()
    assert await world.broker.rows("entity_geo", entity=world.id) == []


async def test_every_tenant_has_its_turn(broker: Broker, administrator: Asker) -> None:
    tenants = [f"t{uuid4().hex[:8]}" for _ in range(2)]
    for tenant in tenants:
        administrator.headers["NGSILD-Tenant"] = tenant
        await administrator.made({"id": "urn:x:1", "type": "Passing", "expiresAt": PAST})
    assert await Remover(broker.graph).round() == 2
    for tenant in tenants:
        administrator.headers["NGSILD-Tenant"] = tenant
        assert await broker.rows("entity", tenant=tenant) == []
        refused(await administrator.get("/entities/urn:x:1"), 404)


async def test_a_large_number_goes_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kairo.context.expiring.remover.BATCH", 3)
    batch = [{"id": f"{world.id}:{number}", "type": world.kind, "expiresAt": PAST} for number in range(8)]
    ok(await world.asker.post("/entityOperations/create", json=batch), 201)
    assert await Remover(world.broker.graph).round() == 8


async def test_the_owner_of_the_tables_sees_what_may_expire_and_nothing_else(world: World) -> None:
    await world.create(a=prop(1))
    await world.asker.made({"id": f"{world.id}:passing", "type": world.kind, "expiresAt": PAST})
    role = f"kairo_test_{uuid4().hex[:8]}"
    async with world.broker.database.owner() as owner:
        await owner.execute(f"CREATE ROLE {role} NOLOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        try:
            await owner.execute(f"SET ROLE {role}")
            assert world.broker.settings.tenant in await store.tenants_with_some(owner, system_clock())
            seen = [row["id"] for row in await owner.fetch("SELECT id FROM entity WHERE type_key = $1", world.kind)]
            assert seen == [f"{world.id}:passing"]
        finally:
            await owner.execute(f"RESET ROLE; DROP OWNED BY {role}; DROP ROLE {role}")
    await Remover(world.broker.graph).round()
