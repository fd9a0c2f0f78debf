"""Do made-up N03 and town files become the entities they should, with their particular dirt?"""

from pathlib import Path
from typing import Any

import pytest

from kairo.capabilities.catalogue import Report, run_import
from kairo.context.model.geometry import check_geometry
from kairo.context.reading import value_of
from kairo.errors import BadRequestData
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT, FakeGraph
from tests.capabilities.catalogue.made_up import area, box, geojson, written


async def boundaries(tmp_path: Path, *features: Any) -> tuple[Report, FakeGraph]:
    graph = FakeGraph()
    path = geojson(tmp_path / "n03.geojson", *features)
    return await run_import("boundaries", [path], TENANT, graph, SCOPE), graph


def outline(graph: FakeGraph, code: str) -> Any:
    location = value_of(graph.docs[f"urn:ngsi-ld:MunicipalBoundary:{code}"], "location")
    check_geometry(location)
    return location


async def test_parts_and_islands_become_one(tmp_path: Path) -> None:
    report, graph = await boundaries(
        tmp_path,
        area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3)),
        area("35203", "山口市", box(131.2, 33.9, 131.21, 33.91)),
        area("35502", "阿武町", box(131.5, 34.5, 131.6, 34.6), above="阿武郡"),
    )
    assert (report.rows, report.created, report.repaired) == (3, 2, [])
    assert len(outline(graph, "352039")["coordinates"]) == 2
    abu = graph.docs["urn:ngsi-ld:MunicipalBoundary:355020"]
    assert value_of(abu, "districtName") == "阿武郡"
    assert value_of(abu, "nameKana") == "アブチョウ"


async def test_a_ring_that_crosses_itself_is_repaired_and_reported(tmp_path: Path) -> None:
    bow = [[131.3, 34.1], [131.5, 34.3], [131.5, 34.1], [131.3, 34.3], [131.3, 34.1]]
    report, graph = await boundaries(tmp_path, area("35203", "山口市", bow))
    (repaired,) = report.as_json()["repaired"]
    assert repaired["rule"] == "geometry-made-valid"
    assert "Self-intersection" in repaired["from"]
    assert len(outline(graph, "352039")["coordinates"]) == 2


async def test_parts_that_overlap_are_joined(tmp_path: Path) -> None:
    report, graph = await boundaries(
        tmp_path, area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3)), area("35203", "山口市", box(131.4, 34.2, 131.6, 34.4))
    )
    assert [found.rule for found in report.repaired] == ["parts-joined"]
    assert len(outline(graph, "352039")["coordinates"]) == 1


@pytest.mark.parametrize(
    ("given", "whole"), [("1202", "012025"), ("012025", "012025"), ("１２０２", "012025"), ("01202", "012025")]
)
async def test_codes_are_made_whole(tmp_path: Path, given: str, whole: str) -> None:
    report, graph = await boundaries(tmp_path, area(given, "函館市", box(140.7, 41.7, 140.9, 41.9)))
    assert list(graph.docs) == [f"urn:ngsi-ld:MunicipalBoundary:{whole}"]
    assert bool(report.repaired) is (given not in (whole, whole[:5]))


async def test_refused_areas(tmp_path: Path) -> None:
    good = area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3))
    report, graph = await boundaries(
        tmp_path,
        good,
        area(None, "所属未定地", box(131.3, 34.1, 131.5, 34.3)),
        area("35999x", "架空市", box(131.3, 34.1, 131.5, 34.3)),
        area("35204", "萩市", box(131.3, 34.4, 131.5, 34.5)),
        area("35204", "萩市", box(1.3, 34.4, 1.5, 34.5)),
        {**area("35206", "防府市"), "geometry": {"type": "Polygon", "coordinates": [[[131.3, 34.1]]]}},
        {**area("35207", "下松市"), "geometry": None},
    )
    assert [(found.row, found.rule) for found in report.refused] == [
        (2, "belongs-to-no-municipality"),
        (3, "not-a-code"),
        (4, "incomplete-municipality"),
        (5, "outside-japan"),
        (6, "not-an-area"),
        (7, "not-an-area"),
    ]
    assert list(graph.docs) == ["urn:ngsi-ld:MunicipalBoundary:352039"]


async def test_wards_and_designated_cities(tmp_path: Path) -> None:
    old = area("01101", "中央区", box(141.2, 43.0, 141.4, 43.1), above="札幌市")
    new = area("01102", "札幌市", box(141.4, 43.1, 141.5, 43.2))
    new["properties"]["N03_005"] = "北区"
    _, graph = await boundaries(tmp_path, old, new)
    assert [value_of(doc, "name")["ja"] for doc in graph.docs.values()] == ["札幌市中央区", "札幌市北区"]


async def test_topojson_with_an_arc_too_few(tmp_path: Path) -> None:
    geometries = [
        {"type": "Polygon", "arcs": [[0]], "properties": {"N03_004": "山口市", "N03_007": "35203"}},
        {"type": "Polygon", "arcs": [[7]], "properties": {"N03_004": "萩市", "N03_007": "35204"}},
    ]
    topology = {
        "type": "Topology",
        "transform": {"scale": [0.1, 0.1], "translate": [131.0, 34.0]},
        "arcs": [[[0, 0], [0, 1], [1, 0], [0, -1], [-1, 0]]],
        "objects": {"架空": {"type": "GeometryCollection", "geometries": geometries}},
    }
    graph = FakeGraph()
    path = written(tmp_path / "made-up.topojson", topology)
    report = await run_import("boundaries", [path], TENANT, graph, SCOPE)
    assert [(found.row, found.rule) for found in report.refused] == [(2, "not-an-area")]
    ring = [[131.0, 34.0], [131.1, 34.0], [131.1, 34.1], [131.0, 34.1], [131.0, 34.0]]
    assert sorted(outline(graph, "352039")["coordinates"][0][0][:4]) == sorted(ring[:4])


TOWN = {"town": "架空町", "koaza": "", "lat": 34.17, "lng": 131.47}


@pytest.mark.parametrize("name", ["山口市", "352039", "山口県山口市", "352039_towns"])
async def test_the_file_name_says_the_municipality(tmp_path: Path, name: str) -> None:
    graph = FakeGraph()
    await run_import("towns", [written(tmp_path / f"{name}.json", [TOWN])], TENANT, graph, SCOPE)
    assert list(graph.docs) == ["urn:ngsi-ld:Town:352039:架空町"]


async def test_a_file_name_that_says_nothing(tmp_path: Path) -> None:
    for name in ("towns", "架空市"):
        with pytest.raises(BadRequestData, match="of which municipality"):
            await run_import("towns", [written(tmp_path / f"{name}.json", [TOWN])], TENANT, FakeGraph(), SCOPE)


async def test_towns_with_dirt(tmp_path: Path) -> None:
    rows = [TOWN, {**TOWN, "koaza": "字 一"}, {**TOWN, "town": ""}, {**TOWN, "town": "別町", "lat": None}, TOWN]
    graph = FakeGraph()
    report = await run_import("towns", [written(tmp_path / "山口市.json", rows)], TENANT, graph, SCOPE)
    assert [(found.row, found.rule) for found in report.refused] == [
        (3, "missing"),
        (4, "missing-coordinates"),
        (5, "duplicate-row"),
    ]
    assert list(graph.docs)[1] == "urn:ngsi-ld:Town:352039:架空町:字_一"


async def test_the_csv_gives_kana_and_its_own_municipality(tmp_path: Path) -> None:
    text = "市区町村コード,市区町村名,大字町丁目名,大字町丁目名カナ,小字・通称名,緯度,経度\n35203,山口市,架空町,カクウチョウ,,34.17,131.47\n"
    graph = FakeGraph()
    report = await run_import("towns", [written(tmp_path / "latest.csv", text)], TENANT, graph, SCOPE)
    assert (report.created, report.repaired) == (1, [])
    assert value_of(graph.docs["urn:ngsi-ld:Town:352039:架空町"], "nameKana") == "カクウチョウ"
