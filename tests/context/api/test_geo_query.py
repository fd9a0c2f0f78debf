"""Do geo-queries find entities by every relation and every geometry, as CIM 009 4.10 and 5.7.2 say?"""

import json
from typing import Any

import pytest
import pytest_asyncio

from tests.context.api.broker import Asker, ok, refused


def square(west: float, south: float, size: float) -> list[list[list[float]]]:
    east, north = west + size, south + size
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


PLACES: dict[str, dict[str, Any]] = {
    "point": {"type": "Point", "coordinates": [131.05, 34.05]},
    "points": {"type": "MultiPoint", "coordinates": [[131.02, 34.02], [131.03, 34.03]]},
    "line": {"type": "LineString", "coordinates": [[131.05, 34.05], [131.5, 34.5]]},
    "lines": {"type": "MultiLineString", "coordinates": [[[131.01, 34.01], [131.02, 34.01]]]},
    "inner": {"type": "Polygon", "coordinates": square(131.04, 34.04, 0.02)},
    "same": {"type": "Polygon", "coordinates": square(131.0, 34.0, 0.1)},
    "outer": {"type": "Polygon", "coordinates": square(130.9, 33.9, 0.3)},
    "beside": {"type": "MultiPolygon", "coordinates": [square(131.05, 34.05, 0.1)]},
    "far": {"type": "Point", "coordinates": [140.0, 36.0]},
}
WINDOW = json.dumps(square(131.0, 34.0, 0.1))
EXPECTED: dict[str, set[str]] = {
    "within": {"point", "points", "lines", "inner", "same"},
    "contains": {"same", "outer"},
    "intersects": set(PLACES) - {"far"},
    "equals": {"same"},
    "disjoint": {"far"},
    "overlaps": {"beside"},
}


@pytest_asyncio.fixture
async def places(administrator: Asker) -> Asker:
    batch = [
        {"id": f"urn:p:{name}", "type": "Place", "location": value, "other": {"type": "Property", "value": 1}}
        for name, value in PLACES.items()
    ]
    batch.append({"id": "urn:p:nowhere", "type": "Place", "location": {"type": "Property", "value": "text"}})
    batch.append({"id": "urn:p:elsewhere", "type": "Place", "entrance": PLACES["point"]})
    answer = await administrator.post("/entityOperations/upsert", json=batch)
    assert answer.status_code in {201, 204}, answer.text
    return administrator


def named(ids: list[str]) -> set[str]:
    return {id.rsplit(":", 1)[1] for id in ids}


@pytest.mark.parametrize("relation", EXPECTED)
async def test_relations(places: Asker, relation: str) -> None:
    asked = {"type": "Place", "georel": relation, "geometry": "Polygon", "coordinates": WINDOW}
    assert named(await places.ids(**asked)) == EXPECTED[relation]
    counted = ok(await places.get("/entities", params={**asked, "count": "true", "limit": "0"}))
    assert counted.headers["ngsild-results-count"] == str(len(EXPECTED[relation]))
    geo = {"georel": relation, "geometry": "Polygon", "coordinates": json.loads(WINDOW)}
    posted = ok(await places.post("/entityOperations/query", json={"type": "Query", "geoQ": geo}))
    assert named([item["id"] for item in posted.json()]) == EXPECTED[relation]


@pytest.mark.parametrize("name", ["point", "points", "line", "lines", "inner", "beside"])
async def test_every_geometry_is_a_reference(places: Asker, name: str) -> None:
    geometry = PLACES[name]
    asked = {"georel": "intersects", "geometry": geometry["type"], "coordinates": json.dumps(geometry["coordinates"])}
    found = named(await places.ids(**asked))
    assert {name, "outer"} <= found
    assert "far" not in found
    asked["georel"] = "equals"
    assert name in named(await places.ids(**asked))


async def test_near_and_far(places: Asker) -> None:
    asked = {"type": "Place", "geometry": "Point", "coordinates": "[131.05,34.05]"}
    assert named(await places.ids(**asked, georel="near;maxDistance==1")) == {
        "point",
        "line",
        "inner",
        "same",
        "outer",
        "beside",
    }
    assert named(await places.ids(**asked, georel="near;minDistance==100000")) == {"far"}
    assert "points" in named(await places.ids(**asked, georel="near;maxDistance==5000"))


async def test_another_geoproperty(places: Asker) -> None:
    asked = {"georel": "within", "geometry": "Polygon", "coordinates": WINDOW, "geoproperty": "entrance"}
    assert named(await places.ids(**asked)) == {"elsewhere"}


async def test_pages_of_geo_queries(places: Asker) -> None:
    asked = {"georel": "intersects", "geometry": "Polygon", "coordinates": WINDOW, "limit": "3"}
    seen: list[str] = []
    answer = await places.get("/entities", params=asked)
    while True:
        seen += [item["id"] for item in ok(answer).json()]
        link = next((part for part in answer.headers.get_list("link") if 'rel="next"' in part), None)
        if link is None:
            break
        answer = await places.get("http://test" + link[link.index("<") + 1 : link.index(">")])
    assert seen == sorted(seen)
    assert named(seen) == EXPECTED["intersects"]
    asked |= {"limit": "2", "offset": "3"}
    assert await places.ids(**asked) == seen[3:5]


async def test_a_moved_entity_is_found_where_it_is(places: Asker) -> None:
    id = await places.made({"id": "urn:bus:1", "type": "Bus", "location": {"type": "Point", "coordinates": [120, 20]}})
    here = {"type": "Bus", "georel": "near;maxDistance==10", "geometry": "Point"}
    ok(await places.patch(f"/entities/{id}/attrs/location", json={"value": {"type": "Point", "coordinates": [121, 21]}}), 204)
    assert await places.ids(**here, coordinates="[120,20]") == []
    assert await places.ids(**here, coordinates="[121,21]") == [id]
    ok(await places.delete(f"/entities/{id}/attrs/location"), 204)
    assert await places.ids(**here, coordinates="[121,21]") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"georel": "near"},
        {"georel": "near;maxDistance==2000", "geometry": "Point"},
        {"georel": "near;maxDistance==0", "geometry": "Point", "coordinates": "[131,34]"},
        {"georel": "near;maxDistance==-5", "geometry": "Point", "coordinates": "[131,34]"},
        {"georel": "beneath", "geometry": "Point", "coordinates": "[131,34]"},
        {"georel": "within", "geometry": "Circle", "coordinates": "[131,34]"},
        {"georel": "within", "geometry": "Polygon", "coordinates": "[131,34]"},
        {"georel": "within", "geometry": "Point", "coordinates": "[NaN,34]"},
        {"georel": "within", "geometry": "Point", "coordinates": "[1e999,34]"},
        {"georel": "within", "geometry": "Point", "coordinates": "131,34"},
        {"georel": "within", "geometry": "Polygon", "coordinates": "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]"},
    ],
)
async def test_what_is_no_geo_query_is_refused(places: Asker, wrong: dict[str, str]) -> None:
    refused(await places.get("/entities", params={"type": "Place", **wrong}), 400, "BadRequestData")
