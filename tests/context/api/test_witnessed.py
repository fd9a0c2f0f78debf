"""Is every look at a person told to the witness before the answer leaves? On every way of reading, with what was really handed on."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from kairo.context.gate import Look, Scope
from kairo.errors import Unavailable
from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused
from tests.context.subscriptions.receivers import LOOPBACK, delivering, receiving, subscribed


class Kept:
    """A witness that remembers, or refuses."""

    def __init__(self) -> None:
        self.looks: list[tuple[str, tuple[Look, ...]]] = []
        self.is_broken = False

    async def saw(self, scope: Scope, looks: Sequence[Look], *, basis: str = "") -> None:
        if self.is_broken:
            raise Unavailable("the record of looks cannot be written")
        assert not basis, "the broker knows of none"
        self.looks.append((scope.principal, tuple(looks)))

    def at(self, entity: str) -> list[tuple[str, ...]]:
        """The attributes of each look at an entity."""
        return [look.attributes for _, looks in self.looks for look in looks if look.entity == entity]


@pytest.fixture
def witness() -> Kept:
    return Kept()


@pytest_asyncio.fixture
async def broker(database: Database, witness: Kept) -> AsyncIterator[Broker]:
    async with open_broker(database, settings=LOOPBACK, witness=witness) as opened:
        yield opened


class People:
    """A resident with a secret, and a hall whose owner's name is withheld from the public."""

    def __init__(self, asker: Asker) -> None:
        mark = uuid4().hex[:8]
        self.asker, self.resident, self.hall, self.park = (
            asker,
            f"urn:w:{mark}:resident",
            f"urn:w:{mark}:hall",
            f"urn:w:{mark}:park",
        )
        self.mark = mark

    async def settle(self) -> None:
        await self.asker.made({"id": self.resident, "type": "Resident", "pulse": 70, "diagnosis": f"secret {self.mark}"})
        visited = {"type": "Relationship", "object": self.resident}
        await self.asker.made(
            {"id": self.hall, "type": "OpenThing", "ownerName": f"secret {self.mark}", "seats": 5, "visitor": visited}
        )
        await self.asker.made({"id": self.park, "type": "OtherOpenThing", "seats": 5})


@pytest_asyncio.fixture
async def people(administrator: Asker) -> People:
    made = People(administrator)
    await made.settle()
    return made


async def test_by_id(administrator: Asker, people: People, witness: Kept) -> None:
    await administrator.entity(people.resident)
    await administrator.entity(people.hall)
    await administrator.entity(people.park)
    assert witness.at(people.resident) == [("diagnosis", "pulse")]
    assert witness.at(people.hall) == [("ownerName",)]
    assert witness.at(people.park) == []
    assert {principal for principal, _ in witness.looks} == {"administrator:local"}


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"attrs": "pulse"}, [("pulse",)]),
        ({"pick": "id,pulse"}, [("pulse",)]),
        ({"omit": "diagnosis"}, [("pulse",)]),
        ({"attrs": "pulse", "q": "diagnosis"}, [("diagnosis", "pulse")]),
        ({"attrs": "pulse", "orderBy": "diagnosis", "local": "true"}, [("diagnosis", "pulse")]),
        ({"q": "pulse>900"}, []),
        ({"q": "pulse>60", "count": "true", "limit": "0"}, [("pulse",)]),
        ({"count": "true", "limit": "0"}, [()]),  # that a person is there, by their id
        ({}, [("diagnosis", "pulse")]),
    ],
)
async def test_what_was_handed_on_and_what_was_asked(
    administrator: Asker, people: People, witness: Kept, parameters: dict[str, str], told: list[tuple[str, ...]]
) -> None:
    ok(await administrator.get("/entities", params={"type": "Resident", "id": people.resident, **parameters}))
    assert witness.at(people.resident) == told


async def test_a_number_of_all_of_a_type_is_about_nobody(administrator: Asker, people: People, witness: Kept) -> None:
    ok(await administrator.get("/entities", params={"type": "Resident", "count": "true", "limit": "0"}))
    ok(await administrator.get("/types/Resident"))
    assert witness.looks == []


async def test_a_number_of_what_is_open_costs_no_second_question(administrator: Asker, people: People, witness: Kept) -> None:
    ok(await administrator.get("/entities", params={"type": "OtherOpenThing", "q": "seats==5", "count": "true", "limit": "0"}))
    assert witness.looks == []


async def test_linked_entities(administrator: Asker, people: People, witness: Kept) -> None:
    ok(await administrator.get(f"/entities/{people.hall}", params={"join": "inline", "pick": "visitor{pulse}"}))
    assert (witness.at(people.hall), witness.at(people.resident)) == ([], [("pulse",)])


async def test_the_past(administrator: Asker, people: People, witness: Kept) -> None:
    since = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "modifiedAt"}
    ok(await administrator.get(f"/temporal/entities/{people.resident}", params={"attrs": "pulse"}))
    assert witness.at(people.resident) == [("pulse",)]
    ok(await administrator.get("/temporal/entities", params={"type": "OpenThing", "id": people.hall, **since}))
    assert witness.at(people.hall) == [("ownerName",)]
    mean = {"options": "aggregatedValues", "aggrMethods": "avg", "attrs": "pulse", **since}
    ok(await administrator.get(f"/temporal/entities/{people.resident}", params=mean))
    assert witness.at(people.resident) == [("pulse",), ("pulse",)]


async def test_who_gets_nothing_personal_is_not_told_of(
    application: Asker, anyone: Asker, people: People, witness: Kept
) -> None:
    for asker in (application, anyone):
        await asker.entity(people.hall)
        refused(await asker.get(f"/entities/{people.resident}"), 404)
        ok(await asker.get("/entities", params={"local": "true", "id": f"{people.resident},{people.hall}", "q": "seats|pulse"}))
    assert [look for _, looks in witness.looks for look in looks if look.attributes] == []


async def test_nothing_leaves_without_its_record(administrator: Asker, people: People, witness: Kept) -> None:
    witness.is_broken = True
    since = {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "modifiedAt"}
    body = {"type": "Query", "entities": [{"type": "Resident"}]}
    asked: list[Any] = [
        await administrator.get(f"/entities/{people.resident}"),
        await administrator.get(f"/entities/{people.resident}", params={"options": "keyValues"}),
        await administrator.get("/entities", params={"type": "Resident"}),
        await administrator.get("/entities", params={"type": "Resident", "q": "pulse", "count": "true", "limit": "0"}),
        await administrator.post("/entityOperations/query", json=body),
        await administrator.get(f"/entities/{people.hall}"),
        await administrator.get(f"/temporal/entities/{people.resident}"),
        await administrator.get("/temporal/entities", params={"type": "Resident", **since}),
    ]
    for answer in asked:
        assert people.mark not in refused(answer, 503)["detail"]
    ok(await administrator.get(f"/entities/{people.park}"))


async def test_a_notification_is_a_look_of_its_subscriber(
    broker: Broker, administrator: Asker, people: People, witness: Kept
) -> None:
    async with receiving() as receiver, delivering(broker):
        await subscribed(administrator, receiver.url, entities=[{"type": "Resident", "id": people.resident}])
        ok(await administrator.patch(f"/entities/{people.resident}/attrs", json={"pulse": 71}), 204)
        await receiver.until(1)
    assert witness.at(people.resident) == [("diagnosis", "pulse")]


async def test_a_notification_waits_until_its_record_can_be_written(
    broker: Broker, administrator: Asker, people: People, witness: Kept
) -> None:
    async with receiving() as receiver, delivering(broker):
        id = await subscribed(administrator, receiver.url, entities=[{"type": "Resident", "id": people.resident}])
        await subscribed(administrator, f"{receiver.url}/park", entities=[{"type": "OtherOpenThing", "id": people.park}])
        witness.is_broken = True
        ok(await administrator.patch(f"/entities/{people.resident}/attrs", json={"pulse": 71}), 204)
        ok(await administrator.patch(f"/entities/{people.park}/attrs", json={"seats": 6}), 204)
        got = await receiver.until(1)
        assert [one.path for one in got] == ["/notify/park"]
        witness.is_broken = False
        got = await receiver.until(2)
        assert [one.path for one in got] == ["/notify/park", "/notify"], id
