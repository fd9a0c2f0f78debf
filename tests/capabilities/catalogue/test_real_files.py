"""Do the published files come in whole? Counted and compared with the raw JSON, which is read here in another way."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kairo.capabilities.catalogue import IMPORTERS, run_import
from kairo.capabilities.catalogue.shelters import HAZARDS
from kairo.context.model.geometry import check_geometry
from kairo.context.reading import value_of
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT, FakeGraph
from tests.capabilities.catalogue.real_data import real, real_folder

PUBLISHED = {
    "emergency_352039": ("EmergencyEvacuationSite", 208),
    "evacuation_352039": ("EvacuationShelter", 208),
    "emergency_352021": ("EmergencyEvacuationSite", 108),
    "evacuation_352021": ("EvacuationShelter", 62),
}


def raw(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PUBLISHED)
async def test_shelters_come_in_as_published(name: str) -> None:
    (path,) = real(f"shelters/{name}.json")
    type, count = PUBLISHED[name]
    graph = FakeGraph()
    report = await run_import("shelters", [path], TENANT, graph, SCOPE)
    assert (report.rows, report.created, report.repaired, report.refused) == (count, count, [], [])
    assert {doc["type"] for doc in graph.docs.values()} == {type}
    features = {feature["properties"]["共通ID"]: feature for feature in raw(path)["features"]}
    assert len(features) == count
    for doc in graph.docs.values():
        feature = features[value_of(doc, "commonId")]
        cells = feature["properties"]
        assert value_of(doc, "name") == {"ja": cells["施設・場所名"]}
        assert value_of(doc, "address") == cells["住所"]
        assert value_of(doc, "location") == feature["geometry"]
        assert doc["id"].split(":")[3] == name[-6:] == value_of(doc, "municipalityCode")
        assert value_of(doc, "remarks") == (cells["備考"] or None)
        designated = [english for japanese, english in HAZARDS.items() if cells.get(japanese) == "1"]
        assert value_of(doc, "designatedFor", []) == designated
        assert False not in [value_of(doc, attribute) for attribute in doc if attribute not in ("id", "type")]


async def test_the_two_kinds_refer_to_each_other_as_the_flags_say() -> None:
    paths = real(*(f"shelters/{name}.json" for name in PUBLISHED))
    graph = FakeGraph()
    for path in paths:
        await run_import("shelters", [path], TENANT, graph, SCOPE)
    flags, links = Counter[str](), Counter[str]()
    for path in paths:
        for feature in raw(path)["features"]:
            cells = feature["properties"]
            flags[path.stem] += "1" in (cells.get("指定避難所との住所同一"), cells.get("指定緊急避難場所との住所同一"))
    for doc in graph.docs.values():
        for attribute in ("shelterAtSameAddress", "emergencySiteAtSameAddress"):
            objects = value_of(doc, attribute, [])
            objects = [objects] if isinstance(objects, str) else objects
            prefix = "emergency" if doc["type"] == "EmergencyEvacuationSite" else "evacuation"
            links[f"{prefix}_{value_of(doc, 'municipalityCode')}"] += bool(objects)
            for other in objects:
                assert graph.docs[other]["type"] != doc["type"]
                assert value_of(graph.docs[other], "address") == value_of(doc, "address")
    assert links == flags
    again = await run_import("shelters", paths[::-1], TENANT, graph, SCOPE)
    assert (again.created, again.changed, again.linked, again.unchanged) == (0, 0, 0, 586)


async def test_boundaries_of_two_prefectures() -> None:
    paths = real_folder("boundaries", "*.topojson")
    graph = FakeGraph()
    report = await run_import("boundaries", paths, TENANT, graph, SCOPE)
    listed = {
        member["properties"]["N03_007"]: member["properties"]["N03_004"]
        for path in paths
        for member in next(iter(raw(path)["objects"].values()))["geometries"]
    }
    assert (report.created, report.refused) == (len(listed), [])
    assert {value_of(doc, "municipalityCode")[:5]: value_of(doc, "name")["ja"] for doc in graph.docs.values()} == listed
    for doc in graph.docs.values():
        check_geometry(value_of(doc, "location"))
        assert value_of(doc, "source") == "国土数値情報（行政区域データ）を加工"
    islands = value_of(graph.docs["urn:ngsi-ld:MunicipalBoundary:352047"], "location")["coordinates"]
    assert len(islands) > 3, "Hagi keeps its islands"


async def test_towns_of_the_seven_municipalities() -> None:
    graph = FakeGraph()
    await run_import("boundaries", real_folder("boundaries", "*.topojson"), TENANT, graph, SCOPE)
    paths = real_folder("towns", "*.json")
    report = await run_import("towns", paths, TENANT, graph, SCOPE)
    rows = [(path.stem, row) for path in paths for row in raw(path)]
    placed = [(name, row["town"], row["koaza"]) for name, row in rows if row["lat"] and row["lng"]]
    assert (report.rows, report.created, report.notes) == (len(rows), len(placed), [])
    assert [found.rule for found in report.refused] == ["missing-coordinates"] * (len(rows) - len(placed))
    towns = [doc for doc in graph.docs.values() if doc["type"] == "Town"]
    assert sorted(value_of(doc, "name")["ja"] for doc in towns) == sorted(town + koaza for _, town, koaza in placed)
    assert {value_of(doc, "municipalityName") for doc in towns} >= {"山口県山口市", "島根県津和野町"}


@pytest.mark.parametrize(
    ("kind", "folder", "pattern"),
    [("shelters", "shelters", "*.json"), ("boundaries", "boundaries", "*.topojson"), ("towns", "towns", "*.json")],
)
async def test_twice_changes_nothing(kind: str, folder: str, pattern: str) -> None:
    paths, graph = real_folder(folder, pattern), FakeGraph()
    foretold = await run_import(kind, paths, TENANT, graph, SCOPE, dry_run=True)
    assert graph.writes == 0
    first = await run_import(kind, paths, TENANT, graph, SCOPE)
    assert {**foretold.as_json(), "dry_run": False} == first.as_json()
    writes = graph.writes
    for dry_run in (True, False):
        again = await run_import(kind, paths, TENANT, graph, SCOPE, dry_run=dry_run)
        assert (again.created, again.changed, again.linked, again.unchanged) == (0, 0, 0, first.created)
    assert graph.writes == writes
    assert set(IMPORTERS) == {"shelters", "boundaries", "towns"}


async def test_no_number_in_the_real_files_looks_like_a_personal_number() -> None:
    """The guard stops an import for one row; it must not stop at what is published."""
    from kairo.platform.personal_numbers import holds_personal_number

    for path in [*real_folder("shelters", "*.json"), *real_folder("towns", "*.json")]:
        assert not holds_personal_number(raw(path))
