"""Do conditions and projections of a subscription go into linked entities, as its subscriber may read them? (CIM 009 4.9, 4.21, 5.8.6)"""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused
from tests.context.subscriptions.receivers import LOOPBACK, Receiver, delivering, ids, receiving, subscribed
from tests.context.subscriptions.world import World, prop


def to(*targets: str, **more: Any) -> dict[str, Any]:
    return {"type": "Relationship", "object": targets[0] if len(targets) == 1 else list(targets), **more}


class Room:
    """A house in a city in a country, each under a name of its own; the house is told of or not."""

    def __init__(self, asker: Asker, *, apart: bool = False) -> None:
        """`apart`: the house is of a type about which no other test asks."""
        self.asker = asker
        mark = uuid4().hex[:8]
        self.kind = f"House{mark}" if apart else "OpenThing"
        self.country, self.city, self.house, self.owner = (
            f"urn:{name}:{mark}" for name in ("country", "city", "house", "owner")
        )

    async def furnish(self) -> None:
        await self.asker.made({"id": self.country, "type": "OpenThing", "name": prop("Japan")})
        city = {"id": self.city, "type": "OpenThing", "height": prop(40), "ownerName": prop("山口花子"), "in": to(self.country)}
        await self.asker.made(city)
        await self.asker.made({"id": self.owner, "type": "Resident", "name": prop("山口花子")})

    async def build(self) -> None:
        route = {"type": "ListRelationship", "objectList": [{"object": self.country}, {"object": "urn:nothing:1"}]}
        at = [to(self.country), to("urn:nothing:2", self.city, datasetId="urn:d:1")]
        house = {"id": self.house, "type": self.kind, "name": prop("A"), "at": at, "route": route, "of": to(self.owner)}
        await self.asker.made(house)

    @property
    def selected(self) -> list[dict[str, str]]:
        return [{"type": self.kind, "id": self.house}]


CONDITIONS = [
    "at{height}==40",
    "at{OpenThing:height}>39",
    "at{Resident,Strange:height}",
    "at{height}!=40",
    "at{height}!=41",
    'at{in{name}}=="Japan"',
    'at{in{name}}~="^Korea"',
    "at{in{height}}",
    'route{name}=="Japan"',
    "!at{capital};at",
    "!at{height}",
    "!missing{height}",
    "of{name}",
    "!of{name};of",
    "at{ownerName}",
    "!at{ownerName};at",
    "at{createdAt}>2020-01-01T00:00:00Z",
    "at{height.modifiedAt}>2020-01-01T00:00:00Z",
    'name=="x"|at{height}==40',
    'name=="x"|at{height}==41',
    'name=="A";(at{height}==41|route{name})',
]


@pytest.mark.parametrize("who", ["administrator", "application"])
async def test_a_change_is_told_where_a_query_would_find_it(
    administrator: Asker, application: Asker, delivery: None, who: str
) -> None:
    """With the same eyes: those of the subscriber."""
    subscriber = {"administrator": administrator, "application": application}[who]
    room = Room(administrator)
    await room.furnish()
    async with receiving() as receiver:
        for q in CONDITIONS:
            await subscribed(subscriber, f"{receiver.url}/{CONDITIONS.index(q)}", entities=room.selected, q=q)
        await subscribed(subscriber, f"{receiver.url}/all", entities=room.selected)
        await room.build()
        asked = {"type": "OpenThing", "id": room.house, "join": "flat", "joinLevel": "2"}
        found = [q for q in CONDITIONS if await subscriber.ids(**asked, q=q)]
        got = await receiver.until(len(found) + 1)
        told = {one.path.rpartition("/")[2] for one in got}
        assert told == {"all", *(str(CONDITIONS.index(q)) for q in found)}
        assert {"of{name}", "at{ownerName}"} & set(found) == (
            {"of{name}", "at{ownerName}"} if who == "administrator" else set()
        )


async def test_a_change_of_what_is_linked_triggers_nothing(administrator: Asker, receiver: Receiver, delivery: None) -> None:
    """It only counts how it is when the entity itself changes."""
    room = Room(administrator)
    await room.furnish()
    await room.build()
    await subscribed(administrator, receiver.url, entities=room.selected, q="at{height}>50")
    ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"name": prop("not yet")}), 204)
    ok(await administrator.patch(f"/entities/{room.city}/attrs", json={"height": prop(60)}), 204)
    ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"name": prop("now")}), 204)
    (got,) = await receiver.until(1)
    assert got.data[0]["name"] == prop("now")


async def test_linked_entities_count_as_they_were_with_the_change(
    administrator: Asker, receiver: Receiver, broker: Broker
) -> None:
    """However late it is told: what becomes of them meanwhile takes nothing away, and adds nothing."""
    room = Room(administrator, apart=True)
    await room.furnish()
    await subscribed(administrator, f"{receiver.url}/before", entities=room.selected, q="at{height}==40")
    await subscribed(administrator, f"{receiver.url}/deep", entities=room.selected, q='at{in{name}}=="Japan"')
    await subscribed(administrator, f"{receiver.url}/after", entities=room.selected, q="at{height}==60")
    await room.build()
    ok(await administrator.patch(f"/entities/{room.city}/attrs", json={"height": prop(60)}), 204)
    ok(await administrator.delete(f"/entities/{room.country}"), 204)
    async with delivering(broker):
        await receiver.until(2)
        await subscribed(administrator, f"{receiver.url}/mark", entities=room.selected)
        ok(await administrator.delete(f"/entities/{room.house}/attrs/at?deleteAll=true"), 204)
        ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"name": prop("B")}), 204)
        got = await receiver.until(3)
    assert sorted(one.path.rpartition("/")[2] for one in got) == ["before", "deep", "mark"]


async def test_a_commit_keeps_no_more_than_is_asked_for(administrator: Asker, broker: Broker) -> None:
    room = Room(administrator, apart=True)
    await room.furnish()
    await subscribed(administrator, "https://receiver.example/", entities=room.selected, q="at{in{createdAt}}|at{height}")
    await room.build()
    (event,) = [row for row in await broker.rows("notification_event") if row["entity"] == room.house]
    linked = orjson.loads(event["state"])["linked"]
    assert {id: sorted(kept[1]) for id, kept in linked.items()} == {room.city: ["height", "in"], room.country: []}


async def test_what_leads_to_more_than_is_looked_at_is_said_so(database: Database, tmp_path: Path, receiver: Receiver) -> None:
    """Where the answer stands among those that are known it is given; else nobody guesses, and the next change has its turn."""
    async with open_broker(database, settings=replace(LOOPBACK, max_linked=3)) as broker, delivering(broker):
        administrator = await broker.administrator(tmp_path)
        room = Room(administrator, apart=True)
        cities = [f"{room.city}:{number}" for number in range(5)]
        batch = [{"id": id, "type": "OpenThing", "height": prop(number)} for number, id in enumerate(cities)]
        ok(await administrator.post("/entityOperations/create", json=batch), 201)
        asked = {
            q: await subscribed(administrator, f"{receiver.url}/{number}", entities=room.selected, q=q)
            for number, q in enumerate(["at{height}==2", "at{height}==3", "!at{height}", "!at{width}", 'name=="A"'])
        }
        await administrator.made({"id": room.house, "type": room.kind, "name": prop("A"), "at": to(*cities)})
        ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"at": to(cities[3])}), 204)
        got = await receiver.until(5)
        assert sorted(one.path.rpartition("/")[2] for one in got) == ["0", "1", "3", "4", "4"]
        undecided = {}
        for q, id in asked.items():
            letters = ok(await administrator.get(f"/subscriptions/{id}/deadLetters")).json()
            undecided[q] = [(letter["entity"], letter["attempts"], "max_linked" in letter["error"]) for letter in letters]
        told = [(room.house, 1, True)]
        assert {q: letters for q, letters in undecided.items() if letters} == {"at{height}==3": told, "!at{width}": told}
        status = ok(await administrator.get(f"/subscriptions/{asked['at{height}==3']}")).json()["notification"]
        assert (status["timesSent"], status["timesFailed"]) == (2, 1)


async def test_what_is_asked_may_change(administrator: Asker, receiver: Receiver, delivery: None) -> None:
    """A commit after the change of the subscription keeps what the new condition looks at.

    Which condition a change meets is that of the moment in which it is dispatched: each is seen through before the next is asked.
    """
    room = Room(administrator, apart=True)
    await room.furnish()
    id = await subscribed(administrator, f"{receiver.url}/asked", entities=room.selected, q="at{height}==1")
    await subscribed(administrator, f"{receiver.url}/every", entities=room.selected)
    await room.build()
    await receiver.until(1)
    ok(await administrator.patch(f"/subscriptions/{id}", json={"q": 'route{name}=="Japan"'}), 204)
    ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"name": prop("second")}), 204)
    await receiver.until(3)
    ok(await administrator.patch(f"/subscriptions/{id}", json={"q": "urn:ngsi-ld:null"}), 204)
    ok(await administrator.patch(f"/entities/{room.house}/attrs", json={"name": prop("third")}), 204)
    got = [one for one in await receiver.until(5) if one.path.endswith("/asked")]
    assert [one.data[0]["name"]["value"] for one in got] == ["second", "third"]


async def test_periodic_ones_ask_of_linked_entities_too(administrator: Asker, receiver: Receiver, delivery: None) -> None:
    room = Room(administrator)
    await room.furnish()
    await room.build()
    other = f"{room.house}:other"
    await administrator.made({"id": other, "type": "OpenThing", "at": to(room.country)})
    entities = [{"type": "OpenThing", "id": [room.house, other]}]
    id = await subscribed(administrator, receiver.url, entities=entities, q="at{height}", timeInterval=0.2)
    (got, *_) = await receiver.until(1)
    assert ids([got]) == [room.house]
    ok(await administrator.delete(f"/subscriptions/{id}"), 204)


@pytest.mark.parametrize("join", ["inline", "flat"])
async def test_projection_goes_into_linked_entities(world: World, join: str) -> None:
    room = Room(world.asker)
    await room.furnish()
    wanted = {"join": join, "joinLevel": 2, "format": "simplified"}
    await world.subscribe(notification={**wanted, "pick": ["id", "at{id,in{name}}"]})
    await world.create(at=to(room.city), name=prop("A"))
    (data,) = await world.told()
    if join == "inline":
        assert data == [{"id": world.id, "at": {"id": room.city, "in": {"name": "Japan"}}}]
    else:
        assert data == [{"id": world.id, "at": room.city}, {"id": room.city, "in": room.country}, {"name": "Japan"}]


async def test_omission_goes_into_linked_entities(world: World) -> None:
    room = Room(world.asker)
    await room.furnish()
    wanted = {"join": "inline", "format": "simplified", "omit": ["type", "name", "at{type,height,ownerName}"]}
    await world.subscribe(notification=wanted)
    await world.create(at=to(room.city), name=prop("A"))
    (data,) = await world.told()
    assert data == [{"id": world.id, "at": {"id": room.city, "in": room.country}}]


async def test_they_come_back_as_they_were_written_in_the_names_of_who_asks(administrator: Asker) -> None:
    document = {"@context": {"size": "https://example.org/size", "at": "https://example.org/at"}}
    context = ok(await administrator.post("/jsonldContexts", json=document), 201).headers["location"]
    link = {"Link": f'<{context}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    payload = {
        "type": "Subscription",
        "entities": [{"type": "OpenThing"}],
        "q": "at{size}>5",
        "notification": {
            "endpoint": {"uri": "https://receiver.example/"},
            "join": "inline",
            "pick": ["id", "at{size,name}"],
            "omit": ["size{at}"],
        },
    }
    location = ok(await administrator.post("/subscriptions", json=payload, headers=link), 201).headers["location"]
    id = location.rpartition("/")[2]
    kept = ok(await administrator.get(f"/subscriptions/{id}", headers=link)).json()
    assert kept["q"] == "at{size}>5"
    assert kept["notification"]["pick"] == ["id", "at{size,name}"]
    plain = ok(await administrator.get(f"/subscriptions/{id}")).json()
    assert plain["notification"]["pick"] == ["id", "https://example.org/at{https://example.org/size,name}"]
    assert plain["notification"]["omit"] == ["https://example.org/size{https://example.org/at}"]
    change = {"notification": {"join": "@none"}}
    refused(await administrator.patch(f"/subscriptions/{id}", json=change), 400, "BadRequestData")


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"notification": {"pick": ["at{name}"]}}, "/notification/pick"),
        ({"notification": {"omit": ["at{name}"], "join": "@none"}}, "/notification/omit"),
        ({"notification": {"pick": ["at{in{name}}"], "join": "flat"}}, "/notification/pick"),
        ({"notification": {"pick": ["at{name"], "join": "flat"}}, "/notification"),
        ({"q": "a{b{c{d{e{f{g}}}}}}"}, "/q"),
        ({"q": "a{b"}, "/q"),
    ],
    ids=str,
)
async def test_what_goes_too_deep_is_refused(administrator: Asker, wrong: dict[str, Any], path: str) -> None:
    notification = {"endpoint": {"uri": "https://receiver.example/"}, **wrong.get("notification", {})}
    payload = {"type": "Subscription", "entities": [{"type": "OpenThing"}], **wrong, "notification": notification}
    problem = refused(await administrator.post("/subscriptions", json=payload), 400, "BadRequestData")
    assert problem["path"] == path
