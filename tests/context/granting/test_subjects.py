"""Are the persons whom an entity is about those that its document names, after every change of it?"""

from datetime import timedelta
from typing import Any

import pytest

from kairo.context.granting import Grant, give, given_to, subject_rows, withdraw
from kairo.errors import BadRequestData, NonexistentTenant, ResourceNotFound
from kairo.platform.db import Database
from tests.context.granting.world import DECLARED, NOW, PARTNER, PURPOSE, city, grant, granted, graph_of, reader

ANNA, BEN, CHIE = "urn:p:a", "urn:p:b", "urn:p:c"


def relation(*persons: str) -> dict[str, Any]:
    return {"type": "Relationship", "object": persons[0] if len(persons) == 1 else list(persons)}


def rows(before: dict[str, Any] | None, after: dict[str, Any] | None) -> set[tuple[str, ...]]:
    found = subject_rows("urn:e", before, after, DECLARED)
    assert not found or found[0] == {"entity": "urn:e"}
    return {(row["attribute"], row["subject"], row["role"]) for row in found[1:]}


def test_a_person_is_about_themselves() -> None:
    assert rows(None, {"type": "Resident"}) == {("*", "urn:e", "self")}


def test_every_object_of_a_relationship_is_named() -> None:
    several = [relation(ANNA), {**relation(BEN), "datasetId": "urn:d:1"}]
    assert rows(None, {"type": "Plan", "person": several}) == {("*", ANNA, "person"), ("*", BEN, "person")}
    listed = {"type": "ListRelationship", "objectList": [{"object": ANNA}, {"object": CHIE}]}
    assert rows(None, {"type": "Plan", "person": listed}) == {("*", ANNA, "person"), ("*", CHIE, "person")}


def test_who_is_named_for_some_attributes_is_so_for_the_naming_too() -> None:
    found = rows(None, {"type": "Plan", "supporter": relation(BEN)})
    assert found == {("supporter", BEN, "supporter"), ("phone", BEN, "supporter")}


def test_types_that_name_nobody_have_no_rows() -> None:
    assert subject_rows("urn:e", None, {"type": "Secret", "person": relation(ANNA)}, DECLARED) == []


@pytest.mark.parametrize("after", [None, {"type": "Secret"}], ids=["gone", "of another type"])
def test_what_was_named_is_forgotten(after: dict[str, Any] | None) -> None:
    assert subject_rows("urn:e", {"type": "Resident"}, after, DECLARED) == [{"entity": "urn:e"}]


async def stored(database: Database, tenant: str, *, now: bool = True) -> set[tuple[str, ...]]:
    found = await database.fetch(tenant, "SELECT * FROM entity_subject WHERE tenant = $1 AND is_now = $2", tenant, now)
    return {(row["entity"], row["attribute"], row["subject"], row["role"]) for row in found}


async def test_rows_follow_the_entity(database: Database) -> None:
    tenant, graph = "subjects_follow", graph_of(database)
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Plan", "person": relation(ANNA), "supporter": relation(BEN)}])
    supported = {("urn:e", "supporter", BEN, "supporter"), ("urn:e", "phone", BEN, "supporter")}
    assert await stored(database, tenant) == {("urn:e", "*", ANNA, "person"), *supported}
    await graph.update(city(tenant), [{"id": "urn:e", "person": relation(ANNA, CHIE)}])
    assert await stored(database, tenant) == {("urn:e", "*", ANNA, "person"), ("urn:e", "*", CHIE, "person"), *supported}
    await graph.upsert(city(tenant), [{"id": "urn:other", "type": "Resident", "n": 1}])
    await graph.delete(city(tenant), ["urn:e"])
    assert await stored(database, tenant) == {("urn:other", "*", "urn:other", "self")}
    named = {("urn:e", "*", ANNA, "person"), ("urn:e", "*", CHIE, "person"), *supported}
    assert await stored(database, tenant, now=False) == named  # its past is about them still
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Plan", "person": relation(CHIE)}])
    assert await stored(database, tenant, now=False) == named - {("urn:e", "*", CHIE, "person")}


async def test_a_new_subject_closes_what_was_released(database: Database) -> None:
    """A plan that names a second person is read when both have agreed, not before."""
    tenant, graph = "subjects_second", graph_of(database)
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Plan", "person": relation(ANNA), "n": 1}])
    await granted(database, tenant, [grant("a", subject=ANNA)])
    assert await graph.get(reader(tenant), "urn:e") is not None
    await graph.update(city(tenant), [{"id": "urn:e", "person": relation(ANNA, CHIE)}])
    assert await graph.get(reader(tenant), "urn:e") is None
    await granted(database, tenant, [grant("c", subject=CHIE)])
    assert await graph.get(reader(tenant), "urn:e") is not None


async def test_what_is_withdrawn_holds_no_more(database: Database) -> None:
    tenant, graph = "grants_withdrawn", graph_of(database)
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Resident", "n": 1}])
    given = [grant("g1", subject="urn:e", attributes=("n",)), grant("g2", area="/city"), grant("g3", relation="self")]
    await granted(database, tenant, given)
    async with database.reading(tenant) as connection:
        assert await given_to(connection, tenant, PARTNER) == given
        assert await given_to(connection, tenant, PARTNER, after="g1", limit=1) == given[1:2]
    assert await graph.get(reader(tenant), "urn:e") is not None
    async with database.unit(tenant) as unit:
        await withdraw(unit, "g1", NOW, by="person:e", purpose=PURPOSE, request="r1")
    assert await graph.get(reader(tenant), "urn:e") is None
    records = await database.fetch(
        tenant, "SELECT operation, principal, entity, request FROM change WHERE tenant = $1 ORDER BY seq DESC LIMIT 2", tenant
    )
    assert [tuple(row.values()) for row in records] == [
        ("withdraw", "person:e", "g1", "r1"),
        ("grant", "administrator:local", "g3", ""),
    ]


async def test_a_grant_of_one_tenant_is_none_of_another(database: Database) -> None:
    graph = graph_of(database)
    for tenant in ("grants_here", "grants_there"):
        await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Resident", "n": 1}])
    await granted(database, "grants_here", [grant("g", subject="urn:e")])
    assert await graph.get(reader("grants_here"), "urn:e") is not None
    assert await graph.get(reader("grants_there"), "urn:e") is None


async def test_nothing_is_half_done(database: Database) -> None:
    tenant, graph = "grants_refused", graph_of(database)
    await graph.upsert(city(tenant), [{"id": "urn:e", "type": "Resident", "n": 1}])
    await granted(database, tenant, [grant("g", subject="urn:e")])
    with pytest.raises(BadRequestData, match="already"):
        await granted(database, tenant, [grant("h", subject="urn:e"), grant("g", subject="urn:e")])
    async with database.unit(tenant) as unit:
        with pytest.raises(ResourceNotFound):
            await withdraw(unit, "h", NOW, by="person:e", purpose=PURPOSE)
    async with database.unit("grants_nowhere") as unit:
        with pytest.raises(NonexistentTenant):
            await give(unit, grant("g", subject="urn:e"), NOW, by="person:e")


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"subject": "urn:e", "area": "/city"},
        {"subject": "urn:e", "attributes": ()},
        {"subject": "urn:e", "until": NOW - timedelta(days=1)},
    ],
    ids=["of nobody", "of two", "of nothing", "over before it begins"],
)
def test_a_grant_that_says_nothing_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadRequestData):
        grant("g", **wrong)


def test_a_grant_names_types() -> None:
    with pytest.raises(BadRequestData):
        Grant("g", PARTNER, PURPOSE, (), "consent", NOW, NOW + timedelta(days=1), subject="urn:e")
