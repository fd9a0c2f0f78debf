"""Does 「who may see this」 name exactly those who read it through the broker, each with an end that is true?"""

from collections.abc import Collection
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Scope
from kairo.context.granting import Grant, give, shield
from kairo.platform.db import Database
from kairo.trust.readers.rules import Proxy, Way
from kairo.trust.readers.service import Answer, Readers
from kairo.trust.roles.permissions import Standing
from tests.trust.roles.town import (
    ANNA,
    AYA,
    BEN,
    KENJI,
    MARI,
    NOW,
    Moment,
    city,
    graph_of,
    officer,
    people,
    roles_of,
    sees,
    staff,
    wanted,
)

_numbers = count(1)
CHIE = "urn:ngsi-ld:Resident:chie"
RESIDENTS = {f"resident:{person.rpartition(':')[2]}": person for person in (ANNA, BEN, CHIE)}
OTHERS = (AYA, KENJI, "application:clinic")
PURPOSES = ("family", "counter", "care")
ASKED = [
    (ANNA, "name"),
    (ANNA, "care"),
    (ANNA, "scope"),
    (BEN, "name"),
    ("urn:plan", "route"),
    ("urn:plan", "phone"),
    ("urn:plan", "supporter"),
    ("urn:hall", "phone"),
    ("urn:hall", "caretaker"),
]
LAWS = settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))


class Acting:
    """Mandates as identity would keep them."""

    def __init__(self, proxies: Collection[Proxy] = ()) -> None:
        self.proxies = list(proxies)

    async def proxies_of(self, tenant: str, persons: Collection[str]) -> Collection[Proxy]:
        concerned = {one.principal for one in self.proxies if one.person in persons}
        return [one for one in self.proxies if one.principal in concerned]

    def persons(self, principal: str) -> tuple[str, ...]:
        return (RESIDENTS[principal], *(one.person for one in self.proxies if one.principal == principal))


def scope_of(tenant: str, principal: str, purpose: str, acting: Acting) -> Scope:
    """As the gate makes it."""
    persons = acting.persons(principal) if principal in RESIDENTS else ()
    return Scope(tenant, principal, purpose, read_classes=frozenset({DataClass.OPEN}), by_grants=True, persons=persons)


ASKERS = [*((principal, "family") for principal in RESIDENTS), *((one, purpose) for one in OTHERS for purpose in PURPOSES)]
WHOM = st.one_of(
    st.sampled_from([ANNA, BEN, CHIE]).map(lambda one: {"subject": one}),
    st.sampled_from(["", "/north", "/nor", "/north/east"]).map(lambda one: {"area": one}),
    st.sampled_from(["self", "person", "supporter", "caretaker"]).map(lambda one: {"relation": one}),
)
GRANTS = st.lists(
    st.tuples(
        st.sampled_from([*RESIDENTS, *OTHERS]),
        st.sampled_from(PURPOSES),
        WHOM,
        st.lists(st.sampled_from(["Resident", "Plan", "Hall"]), min_size=1, max_size=3, unique=True),
        st.none()
        | st.lists(st.sampled_from(["name", "care", "route", "phone", "supporter", "caretaker"]), min_size=1, max_size=3),
        st.sampled_from([(-1, 1), (-1, 2), (-2, -1), (1, 2), (0, 1), (-1, 0)]),
    ),
    max_size=8,
)
MANDATES = st.lists(
    st.tuples(st.sampled_from(list(RESIDENTS)), st.sampled_from([ANNA, BEN, CHIE]), st.none() | st.integers(1, 3)), max_size=3
)


def grant_of(number: int, drawn: tuple[Any, ...]) -> Grant:
    principal, purpose, whom, types, attributes, (since, until) = drawn
    times: dict[str, Any] = {"since": NOW + timedelta(days=since), "until": NOW + timedelta(days=until)}
    names = None if attributes is None else tuple(attributes)
    return Grant(str(number), principal, purpose, tuple(types), f"consent:{number}", attributes=names, **times, **whom)


def named(answer: Answer | None) -> set[tuple[str, str]]:
    assert answer is not None
    return {(one.principal, one.purpose) for one in answer.readers} - {("administrator:local", "administration")}


@LAWS
@given(GRANTS, MANDATES, st.sets(st.sampled_from(sorted(RESIDENTS.values())), max_size=2))
async def test_the_answer_is_what_each_reads(
    database: Database, drawn: list[Any], mandates: list[Any], protected: set[str]
) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    graph = graph_of(database, clock)
    await people(graph, tenant)
    grants = [grant_of(number, one) for number, one in enumerate(drawn)]
    async with database.unit(tenant) as unit:
        for grant in grants:
            await give(unit, grant, NOW, by=MARI)
        for person in sorted(protected):
            await shield(unit, person, NOW, by=MARI)
    acting = Acting(
        {
            (one, person): Proxy(one, person, None if days is None else NOW + timedelta(days=days))
            for one, person, days in mandates
            if RESIDENTS[one] != person
        }.values()
    )
    asked = Readers(database, clock, {}, acting)
    for entity, attribute in ASKED:
        reads = set()
        for principal, purpose in ASKERS:
            doc = await graph.get(scope_of(tenant, principal, purpose, acting), entity)
            if attribute in (doc or {}):
                reads.add((principal, purpose))
        answer = await asked.who(tenant, entity, attribute)
        assert named(answer) == reads, (entity, attribute)
        assert all(one.reasons for one in (answer.readers if answer else ()))


@LAWS
@given(GRANTS, st.sampled_from(ASKED))
async def test_each_reads_until_the_end_that_is_said_and_not_after(
    database: Database, drawn: list[Any], what: tuple[str, str]
) -> None:
    """At the second of its end a reader is named no more, unless a grant that begins later takes over; a second before, it is."""
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    await people(graph_of(database, clock), tenant)
    async with database.unit(tenant) as unit:
        for number, one in enumerate(drawn):
            await give(unit, grant_of(number, one), NOW, by=MARI)
    asked = Readers(database, clock, {})
    answer = await asked.who(tenant, *what)
    assert answer is not None
    for reader in answer.readers:
        if reader.until is not None:
            clock.now = reader.until - timedelta(seconds=1)
            assert (reader.principal, reader.purpose) in named(await asked.who(tenant, *what))
            clock.now = reader.until
            later = {(one[0], one[1]) for one in drawn if one[5][0] >= 0}
            gone = (reader.principal, reader.purpose) not in named(await asked.who(tenant, *what))
            assert gone or (reader.principal, reader.purpose) in later


async def test_a_role_is_named_with_who_gave_it_and_until_when(database: Database) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    await people(graph_of(database, clock), tenant)
    roles = roles_of(database, clock)
    one = await roles.propose(officer(tenant, MARI), wanted(role="carer"))
    answer = await (readers := Readers(database, clock, {"role": roles})).who(tenant, ANNA, "care")
    assert named(answer) == {("resident:anna", "family")}
    await roles.confirm(Standing(tenant, KENJI, "roles", frozenset({"confirm"})), one.id)
    answer = await readers.who(tenant, ANNA, "care")
    assert answer is not None
    (reader,) = [each for each in answer.readers if each.principal == AYA]
    assert (reader.purpose, reader.until, reader.reasons[0].basis) == ("care", one.until, f"role:{one.id}")
    explained = answer.explained[f"role:{one.id}"]
    assert (explained.what, explained.by, explained.second, explained.department) == ({"en": "carer"}, MARI, KENJI, "市民課")
    await roles.end(officer(tenant, MARI), one.id)
    assert named(await readers.who(tenant, ANNA, "care")) == {("resident:anna", "family")}


@pytest.mark.parametrize(
    ("entity", "attribute", "ways"),
    [
        ("urn:hall", "name", {Way.OPEN, Way.ADMINISTRATOR}),
        ("urn:own", "level", {Way.WRITER, Way.ADMINISTRATOR}),
        ("urn:hall", "phone", {Way.SELF, Way.ADMINISTRATOR}),
    ],
)
async def test_what_no_grant_is_needed_for(database: Database, entity: str, attribute: str, ways: set[Way]) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    graph = graph_of(database, clock)
    await people(graph, tenant)
    writer = Scope(tenant, "application:gauge", own_undeclared=True, read_classes=frozenset({DataClass.OPEN}))
    await graph.upsert(writer, [{"id": "urn:own", "type": "Gauge", "level": 1}])
    answer = await Readers(database, clock, {}).who(tenant, entity, attribute)
    assert answer is not None
    assert {reason.way for reader in answer.readers for reason in reader.reasons} == ways
    if Way.WRITER in ways:
        assert "application:gauge" in {reader.principal for reader in answer.readers}


@pytest.mark.parametrize(("entity", "attribute"), [("urn:none", "name"), (ANNA, "diary"), ("urn:gone", "name")])
async def test_what_is_not_there_has_no_readers(database: Database, entity: str, attribute: str) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    graph = graph_of(database, clock)
    await people(graph, tenant)
    gone = {"id": "urn:gone", "type": "Resident", "name": "x", "expiresAt": _iso(NOW + timedelta(minutes=1))}
    await graph.upsert(city(tenant), [gone])
    clock.passes(minutes=2)
    assert await Readers(database, clock, {}).who(tenant, entity, attribute) is None
    assert await Readers(database, clock, {}).who("elsewhere", ANNA, "name") is None


async def test_what_is_held_about_a_person(database: Database) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    await people(graph_of(database, clock), tenant)
    found = await Readers(database, clock, {}).about(tenant, [BEN])
    assert found == [
        ("urn:hall", "Hall", ["caretaker", "phone"]),
        (BEN, "Resident", ["care", "name", "telephone"]),
        ("urn:plan", "Plan", ["phone", "supporter"]),
    ]
    assert await Readers(database, clock, {}).about(tenant, [CHIE]) == []


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def test_nobody_else_sees_it_by_standing_near(database: Database) -> None:
    """A member of staff without any grant is named nowhere."""
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    graph = graph_of(database, clock)
    await people(graph, tenant)
    assert await graph.get(staff(tenant, AYA, "counter"), ANNA) is None
    assert named(await Readers(database, clock, {}).who(tenant, ANNA, "name")) == {("resident:anna", "family")}


async def test_whom_it_was_about_before_has_no_say_today(database: Database) -> None:
    tenant, clock = f"readers_{next(_numbers)}", Moment()
    graph = graph_of(database, clock)
    await people(graph, tenant)
    await graph.update(city(tenant), [{"id": "urn:hall", "caretaker": {"type": "Relationship", "object": ANNA}}])
    asked = Readers(database, clock, {})
    assert named(await asked.who(tenant, "urn:hall", "phone")) == {("resident:anna", "family")}
    assert "urn:hall" not in [id for id, _, _ in await asked.about(tenant, [BEN])]
    assert "phone" in await sees(graph, scope_of(tenant, "resident:anna", "family", Acting()), "urn:hall")
