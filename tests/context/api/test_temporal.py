"""Is the past of entities read as CIM 009 5.7.3 and 5.7.4 say? Times, formats, datasets, scopes, deletions."""

import re
from itertools import count
from typing import Any

import pytest

from tests.context.api.broker import Asker, ok, refused

DATASET = "urn:ngsi-ld:Dataset:2"
INSTANCE = re.compile(r"urn:ngsi-ld:Instance:\S+")
_numbers = count(1)
SPEEDS = [(120, "12:03"), (80, "12:05"), (100, "12:07")]
LEVELS = [(67, "12:03"), (53, "13:05"), (40, "14:07")]


def at(clock: str) -> str:
    return f"2020-08-01T{clock}:00Z"


def seen(value: Any, clock: str, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": at(clock), **more}


async def vehicle(asker: Asker, **more: Any) -> str:
    """The vehicle of the official tests, in the past only."""
    id = f"urn:ngsi-ld:Vehicle:{next(_numbers)}"
    body = {
        "id": id,
        "type": "OpenThing",
        "speed": [seen(value, clock) for value, clock in SPEEDS],
        "fuelLevel": [seen(value, clock) for value, clock in LEVELS],
        **more,
    }
    ok(await asker.post("/temporal/entities", json=body), 201)
    return id


async def past(asker: Asker, id: str, status: int = 200, **parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = ok(await asker.get(f"/temporal/entities/{id}", params=parameters), status).json()
    return found


def plain(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Instances without their ids, of which there is one each."""
    assert all(INSTANCE.fullmatch(item["instanceId"]) for item in instances)
    assert len({item["instanceId"] for item in instances}) == len(instances)
    return [{name: value for name, value in item.items() if name != "instanceId"} for item in instances]


async def test_instances_come_back_as_they_were_entered(administrator: Asker, anyone: Asker) -> None:
    id = await vehicle(administrator)
    found = await past(anyone, id)
    assert found["id"] == id
    assert found["type"] == "OpenThing"
    assert plain(found["speed"]) == [seen(value, clock) for value, clock in SPEEDS]
    assert plain(found["fuelLevel"]) == [seen(value, clock) for value, clock in LEVELS]


@pytest.mark.parametrize(
    ("asked", "speeds", "levels"),
    [
        ({"timerel": "before", "timeAt": at("12:05")}, [120], [67]),
        ({"timerel": "after", "timeAt": at("12:05")}, [80, 100], [53, 40]),
        ({"timerel": "between", "timeAt": at("12:05"), "endTimeAt": at("13:05")}, [80, 100], []),
        ({"lastN": 2}, [80, 100], [53, 40]),
        ({"timerel": "before", "timeAt": at("14:00"), "lastN": 1}, [100], [53]),
    ],
)
async def test_times(administrator: Asker, asked: dict[str, Any], speeds: list[int], levels: list[int]) -> None:
    """`before` and the end of `between` exclude their moment, the beginnings include it (4.11)."""
    found = await past(administrator, await vehicle(administrator), **asked)
    assert [item["value"] for item in found.get("speed", [])] == speeds
    assert [item["value"] for item in found.get("fuelLevel", [])] == levels


async def test_an_interval_without_instances_leaves_the_entity(administrator: Asker) -> None:
    id = await vehicle(administrator)
    assert await past(administrator, id, timerel="before", timeAt="1999-01-01T00:00:00Z") == {"id": id, "type": "OpenThing"}


async def test_who_never_was_is_not_found(anyone: Asker) -> None:
    refused(await anyone.get("/temporal/entities/urn:nobody:1"), 404, "ResourceNotFound")
    refused(await anyone.get("/temporal/entities/nobody"), 400, "BadRequestData")


@pytest.mark.parametrize(
    "asked",
    [
        "timerel=after",
        "timerel=near&timeAt=2020-08-01T12:00:00Z",
        "timeAt=2020-08-01T12:00:00Z",
        "endTimeAt=2020-08-01T12:00:00Z",
        "timerel=between&timeAt=2020-08-01T12:00:00Z",
        "timerel=between&timeAt=2020-08-01T12:00:00Z&endTimeAt=2020-08-01T12:00:00Z",
        "timerel=before&timeAt=2020-08-01T12:00:00Z&endTimeAt=2020-08-02T12:00:00Z",
        "timerel=after&timeAt=yesterday",
        "timeproperty=expiresAt",
        "lastN=0",
        "lastN=-1",
        "lastN=1.5",
        "lastN=",
        "aggrMethods=avg&format=normalized",
        "format=aggregatedValues",
        "format=aggregatedValues&aggrMethods=median",
        "format=aggregatedValues&aggrMethods=",
        "aggrPeriodDuration=PT1H",
        "format=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=1h",
        "format=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT",
        "format=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=P9999999999D",
        "format=simplified",
        "options=temporalValues,aggregatedValues&aggrMethods=avg",
        "pick=speed&omit=speed",
        "pick=speed&attrs=speed",
        "pick=owner{name}",
        "lang=???",
    ],
)
async def test_what_cannot_be_meant_is_refused(administrator: Asker, anyone: Asker, asked: str) -> None:
    id = await vehicle(administrator)
    refused(await anyone.get(f"/temporal/entities/{id}?{asked}"), 400)
    refused(await anyone.get(f"/temporal/entities?type=OpenThing&timerel=after&timeAt=2020-01-01T00:00:00Z&{asked}"), 400)


async def test_a_query_needs_a_time_and_something_to_look_for(anyone: Asker) -> None:
    assert "timerel" in refused(await anyone.get("/temporal/entities?type=OpenThing"), 400, "BadRequestData")["detail"]
    times = "timerel=after&timeAt=2020-01-01T00:00:00Z"
    assert "too wide" in refused(await anyone.get(f"/temporal/entities?{times}"), 400, "BadRequestData")["detail"]
    ok(await anyone.get(f"/temporal/entities?{times}&local=true"))


async def test_the_simplified_form(administrator: Asker) -> None:
    """4.5.9, each kind of attribute."""
    clock = at("12:00")
    id = await administrator.made({"id": "urn:past:kinds", "type": "OpenThing"})
    kinds: dict[str, dict[str, Any]] = {
        "place": {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.4, 34.1]}},
        "says": {"type": "LanguageProperty", "languageMap": {"ja": "はい", "en": "yes"}},
        "state": {"type": "VocabProperty", "vocab": "open"},
        "raw": {"type": "JsonProperty", "json": {"a": [1]}},
        "depths": {"type": "ListProperty", "valueList": [1, 2]},
        "next": {"type": "Relationship", "object": "urn:next:1"},
        "route": {"type": "ListRelationship", "objectList": [{"object": "urn:a:1"}, {"object": "urn:b:1"}]},
    }
    body = {name: [{**instance, "observedAt": clock}] for name, instance in kinds.items()}
    ok(
        await administrator.post(
            f"/temporal/entities/{id}/attrs", json={**body, "scope": {"value": "/a", "observedAt": clock}}
        ),
        204,
    )
    assert await past(administrator, id, format="temporalValues") == {
        "id": id,
        "type": "OpenThing",
        "place": {"type": "GeoProperty", "values": [[kinds["place"]["value"], clock]]},
        "says": {"type": "LanguageProperty", "languageMaps": [[{"languageMap": {"ja": "はい", "en": "yes"}}, clock]]},
        "state": {"type": "VocabProperty", "vocabs": [[{"vocab": "open"}, clock]]},
        "raw": {"type": "JsonProperty", "jsons": [[{"json": {"a": [1]}}, clock]]},
        "depths": {"type": "ListProperty", "valueLists": [[[1, 2], clock]]},
        "next": {"type": "Relationship", "objects": [["urn:next:1", clock]]},
        "route": {"type": "ListRelationship", "objectLists": [[["urn:a:1", "urn:b:1"], clock]]},
        "scope": {"type": "Property", "values": [["/a", clock]]},
    }
    normalized = await past(administrator, id)
    assert {name: plain(normalized[name]) for name in kinds} == {
        name: [{**instance, "observedAt": clock}] for name, instance in kinds.items()
    }
    concise = await past(administrator, id, format="concise")
    assert plain(concise["next"]) == [{"object": "urn:next:1", "observedAt": clock}]
    assert plain(concise["place"]) == [{"value": kinds["place"]["value"], "observedAt": clock}]
    assert (await past(administrator, id, lang="en"))["says"][0]["value"] == "yes"


async def test_datasets(administrator: Asker) -> None:
    id = await vehicle(administrator)
    more = [seen(1, "12:04", datasetId=DATASET), seen(2, "12:06", datasetId=DATASET), seen(3, "12:06", datasetId=DATASET)]
    ok(await administrator.post(f"/temporal/entities/{id}/attrs", json={"speed": more}), 204)
    found = await past(administrator, id)
    assert [item["value"] for item in plain(found["speed"])] == [120, 1, 80, 2, 3, 100]
    assert [item["value"] for item in (await past(administrator, id, datasetId=DATASET))["speed"]] == [1, 2, 3]
    assert [item["value"] for item in (await past(administrator, id, datasetId="@none"))["speed"]] == [120, 80, 100]
    assert [item["value"] for item in (await past(administrator, id, datasetId=f"@none,{DATASET}", lastN=1))["speed"]] == [
        3,
        100,
    ]
    simplified = (await past(administrator, id, options="temporalValues"))["speed"]
    assert [series.get("datasetId") for series in simplified] == [None, DATASET]
    assert simplified[1]["values"] == [[1, at("12:04")], [2, at("12:06")], [3, at("12:06")]]


async def test_pick_omit_and_attrs(administrator: Asker) -> None:
    id = await vehicle(administrator, scope={"value": "/a", "observedAt": at("12:00")})
    assert set(await past(administrator, id, pick="speed")) == {"speed"}
    assert set(await past(administrator, id, pick="id,scope")) == {"id", "scope"}
    assert set(await past(administrator, id, omit="speed,type")) == {"id", "scope", "fuelLevel"}
    assert set(await past(administrator, id, attrs="speed")) == {"id", "type", "scope", "speed"}


async def test_what_the_graph_changed_is_in_the_past(administrator: Asker) -> None:
    """Without any time asked for all is shown: also what has no observedAt, and what was deleted (4.5.7, 4.5.8)."""
    id = await administrator.made(
        {
            "id": "urn:past:graph",
            "type": "OpenThing",
            "n": 1,
            "says": {"languageMap": {"en": "a"}},
            "next": {"object": "urn:x:1"},
        }
    )
    ok(await administrator.patch(f"/entities/{id}/attrs/n", json={"value": 2}), 204)
    for name in ("n", "says", "next"):
        ok(await administrator.delete(f"/entities/{id}/attrs/{name}"), 204)
    found = await past(administrator, id)
    assert [item["value"] for item in found["n"]] == [1, 2, "urn:ngsi-ld:null"]
    assert "deletedAt" in found["n"][2]
    assert "deletedAt" not in found["n"][1]
    gone = await past(administrator, id, timeproperty="deletedAt")
    assert {name: plain(gone[name])[0] | {"deletedAt": ""} for name in ("n", "says", "next")} == {
        "n": {"type": "Property", "value": "urn:ngsi-ld:null", "deletedAt": ""},
        "says": {"type": "LanguageProperty", "languageMap": {"@none": "urn:ngsi-ld:null"}, "deletedAt": ""},
        "next": {"type": "Relationship", "object": "urn:ngsi-ld:null", "deletedAt": ""},
    }
    created = await past(administrator, id, timeproperty="createdAt", pick="n")
    assert [(item["value"], "createdAt" in item) for item in created["n"]] == [(1, True), (2, True)]
    assert set(await past(administrator, id, timeproperty="observedAt")) == {"id", "type"}
    moment = created["n"][1]["createdAt"]
    since = await past(administrator, id, timeproperty="modifiedAt", timerel="after", timeAt=moment, pick="n")
    assert [item["value"] for item in since["n"]] == [2]


async def test_a_deleted_entity_is_still_in_the_past(administrator: Asker, anyone: Asker) -> None:
    id = await administrator.made({"id": "urn:past:gone", "type": ["OpenThing", "OtherOpenThing"], "n": seen(1, "12:00")})
    ok(await administrator.delete(f"/entities/{id}"), 204)
    refused(await anyone.get(f"/entities/{id}"), 404)
    found = await past(anyone, id, options="sysAttrs", timeproperty="observedAt")
    assert found["type"] == ["OpenThing", "OtherOpenThing"]
    assert [item["value"] for item in found["n"]] == [1]
    assert found["createdAt"] < found["deletedAt"] == found["modifiedAt"]
    times = {"type": "OtherOpenThing", "timerel": "between", "timeAt": at("12:00"), "endTimeAt": at("12:01"), "id": id}
    assert [item["id"] for item in ok(await anyone.get("/temporal/entities", params=times)).json()] == [id]
    await administrator.made({"id": id, "type": "OpenThing", "n": seen(2, "13:00")})
    both = await past(anyone, id, timeproperty="observedAt", options="sysAttrs")
    assert [item["value"] for item in both["n"]] == [1, 2]
    assert "deletedAt" not in both


async def test_scopes_are_in_the_past_with_their_moment(administrator: Asker) -> None:
    """What the graph sets is observed when it is set (4.5.6)."""
    id = await administrator.made({"id": "urn:past:scope", "type": "OpenThing", "n": 1, "scope": "/old"})
    ok(await administrator.patch(f"/entities/{id}", json={"scope": ["/new", "/other"]}), 204)
    ok(await administrator.delete(f"/entities/{id}/attrs/scope"), 204)
    found = (await past(administrator, id, options="sysAttrs"))["scope"]
    assert [item["value"] for item in found] == ["/old", ["/new", "/other"], "urn:ngsi-ld:null"]
    assert all(item["observedAt"] == item["modifiedAt"] for item in found[:2])
    assert set(found[0]) == {"type", "value", "observedAt", "createdAt", "modifiedAt", "instanceId"}


async def test_names_are_those_of_the_asker(administrator: Asker) -> None:
    context = {
        "@context": {
            "tempo": "https://example.org/speed",
            "OpenThing": "OpenThing",
            "Ding": "https://uri.etsi.org/ngsi-ld/default-context/OpenThing",
        }
    }
    stored = ok(await administrator.post("/jsonldContexts", json=context), 201).headers["location"]
    link = {"Link": f'<{stored}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}
    body = {"id": "urn:past:names", "type": "Ding", "tempo": [seen(1, "12:00")]}
    ok(await administrator.post("/temporal/entities", json=body, headers=link), 201)
    found = ok(await administrator.get("/temporal/entities/urn:past:names", headers=link)).json()
    assert found["type"] == "Ding"
    assert plain(found["tempo"]) == [seen(1, "12:00")]
    expanded = await past(administrator, "urn:past:names")
    assert set(expanded) == {"id", "type", "https://example.org/speed"}
    answer = await administrator.get("/temporal/entities/urn:past:names", headers={"Accept": "application/ld+json"})
    assert "@context" in ok(answer).json()
    refused(await administrator.get("/temporal/entities/urn:past:names", headers={"Accept": "application/geo+json"}), 406)
