"""Does `kairo bench` measure, and end with one line where it cannot?"""

import sys
from pathlib import Path

import orjson
import pytest
import typer

import kairo
from bench import report, run
from bench.scenarios import NAMES
from bench.sides import Sizes
from kairo.commands.bench import run_bench
from kairo.errors import StartError

TINY = Sizes(2000, 10_000, 1, 200)
MEASURED = ("retrieve", "near_20", "list_granted", "list_few", "history_week", "upsert_20", "notify_10000")


def bench(*only: str, json: Path | None = None) -> None:
    run_bench(only, json, quick=True, rounds=1, seconds=0.1)


def test_a_name_that_is_none_is_refused_with_all_that_are() -> None:
    with pytest.raises(typer.BadParameter, match="'retreive' is none of retrieve, ") as refused:
        bench("retrieve", "patch,retreive")
    assert all(name in str(refused.value) for name in NAMES)


def test_where_there_is_no_proc_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(StartError, match="only Linux has"):
        bench("retrieve")


def test_an_installed_kairo_says_where_it_can_be_measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(kairo, "__file__", str(tmp_path / "lib" / "site-packages" / "kairo" / "__init__.py"))
    with pytest.raises(StartError, match="from a checkout only") as refused:
        bench("retrieve")
    assert "make bench" in refused.value.mend


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="there is no folder"):
        bench("retrieve", json=tmp_path / "nowhere" / "x.json")


@pytest.mark.slow
def test_what_was_chosen_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everything but the length is real: both sides, pgbench, the load, the job worker, the receiver."""
    monkeypatch.setattr(run, "QUICK", TINY)
    written = report.RESULTS.read_bytes()
    bench(",".join(MEASURED), json=tmp_path / "x.json")
    found = orjson.loads((tmp_path / "x.json").read_bytes())
    assert found["how"]["failures"] == []
    assert {row["name"] for row in found["rows"]} == set(MEASURED)
    assert {(row["name"], row["things"]) for row in found["rows"]} >= {("retrieve", 2000), ("retrieve", 10_000)}
    for row in found["rows"]:
        assert row["per_cpu_second"] > 0, row
        assert 0 < row["p50_ms"] <= row["p99_ms"], row
        assert row["memory_bytes"] > 2**20, row
        has_floors = row["workers"] == 1 and not row["with_writers"] and row["unit"] != "notifications"
        assert not has_floors or (row["handler"]["ratio"] > 0 and row["sql"]["ratio"] > 0), row
        assert (row["times_ungated"] is not None) is row["name"].startswith("list_"), row
    shown = capsys.readouterr()
    assert "| GET an entity by id | 500 connections |" in shown.out
    assert "filled in 10,000 of 10,000 things" in shown.err
    assert "filled in 2,000 of 2,000 grants" in shown.err
    assert report.RESULTS.read_bytes() == written, "only a whole run writes bench/results.md"
