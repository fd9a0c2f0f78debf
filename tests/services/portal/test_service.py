"""Does the portal read the graph rightly: points, layers, outlines, readings, what is near, what belongs together?"""

from datetime import UTC, datetime
from typing import Any

import pytest

from kairo.context.reading import attributes_of
from kairo.errors import ResourceNotFound
from kairo.platform.web import Kit
from kairo.services.portal import rules, service
from kairo.services.vision.tasks import all_entities, data_folder, read
from tests.services.portal.conftest import PUBLIC, YUDA, entity, observed

SQUARE: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[131.0, 34.0], [131.4, 34.0], [131.4, 34.4], [131.0, 34.4], [131.0, 34.0]]],
}


def test_a_point_of_an_area_lies_inside() -> None:
    area = {"id": "urn:x:1", "type": "A", "location": {"type": "GeoProperty", "value": SQUARE}}
    lon, lat = service.point_of(area) or (0, 0)
    assert 131.0 < lon < 131.4
    assert 34.0 < lat < 34.4
    assert service.point_of(entity("Place", "x")) is None
    assert service.point_of({"id": "urn:x:1", "type": "A", "location": {"type": "Property", "value": "here"}}) is None


async def test_a_layer_is_ordered_by_reading(graph: Any) -> None:
    docs = await service.layer(graph, PUBLIC, service.BY_KEY["districts"])
    assert [doc["id"].rsplit(":", 1)[-1] for doc in docs] == ["ato", "yuda"]


async def test_counts_leave_out_what_is_not_there(graph: Any) -> None:
    assert await service.counts(graph, PUBLIC, ["District", "Town", "ResidentProfile"]) == {"District": 2}


async def test_outlines_are_of_the_region_simple_and_short(graph: Any) -> None:
    assert await service.outlines(graph, PUBLIC) is None
    for code in ("352047", "131016"):
        doc = entity("MunicipalBoundary", code, municipalityCode=code)
        doc["location"] = {
            "type": "GeoProperty",
            "value": {**SQUARE, "coordinates": [[[x + 1e-7, y] for x, y in SQUARE["coordinates"][0]]]},
        }
        graph.docs[doc["id"]] = doc
    found = await service.outlines(graph, PUBLIC)
    assert found is not None
    assert [feature["properties"]["code"] for feature in found["features"]] == ["352047"]
    assert found["features"][0]["geometry"]["coordinates"][0][0] in ([131.0, 34.0], [131.4, 34.0], [131.0, 34.4], [131.4, 34.4])


@pytest.mark.parametrize("value", [True, None, {"a": 1}, [1]])
def test_only_numbers_and_texts_are_readings(value: Any) -> None:
    doc = {"id": "urn:x:1", "type": "A", "x": {"type": "Property", "value": value, "observedAt": "2026-11-22T00:00:00Z"}}
    assert service.readings_of(doc) == []


def test_a_reading_needs_a_time() -> None:
    assert service.readings_of(entity("Sensor", "x", level=observed(1.5, "MTR")))[0].observed_at == datetime(
        2026, 11, 22, tzinfo=UTC
    )
    for moment in ("nonsense", "2026-11-22T00:00:00", "", None):
        assert rules.moment_of(moment) is None


async def test_sensors_begin_with_the_river(graph: Any) -> None:
    for kind, slug in (("soil-moisture", "a"), ("rain", "b"), ("unheard-of", "c")):
        doc = entity("Sensor", slug, sensorKind=kind, level=observed(1, "P1"))
        graph.docs[doc["id"]] = doc
    found = await service.sensors(graph, PUBLIC)
    assert [one.doc["sensorKind"]["value"] for one in found] == ["river-level", "rain", "soil-moisture", "unheard-of"]


async def test_near_is_near_and_not_oneself(graph: Any) -> None:
    bath = graph.docs["urn:ngsi-ld:Place:352039:bath"]
    found = {layer.key: docs for layer, docs in await service.nearby(graph, PUBLIC, bath, service.LAYERS)}
    assert "places" not in found
    assert [doc["id"] for doc in found["districts"]] == [YUDA]
    assert await service.nearby(graph, PUBLIC, entity("City", "all", at=(131.455, 34.16)), service.LAYERS) == []


async def test_whole_has_neighbours_and_a_course(graph: Any) -> None:
    found = await service.whole(graph, PUBLIC, YUDA)
    assert list(found.incoming) == ["Place", "Project", "Sensor", "StatisticalSeries"]
    assert found.incoming_total == 4
    course = (await service.whole(graph, PUBLIC, "urn:ngsi-ld:Sensor:352039:river")).history["waterLevel"]
    assert len(course) == 30
    assert course == sorted(course)
    with pytest.raises(ResourceNotFound):
        await service.whole(graph, PUBLIC, "urn:ngsi-ld:ResidentProfile:352039:someone")


async def test_an_id_with_a_quotation_mark_has_no_neighbours(graph: Any) -> None:
    doc = {"id": 'urn:x:"', "type": "Place"}
    graph.docs[doc["id"]] = doc
    assert (await service.whole(graph, PUBLIC, doc["id"])).incoming == {}


def test_every_relation_of_the_vision_is_followed_back() -> None:
    facts = list(all_entities(dict(read(data_folder()))))
    found = [(name, one) for doc in facts for name, many in attributes_of(doc) for one in many]
    names = {name for name, one in found if one.get("type") == "Relationship"}
    assert names <= set(service.RELATIONS)


def test_every_attribute_of_the_vision_has_a_word(kit: Kit) -> None:
    facts = all_entities(dict(read(data_folder())))
    names = {name for doc in facts for name, _ in attributes_of(doc) if not name.startswith("@")}
    assert sorted(name for name in names if not kit.catalogue.has(f"portal.attribute.{name}")) == []


@pytest.mark.parametrize(
    ("id", "type", "path"),
    [
        (YUDA, "District", "/districts/yuda"),
        ("urn:ngsi-ld:Project:352039:03", "Project", "/projects/3"),
        ("urn:ngsi-ld:Project:352039:x", "Project", "/entities/urn:ngsi-ld:Project:352039:x"),
        ("urn:x:湯 田/?#", "Place", "/entities/urn:x:%E6%B9%AF%20%E7%94%B0%2F%3F%23"),
    ],
)
def test_paths(id: str, type: str, path: str) -> None:
    assert rules.path_of(id, type) == path


def test_sources_of_both_shapes() -> None:
    imported = {"source": {"type": "Property", "value": "公開データ", "licence": {"type": "Property", "value": "CC BY 4.0"}}}
    assert rules.source_of({"id": "a", "type": "A", **imported}) == {"document": "公開データ", "licence": "CC BY 4.0"}
    assert rules.source_of(entity("Place", "x", source={"type": "JsonProperty", "json": {"document": "計画", "page": 7}})) == {
        "document": "計画",
        "page": "7",
    }
    assert rules.source_of(entity("Place", "x")) == {}


def test_series_that_are_none() -> None:
    for said in (None, "x", [1], [{"year": 1}], [{"year": 1, "value": "x"}], {"year": 1}):
        assert rules.yearly(said) in ([], [("1", None, False)])
