"""Does an entity look as the asker wishes? Normalized, concise, simplified, GeoJSON, system times, languages (CIM 009 4.5, 4.15)."""

from datetime import datetime
from typing import Any

import pytest
import pytest_asyncio

from kairo.context.contexts import CORE_URL
from tests.context.api.broker import Asker, ok, refused

POINT = {"type": "Point", "coordinates": [131.47, 34.18]}
BRIDGE: dict[str, Any] = {
    "id": "urn:bridge:1",
    "type": "Bridge",
    "scope": "/Yamaguchi",
    "length": {"type": "Property", "value": 20, "unitCode": "MTR"},
    "lanes": {"type": "Property", "value": 2},
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "一の坂橋", "en": "Ichinosaka bridge", "ja-x-easy": "はし"}},
    "over": {"type": "Relationship", "object": "urn:river:1"},
    "location": {"type": "GeoProperty", "value": POINT},
    "entrance": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.4, 34.1]}},
}


@pytest_asyncio.fixture
async def bridge(administrator: Asker) -> Asker:
    answer = await administrator.post("/entities", json=BRIDGE)
    assert answer.status_code in {201, 409}
    return administrator


SIMPLE = {
    "id": "urn:bridge:1",
    "type": "Bridge",
    "scope": "/Yamaguchi",
    "length": 20,
    "lanes": 2,
    "name": {"languageMap": BRIDGE["name"]["languageMap"]},
    "over": "urn:river:1",
    "location": POINT,
    "entrance": BRIDGE["entrance"]["value"],
}


async def test_normalized_is_what_was_sent(bridge: Asker) -> None:
    for asked in ({}, {"options": "normalized"}, {"format": "normalized"}):
        assert await bridge.entity("urn:bridge:1", **asked) == BRIDGE
        assert ok(await bridge.get("/entities", params={"type": "Bridge", **asked})).json() == [BRIDGE]


async def test_concise(bridge: Asker) -> None:
    found = await bridge.entity("urn:bridge:1", options="concise")
    assert found == SIMPLE | {"length": {"value": 20, "unitCode": "MTR"}, "over": {"object": "urn:river:1"}}
    assert ok(await bridge.get("/entities", params={"type": "Bridge", "format": "concise"})).json() == [found]


async def test_simplified_under_both_names(bridge: Asker) -> None:
    for name in ("simplified", "keyValues"):
        assert await bridge.entity("urn:bridge:1", options=name) == SIMPLE
        assert await bridge.entity("urn:bridge:1", format=name) == SIMPLE
    refused(await bridge.get("/entities/urn:bridge:1", params={"format": "verbose"}), 400, "InvalidRequest")
    refused(await bridge.get("/entities/urn:bridge:1", params={"options": "verbose"}), 400, "InvalidRequest")


async def test_geojson_of_one_and_of_many(bridge: Asker) -> None:
    accept = {"Accept": "application/geo+json"}
    answer = ok(await bridge.get("/entities/urn:bridge:1", headers=accept))
    assert answer.headers["content-type"] == "application/geo+json"
    feature = answer.json()
    properties = {name: value for name, value in BRIDGE.items() if name != "id"}
    expected = {"id": "urn:bridge:1", "type": "Feature", "geometry": POINT, "properties": properties}
    assert feature == {**expected, "@context": CORE_URL}, "unless the asker prefers otherwise (6.3.6)"
    assert "link" not in answer.headers
    answer = ok(await bridge.get("/entities/urn:bridge:1", headers={**accept, "Prefer": "return=minimal, body=json"}))
    assert answer.json() == expected
    assert CORE_URL in answer.headers["link"]
    assert answer.headers["preference-applied"] == "body=json"
    answer = await bridge.get("/entities", params={"type": "Bridge", "options": "keyValues"}, headers=accept)
    collection = ok(answer).json()
    assert collection["type"] == "FeatureCollection"
    assert collection["features"][0]["properties"]["lanes"] == 2
    other = {"geometryProperty": "entrance"}
    assert ok(await bridge.get("/entities/urn:bridge:1", headers=accept, params=other)).json()["geometry"] == SIMPLE["entrance"]
    none = {"geometryProperty": "nowhere"}
    assert ok(await bridge.get("/entities/urn:bridge:1", headers=accept, params=none)).json()["geometry"] is None
    for url in ("/entities/urn:bridge:1", "/entities"):
        refused(await bridge.get(url, params={"type": "Bridge", **other}), 400, "BadRequestData")


async def test_system_times_only_when_asked(bridge: Asker) -> None:
    shown = await bridge.entity("urn:bridge:1", options="sysAttrs")
    for part in (shown, shown["length"], shown["location"]):
        assert datetime.fromisoformat(part["createdAt"]) <= datetime.fromisoformat(part["modifiedAt"])
        assert part["createdAt"].endswith("Z")
    assert "createdAt" not in str(await bridge.entity("urn:bridge:1"))
    simple = await bridge.entity("urn:bridge:1", options="sysAttrs,keyValues")
    assert simple["createdAt"] == shown["createdAt"]
    assert simple["length"] == 20
    (listed,) = ok(await bridge.get("/entities", params={"type": "Bridge", "options": "sysAttrs"})).json()
    assert listed == shown
    sent = {
        "id": "urn:bridge:2",
        "type": "B",
        "createdAt": "2000-01-01T00:00:00Z",
        "a": {"value": 1, "modifiedAt": "2000-01-01T00:00:00Z"},
    }
    again = await bridge.entity(await bridge.made(sent), options="sysAttrs")
    assert "2000-01-01" not in str(again), "system times of the sender are ignored (5.2.2)"


@pytest.mark.parametrize(
    ("wish", "tag", "text"),
    [
        ("ja", "ja", "一の坂橋"),
        ("en", "en", "Ichinosaka bridge"),
        ("ja-x-easy", "ja-x-easy", "はし"),
        ("fr,en;q=0.5", "en", "Ichinosaka bridge"),
        ("en-GB", "en", "Ichinosaka bridge"),
    ],
)
async def test_one_language(bridge: Asker, wish: str, tag: str, text: str) -> None:
    found = await bridge.entity("urn:bridge:1", lang=wish)
    assert found["name"] == {"type": "Property", "value": text, "lang": tag}
    assert (await bridge.entity("urn:bridge:1", lang=wish, options="keyValues"))["name"] == text
    assert ok(await bridge.get("/entities", params={"type": "Bridge", "lang": wish})).json()[0]["name"]["value"] == text


async def test_json_ld_brings_its_context(bridge: Asker) -> None:
    answer = ok(await bridge.get("/entities/urn:bridge:1", headers={"Accept": "application/ld+json"}))
    assert answer.headers["content-type"] == "application/ld+json"
    assert "link" not in answer.headers
    assert answer.json() == {**BRIDGE, "@context": answer.json()["@context"]}
    listed = ok(await bridge.get("/entities", params={"type": "Bridge"}, headers={"Accept": "application/ld+json"}))
    assert all("@context" in item for item in listed.json())
