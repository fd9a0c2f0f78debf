"""What is a subscriber told of people who agreed, for as long as they agree? And of those who did not?"""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from kairo.context.granting import Grant, give, withdraw
from kairo.platform.clock import system_clock
from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import Receiver, delivering, eventually, subscribed
from tests.context.subscriptions.world import prop

PARTNER = "application:watcher"


@pytest_asyncio.fixture
async def partner(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker(await broker.token_of(PARTNER)) as asker:
        yield asker


class Mother:
    """A resident with a pulse and a diagnosis, and what she agrees to."""

    def __init__(self, broker: Broker, city: Asker) -> None:
        self.broker, self.city = broker, city
        self.id = f"urn:granted:{uuid4().hex[:8]}"
        self.selected = [{"type": "Resident", "id": self.id}]

    async def arrives(self) -> None:
        await self.city.made({"id": self.id, "type": "Resident", "pulse": prop(70), "diagnosis": prop("a")})

    async def has(self, **values: Any) -> None:
        changed = {name: prop(value) for name, value in values.items()}
        ok(await self.city.patch(f"/entities/{self.id}/attrs", json=changed), 204)

    async def agrees(self, *attributes: str, purpose: str = "application") -> None:
        now = system_clock()
        until = now + timedelta(days=1)
        one = Grant(self.id, PARTNER, purpose, ("Resident",), "consent", now - timedelta(days=1), until, attributes, self.id)
        async with self.broker.database.unit(self.broker.settings.tenant) as unit:
            await give(unit, one, now, by=self.id)

    async def withdraws(self) -> None:
        async with self.broker.database.unit(self.broker.settings.tenant) as unit:
            await withdraw(unit, self.id, system_clock(), by=self.id, purpose="application")


@pytest_asyncio.fixture
async def mother(broker: Broker, administrator: Asker) -> Mother:
    made = Mother(broker, administrator)
    await made.arrives()
    return made


async def owed(broker: Broker, id: str) -> int:
    return len(await broker.rows("notification", tenant=broker.settings.tenant, subscription=id))


async def test_only_what_she_agreed_to(partner: Asker, mother: Mother, receiver: Receiver, delivery: None) -> None:
    await subscribed(partner, f"{receiver.url}/all", entities=mother.selected)
    await subscribed(partner, f"{receiver.url}/diagnosis", entities=mother.selected, watchedAttributes=["diagnosis"])
    await subscribed(partner, f"{receiver.url}/q", entities=mother.selected, q='diagnosis=="b"')
    changes: dict[str, Any] = {"notificationTrigger": ["attributeUpdated"], "notification": {"showChanges": True}}
    await subscribed(partner, f"{receiver.url}/changes", entities=mother.selected, **changes)
    await subscribed(mother.city, f"{receiver.url}/city", entities=mother.selected)
    await mother.has(pulse=71)
    await receiver.until(1)  # the city is told of what she has not agreed to
    await mother.agrees("pulse")
    await mother.has(pulse=72, diagnosis="b")
    got = [one for one in await receiver.until(4) if not one.path.endswith("/city")]
    assert {one.path.rpartition("/")[2] for one in got} == {"all", "changes"}
    for one in got:
        (entity,) = one.data
        assert set(entity) == {"id", "type", "pulse"}
        assert entity["pulse"]["value"] == 72
    await mother.has(diagnosis="c")
    await mother.has(pulse=73)
    got = [one for one in await receiver.until(8) if not one.path.endswith("/city")]
    assert [one.data[0]["pulse"]["value"] for one in got[2:]] == [73, 73]


async def test_what_waits_is_not_sent_once_she_withdraws(
    partner: Asker, mother: Mother, receiver: Receiver, broker: Broker
) -> None:
    await mother.agrees("pulse")
    id = await subscribed(partner, receiver.url, entities=mother.selected)
    every = await subscribed(mother.city, f"{receiver.url}/city", entities=mother.selected)
    receiver.answer = lambda one: 200 if one.path.endswith("/city") else 500
    async with delivering(broker):
        await mother.has(pulse=71)
        await receiver.until(2)  # the partner's receiver has refused the first; it waits
        await eventually(lambda: _is_owed(broker, id))
        await mother.withdraws()
        receiver.answer = lambda _: 200
        ok(await partner.patch(f"/subscriptions/{id}", json={"description": "wakes it up"}), 204)
        await eventually(lambda: _is_settled(broker, id))
        await mother.has(pulse=72)
        got = await receiver.until(3)
    assert [one.path.rpartition("/")[2] for one in got].count("city") == 2
    assert [one.data[0]["pulse"]["value"] for one in got if one.path == "/notify"] == [71]
    assert every


async def _is_owed(broker: Broker, id: str) -> bool:
    return await owed(broker, id) > 0


async def _is_settled(broker: Broker, id: str) -> bool:
    return await owed(broker, id) == 0


async def test_for_the_purpose_of_the_subscription(broker: Broker, mother: Mother, receiver: Receiver, delivery: None) -> None:
    token = await broker.token_of(PARTNER)
    async with broker.asker(token, Kairo_Purpose="watching-over") as watching, broker.asker(token) as other:
        await subscribed(watching, f"{receiver.url}/watching", entities=mother.selected)
        await subscribed(other, f"{receiver.url}/other", entities=mother.selected)
        await mother.agrees("pulse", purpose="watching-over")
        await mother.has(pulse=71)
        await subscribed(mother.city, f"{receiver.url}/city", entities=mother.selected)
        await mother.has(pulse=72)
        got = await receiver.until(3)
    assert sorted(one.path.rpartition("/")[2] for one in got) == ["city", "watching", "watching"]


async def test_at_intervals(partner: Asker, mother: Mother, receiver: Receiver, delivery: None) -> None:
    await subscribed(partner, receiver.url, entities=mother.selected, timeInterval=0.2)
    await mother.agrees("pulse")
    (got, *_) = await receiver.until(1)
    assert [set(entity) for entity in got.data] == [{"id", "type", "pulse"}]


@pytest.mark.parametrize("agreed", [("pulse",), ("pulse", "diagnosis")])
async def test_when_she_is_gone(
    partner: Asker, mother: Mother, receiver: Receiver, delivery: None, agreed: tuple[str, ...]
) -> None:
    await mother.agrees(*agreed)
    triggers = ["attributeDeleted"]
    await subscribed(partner, receiver.url, entities=mother.selected, notificationTrigger=triggers)
    ok(await mother.city.delete(f"/entities/{mother.id}"), 204)
    (got,) = await receiver.until(1)
    assert set(got.data[0]) - {"id", "type", "deletedAt"} == set(agreed)
