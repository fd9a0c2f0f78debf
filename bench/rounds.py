"""How is it measured? Turn after turn, round after round: Kairo, the bare handler, the same SQL, Kairo, … Where grants are asked for,
Kairo also answers what needs none.

The cost of a turn is the CPU time of its own process, and that of its PostgreSQL until the next turn on the same PostgreSQL begins:
what is tidied up later is counted to whoever caused it. The ratio is the median of the rounds' ratios.
"""

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.scenarios import Cell
from bench.sides import Sides
from bench.turns import SqlTurn, Taken, Turn, Ungated, WebTurn, WithWriters, WritersAlone

_SETTLING_SECONDS = 0.2
_LEAST_CPU_SECONDS = 0.01


@dataclass(slots=True)
class Measured:
    """The rounds of one of those that took turns. `postgres` are CPU seconds of its PostgreSQL in each."""

    taken: list[Taken] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)

    def costs(self, spared: Sequence[float] = ()) -> list[float]:
        """CPU seconds of each round, without those of `spared`."""
        spared = spared or [0.0] * len(self.taken)
        pairs = zip(self.taken, self.postgres, spared, strict=True)
        return [max(taken.cpu + postgres - less, _LEAST_CPU_SECONDS) for taken, postgres, less in pairs]

    def per_cpu_second(self, spared: Sequence[float] = ()) -> list[float]:
        """Answers for each CPU-second, round by round."""
        return [taken.answers / cost for taken, cost in zip(self.taken, self.costs(spared), strict=True)]

    def per_second(self) -> float:
        """Answers a second, by the clock on the wall."""
        return sum(taken.answers for taken in self.taken) / sum(taken.seconds for taken in self.taken)

    def waits(self) -> tuple[float, float] | None:
        """Seconds: median and 99th percentile, each the median of the rounds'."""
        if not all(taken.waits for taken in self.taken):
            return None
        half, most = (statistics.median(taken.waits[at] for taken in self.taken) for at in (0, 1))
        return half, most

    def web_share(self) -> float:
        """How much of the CPU time is not PostgreSQL's."""
        return sum(taken.cpu for taken in self.taken) / sum(self.costs())


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a cell, by the name of who took turns; `memory_bytes` of Kairo's web server and PostgreSQL after it."""

    cell: Cell
    measured: Mapping[str, Measured]
    memory_bytes: int

    def per_cpu_second(self) -> list[float]:
        """Kairo's answers a CPU-second, round by round; what writers beside cost, by what they cost alone, is taken off."""
        kairo, writers = self.measured["kairo"], self.measured.get("writers")
        if writers is None:
            return kairo.per_cpu_second()
        each = sum(writers.costs()) / sum(taken.answers for taken in writers.taken)
        return kairo.per_cpu_second([taken.beside * each for taken in kairo.taken])

    def ratios(self, name: str) -> list[float]:
        """Kairo to a floor, round by round; nothing where that floor took no turns."""
        floor = self.measured.get(name)
        if floor is None:
            return []
        return [ours / theirs for ours, theirs in zip(self.per_cpu_second(), floor.per_cpu_second(), strict=True)]


def measure(sides: Sides, cell: Cell, seconds: float) -> Result:
    """The rounds of one cell, after a short one of each that is not counted."""
    turns = _turns(sides, cell)
    if cell.is_base:
        _compare(sides, cell)
    for turn in turns:
        turn.run(min(1.0, seconds / 3), 0)
    measured = take_turns(turns, cell.rounds, seconds)
    return Result(cell, measured, sides.kairo.memory_bytes())


def take_turns(turns: Sequence[Turn], rounds: int, seconds: float) -> dict[str, Measured]:
    """What each of them answered and cost, by name."""
    measured = {turn.name: Measured() for turn in turns}
    marks: list[tuple[Turn, float]] = []
    for number in range(rounds):
        for turn in turns:
            marks.append((turn, turn.side.postgres_cpu_seconds()))
            measured[turn.name].taken.append(turn.run(seconds, number + 1))
    time.sleep(_SETTLING_SECONDS)
    last = {turn.side.name: turn.side.postgres_cpu_seconds() for turn in turns}
    for place, (turn, mark) in enumerate(marks):
        later = (after for other, after in marks[place + 1 :] if other.side is turn.side)
        measured[turn.name].postgres.append(next(later, last[turn.side.name]) - mark)
    return measured


def _turns(sides: Sides, cell: Cell) -> list[Turn]:
    if cell.with_writers:
        return [WritersAlone(sides, cell), WithWriters(sides, sides.kairo, cell)]
    ours = WebTurn(sides, sides.kairo, cell)
    if cell.workers > 1:
        return [ours]
    sql = SqlTurn.of(sides, cell)
    ungated = [Ungated(sides, cell)] if cell.scenario.ungated else []
    return [ours, *ungated, WebTurn(sides, sides.floor, cell), *([sql] if sql is not None else [])]


def _compare(sides: Sides, cell: Cell) -> None:
    """Asks both sides the same once, of what nobody has changed. Raises RuntimeError where they should give the same and do not."""
    low = (sides.low + sides.stored) // 2  # a point among the first would have neighbours that were changed
    answers = []
    for side in (sides.kairo, sides.floor):
        side.serve()
        found = sides.ask(side, cell.scenario.name, most=1, low=low, first=side.first)
        side.first += 1000
        answers.append(found["sample"].partition("\r\n\r\n")[2])
    if cell.scenario.same_bytes and answers[0] != answers[1]:
        raise RuntimeError(f"{cell.scenario.name}: the sides gave different bytes: {answers}")
