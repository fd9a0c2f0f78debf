"""Which types and attributes are there? Discovery as CIM 009 5.7.5 to 5.7.10 and 6.25 to 6.28 say."""

from typing import Any

import pytest_asyncio

from tests.context.api.broker import Asker, ok, refused

CONTEXT = {"temperature": "https://example.org/temperature", "Station": "https://example.org/Station"}
LINK = {"Accept": "application/ld+json"}


@pytest_asyncio.fixture
async def stations(administrator: Asker) -> Asker:
    one: dict[str, Any] = {"type": "Property", "value": 1}
    batch: list[dict[str, Any]] = [
        {"id": "urn:st:1", "type": "Station", "temperature": one, "name": one},
        {"id": "urn:st:2", "type": ["Station", "Tower"], "temperature": {"type": "Relationship", "object": "urn:a:1"}},
        {"id": "urn:st:3", "type": "Tower", "height": [one, {**one, "datasetId": "urn:d:1"}]},
    ]
    body = [{**item, "@context": CONTEXT} for item in batch]
    answer = await administrator.post("/entityOperations/upsert", json=body, headers={"Content-Type": "application/ld+json"})
    assert answer.status_code in {201, 204}, answer.text
    return administrator


async def test_types(stations: Asker) -> None:
    body = ok(await stations.get("/types")).json()
    assert body["type"] == "EntityTypeList"
    assert body["typeList"] == ["Tower", "https://example.org/Station"]
    detailed = ok(await stations.get("/types", params={"details": "true"})).json()
    assert {item["typeName"]: item["attributeNames"] for item in detailed} == {
        "Tower": ["height", "https://example.org/temperature"],
        "https://example.org/Station": ["https://example.org/temperature", "name"],
    }
    assert {item["id"] for item in detailed} == {"https://uri.etsi.org/ngsi-ld/default-context/Tower", CONTEXT["Station"]}


async def test_one_type(stations: Asker) -> None:
    info = ok(await stations.get("/types/https%3A%2F%2Fexample.org%2FStation")).json()
    assert info["type"] == "EntityTypeInfo"
    assert info["entityCount"] == 2
    details = {item["attributeName"]: item["attributeTypes"] for item in info["attributeDetails"]}
    assert details == {"https://example.org/temperature": ["Property", "Relationship"], "name": ["Property"]}
    refused(await stations.get("/types/Unknown"), 404, "ResourceNotFound")


async def test_attributes(stations: Asker) -> None:
    body = ok(await stations.get("/attributes")).json()
    assert body["type"] == "AttributeList"
    assert body["attributeList"] == ["height", "https://example.org/temperature", "name"]
    detailed = ok(await stations.get("/attributes", params={"details": "true"})).json()
    assert {item["attributeName"]: item["typeNames"] for item in detailed}["height"] == ["Tower"]


async def test_one_attribute(stations: Asker) -> None:
    info = ok(await stations.get("/attributes/height")).json()
    assert info["attributeCount"] == 1
    assert info["attributeTypes"] == ["Property"]
    assert info["typeNames"] == ["Tower"]
    refused(await stations.get("/attributes/unknown"), 404, "ResourceNotFound")


async def test_names_are_in_the_askers_context(stations: Asker) -> None:
    address = ok(await stations.post("/jsonldContexts", json={"@context": CONTEXT}), 201).headers["location"]
    link = {"Link": f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    assert ok(await stations.get("/types", headers=link)).json()["typeList"] == ["Station", "Tower"]
    answer = ok(await stations.get("/attributes/temperature", headers={**link, **LINK}))
    assert answer.json()["typeNames"] == ["Station", "Tower"]
    assert address in str(answer.json()["@context"])
    assert ok(await stations.get("/types/Station", headers=link)).json()["entityCount"] == 2
