"""Does a reader by grants see what the rule says, attribute by attribute, whichever way it asks? And nothing else?"""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.contexts import CORE
from kairo.context.granting import Grant
from kairo.context.query import read_order, read_query
from kairo.context.query.in_use import attributes_in_use, types_in_use
from kairo.platform.db import Database
from tests.context.granting.world import NOW, PARTNER, PURPOSE, Reader, city, grant, granted, graph_of, reader, shielded, shown

_numbers = count(1)
PERSONS = [f"urn:p:{name}" for name in "abc"]
ATTRIBUTES = ("phone", "n", "scope", "person", "supporter", "caretaker")
LAWS = settings(max_examples=120, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def relation(*persons: str) -> dict[str, Any]:
    return {"type": "Relationship", "object": persons[0] if len(persons) == 1 else list(persons)}


def prop(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


def some() -> st.SearchStrategy[Any]:
    return st.lists(st.sampled_from(PERSONS), min_size=1, max_size=2, unique=True).map(lambda found: relation(*found))


SCOPES = st.sampled_from(["/city", "/city/north", "/cityhall", "/other"])
ENTITIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["Resident", "Plan", "Hall", "Secret"])},
        optional={
            "phone": st.sampled_from("12").map(prop),
            "n": st.integers(1, 2).map(prop),
            "person": some(),
            "supporter": some(),
            "caretaker": some(),
            "scope": SCOPES,
        },
    ),
    min_size=1,
    max_size=5,
)
WHOM = st.one_of(
    st.sampled_from(PERSONS).map(lambda one: {"subject": one}),
    st.sampled_from(["urn:e:0", "urn:e:1"]).map(lambda one: {"subject": one}),
    st.sampled_from(["/city", "/city/north", "/c", ""]).map(lambda one: {"area": one}),
    st.sampled_from(["self", "person", "supporter", "caretaker"]).map(lambda one: {"relation": one}),
)
HIDING = st.sets(st.sampled_from([*PERSONS, "urn:e:0", "urn:e:1"]), max_size=2)
TIMES = st.sampled_from([(-1, 1), (-1, 1), (-1, 1), (-2, -1), (1, 2), (0, 1), (-1, 0)])
GRANTS = st.lists(
    st.tuples(
        WHOM,
        st.one_of(st.none(), st.sets(st.sampled_from(ATTRIBUTES), min_size=1, max_size=3)),
        st.sets(st.sampled_from(["Resident", "Plan", "Hall", "Secret"]), min_size=1),
        TIMES,
        st.sampled_from([PARTNER, PARTNER, PARTNER, "application:other"]),
        st.sampled_from([PURPOSE, PURPOSE, PURPOSE, "research"]),
    ),
    max_size=6,
)


def as_grant(number: int, given: tuple[Any, ...]) -> Grant:
    whom, names, types, (since, until), principal, purpose = given
    times = {"since": NOW + timedelta(hours=since), "until": NOW + timedelta(hours=until)}
    attributes = None if names is None else tuple(sorted(names))
    return grant(f"g{number}", *sorted(types), attributes=attributes, principal=principal, purpose=purpose, **times, **whom)


@LAWS
@given(ENTITIES, GRANTS, st.sets(st.sampled_from([*PERSONS, "urn:e:0"]), max_size=2), st.sampled_from([0, 1, 500]), HIDING)
async def test_what_is_shown_is_what_the_rule_says(
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    given_entities: list[dict[str, Any]],
    given_grants: list[tuple[Any, ...]],
    persons: set[str],
    few: int,
    hiding: set[str],
) -> None:
    tenant = f"released_{next(_numbers)}"
    graph = graph_of(database)
    entities = [{"id": f"urn:e:{number}", **one} for number, one in enumerate(given_entities)]
    grants = tuple(as_grant(number, one) for number, one in enumerate(given_grants))
    graph.few.most = few
    monkeypatch.setattr("kairo.context.entities.finding._LED_AT_ONCE", 2)
    written = await graph.upsert(city(tenant), entities)
    assert not [one.error for one in written if one.error]
    await granted(database, tenant, grants)
    await shielded(database, tenant, hiding)
    scope = reader(tenant, *sorted(persons))
    stored = await graph.get_many(city(tenant), [one["id"] for one in entities])
    expected = {id: Reader(scope, grants, shielded=frozenset(hiding)).sees(doc) for id, doc in stored.items()}
    seen = {id: doc for id, doc in expected.items() if doc is not None}

    assert {id: shown(await graph.get(scope, id)) for id in stored} == {id: shown(doc) for id, doc in expected.items()}
    assert await graph.get_many(scope, list(stored)) == seen
    kinds = "Resident,Plan,Hall,Secret"
    for asked in (kinds, "Resident", "Plan,Secret", "Hall"):
        among = {id: doc for id, doc in seen.items() if doc["type"] in asked}
        assert {doc["id"]: doc for doc in (await graph.find(scope, asked)).docs} == among
        assert await graph.count(scope, asked) == len(among)
        for name in ("phone", "n", "person", "supporter", "caretaker"):
            having = {id for id, doc in among.items() if name in doc}
            assert {doc["id"] for doc in (await graph.find(scope, asked, name)).docs} == having, name
            assert await graph.count(scope, asked, f"!{name}") == len(among) - len(having), name
            query = read_query({"type": asked, "attrs": name}, CORE)
            assert {row.id for row in (await graph.search(scope, query, limit=100)).rows} == having, name
        for value in (1, 2):
            equal = {id for id, doc in among.items() if doc.get("n", {}).get("value") == value}
            assert {doc["id"] for doc in (await graph.find(scope, asked, f"n=={value}")).docs} == equal
        paged, after = [], None
        while (page := await graph.find(scope, asked, limit=2, after=after)).docs:
            paged += [doc["id"] for doc in page.docs]
            after = page.after
            if after is None:
                break
        assert paged == sorted(among)
        one = await graph.find(scope, asked, id="urn:e:0")
        assert {doc["id"] for doc in one.docs} == among.keys() & {"urn:e:0"}
    placed = {id for id, doc in seen.items() if "scope" in doc}
    assert {doc["id"] for doc in (await graph.find(scope, kinds, scopeQ="/#")).docs} == placed
    counted = {row["type_key"]: row["number"] for row in await types_in_use(database, scope, NOW)}
    assert counted == {kind: sum(doc["type"] == kind for doc in seen.values()) for kind in {d["type"] for d in seen.values()}}
    told = {(row["type_key"], row["attribute"]) for row in await attributes_in_use(database, scope, NOW)}
    assert told == {(doc["type"], name) for doc in seen.values() for name in doc if name not in ("id", "type", "scope")}


async def test_a_grant_holds_from_its_first_second_to_before_its_last(database: Database) -> None:
    graph = graph_of(database)
    tenant = "released_times"
    await graph.upsert(city(tenant), [{"id": "urn:e:0", "type": "Resident", "n": prop(1)}])
    since, until = NOW, NOW + timedelta(seconds=10)
    await granted(database, tenant, [grant("g", since=since, until=until, subject="urn:e:0")])
    second = timedelta(seconds=1)
    for moment, holds in (
        (since - second / 1000, False),
        (since, True),
        (until - second / 1000, True),
        (until, False),
        (until + second / 1000, False),
    ):
        at = graph_of(database, lambda moment=moment: moment)
        assert (await at.get(reader(tenant), "urn:e:0") is not None) is holds, moment
        assert bool((await at.find(reader(tenant), "Resident")).docs) is holds, moment


async def test_what_is_linked_is_asked_for_as_the_reader_sees_it(database: Database) -> None:
    """A condition on a linked entity tells nothing of what the reader may not see there."""
    graph = graph_of(database)
    tenant = "released_links"
    await graph.upsert(
        city(tenant),
        [
            {"id": "urn:e:hall", "type": "Hall", "about": relation("urn:e:a", "urn:e:b")},
            {"id": "urn:e:a", "type": "Resident", "n": prop(1), "phone": prop("1")},
            {"id": "urn:e:b", "type": "Resident", "n": prop(2), "phone": prop("2")},
        ],
    )
    await granted(database, tenant, [grant("g", subject="urn:e:a", attributes=("n",))])
    for q, finds in (("about{n}==1", True), ("about{n}==2", False), ('about{phone}=="1"', False), ("about{phone}", False)):
        query = read_query({"type": "Hall", "q": q}, CORE, join_level=1)
        assert bool((await graph.search(reader(tenant), query, limit=10)).rows) is finds, q


async def test_an_order_tells_nothing_of_what_is_hidden(database: Database) -> None:
    graph = graph_of(database)
    tenant = "released_order"
    ids = [f"urn:e:{number}" for number in range(6)]
    await graph.upsert(
        city(tenant), [{"id": id, "type": "Resident", "n": prop(1), "rank": prop(6 - place)} for place, id in enumerate(ids)]
    )
    await granted(database, tenant, [grant(f"g{id}", subject=id, attributes=("n",)) for id in ids])
    order = read_order({"orderBy": "rank"}, CORE, local=True)
    found = await graph.search(reader(tenant), read_query({"type": "Resident"}, CORE), order=order, limit=10)
    assert [row.id for row in found.rows] == ids


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_of_who_is_led_lead_to_all(database: Database, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Granted are ten; of three there is nothing to see, since the attribute is not there."""
    monkeypatch.setattr("kairo.context.entities.finding._LED_AT_ONCE", 2)
    graph, tenant = graph_of(database), f"released_pages_{limit}"
    ids = [f"urn:e:{number}" for number in range(10)]
    hidden = {"urn:e:0", "urn:e:4", "urn:e:5"}
    await graph.upsert(
        city(tenant), [{"id": id, "type": "Resident", ("phone" if id in hidden else "n"): prop(1)} for id in ids]
    )
    await granted(database, tenant, [grant(f"g{id}", subject=id, attributes=("n",)) for id in ids])
    found: list[str] = []
    after: str | None = None
    for _ in range(10):
        page = await graph.find(reader(tenant), "Resident", limit=limit, after=after)
        found += [doc["id"] for doc in page.docs]
        after = page.after
        assert (len(page.docs) == limit) or after is None
        if after is None:
            break
    assert found == [id for id in ids if id not in hidden]
    offset = await graph.search(reader(tenant), read_query({"type": "Resident"}, CORE), limit=2, offset=3)
    assert [row.id for row in offset.rows] == found[3:5]
