"""What does a throttled subscription hear of, and when? The latest of each entity, and of all that has changed meanwhile."""

import asyncio

from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import Received, delivering, receiving, subscribed
from tests.context.subscriptions.test_delivery import kind, thing, until_settled


async def test_throttled_ones_get_the_latest_of_each_entity(broker: Broker, administrator: Asker) -> None:
    times: list[float] = []

    def answer(_: Received) -> int:
        times.append(asyncio.get_running_loop().time())
        return 200

    async with receiving(answer) as receiver, delivering(broker):
        type = kind()
        await subscribed(administrator, receiver.url, entities=[{"type": type}], throttling=0.8)
        await administrator.made(thing(type, 1))
        await receiver.until(1)
        for number in (1, 2, 3):
            change = {"a": {"type": "Property", "value": number}}
            ok(await administrator.patch(f"/entities/urn:{type}:1/attrs", json=change), 204)
        await administrator.made(thing(type, 2, 7))
        got = await receiver.until(2)
        assert times[1] - times[0] >= 0.8
        assert {entity["id"]: entity["a"]["value"] for entity in got[1].data} == {f"urn:{type}:1": 3, f"urn:{type}:2": 7}


async def test_a_throttled_one_sums_up_whatever_has_come_meanwhile(broker: Broker, administrator: Asker) -> None:
    async with receiving(lambda _: 200) as receiver, delivering(broker):
        type, other = kind(), kind()
        entities = [{"type": type}, {"type": other}]
        id = await subscribed(administrator, receiver.url, entities=entities, throttling=3)
        await administrator.made(thing(other, 1))
        await receiver.until(1)
        ok(await administrator.post("/entityOperations/create", json=[thing(type, number) for number in range(650)]), 201)
        got = await receiver.until(2, seconds=20)
        assert len(got[1].data) == 650
        await until_settled(broker, id)
        assert not [row for row in await broker.rows("notification") if row["subscription"] == id]
