"""How is a ratio measured? The same requests to both sides in turns, Kairo, floor, Kairo, floor, …; the median of the ratios.

A round's cost is the CPU time of the web server's and PostgreSQL's processes from its start to the start of the side's next
one: what PostgreSQL tidies up while the other side is measured is counted to the side that caused it.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.peers import Side, Sides, ask


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is measured. `units` are the things in one request; `goal` the ratio that the specification asks for."""

    kind: str
    title: str
    connections: int = 64
    units: int = 1
    writes: bool = False
    same_bytes: bool = True
    goal: float | None = None


@dataclass(slots=True)
class Measured:
    """Rounds of one side."""

    answers: list[int] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    waits: list[list[float]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def per_cpu_second(self) -> list[float]:
        """Answers for each CPU-second, round by round."""
        return [
            answers / max(after - before, 0.01)
            for answers, before, after in zip(self.answers, self.marks, self.marks[1:], strict=False)
        ]

    def web_share(self) -> float:
        """How much of the CPU time is the web server's; the rest is PostgreSQL's."""
        return sum(self.web) / max(self.marks[-1] - self.marks[0], 0.01)


@dataclass(slots=True)
class Result:
    """What came of a scenario."""

    scenario: Scenario
    kairo: Measured
    floor: Measured

    @property
    def ratios(self) -> list[float]:
        """Kairo to floor, round by round."""
        pairs = zip(self.kairo.per_cpu_second(), self.floor.per_cpu_second(), strict=True)
        return [ours / theirs for ours, theirs in pairs]

    @property
    def ratio(self) -> float:
        """The median."""
        return statistics.median(self.ratios)


def measure(
    sides: Sides, scenario: Scenario, *, stored: int, rounds: int, seconds: float, say: Callable[[str], None]
) -> Result:
    """The rounds of one scenario, after a short one on either side that is not counted."""
    pair = (sides.kairo, sides.floor)
    samples = [_one(side, scenario, stored, 0, 5.0, connections=1, most=1)["sample"] for side in pair]
    if scenario.same_bytes and _body(samples[0]) != _body(samples[1]):
        raise RuntimeError(f"{scenario.kind}: the sides gave different bytes: {samples}")
    for side in pair:
        _one(side, scenario, stored, 0, min(1.0, seconds / 3))
    measured = (Measured(), Measured())
    for number in range(rounds):
        for side, found in zip(pair, measured, strict=True):
            found.marks.append(side.cpu_seconds())
            web = side.web_cpu_seconds()
            result = _one(side, scenario, stored, number + 1, seconds)
            found.web.append(side.web_cpu_seconds() - web)
            found.answers.append(result["answers"])
            found.waits.append(result["waits"])
            found.seconds.append(result["seconds"])
    time.sleep(0.2)
    for side, found in zip(pair, measured, strict=True):
        found.marks.append(side.cpu_seconds())
    result_ = Result(scenario, *measured)
    say(f"{scenario.title}: {result_.ratio:.2f} ({', '.join(f'{ratio:.2f}' for ratio in result_.ratios)})")
    return result_


def _one(
    side: Side, scenario: Scenario, stored: int, seed: int, seconds: float, *, connections: int = 0, most: int = 1_000_000
) -> dict[str, Any]:
    result = ask(
        side,
        kind=scenario.kind,
        stored=stored,
        seed=seed,
        first=side.first,
        connections=connections or scenario.connections,
        seconds=seconds,
        most=most,
    )
    if scenario.writes:
        side.first += result["sent"] * scenario.units
    return result


def _body(answer: str) -> str:
    return answer.partition("\r\n\r\n")[2]
