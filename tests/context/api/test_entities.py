"""Do the operations on single entities answer as CIM 009 says?"""

import httpx

THING = {
    "id": "urn:ngsi-ld:OpenThing:1",
    "type": "OpenThing",
    "name": {"type": "Property", "value": "山口市役所 (本庁) \"'; --"},
    "location": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.47, 34.18]}},
    "temperature": {"type": "Property", "value": 21.5, "unitCode": "CEL", "observedAt": "2026-04-01T00:00:00Z"},
}


async def test_an_entity_comes_back_as_it_was_sent(administrator: httpx.AsyncClient) -> None:
    entity = THING | {"id": "urn:ngsi-ld:OpenThing:roundtrip"}
    answer = await administrator.post("/entities", json=entity)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/ngsi-ld/v1/entities/urn:ngsi-ld:OpenThing:roundtrip"
    answer = await administrator.get("http://test" + answer.headers["location"])
    assert answer.status_code == 200, answer.text
    assert answer.json() == entity
    assert "ngsi-ld-core-context" in answer.headers["link"]


async def test_list_geo_and_count(administrator: httpx.AsyncClient, anyone: httpx.AsyncClient) -> None:
    for number in range(5):
        entity = THING | {"id": f"urn:ngsi-ld:OpenThing:list-{number}", "order": {"type": "Property", "value": number}}
        assert (await administrator.post("/entities", json=entity)).status_code == 201
    asked = {"type": "OpenThing", "q": "order>=2", "limit": "2", "count": "true"}
    answer = await anyone.get("/entities", params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ngsild-results-count"] == "3"
    assert [item["order"]["value"] for item in answer.json()] == [2, 3]
    link = next(part for part in answer.headers.get_list("link") if 'rel="next"' in part)
    answer = await anyone.get("http://test" + link[link.index("<") + 1 : link.index(">")])
    assert [item["order"]["value"] for item in answer.json()] == [4]
    near = {"georel": "near;maxDistance==100", "geometry": "Point", "coordinates": "[131.4701,34.1801]", "q": "order==1"}
    answer = await anyone.get("/entities", params=near)
    assert [item["order"]["value"] for item in answer.json()] == [1], answer.text
