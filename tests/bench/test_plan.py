"""Which cells are measured, and are all names known wherever they are said?"""

import typer

from bench.load import KINDS
from bench.scenarios import NAMES, NOTIFIED, SCENARIOS, cells
from bench.subscribers import body
from kairo.cli import app

THINGS = (100, 1000)


def test_the_command_names_all_measurements() -> None:
    option = next(item for item in typer.main.get_command(app).commands["bench"].params if item.name == "only")  # type: ignore[attr-defined]
    assert option.help.partition(": ")[2].rstrip(".").split(", ") == list(NAMES)
    assert len(set(NAMES)) == len(NAMES)


def test_every_scenario_can_be_asked() -> None:
    assert {one.name for one in SCENARIOS} | {one.ungated for one in SCENARIOS if one.ungated} <= set(KINDS)


def test_each_scenario_is_measured_with_all_things_or_says_that_it_does_not_grow() -> None:
    plan = cells(NAMES, THINGS, 3)
    for one in SCENARIOS:
        bases = [cell.things for cell in plan if cell.scenario is one and cell.is_base]
        assert bases == [*THINGS] if one.grows and not one.is_basic else [THINGS[0]]


def test_each_scenario_is_varied() -> None:
    plan = cells(NAMES, THINGS, 3)
    for one in SCENARIOS:
        mine = [cell for cell in plan if cell.scenario is one and cell.things == THINGS[0]]
        if one.is_basic:
            assert len(mine) == 1
            continue
        assert {cell.connections for cell in mine} == {one.connections, *one.others}
        assert {cell.workers for cell in mine} == {1, 2}
        assert any(cell.with_writers for cell in mine) is not one.writes


def test_what_reads_comes_before_what_writes() -> None:
    for things in THINGS:
        bases = [cell.scenario.writes for cell in cells(NAMES, THINGS, 3) if cell.things == things and cell.is_base]
        assert bases == sorted(bases)


def test_only_the_chosen_are_measured() -> None:
    assert {cell.scenario.name for cell in cells({"patch", "notify_1"}, THINGS, 1)} == {"patch"}


def test_as_many_subscriptions_match_as_is_said() -> None:
    for kind in NOTIFIED:
        things = kind.number // kind.matching
        bodies = [body(f"http://127.0.0.1:9/{kind.pattern}/{things}", number) for number in range(kind.number)]
        if kind.pattern == "own":
            assert sum(b'"urn:ngsi-ld:BenchThing:0000007"' in one for one in bodies) == kind.matching
        else:
            matching = [one for one in bodies if b'"entities":[{"type":"BenchThing"}],"watchedAttributes":["capacity"]' in one]
            assert len(matching) == kind.matching
