"""Does a POST query take everything of the Query data structure, and say well what it does not take? (CIM 009 5.2.23, 5.2.33, 6.23)"""

from typing import Any

import pytest
import pytest_asyncio

from tests.context.api.broker import Asker, ok, refused


def says(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


CONTEXT = {"Car": "https://cars.example/Car", "Male": "https://cars.example/Male", "gender": "https://cars.example/gender"}
ROWS: list[dict[str, Any]] = [
    {"id": "urn:q:a1", "type": "Tram", "speed": says(10), "name": {"type": "LanguageProperty", "languageMap": {"ja": "電車"}}},
    {"id": "urn:q:a2", "type": "Tram", "speed": [says(20), says(25, datasetId="urn:d:1")]},
    {"id": "urn:q:b1", "type": "Bus", "speed": says(30), "depot": {"type": "Relationship", "object": "urn:q:a1"}},
    {"id": "urn:q:b2", "type": ["Bus", "Night"], "speed": says(40)},
    {"id": "urn:q:c1", "type": "Ship", "speed": says(50)},
]


@pytest_asyncio.fixture
async def fleet(administrator: Asker) -> Asker:
    answer = await administrator.post("/entityOperations/upsert", json=ROWS)
    assert answer.status_code in {201, 204}
    return administrator


async def found(asker: Asker, body: dict[str, Any], **parameters: str) -> list[dict[str, Any]]:
    answer = await asker.post("/entityOperations/query", json={"type": "Query", **body}, params=parameters)
    entities: list[dict[str, Any]] = ok(answer).json()
    return entities


@pytest.mark.parametrize(
    ("selectors", "names"),
    [
        ([{"type": "Tram"}, {"type": "Ship"}], ["a1", "a2", "c1"]),
        ([{"type": "Tram", "id": "urn:q:a1"}, {"type": "Bus", "idPattern": "2$"}], ["a1", "b2"]),
        ([{"type": "Tram", "id": ["urn:q:a2", "urn:q:b1"]}, {"type": "Bus;Night"}], ["a2", "b2"]),
        ([{"type": "*", "id": "urn:q:c1"}, {"type": "Nothing"}], ["c1"]),
        ([{"type": "Nothing"}, {"type": "Never"}], []),
        ([{"type": "Tram", "id": "urn:q:a1", "idPattern": "2$"}], ["a1"]),
        ([{"type": "Tram", "id": "urn:q:a1", "idPattern": "2$"}, {"type": "Ship", "idPattern": "nothing"}], ["a1"]),
    ],
)
async def test_any_of_the_selectors_selects(fleet: Asker, selectors: list[dict[str, Any]], names: list[str]) -> None:
    assert [item["id"][6:] for item in await found(fleet, {"entities": selectors})] == names
    answer = await fleet.post(
        "/entityOperations/query?count=true&limit=0", json={"type": "Query", "entities": selectors, "q": "speed>0"}
    )
    assert answer.headers["ngsild-results-count"] == str(len(names))


async def test_members_that_say_what_is_shown(fleet: Asker) -> None:
    tram = {"entities": [{"type": "Tram"}]}
    shown = await found(fleet, {**tram, "lang": "ja", "pick": ["id", "name"]})
    assert shown[0] == {"id": "urn:q:a1", "name": says("電車", lang="ja")}
    assert await found(fleet, {**tram, "q": "speed==25", "omit": ["type"], "datasetId": ["urn:d:1"]}) == [
        {"id": "urn:q:a2", "speed": says(25, datasetId="urn:d:1")}
    ]
    (bus,) = await found(fleet, {"entities": [{"type": "Bus"}], "q": "depot{speed}==10", "join": "inline", "joinLevel": 1})
    assert bus["depot"]["entity"]["id"] == "urn:q:a1"
    ordering = {"orderBy": ["speed;desc"]}
    ids = [item["id"][6:] for item in await found(fleet, {"q": "speed", "ordering": ordering}, local="true")]
    assert ids == ["c1", "b2", "b1", "a2", "a1"]


async def test_values_are_expanded_where_asked(administrator: Asker) -> None:
    ld = {"Content-Type": "application/ld+json"}
    person = {"id": "urn:q:p", "type": "Car", "gender": {"type": "VocabProperty", "vocab": "Male"}, "@context": CONTEXT}
    assert (await administrator.post("/entities", json=person, headers=ld)).status_code in {201, 409}
    for q, expand in (('gender=="Male"', "gender"), ("gender==Male", "gender")):
        body = {"type": "Query", "entities": [{"type": "Car"}], "q": q, "expandValues": expand, "@context": CONTEXT}
        assert len(ok(await administrator.post("/entityOperations/query", json=body, headers=ld)).json()) == 1


async def test_what_concerns_other_brokers_changes_nothing(fleet: Asker) -> None:
    body = {"entities": [{"type": "Ship"}], "csf": 'endpoint=="x"', "splitEntities": True, "jsonKeys": "a,b"}
    assert [item["id"] for item in await found(fleet, body)] == ["urn:q:c1"]
    asked = {"type": "Ship", "csf": "a", "splitEntities": "false", "jsonKeys": "a"}
    assert await fleet.ids(**asked) == ["urn:q:c1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"entities": [{"id": "urn:q:a1"}]},
        {"entities": [{"type": "A", "surprise": 1}]},
        {"entities": [{"type": "A", "id": "no uri"}]},
        {"entities": [{"type": "A", "id": ["urn:a:1", 5]}]},
        {"entities": [{"type": "A"}, {"type": 5}]},
        {"entities": [{"type": "A"}] * 101},
        {"temporalQ": {"timerel": "before", "timeAt": "2026-01-01T00:00:00Z"}},
        {"aggrParams": {}},
        {"ordering": {}},
        {"ordering": {"orderBy": "name"}},
        {"ordering": {"orderBy": ["location;dist-asc"]}},
        {"ordering": {"orderBy": ["location;dist-asc"], "coordinates": "[8,40]"}},
        {"ordering": {"orderBy": ["id"], "geometry": 5}},
        {"ordering": {"orderBy": ["id"], "surprise": 5}},
        {"csf": "((", "entities": [{"type": "A"}]},
        {"splitEntities": "x", "entities": [{"type": "A"}]},
        {"joinLevel": "2", "join": "flat", "entities": [{"type": "A"}]},
        {"datasetId": [], "entities": [{"type": "A"}]},
        {"entities": [{"type": "A"}], "geometryProperty": "location"},
    ],
)
async def test_what_is_wrong_is_refused(fleet: Asker, wrong: dict[str, Any]) -> None:
    answer = await fleet.post("/entityOperations/query", json={"type": "Query", **wrong}, params={"local": "true"})
    refused(answer, 400, "BadRequestData")


async def test_temporal_conditions_are_sent_to_where_they_are_answered(fleet: Asker) -> None:
    body = {"type": "Query", "entities": [{"type": "A"}], "temporalQ": {"timerel": "before"}}
    problem = refused(await fleet.post("/entityOperations/query", json=body), 400, "BadRequestData")
    assert "/temporal/entityOperations/query" in problem["mend"]
