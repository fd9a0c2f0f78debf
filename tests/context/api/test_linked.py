"""Do linked entities come along as asked, and only those that may be read? (join, joinLevel, containedBy; CIM 009 4.5.23, 4.9, 4.21)"""

from typing import Any

import pytest
import pytest_asyncio

from tests.context.api.broker import Asker, Broker, ok, refused


def to(*targets: str, **more: Any) -> dict[str, Any]:
    return {"type": "Relationship", "object": targets[0] if len(targets) == 1 else list(targets), **more}


def says(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


COUNTRY = {"id": "urn:l:country", "type": "OpenThing", "name": says("Japan"), "capital": to("urn:l:city")}
CITY = {"id": "urn:l:city", "type": "OpenThing", "name": says("Yamaguchi"), "height": says(40), "in": to("urn:l:country")}
HOUSE = {"id": "urn:l:house", "type": "OtherOpenThing", "name": says("A"), "at": to("urn:l:city"), "of": to("urn:l:hidden")}
TOWER = {
    "id": "urn:l:tower",
    "type": "OtherOpenThing",
    "at": to("urn:l:city", "urn:l:gone", "urn:l:country"),
    "route": {"type": "ListRelationship", "objectList": [{"object": "urn:l:country"}, {"object": "urn:l:city"}]},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.47, 34.18]}},
}
HIDDEN = {"id": "urn:l:hidden", "type": "Resident", "name": says("山口花子")}
PRIVATE = {"id": "urn:l:owned", "type": "OpenThing", "ownerName": says("山口花子"), "name": says("b")}


@pytest_asyncio.fixture
async def linked(administrator: Asker, anyone: Asker) -> Asker:
    """Someone who may not read residents and owners."""
    answer = await administrator.post("/entityOperations/upsert", json=[COUNTRY, CITY, HOUSE, TOWER, HIDDEN, PRIVATE])
    assert answer.status_code in {201, 204}
    return anyone


def within(entity: dict[str, Any], name: str, linked: Any, member: str = "entity") -> dict[str, Any]:
    return {**entity, name: {**entity[name], member: linked}}


async def test_inline(linked: Asker) -> None:
    assert await linked.entity("urn:l:house", join="inline") == within(HOUSE, "at", CITY)
    assert await linked.entity("urn:l:house", join="@none") == HOUSE
    two = within(HOUSE, "at", within(CITY, "in", COUNTRY))
    assert await linked.entity("urn:l:house", join="inline", joinLevel=2) == two
    assert await linked.entity("urn:l:house", join="inline", joinLevel=5) == two, "the way back to the city is a loop"


async def test_several_targets_and_lists(linked: Asker) -> None:
    expected = within(within(TOWER, "at", [CITY, COUNTRY]), "route", [COUNTRY, CITY], "entityList")
    assert await linked.entity("urn:l:tower", join="inline") == expected
    simple = await linked.entity("urn:l:tower", join="inline", format="simplified")
    city = {"id": "urn:l:city", "type": "OpenThing", "name": "Yamaguchi", "height": 40, "in": "urn:l:country"}
    country = {"id": "urn:l:country", "type": "OpenThing", "name": "Japan", "capital": "urn:l:city"}
    assert simple["at"] == [city, "urn:l:gone", country]
    assert simple["route"] == [country, city]
    concise = await linked.entity("urn:l:house", join="inline", format="concise")
    assert concise["at"] == {
        "object": "urn:l:city",
        "entity": {**city, "in": {"object": "urn:l:country"}},
    }


async def test_flat(linked: Asker) -> None:
    answer = ok(await linked.get("/entities/urn:l:house", params={"join": "flat", "joinLevel": "2"}))
    assert answer.json() == [HOUSE, CITY, COUNTRY]
    refused(await linked.get("/entities/urn:l:hidden", params={"join": "flat"}), 404, "ResourceNotFound")
    alone = ok(await linked.get("/entities/urn:l:owned", params={"join": "flat"}))
    assert [item["id"] for item in alone.json()] == ["urn:l:owned"], "always a list (4.5.23.3)"
    found = ok(await linked.get("/entities", params={"type": "OtherOpenThing", "join": "flat"})).json()
    assert [item["id"][6:] for item in found] == ["house", "tower", "city", "country"], "each once, behind those that link"


async def test_queries_join_for_each_entity(linked: Asker) -> None:
    body = {"type": "Query", "entities": [{"type": "OtherOpenThing"}], "join": "inline", "joinLevel": 1}
    for answer in (
        await linked.get("/entities", params={"type": "OtherOpenThing", "join": "inline"}),
        await linked.post("/entityOperations/query", json=body),
    ):
        house, tower = ok(answer).json()
        assert house == within(HOUSE, "at", CITY)
        assert tower["at"]["entity"] == [CITY, COUNTRY]


async def test_what_was_met_before_is_not_joined(linked: Asker) -> None:
    asked = {"join": "inline", "joinLevel": "2", "containedBy": "urn:l:city,urn:l:x"}
    assert await linked.entity("urn:l:house", **asked) == HOUSE
    assert await linked.entity("urn:l:tower", **asked) == within(
        within(TOWER, "at", [COUNTRY]), "route", [COUNTRY], "entityList"
    )


async def test_who_may_read_more_gets_more(linked: Asker, administrator: Asker) -> None:
    await administrator.post("/entities", json={"id": "urn:l:lease", "type": "OpenThing", "of": to("urn:l:owned")})
    seen = (await administrator.entity("urn:l:house", join="inline"))["of"]["entity"]
    assert seen == HIDDEN
    assert "entity" not in (await linked.entity("urn:l:house", join="inline"))["of"]
    assert (await linked.entity("urn:l:lease", join="inline"))["of"]["entity"] == {
        name: value for name, value in PRIVATE.items() if name != "ownerName"
    }
    assert (await administrator.entity("urn:l:lease", join="inline"))["of"]["entity"] == PRIVATE


async def test_projection_goes_into_linked_entities(linked: Asker) -> None:
    asked = {"join": "inline", "joinLevel": "2"}
    picked = await linked.entity("urn:l:house", **asked, pick="id,at{id,in{name}}")
    place = {"id": "urn:l:city", "in": {**to("urn:l:country"), "entity": {"name": says("Japan")}}}
    assert picked == {"id": "urn:l:house", "at": {**to("urn:l:city"), "entity": place}}
    omitted = await linked.entity("urn:l:house", **asked, omit="of,name,type,at{name,height,in{capital,name}}")
    country = {"id": "urn:l:country", "type": "OpenThing"}
    city = {"id": "urn:l:city", "type": "OpenThing", "in": {**to("urn:l:country"), "entity": country}}
    assert omitted == {"id": "urn:l:house", "at": {**to("urn:l:city"), "entity": city}}
    assert await linked.entity("urn:l:house", **asked, pick="id,name") == {"id": "urn:l:house", "name": says("A")}
    answer = ok(await linked.get("/entities/urn:l:house", params={"join": "flat", "pick": "id,at{name}"}))
    assert answer.json() == [{"id": "urn:l:house", "at": to("urn:l:city")}, {"name": says("Yamaguchi")}]
    for wrong in ({"pick": "at{name}"}, {"pick": "at{in{name}}", "join": "inline"}, {"omit": "at{name}", "join": "@none"}):
        refused(await linked.get("/entities/urn:l:house", params=wrong), 400, "BadRequestData")


async def test_geojson_system_times_and_context(linked: Asker) -> None:
    geo = {"Accept": "application/geo+json"}
    feature = ok(await linked.get("/entities/urn:l:tower", params={"join": "inline"}, headers=geo)).json()
    assert feature["type"] == "Feature"
    assert feature["properties"]["at"]["entity"] == [CITY, COUNTRY]
    collection = ok(await linked.get("/entities/urn:l:tower", params={"join": "flat"}, headers=geo)).json()
    assert [item["id"] for item in collection["features"]] == ["urn:l:tower", "urn:l:city", "urn:l:country"]
    timed = await linked.entity("urn:l:house", join="inline", options="sysAttrs")
    assert timed["at"]["entity"].keys() >= {"createdAt", "modifiedAt"}
    assert "createdAt" in timed["at"]["entity"]["name"]
    listed = ok(
        await linked.get("/entities/urn:l:house", params={"join": "flat"}, headers={"Accept": "application/ld+json"})
    ).json()
    assert all("@context" in item for item in listed)
    inside = ok(
        await linked.get("/entities/urn:l:house", params={"join": "inline"}, headers={"Accept": "application/ld+json"})
    ).json()
    assert "@context" in inside
    assert "@context" not in inside["at"]["entity"]


CONDITIONS = [
    ("at{height}==40", ["house", "tower"]),
    ("at{OpenThing:height}>39", ["house", "tower"]),
    ("at{Resident,Strange:height}", []),
    ("at{height}!=40", []),
    ('at{in{name}}=="Japan"', ["house", "tower"]),
    ('route{capital}=="urn:l:city"', ["tower"]),
    ("!at{capital};at", ["house"]),
    ("of{name}", []),
    ("!of{name};of", ["house"]),
    ("at{createdAt}>2020-01-01T00:00:00Z", ["house", "tower"]),
    ("at{height.modifiedAt}>2020-01-01T00:00:00Z", ["house", "tower"]),
    ('name=="x"|at{capital}', ["tower"]),
]


@pytest.mark.parametrize(("q", "found"), CONDITIONS)
async def test_conditions_on_linked_entities(linked: Asker, q: str, found: list[str]) -> None:
    asked = {"type": "OtherOpenThing", "q": q, "join": "flat", "joinLevel": "2", "pick": "id", "count": "true"}
    answer = ok(await linked.get("/entities", params=asked))
    assert [item["id"][6:] for item in answer.json()] == found
    assert answer.headers["ngsild-results-count"] == str(len(found))


async def test_conditions_see_what_the_asker_sees(linked: Asker, administrator: Asker) -> None:
    asked = {"type": "OtherOpenThing", "q": "of{name}", "join": "inline", "pick": "id"}
    assert ok(await administrator.get("/entities", params=asked)).json() == [{"id": "urn:l:house"}]
    refused(await linked.get("/entities", params={"type": "A", "q": "of{name}"}), 400, "BadRequestData")
    refused(await linked.get("/entities", params={"type": "A", "q": "of{a{b}}", "join": "flat"}), 400, "BadRequestData")


async def test_limits_and_nonsense(broker: Broker, linked: Asker) -> None:
    for wrong in (
        {"join": "sideways"},
        {"join": "inline", "joinLevel": "0"},
        {"join": "inline", "joinLevel": "99"},
        {"join": "inline", "joinLevel": "x"},
        {"joinLevel": "1"},
        {"containedBy": "urn:a:1"},
        {"join": "flat", "containedBy": "no uri"},
    ):
        refused(await linked.get("/entities/urn:l:house", params=wrong), 400, "BadRequestData")
    for body in ({"joinLevel": "1", "join": "flat"}, {"join": 5}, {"join": "flat", "containedBy": []}):
        asked = {"type": "Query", "entities": [{"type": "A"}], **body}
        refused(await linked.post("/entityOperations/query", json=asked), 400, "BadRequestData")


async def test_too_many_linked_entities_are_refused(administrator: Asker) -> None:
    many = {"id": "urn:l:many", "type": "OpenThing", "to": to(*(f"urn:m:{number}" for number in range(1001)))}
    await administrator.made(many)
    refused(await administrator.get("/entities/urn:l:many", params={"join": "inline"}), 403, "TooManyResults")
