"""What is told of a change? The entity as it was then, what was before and what is gone, in every representation (CIM 009 5.3.1, 5.8.6)."""

from typing import Any
from uuid import uuid4

import pytest

from tests.context.api.broker import Asker, Broker, ok, refused
from tests.context.subscriptions.receivers import Receiver, subscribed
from tests.context.subscriptions.world import NULL, POINT, World, prop


async def test_each_change_is_told_as_it_was(world: World) -> None:
    await world.subscribe()
    await world.create(a=prop(0))
    for number in range(1, 20):
        await world.patch(a=prop(number))
    await world.delete()
    assert [data[0]["a"]["value"] for data in await world.told()] == list(range(20))


KINDS: list[tuple[str, Any, Any]] = [
    ("Property", {"value": 1}, {"value": 2}),
    ("Relationship", {"object": "urn:x:1"}, {"object": "urn:x:2"}),
    ("GeoProperty", {"value": POINT["value"]}, {"value": {"type": "Point", "coordinates": [1, 2]}}),
    ("LanguageProperty", {"languageMap": {"ja": "一", "en": "one"}}, {"languageMap": {"ja": "二"}}),
    ("VocabProperty", {"vocab": "big"}, {"vocab": "small"}),
    ("JsonProperty", {"json": {"a": None}}, {"json": [1]}),
    ("ListProperty", {"valueList": [1, 2]}, {"valueList": [3]}),
    ("ListRelationship", {"objectList": [{"object": "urn:x:1"}]}, {"objectList": [{"object": "urn:x:2"}]}),
]
GONE: dict[str, dict[str, Any]] = {
    "LanguageProperty": {"languageMap": {"@none": NULL}},
    "ListProperty": {"valueList": [NULL]},
    "ListRelationship": {"objectList": [{"object": NULL}]},
}


@pytest.mark.parametrize(("kind", "old", "new"), KINDS, ids=[kind for kind, _, _ in KINDS])
async def test_what_was_before(world: World, kind: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    triggers = ["attributeCreated", "attributeUpdated", "attributeDeleted"]
    await world.subscribe(notification={"showChanges": True}, notificationTrigger=triggers)
    (member,) = old
    previous = {f"previous{member[0].upper()}{member[1:]}": old[member]}
    await world.create(a={"type": kind, **old}, b=prop(1))
    await world.patch(a={"type": kind, **new})
    await world.patch(a={"type": kind, **old})
    await world.remove("a")
    told = [data[0] for data in await world.told()]
    assert told[0] == {"id": world.id, "type": world.kind, "a": {"type": kind, **old}, "b": prop(1)}
    assert told[1]["a"] == {"type": kind, **new, **previous}
    assert told[3]["a"] == {"type": kind, **(GONE.get(kind) or {member: NULL}), **previous}
    assert told[3]["b"] == prop(1)


async def test_what_was_before_in_the_concise_form(world: World) -> None:
    await world.create(a=prop({"x": 1}), b=prop([1]), location=POINT)
    await world.subscribe(notification={"showChanges": True, "format": "concise"})
    await world.patch(a=prop({"x": 2}), b=prop([2]), location=POINT | {"value": {"type": "Point", "coordinates": [1, 2]}})
    (data,) = (await world.told())[0]
    assert data["a"] == {"value": {"x": 2}, "previousValue": {"x": 1}}
    assert data["b"] == {"value": [2], "previousValue": [1]}
    assert data["location"] == {"value": {"type": "Point", "coordinates": [1, 2]}, "previousValue": POINT["value"]}


async def test_one_instance_of_several(world: World) -> None:
    other = "urn:ngsi-ld:Dataset:other"
    await world.create(a=[prop(1), prop(2, datasetId=other)])
    await world.subscribe(notification={"showChanges": True}, notificationTrigger=["attributeUpdated", "attributeDeleted"])
    await world.patch(a=prop(3, datasetId=other))
    await world.remove("a", datasetId=other)
    await world.patch(a=prop(9))
    changed, removed, later = [data[0]["a"] for data in await world.told()]
    assert changed == [prop(1), prop(3, datasetId=other, previousValue=2)]
    assert removed == [prop(1), prop(NULL, datasetId=other, previousValue=3)]
    assert later == prop(9, previousValue=1)


async def test_a_deleted_entity_is_told_by_name_only(world: World) -> None:
    await world.subscribe(notificationTrigger=["entityDeleted"])
    await world.create(a=prop("secret"))
    await world.delete()
    ((data,),) = await world.told()
    assert set(data) == {"id", "type", "deletedAt"}


async def test_a_deleted_entity_with_its_changes(world: World) -> None:
    wanted = {"showChanges": True, "sysAttrs": True}
    await world.subscribe(notificationTrigger=["entityDeleted"], notification=wanted)
    await world.create(a=prop(1))
    await world.delete()
    ((data,),) = await world.told()
    assert set(data) == {"id", "type", "createdAt", "modifiedAt", "deletedAt", "a"}
    assert set(data["a"]) == {"type", "value", "previousValue", "createdAt", "modifiedAt", "deletedAt"}
    assert (data["a"]["value"], data["a"]["previousValue"]) == (NULL, 1)


async def test_a_deleted_attribute_has_its_times_when_asked(world: World) -> None:
    await world.create(a=prop(1), b=prop(2))
    await world.subscribe(notificationTrigger=["attributeDeleted"], notification={"sysAttrs": True})
    await world.remove("a")
    ((data,),) = await world.told()
    assert set(data["a"]) == {"type", "value", "createdAt", "modifiedAt", "deletedAt"}
    assert set(data["b"]) == {"type", "value", "createdAt", "modifiedAt"}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, {"a": prop(1, unitCode="CEL"), "name": {"type": "LanguageProperty", "languageMap": {"ja": "川", "en": "river"}}}),
        ({"format": "concise"}, {"a": {"value": 1, "unitCode": "CEL"}, "name": {"languageMap": {"ja": "川", "en": "river"}}}),
        ({"format": "keyValues"}, {"a": 1, "name": {"languageMap": {"ja": "川", "en": "river"}}}),
        ({"format": "simplified"}, {"a": 1, "name": {"languageMap": {"ja": "川", "en": "river"}}}),
        ({"format": "keyValues", "attributes": ["a"]}, {"a": 1}),
        ({"format": "keyValues", "pick": ["id", "type", "a"]}, {"a": 1}),
        ({"format": "keyValues", "omit": ["name"]}, {"a": 1}),
    ],
    ids=str,
)
async def test_representations(world: World, wanted: dict[str, Any], expected: dict[str, Any]) -> None:
    await world.subscribe(notification=wanted)
    name = {"type": "LanguageProperty", "languageMap": {"ja": "川", "en": "river"}}
    await world.create(a=prop(1, unitCode="CEL"), name=name)
    ((data,),) = await world.told()
    assert data == {"id": world.id, "type": world.kind, **expected}


async def test_one_language(world: World) -> None:
    await world.subscribe(lang="en", notification={"format": "keyValues"})
    await world.create(name={"type": "LanguageProperty", "languageMap": {"ja": "川", "en": "river"}})
    ((data,),) = await world.told()
    assert data["name"] == "river"


async def test_one_dataset(world: World) -> None:
    await world.subscribe(datasetId=["urn:d:1"])
    await world.create(a=[prop(1), prop(2, datasetId="urn:d:1")])
    await world.patch(a=prop(5))
    ((data,),) = await world.told()
    assert data["a"] == prop(2, datasetId="urn:d:1")


async def test_geojson(world: World) -> None:
    await world.subscribe(notification={"endpoint": {"accept": "application/geo+json"}})
    await world.create(location=POINT, a=prop(1))
    (data,) = await world.told()
    assert data["type"] == "FeatureCollection"
    assert data["features"][0]["geometry"] == POINT["value"]
    assert data["features"][0]["properties"]["a"] == prop(1)
    assert world.receiver.got[0].headers["content-type"] == "application/geo+json"


async def test_names_and_headers(world: World, administrator: Asker) -> None:
    document = {"@context": {"size": "https://example.org/size"}}
    context = ok(await administrator.post("/jsonldContexts", json=document), 201).headers["location"]
    endpoint = {"accept": "application/ld+json", "receiverInfo": [{"key": "X-Key", "value": "abc"}]}
    await world.subscribe(jsonldContext=context, notification={"endpoint": endpoint})
    await world.subscribe(jsonldContext=context)
    await world.create(**{"https://example.org/size": prop(1)})
    assert all(data[0]["size"] == prop(1) for data in await world.told())
    linked, plain = sorted(world.receiver.got, key=lambda one: "@context" not in one.body)
    assert linked.headers["x-key"] == "abc"
    assert linked.headers["content-type"] == "application/ld+json"
    assert linked.body["@context"][0] == context
    assert "link" not in linked.headers
    assert plain.headers["content-type"] == "application/json"
    assert f"<{context}>" in plain.headers["link"]
    assert "ngsild-tenant" not in plain.headers
    assert {name: linked.body[name] for name in ("type",)} == {"type": "Notification"}
    assert linked.body["subscriptionId"] in world.subscriptions


async def test_another_tenant_is_named(broker: Broker, administrator: Asker, receiver: Receiver, delivery: None) -> None:
    tenant = f"t{uuid4().hex[:8]}"
    administrator.headers["NGSILD-Tenant"] = tenant
    await subscribed(administrator, receiver.url, entities=[{"type": "OpenThing"}])
    await administrator.made({"id": "urn:x:1", "type": "OpenThing", "a": prop(1)})
    (got,) = await receiver.until(1)
    assert got.headers["ngsild-tenant"] == tenant


@pytest.mark.parametrize("join", ["inline", "flat"])
async def test_linked_entities_come_along(world: World, join: str) -> None:
    """As the subscriber may read them at the moment of the notification."""
    owner, city = f"urn:owner:{world.kind}", f"urn:city:{world.kind}"
    await world.asker.made({"id": city, "type": "OpenThing", "name": prop("山口")})
    linking = {"type": "Relationship", "object": city}
    await world.asker.made({"id": owner, "type": "OpenThing", "name": prop("市"), "in": linking})
    await world.subscribe(notification={"join": join, "joinLevel": 2, "format": "simplified"})
    await world.create(owner={"type": "Relationship", "object": owner})
    (data,) = await world.told()
    if join == "inline":
        assert data[0]["owner"]["name"] == "市"
        assert data[0]["owner"]["in"]["name"] == "山口"
    else:
        assert [entity["id"] for entity in data] == [world.id, owner, city]


async def test_linked_entities_that_are_hidden_do_not(world: World, application: Asker) -> None:
    resident = f"urn:resident:{world.kind}"
    await world.asker.made({"id": resident, "type": "Resident", "name": prop("山口 花子")})
    thing = {"id": f"urn:thing:{world.kind}", "type": "OpenThing", "owner": {"type": "Relationship", "object": resident}}
    selected = [{"type": "OpenThing", "id": thing["id"]}]
    await subscribed(application, world.receiver.url, entities=selected, notification={"join": "flat"})
    await world.asker.made(thing)
    (got,) = await world.receiver.until(1)
    assert [entity["id"] for entity in got.data] == [thing["id"]]


async def test_a_join_level_belongs_to_a_join(administrator: Asker) -> None:
    for wanted in ({"joinLevel": 1}, {"join": "inline", "joinLevel": 0}, {"join": "inline", "joinLevel": 6}, {"join": "deep"}):
        payload = {
            "type": "Subscription",
            "entities": [{"type": "OpenThing"}],
            "notification": {"endpoint": {"uri": "https://receiver.example/"}, **wanted},
        }
        refused(await administrator.post("/subscriptions", json=payload), 400, "BadRequestData")
