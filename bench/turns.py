"""Whose turn is it? Kairo's or the bare handler's web server, or pgbench with the same SQL: each answers for a few seconds."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.cpu import cpu_seconds
from bench.load import Asked
from bench.pgbench import Replay
from bench.recording import NUMBERS, record
from bench.scenarios import Cell
from bench.servers import Load
from bench.sides import Side, Sides
from kairo.settings import load_settings

WRITERS = {"connections": 4, "pace": 400.0}  # PATCHes a second beside readers
_RECORDED_MOST = 1000
_RECORDED_SLOW = 2
_RECORDED_ALONE = 16  # requests that share nothing: each statement is prepared and planned by itself, which takes a while


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a turn: requests answered, their waits (median, 99th percentile; seconds), CPU seconds apart from PostgreSQL's;
    and how many writes were answered beside."""

    answers: float
    seconds: float
    cpu: float
    waits: tuple[float, ...] = ()
    beside: int = 0


class Database(Protocol):
    """The PostgreSQL of a side, whose CPU time is read."""

    @property
    def name(self) -> str: ...
    def postgres_cpu_seconds(self) -> float: ...


class Turn(Protocol):
    """One of those that are measured in turns."""

    @property
    def name(self) -> str: ...
    @property
    def side(self) -> Database: ...

    def run(self, seconds: float, seed: int) -> Taken: ...


class WebTurn:
    """A web server answers."""

    def __init__(self, sides: Sides, side: Side, cell: Cell) -> None:
        self.name = side.name
        self.side = side
        self._sides = sides
        self._cell = cell

    def run(self, seconds: float, seed: int) -> Taken:
        """A round of load."""
        self.side.serve(self._cell.workers)
        before = cpu_seconds(self.side.web_pid)
        found, beside = self._asked(seconds, seed)
        return _taken(found, cpu_seconds(self.side.web_pid) - before, beside)

    def _asked(self, seconds: float, seed: int) -> tuple[Mapping[str, Any], int]:
        return self._load(self._cell.scenario.name, seconds, seed, connections=self._cell.connections).result(), 0

    def _load(self, kind: str, seconds: float, seed: int, **more: Any) -> Load:
        side, low = self.side, self._sides.low
        asked = self._sides.asked(kind=kind, port=side.port, first=side.first, seed=seed, low=low, seconds=seconds, most=10**6)
        load = Load({**asked, **more})
        if kind == self._cell.scenario.name and self._cell.scenario.writes:
            # As many numbers as any round could use; what is made has its own.
            side.first += 10**6
        return load


class Ungated(WebTurn):
    """Kairo answers what needs no grants, for comparison."""

    def __init__(self, sides: Sides, cell: Cell) -> None:
        super().__init__(sides, sides.kairo, cell)
        self.name = "ungated"

    def _asked(self, seconds: float, seed: int) -> tuple[Mapping[str, Any], int]:
        return self._load(self._cell.scenario.ungated, seconds, seed, connections=self._cell.connections).result(), 0


class WritersAlone(WebTurn):
    """What the writers cost that are beside readers in the next turn."""

    def __init__(self, sides: Sides, cell: Cell) -> None:
        super().__init__(sides, sides.kairo, cell)
        self.name = "writers"

    def _asked(self, seconds: float, seed: int) -> tuple[Mapping[str, Any], int]:
        return self._load("patch", seconds, seed, **WRITERS).result(), 0


class WithWriters(WebTurn):
    """Readers are answered while others write."""

    def _asked(self, seconds: float, seed: int) -> tuple[Mapping[str, Any], int]:
        writers = self._load("patch", seconds, seed + 1000, **WRITERS)
        found, _ = super()._asked(seconds, seed)
        return found, writers.result()["answers"]


class SqlTurn:
    """pgbench runs the SQL of the cell's requests on Kairo's PostgreSQL."""

    name = "sql"

    def __init__(self, sides: Sides, replay: Replay) -> None:
        self.side = sides.kairo
        self._replay = replay

    @staticmethod
    def of(sides: Sides, cell: Cell) -> "SqlTurn | None":
        """Records requests as the cell asks them; None where these do without the database."""
        scenario, side = cell.scenario, sides.kairo
        marker = sides.fresh.take(2) if scenario.writes else None
        first = side.first if marker is None else marker * NUMBERS
        asked = Asked("bench", **{"first": first, "seed": 1000, "low": sides.low, **sides.asked()})
        number = max(4 * cell.connections, 60) if scenario.shared else _RECORDED_ALONE
        number = max(1, min(_RECORDED_MOST, number, 8 * NUMBERS // 10 // scenario.units))
        if scenario.aim_ms is not None:
            number, askers = _RECORDED_SLOW, 1
        else:
            askers = min(cell.connections, number)
        made = load_settings({}, database_url=side.postgres.url)
        counter = None if marker is None else first
        recording = asyncio.run(record(made, scenario.name, asked, askers=askers, number=number, counter=counter))
        folder = sides.folder / f"sql-{scenario.name}-{cell.things}-{cell.connections}"
        replay = Replay(side.postgres.url, made.tenant, Path(folder), recording, sides.fresh, marker)
        if replay.is_empty:
            return None
        replay.prepare()
        return SqlTurn(sides, replay)

    def run(self, seconds: float, seed: int) -> Taken:
        """Some seconds of pgbench."""
        answers, used = self._replay.run(seconds)
        return Taken(answers, seconds, used)


def _taken(found: Mapping[str, Any], cpu: float, beside: int) -> Taken:
    return Taken(found["answers"], found["seconds"], cpu, tuple(found["waits"]), beside)
