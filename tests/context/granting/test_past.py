"""Does a reader by grants see of the past what everybody agreed to whom it was ever about? And nothing else, whichever way it asks?"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kairo.context.contexts import CORE
from kairo.context.gate import Scope
from kairo.context.granting import Grant
from kairo.context.graph import Graph
from kairo.context.query import read_query
from kairo.context.temporal.asking import Aggregation, Method, TimeFormat, TimeProperty, TimeQuery
from kairo.context.temporal.evolution.finding import Selected
from kairo.context.temporal.evolution.reading import Ask
from kairo.context.temporal.periods import parse_period
from kairo.context.temporal.represent import Wanted
from kairo.platform.db import Database
from tests.context.granting.test_released import ENTITIES, GRANTS, HIDING, LAWS, PERSONS, as_grant, prop, relation
from tests.context.granting.world import Reader, _names, city, grant, granted, graph_of, reader, shielded, subjects

_numbers = count(1)
SINCE_EVER = TimeQuery(property=TimeProperty.MODIFIED, is_lenient=True)
ALL = Ask(Wanted(TimeFormat.NORMALIZED, SINCE_EVER, False, None, CORE))
COUNTED = replace(
    ALL,
    aggregation=Aggregation((Method.TOTAL_COUNT,), parse_period("PT0S")),
    wanted=replace(ALL.wanted, form=TimeFormat.AGGREGATED),
)
KINDS = "Resident,Plan,Hall,Secret"
STEPS = st.lists(st.tuples(st.integers(0, 1), st.one_of(st.none(), ENTITIES.map(lambda some: some[0]))), max_size=5)


async def past_of(graph: Graph, scope: Scope, id: str, ask: Ask = ALL) -> dict[str, Any] | None:
    """The attributes of an evolution by id; None where there is none to be seen."""
    target = await graph.past.target(scope, id)
    if target is None:
        return None
    return (await graph.past.show(scope, [Selected(target)], ask, 1000)).members.get(id, {})


async def found(graph: Graph, scope: Scope, asked: dict[str, str]) -> dict[str, dict[str, Any]]:
    """The evolutions that a query finds."""
    query = read_query(asked, CORE)
    page = await graph.past.find(scope, query, SINCE_EVER, limit=100)
    assert await graph.past.number(scope, query, SINCE_EVER) == len(page.found)
    shown = await graph.past.show(scope, page.found, ALL, 1000)
    return {item.target.id: shown.members.get(item.target.id, {}) for item in page.found}


class Life:
    """What became of an entity, so that a test can say whom it was ever about."""

    def __init__(self, first: dict[str, Any]) -> None:
        self.type: str = first["type"]
        self.states: list[dict[str, Any] | None] = [first]

    def may_be_seen(self, reader: Reader, name: str) -> bool:
        mine = [one for one in reader.grants if reader._speaks(one, self.type)]
        now = self.states[-1]
        about = {person for state in self.states if state for what, person, _ in subjects(state) if what in ("*", name)}
        if not about & reader.shielded and any(_names(one, name) and self._is_wide(reader, one, now) for one in mine):
            return True
        return bool(about) and all(
            person in reader.scope.persons or any(one.subject == person and _names(one, name) for one in mine)
            for person in about
        )

    @staticmethod
    def _is_wide(reader: Reader, one: Grant, now: dict[str, Any] | None) -> bool:
        """An area is that of today; what is gone lies in the whole municipality only."""
        return reader._is_wide(one, now or {"id": "", "type": "Secret"})


@LAWS
@given(
    ENTITIES.map(lambda some: some[:2]),
    STEPS,
    GRANTS,
    st.sets(st.sampled_from([*PERSONS, "urn:e:0"]), max_size=2),
    st.sampled_from([0, 500]),
    HIDING,
)
async def test_the_past_is_of_all_whom_it_was_about(
    database: Database,
    entities: list[dict[str, Any]],
    steps: Sequence[tuple[int, dict[str, Any] | None]],
    given_grants: list[tuple[Any, ...]],
    persons: set[str],
    few: int,
    hiding: set[str],
) -> None:
    tenant = f"past_{next(_numbers)}"
    graph, all_of_it = graph_of(database), city(tenant)
    graph.few.most = few
    lives = {f"urn:e:{number}": Life({"id": f"urn:e:{number}", **one}) for number, one in enumerate(entities)}
    await graph.upsert(all_of_it, [life.states[0] for life in lives.values() if life.states[0]])
    for number, state in steps:
        id = f"urn:e:{number}"
        if id not in lives or (state is None and lives[id].states[-1] is None):
            continue
        life = lives[id]
        if state is None:
            await graph.delete(all_of_it, [id])
        else:
            await graph.upsert(all_of_it, [{"id": id, **state, "type": life.type}])
        life.states.append(state and {"id": id, **state, "type": life.type})
    grants = tuple(as_grant(number, one) for number, one in enumerate(given_grants))
    await granted(database, tenant, grants)
    await shielded(database, tenant, hiding)
    by = Reader(reader(tenant, *sorted(persons)), grants, shielded=frozenset(hiding))

    everything = {id: await past_of(graph, all_of_it, id) for id in lives}
    expected: dict[str, dict[str, Any] | None] = {}
    for id, members in everything.items():
        assert members is not None
        is_personal = lives[id].type != "Hall"
        closed = set(members) if is_personal else set(members) & {"caretaker", "phone"}
        seen = {name: value for name, value in members.items() if name not in closed or lives[id].may_be_seen(by, name)}
        expected[id] = None if is_personal and not seen else seen
    assert {id: await past_of(graph, by.scope, id) for id in lives} == expected
    there = {id: members for id, members in expected.items() if members}
    for asked in (KINDS, "Resident", "Plan,Secret", "Hall"):
        among = {id: members for id, members in there.items() if lives[id].type in asked.split(",")}
        having = {id: members for id, members in among.items() if set(members) - {"scope"}}
        assert await found(graph, by.scope, {"type": asked}) == having
        for name in ("phone", "n"):
            assert set(await found(graph, by.scope, {"type": asked, "q": name})) == {id for id in having if name in having[id]}
            attrs = await found(graph, by.scope, {"type": asked, "attrs": name})
            assert set(attrs) == {id for id in having if name in having[id]}
    for id, members in there.items():
        counted = await past_of(graph, by.scope, id, COUNTED)
        assert counted is not None
        assert set(counted) <= set(members)
        latest = await graph.history(by.scope, id, "phone")
        assert not latest or "phone" in members


async def test_who_was_named_before_must_agree_too(database: Database) -> None:
    """The plan's telephone number was Ben's before it was Chie's; Chie alone cannot release it."""
    tenant, graph = "past_before", graph_of(database)
    ben, chie = PERSONS[1], PERSONS[2]
    first = {"id": "urn:e", "type": "Plan", "supporter": relation(ben), "phone": prop("1")}
    await graph.upsert(city(tenant), [first])
    await graph.update(city(tenant), [{"id": "urn:e", "supporter": relation(chie), "phone": prop("2")}])
    await granted(database, tenant, [grant("c", subject=chie, attributes=("phone",))])
    doc = await graph.get(reader(tenant), "urn:e")
    assert doc is not None
    assert doc["phone"]["value"] == "2"
    assert await past_of(graph, reader(tenant), "urn:e") is None
    await granted(database, tenant, [grant("b", subject=ben, attributes=("phone",))])
    past = await past_of(graph, reader(tenant), "urn:e")
    assert past is not None
    assert [one["value"] for one in past["phone"]] == ["1", "2"]


async def test_what_it_was_under_another_type_stays_closed(database: Database) -> None:
    tenant, graph = "past_types", graph_of(database)
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Secret", "phone": prop("1")}])
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Resident", "phone": prop("2")}])
    await graph.update(city(tenant), [{"id": "urn:e", "phone": prop("3")}])
    await granted(database, tenant, [grant("g", "Resident", subject="urn:e")])
    past = await past_of(graph, reader(tenant), "urn:e")
    assert past is not None
    assert [one["value"] for one in past["phone"]] == ["3"]  # the change of types belongs to both
