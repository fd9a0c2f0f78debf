"""Whose cost is counted to whom, and against whose is it compared?"""

from dataclasses import dataclass, field

import pytest

from bench import rounds
from bench.results import Against, Row, row_of
from bench.rounds import Measured, Result, take_turns
from bench.scenarios import SCENARIOS, Cell
from bench.turns import Taken

RETRIEVE = next(one for one in SCENARIOS if one.name == "retrieve")
GRANTED = next(one for one in SCENARIOS if one.name == "list_granted")
UPSERT = next(one for one in SCENARIOS if one.name == "upsert_20")


@dataclass
class Side:
    """A PostgreSQL with a clock of its own."""

    name: str
    used: float = 0.0

    def postgres_cpu_seconds(self) -> float:
        return self.used


@dataclass
class Turn:
    """Costs PostgreSQL something at once, and something that is paid for only when the next one runs."""

    name: str
    side: Side
    cost: float
    left_over: float = 0.0
    others: list["Turn"] = field(default_factory=list)

    def run(self, seconds: float, seed: int) -> Taken:
        self.side.used += self.cost + self.left_over
        for other in self.others:
            other.side.used += other.left_over
        return Taken(100, seconds, 1.0, (0.1, 0.2))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_SETTLING_SECONDS", 0.0)


def test_the_turns_on_one_postgres_share_its_time_and_no_other() -> None:
    ours, theirs = Side("kairo"), Side("floor")
    found = take_turns([Turn("kairo", ours, 2.0), Turn("floor", theirs, 5.0), Turn("sql", ours, 1.0)], 3, 1.0)
    assert {name: one.postgres for name, one in found.items()} == {"kairo": [2.0] * 3, "floor": [5.0] * 3, "sql": [1.0] * 3}
    assert found["kairo"].costs() == [3.0] * 3


def test_what_is_tidied_up_later_is_paid_by_who_caused_it() -> None:
    ours, theirs = Side("kairo"), Side("floor")
    late = Turn("kairo", ours, 2.0, left_over=0.5)
    found = take_turns([late, Turn("floor", theirs, 5.0, others=[late]), Turn("sql", ours, 1.0)], 2, 1.0)
    assert found["kairo"].postgres == [3.0, 3.0]  # 2.5 in its own turn, 0.5 in the next
    assert found["floor"].postgres == [5.0, 5.0]


def measured(answers: float, cost: float, number: int = 2, beside: int = 0) -> Measured:
    """Rounds that cost so much, half of it outside of PostgreSQL."""
    return Measured([Taken(answers, 2.0, cost / 2, (0.01, 0.02), beside)] * number, [cost / 2] * number)


def result(cell: Cell, **measured: Measured) -> Result:
    return Result(cell, measured, 1024)


def test_a_row_tells_the_ratio_and_whether_the_aim_is_met() -> None:
    cell = Cell(RETRIEVE, 100, 50, 2, is_base=True)
    row = row_of(result(cell, kairo=measured(8000, 1), floor=measured(10_000, 1), sql=measured(40_000, 1)), None)
    assert (row.per_cpu_second, row.per_second, row.p50_ms, row.p99_ms, row.web_share) == (8000, 4000, 10, 20, 0.5)
    assert row.handler is not None
    assert row.sql is not None
    assert (row.handler.ratio, row.sql.ratio) == (0.8, 0.2)
    assert (row.aim, row.met) == (15_000, False)


def test_units_of_a_batch_are_counted() -> None:
    row = row_of(result(Cell(UPSERT, 100, 50, 2), kairo=measured(900, 1), floor=measured(1000, 1)), None)
    assert (row.per_cpu_second, row.unit, row.met) == (18_000, "entities", True)
    assert row.handler is not None
    assert (row.handler.ratio, row.handler.per_cpu_second) == (0.9, 20_000)


def test_what_needs_grants_is_told_in_times_of_what_needs_none() -> None:
    base = result(Cell(GRANTED, 100, 50, 2, is_base=True), kairo=measured(500, 1), ungated=measured(1250, 1))
    row = row_of(base, None)
    assert row.times_ungated is not None
    assert (row.times_ungated.ratio, row.times_ungated.per_cpu_second, row.met) == (2.5, 1250, False)
    varied = row_of(result(Cell(GRANTED, 100, 50, 1, workers=2), kairo=measured(1000, 1, 1)), base)
    assert varied.times_ungated is not None
    assert (varied.times_ungated.ratio, varied.met) == (1.25, None)


def test_a_variation_without_floors_is_compared_with_those_of_its_base() -> None:
    base = result(Cell(RETRIEVE, 100, 50, 2, is_base=True), kairo=measured(8000, 1), floor=measured(10_000, 1))
    row = row_of(result(Cell(RETRIEVE, 100, 50, 1, workers=2), kairo=measured(6000, 1, 1)), base)
    assert row.handler is not None
    assert row.handler.ratio == 0.6
    assert row.sql is None


def test_what_writers_beside_cost_alone_is_not_counted_to_readers() -> None:
    cell = Cell(RETRIEVE, 100, 50, 1, with_writers=True)
    found = result(cell, writers=measured(100, 1), kairo=measured(3000, 2, beside=50))
    assert found.per_cpu_second() == [2000, 2000]  # 50 writes at 0.01 s each are 0.5 of the 2 s


def row(**changed: object) -> Row:
    given: dict[str, object] = {"name": "x", "title": "X", "variation": "", "things": 1, "connections": 1, "workers": 1}
    given |= {"with_writers": False, "unit": "requests", "per_cpu_second": 10.0, "per_second": 1.0, "web_share": 0.5}
    return Row(**{**given, "memory_bytes": 1, "p50_ms": 40.0, "p99_ms": 90.0, **changed})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("aims", "met"),
    [
        ({}, None),
        ({"aim": 10.0}, True),
        ({"aim": 10.1}, False),
        ({"aim_ms": 50.0}, True),
        ({"aim_ms": 40.0}, False),
        ({"aim": 10.0, "aim_ms": 30.0}, False),
        ({"goal": 0.5}, None),
        ({"within": 2.0}, None),
        ({"within": 2.0, "times_ungated": Against(2.0, 1.9, 2.1, 1.0)}, True),
        ({"within": 1.9, "times_ungated": Against(2.0, 1.9, 2.1, 1.0)}, False),
    ],
)
def test_an_aim_is_met_or_missed(aims: dict[str, object], met: bool | None) -> None:
    assert row(**aims).met is met
