"""What is measured, and in which cells? A scenario is a kind of request; a cell is one with so many things, connections, workers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

MANY_CONNECTIONS = (1, 500)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of request. `units` are the things in one; `aim` is so many of them a CPU-second, `aim_ms` the milliseconds of one
    request alone; `goal` the ratio to the bare handler that issue 2 asked for. `ungated` is the kind of request that takes turns with it,
    asked by nobody in particular of open things, `within` how many times its CPU time it may take."""

    name: str
    title: str
    writes: bool = False
    same_bytes: bool = False
    unit: str = "requests"
    units: int = 1
    aim: float | None = None
    aim_ms: float | None = None
    goal: float | None = None
    connections: int = 50
    others: tuple[int, ...] = MANY_CONNECTIONS
    grows: bool = True  # measured with all things, too
    shared: bool = False  # requests that meet share statements or commits
    is_basic: bool = False  # only its first cell is measured
    ungated: str = ""
    within: float | None = None


SCENARIOS = (
    Scenario("retrieve", "GET an entity by id", same_bytes=True, shared=True, aim=15_000, goal=0.5),
    Scenario("list_type_20", "GET a list of 20 by type", same_bytes=True, aim=10_000),
    Scenario("list_20", "GET a list of 20 by type and q", same_bytes=True, aim=10_000),
    Scenario("near_20", "GET 20 near a point", same_bytes=True, aim=10_000),
    Scenario("retrieve_granted", "GET a resident by id, by grants", same_bytes=True, shared=True, ungated="retrieve"),
    Scenario(
        *("list_open", "the list of 20 by type, by an application"),
        same_bytes=True,
        ungated="list_type_20",
        within=1.3,
        others=(1,),
    ),
    Scenario("list_granted", "GET a list of 20 residents, many grants", same_bytes=True, ungated="list_type_20", within=2.0),
    Scenario(
        *("list_few", "GET a list of the only 20 residents granted"),
        same_bytes=True,
        ungated="list_type_20",
        within=2.0,
        others=(1,),
    ),
    Scenario("history_week", "GET a week of a sensor: 1,008 values", grows=False, connections=16, others=(1, 50)),
    Scenario("aggregate_8760", "hourly means of a year of 8,760 values", grows=False, aim_ms=50, connections=16, others=(1,)),
    Scenario("aggregate_52560", "hourly means of a year of 52,560 values", grows=False, aim_ms=50, connections=16, others=(1,)),
    Scenario("create", "POST (create) an entity, durable", writes=True, shared=True, aim=6_000, goal=0.5),
    Scenario("create_placed", "the same with a place among its attributes", writes=True, shared=True, is_basic=True),
    Scenario("patch", "PATCH an attribute, durable", writes=True, shared=True, aim=6_000),
    Scenario("upsert_20", "batch upsert of 20 new entities", writes=True, shared=True, unit="entities", units=20, aim=15_000),
    Scenario(
        *("upsert_1000", "batch upsert of 1,000 new entities"),
        writes=True,
        unit="entities",
        units=1000,
        aim=15_000,
        connections=4,
        others=(1,),
    ),
)


_VARIED_QUICKLY = ("retrieve", "patch")


@dataclass(frozen=True, slots=True)
class Notified:
    """How many are told of a change: `number` subscriptions of this pattern (subscribers.py), of which `matching` fit each change."""

    name: str
    title: str
    pattern: str
    number: int
    matching: int
    changes: int
    aim: float = 1000


NOTIFIED = (
    Notified("notify_1", "notifications, 1 subscription", "all", 1, 1, 4000),
    Notified("notify_100", "notifications, 100 subscriptions that all match", "all", 100, 100, 100),
    Notified("notify_10000", "notifications, 10,000 subscriptions, 5 match", "own", 10_000, 5, 1500),
    Notified("notify_1_of_10000", "notifications, 10,000 subscriptions, 1 matches", "one", 10_000, 1, 4000),
)
FOOTPRINT = "footprint"
NAMES = (*(one.name for one in SCENARIOS), *(one.name for one in NOTIFIED), FOOTPRINT)


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the table. Variations are told beside the base cell of the same things, whose floors they are compared with."""

    scenario: Scenario
    things: int
    connections: int
    rounds: int
    workers: int = 1
    with_writers: bool = False
    is_base: bool = False

    @property
    def variation(self) -> str:
        """What is different from the base cell."""
        said = f"{self.connections} connection{'s' if self.connections > 1 else ''}"
        return (
            said + (f", {self.workers} workers" if self.workers > 1 else "") + (", beside writers" if self.with_writers else "")
        )


def cells(chosen: Collection[str], things: Sequence[int], rounds: int, *, quick: bool = False) -> list[Cell]:
    """The cells of the chosen scenarios, in the order in which they are measured: things by things; base cells before their
    variations, what reads before what writes. Of a `quick` run only two scenarios are varied, and basic ones left out."""
    scenarios = [one for one in SCENARIOS if one.name in chosen]
    found: list[Cell] = []
    few = max(1, rounds - 1)
    for place, number in enumerate(things):
        here = [one for one in scenarios if (one.grows or not place) and not (one.is_basic and (place or quick))]
        for one in here:
            base_rounds = few if place else rounds + 2 if one.goal is not None and rounds > 1 else rounds
            found.append(Cell(one, number, one.connections, base_rounds, is_base=True))
        if place:
            continue
        for one in here:
            if one.is_basic or (quick and one.name not in _VARIED_QUICKLY):
                continue
            found += [Cell(one, number, connections, few) for connections in one.others]
            found.append(Cell(one, number, one.connections, few, workers=2))
            if not one.writes:
                found.append(Cell(one, number, one.connections, few, with_writers=True))
    return sorted(found, key=lambda cell: (things.index(cell.things), not cell.is_base, cell.scenario.writes, cell.workers))
