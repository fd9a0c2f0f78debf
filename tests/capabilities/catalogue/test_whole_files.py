"""What happens to a file that is no good as a whole? One clear error with the mend; nothing is written, of no file."""

import json
import random
from pathlib import Path

import pytest

from kairo.capabilities.catalogue import run_import
from kairo.errors import BadRequestData, KairoError, StartError
from kairo.platform.personal_numbers import holds_personal_number, is_personal_number
from tests.capabilities.catalogue.fake_graph import SCOPE, TENANT, FakeGraph
from tests.capabilities.catalogue.made_up import area, box, emergency, geojson, written

NUMBER = "123456789018"  # made up, with the right check digit


async def fails(kind: str, *paths: Path) -> KairoError:
    graph = FakeGraph()
    with pytest.raises(KairoError) as caught:
        await run_import(kind, list(paths), TENANT, graph, SCOPE)
    assert graph.writes == 0
    assert caught.value.detail
    assert caught.value.mend
    return caught.value


@pytest.mark.parametrize("seed", range(20))
async def test_half_a_file(tmp_path: Path, seed: int) -> None:
    good = geojson(tmp_path / "good.json", emergency(1))
    whole = geojson(tmp_path / "whole.json", emergency(2), emergency(3)).read_bytes()
    cut = random.Random(seed).randrange(1, len(whole) - 1)
    half = tmp_path / "half.json"
    half.write_bytes(whole[:cut])
    error = await fails("shelters", good, half)
    assert isinstance(error, BadRequestData)
    assert "half" in error.detail


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"PK\x03\x04rest", "zip"),
        (b"\xff\xfe\x00", "half"),
        (b'"\x81\xff\xfe"', "neither UTF-8 nor CP932"),
        (b"{'a': 1}", "not JSON"),
        (b'{"type": NaN}', "NaN"),
        (b'{"type": 1, "type": 2}', "twice"),
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'{"type": "Point"}', "neither GeoJSON"),
        (b'{"type": "Topology", "objects": {"a": {"type": "GeometryCollection", "geometries": []}}, "arcs": 5}', "arcs"),
        (b"one column\n1\n", "column names"),
        (b"a,a\n1,2\n", "column names"),
        (b'a,b\n1,"2', "half"),
        (b"a,b,c\n1,2,3\n1,2", "half"),
        (b"a,b\n1,2\n", "does not look like shelters"),
    ],
)
async def test_one_clear_error(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert words in (await fails("shelters", path)).detail


async def test_the_other_kind_is_named(tmp_path: Path) -> None:
    path = geojson(tmp_path / "n03.json", area("35203", "山口市", box(131.3, 34.1, 131.5, 34.3)))
    assert "kairo import boundaries" in (await fails("shelters", path)).mend


async def test_what_cannot_start(tmp_path: Path) -> None:
    assert isinstance(await fails("shelters", tmp_path / "nowhere.json"), StartError)
    assert isinstance(await fails("shelters", tmp_path), StartError)
    assert "boundaries, shelters, towns" in (await fails("sheltres")).mend
    assert isinstance(await fails("shelters"), StartError)


async def test_a_byte_order_mark_is_taken_off(tmp_path: Path) -> None:
    path = written(tmp_path / "bom.json", {"type": "FeatureCollection", "features": [emergency(1)]}, encoding="utf-8-sig")
    report = await run_import("shelters", [path], TENANT, FakeGraph(), SCOPE)
    assert [(found.row, found.rule) for found in report.repaired] == [(0, "byte-order-mark-removed")]
    assert report.created == 1


@pytest.mark.parametrize(
    "value", [NUMBER, int(NUMBER), f"番号は{NUMBER}です", "１２３４−５６７８−９０１８", "1234 5678 9018", ["x", {"y": NUMBER}]]
)
async def test_a_personal_number_stops_the_import(tmp_path: Path, value: object) -> None:
    good = geojson(tmp_path / "good.json", emergency(1))
    bad = geojson(tmp_path / "bad.json", emergency(2), emergency(3, 備考=value))
    error = await fails("shelters", good, bad)
    assert error.members == {"file": str(bad), "row": 2, "column": "備考"}
    told = json.dumps([error.detail, error.detail_ja, error.mend, error.mend_ja, error.members], ensure_ascii=False)
    assert NUMBER not in told
    assert str(value) not in told


@pytest.mark.parametrize(
    "value",
    [
        "123456789012",
        "9123456789018",
        f"131.{NUMBER}",
        f"{NUMBER}.5",
        "000000000000",
        f"550e8400-e29b-41d4-a716-{NUMBER}",
        1.5,
        True,
        None,
    ],
)
def test_other_numbers_are_not_taken_for_one(value: object) -> None:
    assert not holds_personal_number(value)


def test_the_check_digit_is_one_of_ten() -> None:
    for eleven in ("12345678901", "00000000001", "99999999999"):
        assert sum(is_personal_number(eleven + str(digit)) for digit in range(10)) == 1
