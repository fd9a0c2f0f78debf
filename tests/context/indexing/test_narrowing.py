"""When is an index used, for whom, and what if it goes away meanwhile?"""

from typing import Any

import pytest

from kairo.context.contexts import CORE
from kairo.context.entities import finding
from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Graph
from kairo.context.indexing import narrowing, store
from kairo.context.indexing.narrowing import Narrowing
from kairo.context.query import read_query
from kairo.context.query.statements import Question
from kairo.context.subscriptions import ReactionTable
from kairo.errors import KairoError
from kairo.platform.clock import system_clock
from tests.context.indexing.conftest import ALL, DECLARED, City

OPEN = frozenset({DataClass.OPEN})


async def chosen(city: City, q: str, type: str = "Thing", scope: Scope | None = None) -> list[Narrowing | None]:
    """What a query was put with, in turn."""
    put_with: list[Narrowing | None] = []

    async def put(narrowing: Narrowing | None) -> tuple[None, int]:
        put_with.append(narrowing)
        return None, 0

    query = read_query({"type": type, "q": q}, CORE)
    await city.graph.narrower.ask(scope or city.everything, query.q, [type], 1000, put)
    return put_with


async def test_what_is_found_is_the_same_and_found_by_the_index(city: City) -> None:
    await city.things(30)
    await city.ready("n")
    assert await city.ids("n==7,8;n<8") == ["urn:t:00007"]
    assert [one is not None for one in await chosen(city, "n==7")] == [True]


async def test_an_index_that_is_not_full_is_not_used(city: City) -> None:
    await city.things(3)
    await city.make("n")
    assert await chosen(city, "n==1") == [None]
    assert await city.ids("n==1") == ["urn:t:00001"]


async def test_every_set_of_types_needs_its_index(city: City) -> None:
    """A query for a type goes over all sets with that type."""
    await city.things(3)
    await city.write({"id": "urn:t:x", "type": ["Thing", "Other"], "n": 1})
    await city.ready("n")
    assert await city.ids("n==1") == ["urn:t:00001", "urn:t:x"]
    await city.ready("n", "Other Thing")
    assert await city.ids("n==1") == ["urn:t:00001", "urn:t:x"]
    await city.missed()
    uses = {index.type_key: index.uses for index in await city.indexes()}
    assert uses == {"Thing": 1, "Other Thing": 2}, "first one was missed, then both helped"


@pytest.mark.parametrize("most", [29, 30])
async def test_what_names_too_many_is_not_used_and_nothing_is_counted_again(
    city: City, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    await city.things(30, kind="bus")
    await city.ready("kind")
    counted: list[Any] = []
    count = store.count

    async def noted(*given: Any) -> int:
        counted.append(given)
        return await count(*given)

    monkeypatch.setattr(store, "count", noted)
    monkeypatch.setattr(finding, "most_for", lambda _: most)
    for _ in range(3):
        assert len(await city.ids('kind=="bus"')) == 30
    assert len(counted) == 1
    await city.missed()
    assert [index.uses for index in await city.indexes()] == [0 if most < 30 else 3]


async def test_the_narrowest_is_taken(city: City) -> None:
    await city.things(30, kind="bus")
    await city.ready("kind")
    await city.ready("n")
    (taken,) = await chosen(city, 'kind=="bus";n>27')
    assert taken is not None
    assert taken.attribute == "n"


async def test_a_value_of_which_there_is_too_much_is_found(city: City) -> None:
    await city.write(
        {"id": "urn:t:1", "type": "Thing", "n": {"value": list(range(100))}}, {"id": "urn:t:2", "type": "Thing", "n": 99}
    )
    index = await city.ready("n", most_values=10)
    assert {key for key, id in await city.rows(index) if id == "urn:t:1"} == {""}
    assert await city.ids("n==99") == ["urn:t:1", "urn:t:2"]
    assert await city.ids("n==1000") == []


async def test_orders_counts_and_selectors_are_narrowed_too(city: City) -> None:
    await city.things(30)
    await city.ready("n")
    for given in ({"type": "Thing"}, {"selectors": [{"type": "Thing"}, {"type": "Thing", "id": "urn:t:00003"}]}):
        query = read_query({**given, "q": "n>27"}, CORE)
        assert await city.graph.number(city.everything, query) == 2
    await city.missed()
    assert [index.uses for index in await city.indexes()] == [2]


# Who may be given an index: who may read the attribute of every entity of the type.
ADMINISTRATOR = Scope("", "administrator:local", read_classes=ALL, own_undeclared=True)
APPLICATION = Scope("", "application:a", read_classes=OPEN, own_undeclared=True)
ANYONE_OPEN = Scope("", "anonymous:", read_classes=frozenset({DataClass.OPEN, DataClass.UNDECLARED}))
ANYONE = Scope("", "anonymous:", read_classes=OPEN)


@pytest.mark.parametrize(
    ("type", "attribute", "may"),
    [
        ("Thing", "n", [ADMINISTRATOR, APPLICATION, ANYONE_OPEN, ANYONE]),
        ("Thing", "owner", [ADMINISTRATOR]),
        ("Undeclared", "n", [ADMINISTRATOR, ANYONE_OPEN]),
        ("Resident", "n", [ADMINISTRATOR]),
    ],
)
async def test_nobody_is_given_an_index_on_what_is_withheld_from_them(
    city: City, type: str, attribute: str, may: list[Scope]
) -> None:
    """Else the time of an answer would tell what it holds. Nor does such a query make an index wanted."""
    await city.write({"id": "urn:t:1", "type": type, attribute: "secret"})
    for scope in (ADMINISTRATOR, APPLICATION, ANYONE_OPEN, ANYONE):
        asking = Scope(city.tenant, scope.principal, read_classes=scope.read_classes, own_undeclared=scope.own_undeclared)
        await chosen(city, f'{attribute}=="secret"', type, asking)
        await city.missed()
        wanted = await store.wanted(city.database, city.tenant, city.graph.clock().date().replace(year=2000), 1)
        assert [one.times for one in wanted] == ([1] if scope in may else [])
        async with city.database.unit(city.tenant) as unit:
            await store.forget_uses(unit.connection, city.tenant, city.graph.clock().date().replace(year=3000))
    await city.ready(attribute, type)
    for scope in (ADMINISTRATOR, APPLICATION, ANYONE_OPEN, ANYONE):
        asking = Scope(city.tenant, scope.principal, read_classes=scope.read_classes, own_undeclared=scope.own_undeclared)
        (given,) = await chosen(city, f'{attribute}=="secret"', type, asking)
        assert (given is not None) is (scope in may), scope


async def test_rows_that_an_asker_may_not_read_are_not_found(city: City) -> None:
    await city.things(3, owner="someone")
    await city.write({"id": "urn:t:r", "type": ["Thing", "Resident"], "n": 1})
    for key in ("Thing", "Resident Thing"):
        await city.ready("n", key)
    assert await city.ids("n==1") == ["urn:t:00001", "urn:t:r"]
    assert await city.ids("n==1", scope=city.public) == ["urn:t:00001"]
    assert await city.ids('n==1;owner=="someone"', scope=city.public) == []


async def test_an_index_that_goes_away_in_between_costs_no_entity(city: City) -> None:
    """It was chosen, then given up and emptied, before the statement ran."""
    await city.things(5)
    index = await city.ready("n")
    query = read_query({"type": "Thing", "q": "n==3"}, CORE)
    given: list[bool] = []

    async def put(narrowing: Narrowing | None) -> tuple[int, int]:
        if not given:
            async with city.database.unit(city.tenant) as unit:
                await store.leave(unit.connection, city.tenant, index.id)
                await store.clear(unit.connection, city.tenant, index.id, 1000)
        given.append(narrowing is not None)
        narrowed = narrowing.condition if narrowing is not None else None
        asked = Question.of(city.everything, query, ["Thing"], [], city.graph.clock(), narrowed)
        number = await asked.count(city.database)
        return number, number

    assert await city.graph.narrower.ask(city.everything, query.q, ["Thing"], 1000, put) == 1
    assert given == [True, False]


async def test_the_index_is_searched_by_its_key_under_row_security(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Operators that are not leakproof could not be index conditions."""
    for begin in range(0, 2000, 500):  # so many that a scan in order of id would be no good plan
        await city.write(*({"id": f"urn:t:{n:05}", "type": "Thing", "n": n} for n in range(begin, begin + 500)))
    await city.ready("n")
    async with city.database.owner() as owner:
        await owner.execute("ANALYZE entity; ANALYZE attribute_value")
    statements: list[tuple[Any, ...]] = []
    fetch = city.database.fetch

    async def noted(tenant: str, statement: str, *arguments: Any) -> Any:
        statements.append((statement, *arguments))
        return await fetch(tenant, statement, *arguments)

    monkeypatch.setattr(city.database, "fetch", noted)
    assert await city.ids("n==7") == ["urn:t:00007"]
    asking = [one for one in statements if "attribute_value" in one[0]]
    assert len(asking) == 2, "the count beforehand, and the page"
    async with city.database.unit(city.tenant) as unit:
        assert await unit.connection.fetchval("SELECT current_user") == "kairo_app"
        for statement, *arguments in asking:
            plan = [row[0] for row in await unit.connection.fetch(f"EXPLAIN {statement}", *arguments)]
            assert any("Index Cond" in line and "value >= r.low" in line and "index_id" in line for line in plan), plan
            assert "FROM entity e" not in statement or any("Index Cond" in line and "id = ANY" in line for line in plan), plan


async def test_what_was_counted_is_written_down_when_the_program_ends(city: City) -> None:
    await city.things(2)
    await city.ids("n==1")
    assert await store.wanted(city.database, city.tenant, city.graph.clock().date(), 1) == []
    await city.graph.close()
    assert await store.wanted(city.database, city.tenant, city.graph.clock().date(), 1) != []


async def test_uses_that_cannot_be_written_disturb_nobody(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: Any) -> None:
        raise KairoError("gone")

    await city.things(2)
    await city.ids("n==1")
    monkeypatch.setattr(store, "add_uses", fails)
    await city.graph.narrower.uses.flush()
    assert await city.ids("n==1") == ["urn:t:00001"]


async def test_a_page_of_everything_wants_no_index(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count that finds more than any index may name would be no quicker with one."""
    monkeypatch.setattr(narrowing, "MOST", 5)
    await city.things(10)
    assert await city.graph.number(city.everything, read_query({"type": "Thing", "q": "n>=0"}, CORE)) == 10
    await city.missed()
    assert await store.wanted(city.database, city.tenant, city.graph.clock().date().replace(year=2000), 1) == []


async def test_every_process_keeps_an_index_from_its_next_commit_on(city: City) -> None:
    other = Graph(city.database, DECLARED, ReactionTable([], DECLARED), system_clock)
    await city.ready("other")
    for graph in (city.graph, other):  # both know the index on the other attribute by now
        await graph.upsert(city.everything, [{"id": "urn:t:0", "type": "Thing", "n": 0}])
    index = await city.ready("n")
    await other.upsert(city.everything, [{"id": "urn:t:0", "type": "Thing", "n": 5}])
    await city.write({"id": "urn:t:1", "type": "Thing", "n": 6})
    await other.close()
    assert await city.rows(index) == await city.due(index)
    assert await city.ids("n==5,6") == ["urn:t:0", "urn:t:1"]
