"""Does every kind of attribute go in and come out, with sub-attributes, datasetId, observedAt and unitCode (CIM 009 4.5)?"""

from typing import Any

import pytest

from tests.context.api.broker import Asker, ok, refused

SQUARE = [[[131.0, 34.0], [131.1, 34.0], [131.1, 34.1], [131.0, 34.1], [131.0, 34.0]]]
GEOMETRIES = [
    {"type": "Point", "coordinates": [131.47, 34.18, 12.5]},
    {"type": "MultiPoint", "coordinates": [[131.0, 34.0], [131.1, 34.1]]},
    {"type": "LineString", "coordinates": [[131.0, 34.0], [131.1, 34.1]]},
    {"type": "MultiLineString", "coordinates": [[[131.0, 34.0], [131.1, 34.1]]]},
    {"type": "Polygon", "coordinates": SQUARE},
    {"type": "MultiPolygon", "coordinates": [SQUARE]},
]
KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "Property", "value": "全角　半角 <>\"'=;() 𠮷"},
    "whole": {"type": "Property", "value": 2**53, "unitCode": "MTR"},
    "fraction": {"type": "Property", "value": 0.1, "observedAt": "2026-04-01T00:00:00.123456Z"},
    "truth": {"type": "Property", "value": False},
    "list": {"type": "Property", "value": [1, "a", [True], {"b": 1}]},
    "object": {"type": "Property", "value": {"a": {"b": [1, 2]}}},
    "day": {"type": "Property", "value": {"@type": "Date", "@value": "2026-04-01"}},
    "relationship": {"type": "Relationship", "object": "urn:ngsi-ld:City:352039", "objectType": "City"},
    "relationships": {"type": "Relationship", "object": ["urn:ngsi-ld:A:1", "urn:ngsi-ld:A:2"]},
    "language": {"type": "LanguageProperty", "languageMap": {"ja": "橋", "ja-x-easy": "はし", "en": ["bridge", "span"]}},
    "vocab": {"type": "VocabProperty", "vocab": "open"},
    "vocabs": {"type": "VocabProperty", "vocab": ["open", "free"]},
    "json": {"type": "JsonProperty", "json": {"@anything": None, "type": "x", "value": [None]}},
    "values": {"type": "ListProperty", "valueList": [1, [2, 3], "d"]},
    "objects": {"type": "ListRelationship", "objectList": [{"object": "urn:ngsi-ld:A:1"}, {"object": "urn:ngsi-ld:A:2"}]},
    "with": {
        "type": "Property",
        "value": 1,
        "accuracy": {"type": "Property", "value": 0.5, "checked": {"type": "Property", "value": True}},
        "by": {"type": "Relationship", "object": "urn:ngsi-ld:Sensor:1"},
        "at": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.0, 34.0]}},
    },
}


@pytest.mark.parametrize("kind", KINDS)
async def test_what_goes_in_comes_out(administrator: Asker, kind: str) -> None:
    entity = {"id": f"urn:ngsi-ld:OpenThing:{kind}", "type": "OpenThing", "it": KINDS[kind]}
    id = await administrator.made(entity)
    assert await administrator.entity(id) == entity
    concise = await administrator.entity(id, format="concise")
    again = {**concise, "id": f"{id}-again"}
    assert await administrator.entity(await administrator.made(again)) == {**entity, "id": f"{id}-again"}


@pytest.mark.parametrize("geometry", GEOMETRIES, ids=lambda item: item["type"])
async def test_every_geometry(administrator: Asker, geometry: dict[str, Any]) -> None:
    name = geometry["type"]
    it = {"type": "GeoProperty", "value": geometry}
    entity = {"id": f"urn:ngsi-ld:Place:{name}", "type": "Place", "location": it}
    assert await administrator.entity(await administrator.made(entity)) == entity
    bare = {"id": f"urn:ngsi-ld:Place:{name}-bare", "type": "Place", "location": geometry}
    assert (await administrator.entity(await administrator.made(bare)))["location"] == it


async def test_several_instances_stand_by_their_dataset(administrator: Asker) -> None:
    gps = {"type": "Property", "value": 54, "datasetId": "urn:ngsi-ld:Dataset:gps"}
    wheel = {"type": "Property", "value": 55}
    id = await administrator.made({"id": "urn:ngsi-ld:Car:1", "type": "Car", "speed": [gps, wheel]})
    assert (await administrator.entity(id))["speed"] == [wheel, gps], "the default instance stands first"
    assert (await administrator.entity(id, datasetId="urn:ngsi-ld:Dataset:gps"))["speed"] == gps
    assert (await administrator.entity(id, datasetId="@none"))["speed"] == wheel
    assert (await administrator.entity(id, options="simplified"))["speed"] == {
        "dataset": {"@none": 55, "urn:ngsi-ld:Dataset:gps": 54}
    }
    twice = {"id": "urn:ngsi-ld:Car:2", "type": "Car", "speed": [gps, gps]}
    refused(await administrator.post("/entities", json=twice), 400, "BadRequestData")


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Relationship", "object": "no uri"},
        {"type": "Relationship", "value": "urn:a:1"},
        {"type": "LanguageProperty", "languageMap": {"not a language!": "x"}},
        {"type": "LanguageProperty", "languageMap": {}},
        {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [200, 34]}},
        {"type": "GeoProperty", "value": {"type": "Point", "coordinates": ["131", 34]}},
        {"type": "GeoProperty", "value": "somewhere"},
        {"type": "ListProperty", "valueList": 5},
        {"type": "ListRelationship", "objectList": ["no object"]},
        {"type": "VocabProperty", "vocab": 5},
        {"type": "Property", "value": 1, "unitCode": 5},
        {"type": "Property", "value": 1, "observedAt": "2026-04-01"},
        {"type": "Property", "value": 1, "datasetId": "no uri"},
        {"type": "Property", "value": {"a": None}},
    ],
)
async def test_what_a_kind_does_not_hold_is_refused(administrator: Asker, wrong: dict[str, Any]) -> None:
    entity = {"id": "urn:ngsi-ld:OpenThing:wrong", "type": "OpenThing", "it": wrong}
    problem = refused(await administrator.post("/entities", json=entity), 400, "BadRequestData")
    assert problem["detail"].startswith("/it"), "the error names the place"


async def test_times_are_kept_in_utc(administrator: Asker) -> None:
    entity = {
        "id": "urn:ngsi-ld:T:1",
        "type": "T",
        "a": {"type": "Property", "value": 1, "observedAt": "2026-04-01T09:00:00+09:00"},
    }
    id = await administrator.made(entity)
    assert (await administrator.entity(id))["a"]["observedAt"] == "2026-04-01T00:00:00Z"
    assert ok(await administrator.get("/entities", params={"type": "T", "q": "a.observedAt==2026-04-01T00:00:00Z"})).json()
