"""Are tables of persons made from the graph as they should, kept, published and refused? Over a real database."""

import asyncio
import itertools
from typing import Any

import pytest

from kairo.context.gate import DataClass, Scope
from kairo.errors import (
    BadRequestData,
    Forbidden,
    KairoError,
    ResourceNotFound,
    TooComplexQuery,
    TooManyResults,
    Unauthenticated,
)
from kairo.platform.db import Database
from tests.trust.anonymity.world import World, city, district, resident, told

_tenants = (f"statistics_{number}" for number in itertools.count())
UNKNOWN = "in|?"


@pytest.fixture
def tenant() -> str:
    return next(_tenants)


def care(*, yes: int, no: int = 0, **more: Any) -> list[dict[str, Any]]:
    return [resident(f"{more.get('district', '')}{number}", needsCare=number < yes, **more) for number in range(yes + no)]


def line(value: str) -> str:
    return f"in|={value}"


async def test_persons_are_counted_and_small_cells_withheld(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [*care(yes=5, no=1, district="ogori"), *care(yes=4, no=8, district="kagawa")])
    table = await world.statistics.ask(city(tenant), "Resident", ["district"])
    ogori, kagawa, ato = (line(district(name)) for name in ("ogori", "kagawa", "ato"))
    found = told(table)
    assert found["*"] == 18
    assert found[ato] is None, "nobody lives there: that is not told"
    assert {found[ogori], found[kagawa]} in ({None, 12}, {6, None}, {None}), "18 less 6 less 12 would tell it"
    assert world.processed == [("administrator:local", "administration", 18, "anonymity: a table of Resident")]


async def test_subtotals_by_what_a_district_belongs_to(database: Database, tenant: str) -> None:
    world = World(database)
    residents = [
        resident(f"{name}{n}", district=name) for name, many in (("ogori", 9), ("kagawa", 2), ("ato", 9)) for n in range(many)
    ]
    await world.put(tenant, residents)
    table = await world.statistics.ask(city(tenant), "Resident", ["district^city"])
    found = told(table)
    south = next(name for name in found if name.count("District") == 2)
    assert found["*"] == 20
    assert found[line(district("kagawa"))] is None
    assert found[south] is None or found[line(district("ogori"))] is None, "11 less 9 are the two of Kagawa"


async def test_the_same_question_gets_the_same_table(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, care(yes=6, no=6))
    first = await world.statistics.ask(city(tenant), "Resident", ["needsCare"])
    await world.put(tenant, [resident("came", needsCare=True)])
    assert (await world.statistics.ask(city(tenant), "Resident", ["needsCare"])).id == first.id
    await world.put(tenant, [resident(f"came{number}", needsCare=True) for number in range(2)])
    later = await world.statistics.ask(city(tenant), "Resident", ["needsCare"])
    assert later.id != first.id
    assert [told(one)["*"] for one in (first, later)] == [12, 15]


async def test_a_table_that_would_give_one_person_away_is_withheld(database: Database, tenant: str) -> None:
    """By district first; then, with one condition more, the same without those in care."""
    world = World(database)
    await world.put(tenant, [*care(yes=1, no=8, district="ogori"), *care(yes=8, no=1, district="kagawa")])
    everyone = told(await world.statistics.ask(city(tenant), "Resident", ["district"]))
    without = told(await world.statistics.ask(city(tenant), "Resident", ["district"], ["needsCare=false"]))
    ogori = line(district("ogori"))
    assert None in (everyone[ogori], without[ogori])


async def test_two_tables_at_once_know_of_each_other(database: Database, tenant: str) -> None:
    """Either of them could be told alone; together they would tell of one person."""
    world = World(database)
    await world.put(tenant, [resident(f"{n}", needsCare=n > 0, household="alone") for n in range(9)])
    asked: list[tuple[list[str], list[str]]] = [(["needsCare"], []), (["household"], []), (["household"], ["needsCare=true"])]
    tables = await asyncio.gather(*(world.statistics.ask(city(tenant), "Resident", *one) for one in asked))
    total, filtered = told(tables[1])["*"], told(tables[2])["*"]
    assert None in (total, filtered), (total, filtered)


async def test_persons_are_counted_and_not_entities(database: Database, tenant: str) -> None:
    """Four plans about the same person, and two about several: each person once, and those with several values apart."""
    world = World(database)
    people = [f"urn:ngsi-ld:Resident:{number}" for number in range(6)]

    def plan(number: int, persons: list[str], kind: str) -> dict[str, Any]:
        about = {"type": "Relationship", "object": persons if len(persons) > 1 else persons[0]}
        kind_of = {"type": "Property", "value": kind}
        return {"id": f"urn:ngsi-ld:Plan:{number}", "type": "Plan", "person": about, "kind": kind_of}

    plans = [plan(number, people[:1], "a") for number in range(4)] + [plan(5, people[:3], "a"), plan(6, people[2:], "b")]
    await world.put(tenant, plans)
    found = told(await world.statistics.ask(city(tenant), "Plan", ["kind"]))
    assert found["*"] == 6
    assert set(found) == {"*", line("b"), "out|" + "|".join(sorted(["+", "?", "=b"])), UNKNOWN, "in|+"}


async def test_ages_are_counted_in_bands(database: Database, tenant: str) -> None:
    world = World(database)
    born = [f"{1946 + number % 2}-06-0{1 + number % 2}" for number in range(8)]  # 80 today, and 78: 79 from tomorrow on
    await world.put(tenant, [resident(number, birthDate=day) for number, day in enumerate(born)])
    table = await world.statistics.ask(city(tenant), "Resident", ["birthDate/10"])
    assert [len(table.axes[0].axis), told(table)["*"]] == [12, 8]
    seventy, eighty = (one["persons"] for one in table.cells[8:10])
    assert {seventy, eighty} == {4, None}, "both, and it would be certain that nobody is of another age"


async def test_sums_are_told_beside_counts_but_none_of_one_person(database: Database, tenant: str) -> None:
    world = World(database)
    rich = [resident(f"rich{n}", needsCare=True, income=1_000_000 if n == 0 else 1) for n in range(5)]
    plain = [resident(f"plain{n}", needsCare=False, income=10) for n in range(5)]
    none = [resident(f"none{n}", needsCare=False) for n in range(2)]
    await world.put(tenant, [*rich, *plain, *none])
    table = await world.statistics.ask(city(tenant), "Resident", ["needsCare"], measure="income")
    by_place = {cell["at"][0]: cell for cell in table.cells}
    assert by_place[-1]["sum"] is None, "one person has nearly all of it"
    assert all(cell["sum"] in (None, 50.0) for cell in table.cells)
    assert by_place[-1]["persons"] == 10, "whoever has no number is not among them"


@pytest.mark.parametrize("size", [0, 1, 9])
async def test_a_small_population_is_withheld_as_a_whole(database: Database, tenant: str, size: int) -> None:
    world = World(database, statistics_k=10)
    await world.put(tenant, care(yes=size))
    table = await world.statistics.ask(city(tenant), "Resident", ["needsCare"])
    assert set(told(table).values()) == {None}


async def test_protected_persons_make_no_cell_large(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [*care(yes=4, district="ogori"), *care(yes=6, district="kagawa"), *care(yes=6, district="ato")])
    world.shielded = {f"urn:ngsi-ld:Resident:ogori{number}" for number in range(2)}
    assert told(await world.statistics.ask(city(tenant), "Resident", ["district"]))[line(district("ogori"))] is None


async def test_free_text_makes_no_lines_of_rare_values(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, [resident(n, household=f"household {n}" if n < 2000 else "alone") for n in range(2004)])
    found = told(await world.statistics.ask(city(tenant), "Resident", ["household"]))
    assert len(found) == 4
    assert (found["*"], found[line("alone")]) == (2004, 4)


@pytest.mark.parametrize("value", ["NaN", -5, True, {"a": 1}, None])
async def test_what_is_no_number_is_unknown_and_negative_ones_are_numbers(database: Database, tenant: str, value: Any) -> None:
    world = World(database)
    odd = [] if value is None else [resident("odd", income=value)]
    await world.put(tenant, [*(resident(n, income=100 + n) for n in range(6)), *odd])
    table = await world.statistics.ask(city(tenant), "Resident", ["income/50"], measure="income")
    assert {cell["persons"] for cell in table.cells} <= {None, 6, 7}


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"dimensions": []}, BadRequestData),
        ({"dimensions": ["needsCare", "needsCare"]}, BadRequestData),
        ({"dimensions": ["needsCare", "district", "household", "birthDate/10"]}, BadRequestData),
        ({"dimensions": ["shoeSize"]}, BadRequestData),
        ({"dimensions": ["name"]}, BadRequestData),
        ({"dimensions": ["district; DROP TABLE"]}, BadRequestData),
        ({"dimensions": ["birthDate"]}, BadRequestData),
        ({"dimensions": ["birthDate/0"]}, BadRequestData),
        ({"dimensions": ["needsCare/10"]}, BadRequestData),
        ({"dimensions": ["needsCare^city"]}, BadRequestData),
        ({"dimensions": ["needsCare"], "where": ["needsCare"]}, BadRequestData),
        ({"dimensions": ["needsCare"], "where": ["birthDate=70..60"]}, BadRequestData),
        ({"dimensions": ["needsCare"], "where": ["household=a"] * 11}, BadRequestData),
        ({"dimensions": ["needsCare"], "measure": "household"}, BadRequestData),
        ({"dimensions": ["needsCare"], "k": 1}, BadRequestData),
        ({"dimensions": ["needsCare"], "k": 2}, BadRequestData),
        ({"dimensions": ["needsCare"], "k": 1001}, BadRequestData),
        ({"dimensions": ["needsCare"], "title": "x" * 201}, BadRequestData),
        ({"type": "District", "dimensions": ["city"]}, ResourceNotFound),
        ({"type": "Nothing", "dimensions": ["city"]}, ResourceNotFound),
        ({"dimensions": ["birthDate/1", "moved/1", "district"]}, KairoError),
    ],
)
async def test_what_cannot_be_asked(database: Database, tenant: str, given: dict[str, Any], error: type[KairoError]) -> None:
    world = World(database)
    await world.put(tenant, [])
    with pytest.raises(error) as refused:
        await world.statistics.ask(city(tenant), **{"type": "Resident", **given})
    assert refused.value.detail
    assert refused.value.detail_ja
    assert refused.value.status in {400, 403, 404}


async def test_limits(database: Database, tenant: str) -> None:
    world = World(database, statistics_max_persons=100, statistics_max_groups=5, statistics_max_values=5)
    await world.put(tenant, care(yes=20, district="ogori"))
    with pytest.raises(TooComplexQuery):
        await world.statistics.ask(city(tenant), "Resident", ["needsCare", "district"])
    with pytest.raises(BadRequestData):
        await world.statistics.ask(city(tenant), "Resident", ["birthDate/10"])
    await world.put(tenant, [resident(f"more{number}") for number in range(81)])
    with pytest.raises(TooManyResults):
        await world.statistics.ask(city(tenant), "Resident", ["needsCare"])


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        (Scope("t", "anonymous:", "public", frozenset({DataClass.OPEN})), Unauthenticated),
        (Scope("t", "resident:ab", "family", frozenset({DataClass.OPEN}), by_grants=True), Forbidden),
        (Scope("t", "staff:ab", "", frozenset({DataClass.OPEN}), by_grants=True), Forbidden),
        (Scope("t", "staff:ab", "counter", frozenset({DataClass.OPEN}), by_grants=True), Forbidden),
        (Scope("t", "application:ab", "application", frozenset({DataClass.OPEN})), Forbidden),
        (Scope("t", "administrator:local", "", frozenset(DataClass)), Forbidden),
    ],
)
async def test_nobody_else_asks(database: Database, scope: Scope, error: type[KairoError]) -> None:
    world = World(database)
    with pytest.raises(error):
        await world.statistics.ask(scope, "Resident", ["needsCare"])
    with pytest.raises(error):
        await world.statistics.publish(scope, "x", "title")
    with pytest.raises(error):
        await world.statistics.one(scope, "x")
    assert not world.processed


async def test_what_is_published_is_seen_and_nothing_else(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, care(yes=6, no=6))
    table = await world.statistics.ask(city(tenant), "Resident", ["needsCare"])
    with pytest.raises(ResourceNotFound):
        await world.statistics.published(tenant, table.id)
    assert await world.statistics.latest(tenant, all=False) == []
    with pytest.raises(BadRequestData):
        await world.statistics.publish(city(tenant), table.id, "  ")
    await world.statistics.publish(city(tenant), table.id, "Care")
    assert (await world.statistics.published(tenant, table.id)).title == "Care"
    assert [one.id for one in await world.statistics.latest(tenant, all=False)] == [table.id]
    await world.statistics.unpublish(city(tenant), table.id)
    with pytest.raises(ResourceNotFound):
        await world.statistics.published(tenant, table.id)


async def test_each_step_leaves_its_audit_record(database: Database, tenant: str) -> None:
    world = World(database)
    await world.put(tenant, care(yes=6, no=6))
    table = await world.statistics.ask(city(tenant), "Resident", ["needsCare"])
    await world.statistics.publish(city(tenant), table.id, "Care")
    rows = await database.fetch(
        tenant, "SELECT operation, principal FROM change WHERE tenant = $1 AND entity = $2", tenant, table.id
    )
    assert [tuple(row) for row in rows] == [("statistic", "administrator:local"), ("publish", "administrator:local")]
