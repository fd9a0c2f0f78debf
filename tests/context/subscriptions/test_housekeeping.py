"""Is what is kept bounded, and is what can be measured of it true?"""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from kairo.context.subscriptions.delivery import store
from kairo.platform.observability import metrics
from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import delivering, eventually, receiving, subscribed
from tests.context.subscriptions.world import prop


async def tidy(broker: Broker, *, days: float = 30, most: int = 10_000) -> tuple[int, int]:
    """One round of housekeeping: how many wait, and how many are dead."""
    now = broker.graph.clock()
    async with broker.database.unit(broker.settings.tenant) as unit:
        before = now - timedelta(days=days)
        return await store.tidy(unit.connection, broker.settings.tenant, now, before, most)


async def owed(broker: Broker, id: str, table: str = "notification") -> list[Any]:
    return sorted(row["seq"] for row in await broker.rows(table) if row["subscription"] == id)


async def test_the_queue_of_a_failing_receiver_is_cut_and_dead_letters_end(broker: Broker, administrator: Asker) -> None:
    kind = f"T{uuid4().hex[:8]}"
    async with receiving(lambda _: 500) as receiver:
        id = await subscribed(administrator, receiver.url, entities=[{"type": kind}])
        batch = [{"id": f"urn:{kind}:{number}", "type": kind, "a": prop(number)} for number in range(10)]
        ok(await administrator.post("/entityOperations/create", json=batch), 201)
        async with delivering(broker):
            await receiver.until(2)
    before = await owed(broker, id)
    assert len(before) == 10
    await tidy(broker, most=3)
    assert await owed(broker, id) == before[-3:]
    assert await owed(broker, id, "dead_letter") == before[:-3]
    letters = ok(await administrator.get(f"/subscriptions/{id}/deadLetters")).json()
    assert "more than 3 notifications waited" in letters[0]["error"]
    await tidy(broker, days=-1)
    assert await owed(broker, id, "dead_letter") == []
    kept = sorted(row["seq"] for row in await broker.rows("notification_event") if row["entity"].startswith(f"urn:{kind}:"))
    assert kept == before[-3:], "events that nobody is owed are forgotten"
    ok(await administrator.delete(f"/subscriptions/{id}"), 204)
    await tidy(broker)
    assert not [row for row in await broker.rows("notification_event") if row["entity"].startswith(f"urn:{kind}:")]


async def test_what_was_matched_for_a_subscription_that_is_gone_is_forgotten(broker: Broker) -> None:
    tenant = broker.settings.tenant
    async with broker.database.unit(tenant) as unit:
        await unit.connection.execute("INSERT INTO notification (tenant, subscription, seq) VALUES ($1, 'urn:gone', 1)", tenant)
    await tidy(broker)
    assert await owed(broker, "urn:gone") == []


async def test_what_was_sent_is_counted(broker: Broker, administrator: Asker) -> None:
    def sent() -> float:
        return float(metrics.NOTIFICATIONS.labels("sent")._value.get())

    kind, before = f"T{uuid4().hex[:8]}", sent()
    async with receiving() as receiver, delivering(broker):
        await subscribed(administrator, receiver.url, entities=[{"type": kind}])
        await administrator.made({"id": f"urn:{kind}:1", "type": kind, "a": prop(1)})
        await receiver.until(1)
        await eventually(lambda: sent() == before + 1)
    assert b'kairo_notifications_total{outcome="sent"}' in metrics.exposition()
    assert b"kairo_notifications_waiting" in metrics.exposition()


async def test_nothing_is_kept_where_nobody_subscribed(broker: Broker, administrator: Asker) -> None:
    """Another type's subscription costs a write nothing but a look into memory."""
    kind = f"T{uuid4().hex[:8]}"
    await subscribed(administrator, "https://receiver.example/", entities=[{"type": f"{kind}Other"}])
    await administrator.made({"id": f"urn:{kind}:1", "type": kind, "a": prop(1)})
    assert not [row for row in await broker.rows("notification_event") if row["entity"] == f"urn:{kind}:1"]


async def test_a_new_subscription_holds_for_writers_that_knew_the_old_ones(broker: Broker, administrator: Asker) -> None:
    """The version of what is watched stands where every writer looks: another process' memory is never too old."""
    kind = f"T{uuid4().hex[:8]}"
    await administrator.made({"id": f"urn:{kind}:1", "type": kind, "a": prop(1)})
    async with broker.database.unit(broker.settings.tenant) as unit:  # as another process would write it
        tenant = broker.settings.tenant
        await unit.connection.execute("UPDATE change_counter SET watching = watching + 1 WHERE tenant = $1", tenant)
        statement = (
            "INSERT INTO subscription_watch (tenant, type, attribute, entity, subscription) VALUES ($1, $2, '*', '', 'x')"
        )
        await unit.connection.execute(statement, tenant, kind)
    await administrator.made({"id": f"urn:{kind}:2", "type": kind, "a": prop(1)})
    found = [row["entity"] for row in await broker.rows("notification_event") if row["entity"].startswith(f"urn:{kind}:")]
    assert found == [f"urn:{kind}:2"]
