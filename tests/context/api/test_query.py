"""Does a query find what it asks for? Types, ids, attributes, q, scopes, projection and counts (CIM 009 5.7.2, 4.9, 4.17–4.21)."""

from typing import Any

import pytest
import pytest_asyncio

from kairo.context.contexts import CORE_URL
from tests.context.api.broker import Asker, ok, refused


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


ROWS: list[dict[str, Any]] = [
    {"id": "urn:s:1", "type": "Shelter", "capacity": number(100), "kana": "やまぐち", "scope": "/Yamaguchi/Ogori"},
    {"id": "urn:s:2", "type": ["Shelter", "School"], "capacity": number(300), "pupils": number(420), "scope": "/Yamaguchi"},
    {"id": "urn:s:3", "type": "School", "pupils": number(90), "scope": ["/Hofu", "/Yamaguchi/Tokuji"]},
    {"id": "urn:l:4", "type": "Library", "books": number(5000), "open": {"type": "VocabProperty", "vocab": "daily"}},
    {
        "id": "urn:l:5",
        "type": "Library",
        "level": number(1.5, observedAt="2026-04-01T00:00:00Z"),
        "data": {"value": {"a": {"b": 7}}},
    },
]


@pytest_asyncio.fixture
async def city(administrator: Asker) -> Asker:
    answer = await administrator.post("/entityOperations/upsert", json=ROWS)
    assert answer.status_code in {201, 204}, answer.text
    return administrator


CASES: list[tuple[dict[str, str], list[str]]] = [
    ({"type": "Shelter"}, ["urn:s:1", "urn:s:2"]),
    ({"type": "Shelter,Library"}, ["urn:l:4", "urn:l:5", "urn:s:1", "urn:s:2"]),
    ({"type": "Shelter;School"}, ["urn:s:2"]),
    ({"type": "(Shelter;School),Library"}, ["urn:l:4", "urn:l:5", "urn:s:2"]),
    ({"type": "Nothing"}, []),
    ({"type": "*", "id": "urn:s:1,urn:l:4,urn:no:1"}, ["urn:l:4", "urn:s:1"]),
    ({"type": "School", "idPattern": "^urn:s:[13]$"}, ["urn:s:3"]),
    ({"id": "urn:s:1", "local": "true"}, ["urn:s:1"]),
    ({"attrs": "pupils"}, ["urn:s:2", "urn:s:3"]),
    ({"attrs": "pupils,books"}, ["urn:l:4", "urn:s:2", "urn:s:3"]),
    ({"q": "capacity>=100;capacity<300"}, ["urn:s:1"]),
    ({"q": "capacity==100|pupils>400"}, ["urn:s:1", "urn:s:2"]),
    ({"q": "(capacity|books);!pupils"}, ["urn:l:4", "urn:s:1"]),
    ({"q": "capacity==100..300"}, ["urn:s:1", "urn:s:2"]),
    ({"q": "pupils==90,420"}, ["urn:s:2", "urn:s:3"]),
    ({"q": "pupils!=90"}, ["urn:s:2"]),
    ({"q": 'kana=="やまぐち"'}, ["urn:s:1"]),
    ({"q": "kana~=^やま"}, ["urn:s:1"]),
    ({"q": "data[a.b]==7"}, ["urn:l:5"]),
    ({"q": "level.observedAt<2026-05-01T00:00:00Z"}, ["urn:l:5"]),
    ({"q": 'open=="daily"'}, ["urn:l:4"]),
    ({"type": "*", "scopeQ": "/Yamaguchi"}, ["urn:s:2"]),
    ({"type": "*", "scopeQ": "/Yamaguchi/#"}, ["urn:s:1", "urn:s:2", "urn:s:3"]),
    ({"type": "*", "scopeQ": "/Yamaguchi/+"}, ["urn:s:1", "urn:s:3"]),
    ({"type": "*", "scopeQ": "/Hofu;/Yamaguchi/Tokuji"}, ["urn:s:3"]),
    ({"type": "School", "q": "pupils>100", "scopeQ": "/Yamaguchi"}, ["urn:s:2"]),
]


@pytest.mark.parametrize(("asked", "found"), CASES, ids=lambda value: str(value)[:60])
async def test_a_query_finds_what_it_asks_for(city: Asker, asked: dict[str, str], found: list[str]) -> None:
    assert await city.ids(**asked) == found
    counted = ok(await city.get("/entities", params={**asked, "count": "true", "limit": "1"}))
    assert counted.headers["ngsild-results-count"] == str(len(found))
    assert len(counted.json()) == min(1, len(found))
    body: dict[str, Any] = {"type": "Query", **{name: asked[name] for name in ("q", "scopeQ") if name in asked}}
    selector: dict[str, Any] = {name: asked[name] for name in ("type", "id", "idPattern") if name in asked}
    if "id" in selector:
        selector["id"] = selector["id"].split(",")
    body |= {"entities": [{"type": "*", **selector}]} if selector else {}
    body |= {"attrs": asked["attrs"].split(",")} if "attrs" in asked else {}
    local = {"local": asked["local"]} if "local" in asked else {}
    posted = ok(await city.post("/entityOperations/query", json=body, params=local))
    assert [item["id"] for item in posted.json()] == found, "POST asks the same (6.23)"


async def test_a_query_without_any_restriction_is_too_wide(city: Asker) -> None:
    for asked in (
        {},
        {"limit": "5"},
        {"id": "urn:s:1"},
        {"idPattern": ".*"},
        {"scopeQ": "/#"},
        {"q": "createdAt>2020-01-01T00:00:00Z"},
    ):
        refused(await city.get("/entities", params=asked), 400, "BadRequestData")
    refused(await city.post("/entityOperations/query", json={"type": "Query"}), 400, "BadRequestData")


async def test_projection(city: Asker) -> None:
    (only,) = ok(await city.get("/entities", params={"q": "books", "pick": "id,books"})).json()
    assert only == {"id": "urn:l:4", "books": number(5000)}
    (less,) = ok(await city.get("/entities", params={"q": "books", "omit": "open,type"})).json()
    assert less == {"id": "urn:l:4", "books": number(5000)}
    (some,) = ok(await city.get("/entities", params={"attrs": "books"})).json()
    assert some == {"id": "urn:l:4", "type": "Library", "books": number(5000)}
    assert await city.entity("urn:s:1", pick="capacity") == {"capacity": number(100)}
    refused(await city.get("/entities/urn:s:1", params={"attrs": "books"}), 404, "ResourceNotFound")
    refused(await city.get("/entities/urn:s:1", params={"pick": "books"}), 404, "ResourceNotFound")
    refused(await city.get("/entities/urn:s:1", params={"pick": "id", "omit": "id"}), 400, "BadRequestData")


async def test_an_entity_is_retrieved_if_it_is_of_the_type_asked_for(city: Asker) -> None:
    for types in ("School", "Shelter;School", "Library,Shelter", "*"):
        assert (await city.entity("urn:s:2", type=types))["id"] == "urn:s:2"
    for types in ("Library", "Shelter;Library"):
        refused(await city.get("/entities/urn:s:2", params={"type": types}), 404, "ResourceNotFound")


async def test_all_types_are_those_of_this_broker(city: Asker) -> None:
    assert len(await city.ids(type="*", local="true")) == len(await city.ids(type="*"))
    refused(await city.get("/entities", params={"type": "*", "local": "false"}), 400, "BadRequestData")


async def test_counting_alone(city: Asker) -> None:
    answer = ok(await city.get("/entities", params={"type": "Library", "count": "true", "limit": "0"}))
    assert answer.json() == []
    assert answer.headers["ngsild-results-count"] == "2"
    assert "next" not in answer.headers["link"]
    collection = await city.get(
        "/entities", params={"type": "Library", "count": "true", "limit": "0"}, headers={"Accept": "application/geo+json"}
    )
    assert ok(collection).json() == {"type": "FeatureCollection", "features": [], "@context": CORE_URL}
    refused(await city.get("/entities", params={"type": "Library", "limit": "0"}), 400, "BadRequestData")


async def test_limits_are_whole_numbers_in_bounds(city: Asker) -> None:
    for wrong in ("-1", "1.5", "x", "", "1001", "99999999999", "１"):
        refused(await city.get("/entities", params={"type": "Library", "limit": wrong}), 400, "BadRequestData")
    refused(await city.get("/entities", params={"type": "Library", "offset": "-1"}), 400, "BadRequestData")
    refused(await city.get("/entities", params={"type": "Library", "offset": "1", "after": "a"}), 400, "BadRequestData")


async def test_a_post_query_says_what_it_does_not_know(city: Asker) -> None:
    for wrong in (
        {"type": "Other"},
        {"type": "Query", "surprise": 1},
        {"type": "Query", "entities": {}},
        {"type": "Query", "entities": [{"type": 5}]},
        {"type": "Query", "q": 5},
        {"type": "Query", "attrs": "books"},
        {"type": "Query", "geoQ": []},
        {"type": "Query", "geoQ": {"georel": "within"}},
    ):  # more of this kind: test_post_query.py
        refused(await city.post("/entityOperations/query", json=wrong), 400, "BadRequestData")
