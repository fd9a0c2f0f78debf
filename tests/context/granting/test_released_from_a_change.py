"""Is the rule of grants the same over what a change left behind as it is in the database?"""

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import DataClass
from kairo.context.granting import store
from kairo.context.granting.released import Past
from kairo.platform.db import Database
from tests.context.granting.test_released import ENTITIES, GRANTS, HIDING, LAWS, PERSONS, as_grant, prop, relation
from tests.context.granting.world import DECLARED, NOW, Reader, city, grant, granted, graph_of, reader, shielded, shown

_numbers = count(1)


@LAWS
@given(ENTITIES, GRANTS, st.sets(st.sampled_from([*PERSONS, "urn:e:0"]), max_size=2), HIDING)
async def test_as_in_the_database(
    database: Database, entities: list[dict[str, Any]], given_grants: list[tuple[Any, ...]], persons: set[str], hiding: set[str]
) -> None:
    tenant, graph = f"change_{next(_numbers)}", graph_of(database)
    made = [{"id": f"urn:e:{number}", **one} for number, one in enumerate(entities)]
    await graph.upsert(city(tenant), made)
    grants = tuple(as_grant(number, one) for number, one in enumerate(given_grants))
    await granted(database, tenant, grants)
    await shielded(database, tenant, hiding)
    scope = reader(tenant, *sorted(persons))
    for id, doc in (await graph.get_many(city(tenant), [one["id"] for one in made])).items():
        past = Past(id, [doc["type"]], doc, [], DECLARED)
        names = set(doc) - {"id", "type"}
        closed = names if past.is_personal else names & DECLARED.personal([doc["type"]])
        unseen = await store.shielded(database, tenant, past.persons)
        hidden = past.hidden(closed, scope, await store.held(database, scope, NOW, past.persons), unseen)
        left = {name: value for name, value in doc.items() if name not in hidden}
        told = None if past.is_personal and hidden >= closed else left
        assert shown(told) == shown(Reader(scope, grants, shielded=frozenset(hiding)).sees(doc)), id
        assert past.is_personal == (DECLARED.class_of([doc["type"]]) is DataClass.PERSONAL)


def test_whom_it_named_before_counts() -> None:
    ben, chie = PERSONS[1], PERSONS[2]
    doc = {"id": "urn:e", "type": "Plan", "supporter": relation(chie), "phone": prop("2")}
    mine = [grant("c", subject=chie)]
    now = Past("urn:e", ["Plan"], doc, [], DECLARED)
    assert now.hidden(["phone", "supporter"], reader("t"), mine) == frozenset()
    moved = Past("urn:e", ["Plan"], doc, [("supporter", relation(ben))], DECLARED)
    assert moved.persons == {ben, chie}
    assert moved.hidden(["phone", "supporter"], reader("t"), mine) == {"phone", "supporter"}
