"""Is every look kept with whom it was about and why it was allowed, many together and each by itself, in order and for good?"""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from kairo.context.gate import Look, Scope
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.db import Database
from kairo.trust.disclosure import store
from kairo.trust.disclosure.log import Log
from tests.context.granting.world import NOW, PARTNER, PURPOSE, city, grant, granted, reader
from tests.trust.disclosure.rows import rows_of, tenant_with

ANNA, BEN = "urn:ngsi-ld:Resident:anna", "urn:ngsi-ld:Resident:ben"
PLAN = "urn:ngsi-ld:Plan:1"
HALL = "urn:ngsi-ld:Hall:1"


def prop(value: object) -> dict[str, Any]:
    return {"type": "Property", "value": value}


def rel(*targets: str) -> dict[str, Any]:
    return {"type": "Relationship", "object": targets[0] if len(targets) == 1 else list(targets)}


async def world(database: Database, tenant: str) -> Log:
    """Anna, with a plan that she supports herself and that is about Ben; a hall whose phone is about Ben."""
    await tenant_with(
        database,
        tenant,
        {"id": ANNA, "type": "Resident", "pulse": prop(70)},
        {"id": BEN, "type": "Resident", "pulse": prop(80)},
        {"id": PLAN, "type": "Plan", "person": rel(BEN), "supporter": rel(ANNA), "phone": prop("1"), "way": prop("by foot")},
        {"id": HALL, "type": "Hall", "caretaker": rel(BEN), "phone": prop("2"), "name": prop("Hall"), "scope": "/north/n1"},
    )
    return Log(database, lambda: NOW)


async def test_a_look_says_whose_data_and_on_which_basis(database: Database) -> None:
    log = await world(database, "one")
    given = [
        grant("a", "Resident", subject=ANNA, attributes=("pulse",)),
        grant("b", "Plan", subject=ANNA),
        grant("c", "Plan", subject=BEN, until=NOW),
        grant("d", "Plan", subject=BEN, purpose="another"),
        grant("e", "Plan", subject=BEN, principal="application:another"),
        grant("f", "Hall", subject=BEN, attributes=("name",)),
    ]
    await granted(database, "one", given)
    scope = reader("one")
    looks = [Look(ANNA, ("Resident",), ("pulse",)), Look(PLAN, ("Plan",), ("phone", "way")), Look(HALL, ("Hall",), ("phone",))]
    await log.saw(scope, looks)
    (row,) = await rows_of(database, "one")
    assert (row.seq, row.kind, row.principal, row.purpose, row.entities) == (0, "look", PARTNER, PURPOSE, 3)
    assert row.at == NOW
    assert row.seen == {
        (ANNA, "Resident", ("pulse",), ("consent",)),
        (ANNA, "Plan", ("phone",), ("consent",)),
        (BEN, "Plan", ("phone", "way"), ()),
        (BEN, "Hall", ("phone",), ()),
    }


async def test_wide_grants_are_bases_where_they_cover(database: Database) -> None:
    log = await world(database, "wide")
    given = [
        grant("a", "Hall", area="/north"),
        grant("b", "Hall", area="/nor"),
        grant("c", "Plan", relation="supporter", attributes=("way",)),
        grant("d", "Plan", relation="caretaker"),
    ]
    await granted(database, "wide", [given[0]])
    await granted(database, "wide", [type(one)(**{**_as_dict(one), "basis": one.id}) for one in given[1:]])
    scope = reader("wide", ANNA)
    await log.saw(scope, [Look(HALL, ("Hall",), ("caretaker", "phone")), Look(PLAN, ("Plan",), ("phone", "way"))])
    (row,) = await rows_of(database, "wide")
    assert row.seen == {
        (BEN, "Hall", ("caretaker", "phone"), ("consent",)),
        (ANNA, "Plan", ("phone",), ("self",)),
        (BEN, "Plan", ("phone", "way"), ("c",)),
    }
    assert row.persons == [ANNA]


def _as_dict(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__slots__}


@pytest.mark.parametrize(
    ("principal", "persons", "basis"),
    [
        ("administrator:local", (), ("administration",)),
        ("system:statistics", (), ("processing",)),
        ("resident:anna", (ANNA,), ("self",)),
        ("resident:ben", (BEN, ANNA), ("self",)),
        ("staff:1", (), ()),
    ],
)
async def test_bases_that_are_no_grants(database: Database, principal: str, persons: tuple[str, ...], basis: Any) -> None:
    tenant = "t" + principal.replace(":", "_").replace("-", "_")
    log = await world(database, tenant)
    await log.saw(Scope(tenant, principal, persons=persons), [Look(ANNA, ("Resident",), ("pulse",))])
    (row,) = await rows_of(database, tenant)
    assert row.seen == {(ANNA, "Resident", ("pulse",), basis)}
    assert row.persons == list(persons)
    assert row.principal == principal, "and in the table no resident stands by name:"
    async with database.reading(tenant) as connection:
        stored = await connection.fetchval("SELECT principal FROM disclosure_look WHERE tenant = $1", tenant)
    assert (stored == principal) is (not principal.startswith("resident:"))
    assert "anna" not in stored


async def test_what_nobody_is_named_for_is_a_row_still(database: Database) -> None:
    log = await world(database, "nobody")
    looks = [Look("urn:ngsi-ld:Nobody:'1\";--", ("Secret",), ("it's", 'a "secret"')), Look(HALL, ("Hall",), ("name", "phone"))]
    await log.saw(city("nobody"), looks)
    await log.saw(city("nobody"), [])
    first, second = await rows_of(database, "nobody")
    assert first.parts[0] == {"types": ["Secret"], "attributes": ['a "secret"', "it's"], "bases": ["administration"]}
    assert {"types": ["Hall"], "attributes": ["name"], "bases": ["administration"]} in first.parts
    assert first.seen == {(BEN, "Hall", ("phone",), ("administration",))}
    assert (second.entities, second.parts, second.seen) == (0, [], set())


async def test_a_number_is_about_the_whole_entity(database: Database) -> None:
    log = await world(database, "number")
    await granted(database, "number", [grant("a", "Resident", subject=ANNA, attributes=("pulse",))])
    await log.saw(reader("number"), [Look(ANNA, ("Resident",), ())])
    (row,) = await rows_of(database, "number")
    assert row.seen == {(ANNA, "Resident", (), ("consent",))}


async def test_processing_names_nobody(database: Database) -> None:
    log = await world(database, "bulk")
    await log.processing(Scope("bulk", "system:statistics"), "statistics", 190_000, "counts by district")
    (row,) = await rows_of(database, "bulk")
    assert (row.kind, row.purpose, row.entities, row.what, row.seen) == (
        *("processing", "statistics", 190_000, "counts by district", set()),
    )


async def test_many_at_once_are_each_a_row_and_share_commits(database: Database) -> None:
    log = await world(database, "many")
    scopes = [reader("many", principal=f"application:{number}") for number in range(300)]
    await asyncio.gather(*(log.saw(scope, [Look(ANNA, ("Resident",), ("pulse",))]) for scope in scopes))
    rows = await rows_of(database, "many")
    assert [row.seq for row in rows] == list(range(300))
    assert {row.principal for row in rows} == {scope.principal for scope in scopes}
    assert all(row.seen == {(ANNA, "Resident", ("pulse",), ())} for row in rows)


async def test_a_large_look_is_one_row(database: Database) -> None:
    log = Log(database, lambda: NOW)
    names = tuple(f"a{number}" for number in range(50))
    people = [{"id": f"{ANNA}{n}", "type": "Resident", "pulse": prop(n)} for n in range(1000)]
    await tenant_with(database, "large", *people)
    await log.saw(city("large"), [Look(str(one["id"]), ("Resident",), names) for one in people])
    (row,) = await rows_of(database, "large")
    assert row.seen == {(one["id"], "Resident", names, ("administration",)) for one in people}
    assert len(row.parts) == 1


async def test_two_workers_keep_one_order(database_url: str, database: Database) -> None:
    await world(database, "two")
    async with await Database.open(database_url) as other:
        logs = [Log(database, lambda: NOW), Log(other, lambda: NOW - timedelta(hours=1))]

        async def look(log: Log, number: int) -> None:
            for _ in range(20):
                await log.saw(reader("two", principal=f"application:{number}"), [Look(ANNA, ("Resident",), ("pulse",))])

        await asyncio.gather(*(look(logs[number % 2], number) for number in range(20)))
    rows = await rows_of(database, "two")
    assert [row.seq for row in rows] == list(range(400))
    assert [row.at for row in rows] == sorted(row.at for row in rows), "a clock behind does not turn the order round"
    async with database.unit("two") as unit:
        found = await store.lock(unit.connection, "two", NOW)
    assert found is not None
    assert found[0].size == 400


async def test_a_clock_that_goes_back(database: Database) -> None:
    await world(database, "back")
    times = iter(
        [NOW, NOW, NOW - timedelta(days=1), NOW - timedelta(days=1), NOW + timedelta(hours=1), NOW + timedelta(hours=1)]
    )

    def clock() -> datetime:
        return next(times)

    log = Log(database, clock)
    for _ in range(3):
        await log.saw(city("back"), [Look(ANNA, ("Resident",), ("pulse",))])
    assert [row.at for row in await rows_of(database, "back")] == [NOW, NOW, NOW + timedelta(hours=1)]


async def test_of_another_tenant_nothing_is_seen(database: Database) -> None:
    log = await world(database, "mine")
    await world(database, "theirs")
    await granted(database, "theirs", [grant("a", subject=ANNA)])
    await log.saw(reader("mine"), [Look(ANNA, ("Resident",), ("pulse",))])
    assert await rows_of(database, "theirs") == []
    (row,) = await rows_of(database, "mine")
    assert row.seen == {(ANNA, "Resident", ("pulse",), ())}
    with pytest.raises(NonexistentTenant):
        await log.saw(reader("nowhere"), [Look(ANNA, ("Resident",), ("pulse",))])


async def test_what_the_database_refuses_is_refused(database: Database, database_url: str) -> None:
    log = await world(database, "refused")
    with pytest.raises(KairoError):
        await log.saw(reader("refused"), [Look("urn:ngsi-ld:a\0b", ("Resident",), ("pulse",))])
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute("ALTER TABLE disclosure_look ADD CONSTRAINT none CHECK (tenant <> 'refused') NOT VALID")
        with pytest.raises(KairoError):
            await log.saw(reader("refused"), [Look(ANNA, ("Resident",), ("pulse",))])
    finally:
        await owner.execute("ALTER TABLE disclosure_look DROP CONSTRAINT none")
        await owner.close()
    assert await rows_of(database, "refused") == []
    await log.saw(reader("refused"), [Look(ANNA, ("Resident",), ("pulse",))])
    assert len(await rows_of(database, "refused")) == 1


async def test_one_that_cannot_be_kept_spoils_no_other(database: Database) -> None:
    log = await world(database, "spoilt")
    good = [log.saw(reader("spoilt"), [Look(ANNA, ("Resident",), ("pulse",))]) for _ in range(5)]
    bad = log.saw(reader("spoilt"), [Look("urn:ngsi-ld:a\0b", ("Resident",), ("pulse",))])
    outcomes = await asyncio.gather(*good, bad, return_exceptions=True)
    assert outcomes[:5] == [None] * 5
    assert isinstance(outcomes[5], KairoError)
    assert len(await rows_of(database, "spoilt")) == 5


@pytest.mark.parametrize("table", ["disclosure_look", "disclosure_subject", "disclosure_node", "disclosure_head"])
@pytest.mark.parametrize(
    "change", ["DELETE FROM {} WHERE tenant = 'for_good'", "UPDATE {} SET tenant = 'for_good'", "TRUNCATE {}"]
)
async def test_the_program_may_only_add(database: Database, table: str, change: str) -> None:
    with pytest.raises(KairoError) as refused:
        async with database.unit("for_good") as unit:
            await unit.connection.execute(change.format(table))
    assert isinstance(refused.value.__cause__, asyncpg.InsufficientPrivilegeError)


async def test_an_erased_person_is_nobody_and_comes_back_as_another(database: Database) -> None:
    log = await world(database, "erased")
    scope = Scope("erased", "resident:ben", persons=(BEN,))
    await log.saw(scope, [Look(ANNA, ("Resident",), ("pulse",))])
    for person in (ANNA, BEN):
        async with database.unit("erased") as unit:
            assert await store.erase(unit.connection, "erased", person)
            assert await store.erase(unit.connection, "erased", person) is None
    (row,) = await rows_of(database, "erased")
    assert row.seen == {(None, "Resident", ("pulse",), ())}
    assert (row.persons, "ben" in row.principal) == ([None], False)
    await log.saw(scope, [Look(ANNA, ("Resident",), ("pulse",))])
    _, again = await rows_of(database, "erased")
    assert {seen[0] for seen in again.seen} == {ANNA}
