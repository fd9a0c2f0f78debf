"""Which entities does a query of the past find? By what was within the time, never by what was outside of it (CIM 009 5.7.4.4)."""

from typing import Any

import pytest_asyncio

from tests.context.api.broker import Asker, ok, refused

IN, OUT = "2026-03-01T12:00:00Z", "2026-01-05T00:00:00Z"
DAY = {"timerel": "between", "timeAt": "2026-03-01T00:00:00Z", "endTimeAt": "2026-03-02T00:00:00Z"}
NEAR, FAR = [131.47, 34.18], [139.7, 35.6]


def seen(value: Any, time: str = IN, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": time, **more}


def place(coordinates: list[float], time: str = IN) -> dict[str, Any]:
    return {"type": "GeoProperty", "value": {"type": "Point", "coordinates": coordinates}, "observedAt": time}


ENTITIES: dict[str, dict[str, Any]] = {
    "fast": {"speed": [seen(30), seen(90, OUT)], "heading": [seen(45)], "route": [seen("550")], "location": [place(NEAR)]},
    "slow": {"speed": [seen(10), seen(80, OUT)], "heading": [seen(170)], "location": [place(FAR), place(NEAR, OUT)]},
    "shapes": {
        "name": [seen("m")],
        "ref": [{"type": "Relationship", "object": "urn:dest:1", "observedAt": IN}],
        "tags": [seen(["a", "b"])],
    },
    "outside": {"speed": [seen(99, OUT)]},
    "multi": {"speed": [seen(5), seen(60, datasetId="urn:d:1")]},
}


@pytest_asyncio.fixture(autouse=True)
async def entities(administrator: Asker) -> None:
    if (await administrator.get("/temporal/entities/urn:q:fast")).status_code == 200:
        return
    for name, attributes in ENTITIES.items():
        body = {"id": f"urn:q:{name}", "type": "OpenThing", **attributes}
        ok(await administrator.post("/temporal/entities", json=body), 201)
    ok(
        await administrator.post("/temporal/entities", json={"id": "urn:q:zero", "type": "OtherOpenThing", "speed": [seen(1)]}),
        201,
    )


async def found(asker: Asker, **asked: Any) -> list[str]:
    answer = ok(await asker.get("/temporal/entities", params={"type": "OpenThing", **DAY, **asked})).json()
    return [item["id"].removeprefix("urn:q:") for item in answer if item["id"].startswith("urn:q:")]


async def test_conditions_look_at_the_time_asked_for(anyone: Asker) -> None:
    for q, expected in {
        "speed>25": ["fast", "multi"],
        "speed>70": [],
        "speed>=5;heading<90": ["fast"],
        "speed>25|heading>100": ["fast", "multi", "slow"],
        'speed>25|name~="^m"': ["fast", "multi", "shapes"],
        "!heading;speed>25": ["multi"],
        "speed==10..40": ["fast", "slow"],
        'route=="550","551"': ["fast"],
        'ref=="urn:dest:1"': ["shapes"],
        'tags=="a"': ["shapes"],
    }.items():
        assert await found(anyone, q=q) == expected, q


async def test_only_instances_within_the_time_are_shown(anyone: Asker) -> None:
    text = ok(await anyone.get("/temporal/entities", params={"type": "OpenThing", "q": "speed>25", **DAY})).text
    assert IN in text
    assert OUT not in text


async def test_what_selects_entities(anyone: Asker) -> None:
    assert await found(anyone) == ["fast", "multi", "shapes", "slow"]
    assert await found(anyone, type="OpenThing,OtherOpenThing") == ["fast", "multi", "shapes", "slow", "zero"]
    assert await found(anyone, attrs="heading") == ["fast", "slow"]
    assert await found(anyone, id="urn:q:slow,urn:q:outside") == ["slow"]
    assert await found(anyone, idPattern="q:f") == ["fast"]
    assert await found(anyone, type="Nothing") == []
    assert await found(anyone, timeproperty="deletedAt") == []


async def test_geometries_are_those_of_the_time(anyone: Asker) -> None:
    near = {"georel": "near;maxDistance==1000", "geometry": "Point", "coordinates": str(NEAR)}
    assert await found(anyone, **near) == ["fast"]
    asked = {"type": "OpenThing", "timerel": "before", "timeAt": "2026-02-01T00:00:00Z", **near}
    answer = ok(await anyone.get("/temporal/entities", params=asked)).json()
    assert [item["id"] for item in answer] == ["urn:q:slow"]


async def test_pages(anyone: Asker) -> None:
    first = await anyone.get("/temporal/entities", params={"type": "OpenThing", **DAY, "limit": 3, "count": "true"})
    assert ok(first).headers["ngsild-results-count"] == "4"
    assert [item["id"] for item in first.json()] == ["urn:q:fast", "urn:q:multi", "urn:q:shapes"]
    second = ok(await anyone.get("http://test" + first.links["next"]["url"]))
    assert [item["id"] for item in second.json()] == ["urn:q:slow"]
    assert "next" not in second.links
    assert await found(anyone, limit=2, offset=1) == ["multi", "shapes"]
    assert await found(anyone, limit=2, after="urn:q:multi") == ["shapes", "slow"]
    counted = ok(await anyone.get("/temporal/entities", params={"type": "OpenThing", **DAY, "limit": 0, "count": "true"}))
    assert (counted.json(), counted.headers["ngsild-results-count"]) == ([], "4")


async def test_by_post(anyone: Asker) -> None:
    body: dict[str, Any] = {
        "type": "Query",
        "entities": [{"type": "OpenThing"}],
        "q": "speed>25",
        "temporalQ": {**DAY, "lastN": 1},
    }
    answer = ok(await anyone.post("/temporal/entityOperations/query?options=sysAttrs", json=body)).json()
    assert [item["id"] for item in answer] == ["urn:q:fast", "urn:q:multi"]
    assert "createdAt" in answer[0]
    paged = ok(await anyone.post("/temporal/entityOperations/query?limit=1", json=body))
    assert paged.headers["ngsild-next-after"] == "urn:q:fast"
    refused(await anyone.post("/temporal/entityOperations/query", json={**body, "temporalQ": {}}), 400, "BadRequestData")
    refused(await anyone.post("/temporal/entityOperations/query", json={**body, "temporalQ": [1]}), 400, "BadRequestData")
    refused(await anyone.post("/temporal/entityOperations/query", json={**body, "temporalQ": {**DAY, "until": 1}}), 400)
    refused(await anyone.post("/entityOperations/query", json=body), 400, "BadRequestData")


SCOPED: dict[str, dict[str, Any]] = {
    "ab": {"scope": [seen("/A/B", "2026-04-01T10:00:00Z")]},
    "both": {"scope": [seen(["/A/B", "/C"], "2026-04-01T10:00:00Z")]},
    "bare": {},
    "mid": {"scope": [seen("/M", "2026-04-01T12:10:00Z")]},
    "replaced": {"scope": [seen("/R", "2026-04-01T10:00:00Z"), seen("/S", "2026-04-01T12:30:00Z")]},
    "left": {"scope": [seen("/L", "2026-04-01T10:00:00Z"), seen("urn:ngsi-ld:null", "2026-04-01T12:20:00Z")]},
    "late": {"scope": [seen("/Z", "2026-04-01T14:00:00Z")]},
}
HOUR = {"timerel": "between", "timeAt": "2026-04-01T12:00:00Z", "endTimeAt": "2026-04-01T13:00:00Z"}


async def test_scopes_count_while_they_are_valid(administrator: Asker, anyone: Asker) -> None:
    """From when a scope was set until it was replaced or removed, whether or not that is within the time (4.18, C.5.16)."""
    for name, scopes in SCOPED.items():
        speeds = [seen(minute, f"2026-04-01T12:{minute:02}:00Z") for minute in (5, 15, 25, 45)]
        body = {"id": f"urn:q:s:{name}", "type": "OpenThing", "speed": speeds, **scopes}
        ok(await administrator.post("/temporal/entities", json=body), 201)
    for scope_q, expected in {
        "/A/B": {"ab": [5, 15, 25, 45], "both": [5, 15, 25, 45]},
        "/A/#": {"ab": [5, 15, 25, 45], "both": [5, 15, 25, 45]},
        "/Y": {},
        "(/A/B;/C)": {"both": [5, 15, 25, 45]},
        "/M": {"mid": [15, 25, 45]},
        "/R": {"replaced": [5, 15, 25]},
        "/S": {"replaced": [45]},
        "/L": {"left": [5, 15]},
        "/Z": {},
    }.items():
        asked = {"type": "OpenThing", "scopeQ": scope_q, **HOUR}
        answer = ok(await anyone.get("/temporal/entities", params=asked)).json()
        assert {item["id"].removeprefix("urn:q:s:"): [one["value"] for one in item["speed"]] for item in answer} == expected, (
            scope_q
        )
        assert all(item["scope"] for item in answer)
    asked = {"type": "OpenThing", "scopeQ": "/A/B", "attrs": "speed", "format": "temporalValues", **HOUR}
    first = ok(await anyone.get("/temporal/entities", params=asked)).json()[0]
    assert first["scope"] == {"type": "Property", "values": [["/A/B", "2026-04-01T10:00:00Z"]]}
    gathered = {**asked, "format": "aggregatedValues", "aggrMethods": "totalCount", "scopeQ": "/R"}
    assert ok(await anyone.get("/temporal/entities", params=gathered)).json()[0]["speed"]["totalCount"][0][0] == 3
