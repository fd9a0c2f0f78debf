"""What happens to dirty rows? Repaired by a named rule or refused with a reason; the good rows beside them come in."""

import json
from pathlib import Path
from typing import Any

import pytest

from kairo.capabilities.catalogue import Report, run_import
from kairo.context.reading import value_of
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT, FakeGraph
from tests.capabilities.catalogue.made_up import area, box, emergency, evacuation, geojson, written


async def shelters(tmp_path: Path, *features: Any, graph: FakeGraph | None = None) -> tuple[Report, FakeGraph]:
    graph = graph or FakeGraph()
    path = geojson(tmp_path / "made-up.json", *features)
    return await run_import("shelters", [path], TENANT, graph, SCOPE), graph


def only(graph: FakeGraph, type: str) -> dict[str, Any]:
    (doc,) = [doc for doc in graph.docs.values() if doc["type"] == type]
    return doc


@pytest.mark.parametrize(
    ("cells", "rules", "attribute", "expected"),
    [
        (
            {"共通ID": " Ｅ３５２０３０００９９２０１ "},
            {"outer-space-removed", "full-width-to-half-width"},
            "commonId",
            "E3520300099201",
        ),
        ({"共通ID": "E35203-00099−201"}, {"wrong-dash"}, "commonId", "E35203-00099-201"),
        ({"施設・場所名": "架空\r\n公園 "}, {"line-break-to-space", "outer-space-removed"}, "name", {"ja": "架空 公園"}),
        ({"施設・場所名": "架空\u200b公園"}, {"invisible-characters-removed"}, "name", {"ja": "架空公園"}),
        ({"備考": "一階\r\n二階"}, {"line-breaks-unified"}, "remarks", "一階\n二階"),
        ({"洪水": "○"}, {"flag-mark"}, "designatedFor", ["flood"]),
        ({"洪水": 1}, set(), "designatedFor", ["flood"]),
        ({"洪水": "１"}, {"full-width-to-half-width"}, "designatedFor", ["flood"]),
        ({"洪水": "0"}, {"flag-mark"}, "designatedFor", None),
        ({"洪水": None}, set(), "designatedFor", None),
    ],
)
async def test_repaired(tmp_path: Path, cells: dict[str, Any], rules: set[str], attribute: str, expected: Any) -> None:
    report, graph = await shelters(tmp_path, emergency(99, **cells))
    assert (report.created, report.refused) == (1, [])
    assert {found.rule for found in report.repaired} == rules
    assert {(found.row, found.column) for found in report.repaired} <= {(1, *cells)}
    assert value_of(only(graph, "EmergencyEvacuationSite"), attribute) == expected


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (emergency(2, 共通ID=""), "missing"),
        (emergency(2, 共通ID="E 35203/00002"), "not-an-id"),
        (emergency(2, called=None), "missing"),
        (emergency(2, called=["a"]), "not-text"),
        (emergency(2, called="架空\ud83d"), "broken-character"),
        (emergency(2, 地震="△"), "not-a-mark"),
        (emergency(2, 都道府県名及び市町村名="山口県宇部市"), "municipality-contradiction"),
        (emergency(2, 都道府県名及び市町村名="架空県架空市", 共通ID="X1"), "municipality-unknown"),
        (emergency(2, at=None), "missing-coordinates"),
        (emergency(2, at=(0, 0)), "zero-coordinates"),
        (emergency(2, at=(2.35, 48.85)), "outside-japan"),
        (emergency(2, at=(131.6, 34.0)), "outside-municipality"),
        (emergency(2, at=("x", 34.0)), "not-a-number"),
        (emergency(2, at=(True, 34.0)), "not-a-number"),
        (
            {
                "type": "Feature",
                "geometry": {"type": "LineString", "coordinates": []},
                "properties": emergency(2)["properties"],
            },
            "not-a-point",
        ),
        ({"type": "Feature", "geometry": None, "properties": 5}, "not-readable"),
        ("no feature", "not-readable"),
        (emergency(1), "duplicate-row"),
        (emergency(1, 住所="別の住所"), "duplicate-id"),
    ],
)
async def test_refused_and_the_others_come_in(tmp_path: Path, bad: Any, rule: str) -> None:
    graph = FakeGraph()
    outline = geojson(tmp_path / "n03.geojson", area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3)))
    await run_import("boundaries", [outline], TENANT, graph, SCOPE)
    path = tmp_path / "made-up.json"
    geojson(path, emergency(1), "place", emergency(3))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"place"', json.dumps(bad)), encoding="utf-8")
    report = await run_import("shelters", [path], TENANT, graph, SCOPE)
    assert [(found.row, found.rule) for found in report.refused] == [(2, rule)]
    assert (report.rows, report.created, report.notes) == (3, 2, [])
    (found,) = report.as_json()["refused"]
    assert {"file", "row", "column", "value", "reason"} <= found.keys()
    assert found["reason"]
    assert "{" not in found["reason"] + found["reason_ja"]


async def test_swapped_coordinates_are_put_right(tmp_path: Path) -> None:
    report, graph = await shelters(tmp_path, emergency(1, at=(34.17, 131.47)))
    (repaired,) = report.as_json()["repaired"]
    assert repaired["rule"] == "latitude-longitude-swapped"
    assert value_of(only(graph, "EmergencyEvacuationSite"), "location")["coordinates"] == [131.47, 34.17]


async def test_within_the_tolerance_is_inside(tmp_path: Path) -> None:
    graph = FakeGraph()
    outline = geojson(tmp_path / "n03.geojson", area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3)))
    await run_import("boundaries", [outline], TENANT, graph, SCOPE)
    report, _ = await shelters(tmp_path, emergency(1, at=(131.508, 34.2)), emergency(2, at=(131.52, 34.2)), graph=graph)
    assert [(found.row, found.rule) for found in report.refused] == [(2, "outside-municipality")]


async def test_without_boundaries_only_the_far_ones_are_seen(tmp_path: Path) -> None:
    report, _ = await shelters(tmp_path, *(emergency(number) for number in range(1, 7)), emergency(7, at=(139.69, 35.68)))
    assert [(found.row, found.rule) for found in report.refused] == [(7, "far-from-the-rest")]
    assert "352039" in report.notes[0]["en"]


async def test_a_flag_that_is_withdrawn_goes_and_what_others_wrote_stays(tmp_path: Path) -> None:
    _, graph = await shelters(tmp_path, emergency(1, 備考="古い"))
    site = only(graph, "EmergencyEvacuationSite")
    graph.docs[site["id"]]["openingStatus"] = {"type": "Property", "value": "open"}
    report, _ = await shelters(tmp_path, emergency(1, 洪水="", 地震="1"), graph=graph)
    assert (report.changed, report.created) == (1, 0)
    site = only(graph, "EmergencyEvacuationSite")
    assert value_of(site, "designatedFor") == ["earthquake"]
    assert "remarks" not in site
    assert value_of(site, "openingStatus") == "open"


async def test_the_same_address_links_only_where_the_flag_says_so(tmp_path: Path) -> None:
    graph = FakeGraph()
    flag = {"指定避難所との住所同一": "1"}
    back = {"指定緊急避難場所との住所同一": "1"}
    await shelters(tmp_path, emergency(1, **flag), emergency(2), graph=graph)
    report, _ = await shelters(tmp_path, evacuation(1, 住所="山口県山口市架空町１番地の１", **back), evacuation(2), graph=graph)
    assert (report.created, report.linked) == (2, 1)
    links = {doc["id"][-3:] + doc["id"][-4]: value_of(doc, "shelterAtSameAddress") for doc in graph.docs.values()}
    assert [link for link in links.values() if link] == ["urn:ngsi-ld:EvacuationShelter:352039:E3520300001111"]
    assert (
        value_of(graph.docs["urn:ngsi-ld:EvacuationShelter:352039:E3520300001111"], "address") == "山口県山口市架空町１番地の１"
    )
    again, _ = await shelters(tmp_path, emergency(1), emergency(2), graph=graph)
    assert (again.changed, again.unchanged, again.linked) == (1, 1, 0)
    assert not any(value_of(doc, "shelterAtSameAddress") for doc in graph.docs.values())


async def test_a_csv_in_the_layout_of_the_standard_dataset(tmp_path: Path) -> None:
    header = (
        "全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,所在地_連結表記,緯度,経度,災害種別_洪水,災害種別_地震,謎の列"
    )
    lines = [
        header,
        "35203,0000000001,山口県山口市,架空公園,カクウコウエン,山口県山口市架空１－２,３４．１７,131.47,1,,x",
        "352038,0000000002,山口県山口市,架空公園,,山口県山口市架空,34.17,131.47,1,,",
        "352039,0000000003,山口県山口市,架空公園,,,131.47,34.17,,1,",
    ]
    path = written(tmp_path / "made-up.csv", "\r\n".join(lines) + "\r\n", encoding="cp932")
    graph = FakeGraph()
    report = await run_import("shelters", [path], TENANT, graph, SCOPE)
    assert {(found.row, found.rule) for found in report.repaired} == {
        (0, "decoded-from-cp932"),
        (1, "check-digit-added"),
        (1, "full-width-to-half-width"),
        (3, "latitude-longitude-swapped"),
    }
    assert [(found.row, found.rule, found.column) for found in report.refused] == [(2, "not-a-code", "全国地方公共団体コード")]
    assert report.files[0].unknown_columns == ["謎の列"]
    first = graph.docs["urn:ngsi-ld:EmergencyEvacuationSite:352039:0000000001"]
    assert value_of(first, "nameKana") == "カクウコウエン"
    assert value_of(first, "address") == "山口県山口市架空１－２"
    assert value_of(first, "addressNormalized") == "山口県山口市架空1-2"


@pytest.mark.parametrize("how", ["refuses", "unreadable"])
async def test_what_the_graph_refuses_is_in_the_report(tmp_path: Path, how: str) -> None:
    graph = FakeGraph()
    getattr(graph, how).add("urn:ngsi-ld:EmergencyEvacuationSite:352039:E3520300002201")
    report, _ = await shelters(tmp_path, emergency(1), emergency(2), graph=graph)
    assert report.created == 1
    assert [(found.row, found.rule) for found in report.refused] == [(2, "refused-by-graph")]


@pytest.mark.parametrize("language", ["ja", "ja-x-easy", "en"])
async def test_the_summary_is_in_every_language(tmp_path: Path, language: str) -> None:
    report, _ = await shelters(tmp_path, emergency(1, 洪水="○", 謎=5), emergency(2, at=None))
    lines = report.summary_lines(language)
    assert len(lines) == 6
    assert "謎" in "".join(lines)
    assert not any("{" in line for line in lines)
