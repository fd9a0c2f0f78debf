"""What does a line of the table say? Figures of one cell, beside what was aimed at and the two floors."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.notifications import Delivered
from bench.rounds import Result


@dataclass(frozen=True, slots=True)
class Against:
    """Kairo against a floor: the median of the rounds' ratios, their least and greatest, the floor's own answers a CPU-second."""

    ratio: float
    least: float
    most: float
    per_cpu_second: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Figures are of `unit`s (requests, entities, notifications), medians of the rounds; times are milliseconds.

    `aim` is so many units a CPU-second, `aim_ms` the milliseconds of one request alone, `goal` the ratio to the bare handler.
    `times_ungated` is its CPU time by that of what needs no grants, `within` what it may be.
    """

    name: str
    title: str
    variation: str
    things: int
    connections: int
    workers: int
    with_writers: bool
    unit: str
    per_cpu_second: float
    per_second: float
    web_share: float
    memory_bytes: int
    p50_ms: float | None = None
    p99_ms: float | None = None
    handler: Against | None = None
    sql: Against | None = None
    aim: float | None = None
    aim_ms: float | None = None
    goal: float | None = None
    times_ungated: Against | None = None
    within: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether all that was aimed at holds; None where nothing was."""
        found = []
        if self.aim is not None:
            found.append(self.per_cpu_second >= self.aim)
        if self.aim_ms is not None and self.p50_ms is not None:
            found.append(self.p50_ms < self.aim_ms)
        if self.goal is not None and self.handler is not None:
            found.append(self.handler.ratio >= self.goal)
        if self.within is not None and self.times_ungated is not None:
            found.append(self.times_ungated.ratio <= self.within)
        return all(found) if found else None


def row_of(result: Result, base: Result | None) -> Row:
    """The line of a cell. `base`: whose floors it is compared with where it has none of its own."""
    cell = result.cell
    scenario, kairo, waits = cell.scenario, result.measured["kairo"], result.measured["kairo"].waits()
    ours = statistics.median(result.per_cpu_second())
    return Row(
        scenario.name,
        scenario.title,
        cell.variation,
        cell.things,
        cell.connections,
        cell.workers,
        cell.with_writers,
        scenario.unit,
        ours * scenario.units,
        kairo.per_second() * scenario.units,
        kairo.web_share(),
        result.memory_bytes,
        waits and waits[0] * 1000,
        waits and waits[1] * 1000,
        _against(result, base, "floor", scenario.units),
        _against(result, base, "sql", scenario.units),
        scenario.aim,
        scenario.aim_ms if cell.connections == 1 else None,
        scenario.goal if cell.is_base else None,
        _times(_against(result, base, "ungated", scenario.units)),
        scenario.within if cell.is_base else None,
    )


def row_of_delivery(delivered: Delivered, things: int) -> Row:
    """The line of a kind of notifications."""
    kind, waits = delivered.kind, delivered.waits
    return Row(
        kind.name,
        kind.title,
        "",
        things,
        16,
        1,
        False,
        "notifications",
        statistics.median(delivered.per_cpu_second),
        delivered.per_second,
        delivered.web_share,
        delivered.memory_bytes,
        waits[0] * 1000,
        waits[1] * 1000,
        aim=kind.aim,
    )


def _times(against: Against | None) -> Against | None:
    """How many times the CPU time, instead of how many answers for the same."""
    if against is None:
        return None
    return Against(1 / against.ratio, 1 / against.most, 1 / against.least, against.per_cpu_second)


def _against(result: Result, base: Result | None, name: str, units: int) -> Against | None:
    ratios: Sequence[float] = result.ratios(name)
    floor = result.measured.get(name)
    if floor is None and base is not None and name in base.measured:
        floor = base.measured[name]
        theirs = statistics.median(floor.per_cpu_second())
        ratios = [ours / theirs for ours in result.per_cpu_second()]
    if floor is None:
        return None
    theirs = statistics.median(floor.per_cpu_second()) * units
    return Against(statistics.median(ratios), min(ratios), max(ratios), theirs)
