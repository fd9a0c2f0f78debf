"""Which roles take two people, which proposals are refused, and how does an assignment stand when?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from kairo.platform.handling import DataCategory, Reads, Role
from kairo.trust.roles.rules import (
    CONFIRM,
    Assignment,
    Danger,
    State,
    categories_read,
    check_roles,
    dangers,
    faults,
    grants_of,
    is_area,
    may_stand_alone,
    powers,
    state_of,
)
from tests.trust.roles.town import AYA, BY_TYPE, MARI, NOW, ROLES

CLERK, CARER, OFFICER, COMMANDER = ROLES
YEAR = timedelta(days=365)
ONE = Assignment("1", AYA, "clerk", "市民課", "", "counter", "rotation", NOW, NOW + YEAR, MARI, NOW)


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (CLERK, ()),
        (CARER, (Danger.SENSITIVE,)),
        (OFFICER, (Danger.POWER,)),
        (COMMANDER, (Danger.POWER,)),
        (replace(CLERK, reads=(Reads("Resident", ("care",)),)), (Danger.SENSITIVE,)),
        (replace(CLERK, reads=(Reads("Plan"),)), ()),
        (replace(CARER, may=frozenset({CONFIRM})), (Danger.SENSITIVE, Danger.POWER)),
    ],
)
def test_what_takes_two_people(role: Role, expected: tuple[Danger, ...]) -> None:
    assert dangers(role, BY_TYPE) == expected


def test_what_is_read_as_a_whole_counts_with_all_of_it() -> None:
    assert categories_read(CARER, BY_TYPE) == {DataCategory.PERSONAL, DataCategory.SENSITIVE}
    assert categories_read(replace(CLERK, reads=(Reads("Hall", ("name",)),)), BY_TYPE) == {DataCategory.OPEN}


@pytest.mark.parametrize(
    ("role", "others", "expected"), [(OFFICER, 0, True), (OFFICER, 1, False), (CLERK, 0, False), (CARER, 0, False)]
)
def test_the_first_who_confirms_stands_alone(role: Role, others: int, expected: bool) -> None:
    assert may_stand_alone(role, others) is expected
    assert not may_stand_alone(replace(role, reads=CLERK.reads), others)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, ""),
        ({"area": "/352039/ogori"}, ""),
        ({"reason": " "}, "reason"),
        ({"purpose": "curiosity"}, "no purpose"),
        ({"purpose": ""}, "record the purpose"),
        ({"principal": "resident:x"}, "staff"),
        ({"principal": "staff:"}, "staff"),
        ({"principal": MARI}, "themselves"),
        ({"area": "ogori"}, "scope"),
        ({"area": "/ogori/"}, "scope"),
        ({"department": ""}, "department"),
        ({"reason": "x" * 501}, "characters"),
        ({"until": NOW}, "end comes after"),
        ({"since": NOW - YEAR, "until": NOW}, "end comes after"),
        ({"since": NOW + YEAR, "until": NOW + YEAR}, "end comes after"),
        ({"until": NOW + 2 * YEAR}, "at most"),
    ],
)
def test_what_is_wrong_is_said(more: dict[str, Any], word: str) -> None:
    found = faults(CLERK, replace(ONE, **more), BY_TYPE, NOW, YEAR)
    assert word in found[0][0] if word else not found


@pytest.mark.parametrize("text", ["/a", "/352039/north", "", "/山口/小郡"])
def test_areas(text: str) -> None:
    assert is_area(text)


@pytest.mark.parametrize("text", ["a", "/", "/a/", "//a", "/a//b", "/a/#", "/+/b", "/a,/b", "/a b"])
def test_no_areas(text: str) -> None:
    assert not is_area(text)


SECOND = replace(ONE, confirm_by=NOW + timedelta(hours=72))
CONFIRMED = replace(SECOND, confirmed_by="b", confirmed_at=NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("one", "at", "expected"),
    [
        (ONE, NOW, State.IN_FORCE),
        (ONE, NOW - timedelta(seconds=1), State.TO_COME),
        (ONE, NOW + YEAR - timedelta(microseconds=1), State.IN_FORCE),
        (ONE, NOW + YEAR, State.OVER),
        (SECOND, NOW, State.PROPOSED),
        (SECOND, NOW + timedelta(hours=72), State.LAPSED),
        (replace(SECOND, until=NOW + timedelta(hours=1)), NOW + timedelta(hours=1), State.LAPSED),
        (CONFIRMED, NOW + timedelta(hours=73), State.IN_FORCE),
        (CONFIRMED, NOW + YEAR, State.OVER),
        (replace(CONFIRMED, ended_by="b", ended_at=NOW), NOW, State.ENDED),
        (replace(SECOND, ended_by="b", ended_at=NOW), NOW, State.ENDED),
    ],
)
def test_how_it_stands(one: Assignment, at: datetime, expected: State) -> None:
    assert state_of(one, at) is expected


def test_what_it_opens_names_its_basis_and_ends_with_it() -> None:
    later = NOW + timedelta(days=2)
    first, second = grants_of(CARER, replace(ONE, area="/north"), later)
    assert (first.id, first.basis, first.principal, first.purpose) == ("role:1:1", "role:1", AYA, "counter")
    assert (first.types, first.attributes, second.types) == (("Resident",), None, ("Plan",))
    assert (first.area, first.since, first.until) == ("/north", later, ONE.until)
    assert grants_of(CLERK, replace(ONE, since=later), NOW)[0].since == later


def test_powers_are_those_of_the_chosen_duty() -> None:
    roles = {role.name: role for role in ROLES}
    held = [ONE, replace(ONE, role="officer", purpose="roles")]
    assert powers(roles, held, "roles") == OFFICER.may
    assert powers(roles, held, "counter") == powers(roles, held, "") == powers(roles, [], "roles") == frozenset()
    assert powers(roles, [replace(ONE, role="of a former program", purpose="roles")], "roles") == frozenset()


@pytest.mark.parametrize(
    ("role", "word"),
    [
        (CLERK, "declared twice"),
        (replace(CLERK, name="x", basis="habit"), "no legal basis"),
        (replace(CLERK, name="x", basis="by-law"), "does not hold: cites"),
        (replace(CLERK, name="x", basis="consent", cites="x"), "does not hold: consent"),
        (replace(CLERK, name="x", basis="69-2-3", cites="x"), "does not hold: recipient"),
        (replace(CARER, name="x", basis="disaster-list-use"), "does not hold: listed"),
        (replace(CLERK, name="x", reads=(Reads("Cat"),)), "nobody declares"),
        (replace(CLERK, name="x", reads=(Reads("Resident", ("diary",)),)), "not declared"),
        (replace(CLERK, name="x", purposes={}), "no purpose"),
    ],
)
def test_a_role_that_cannot_be_is_a_programming_error(role: Role, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        check_roles([CLERK, role], BY_TYPE)


def test_roles_on_other_bases_that_hold() -> None:
    listed = replace(CLERK, name="x", basis="disaster-list-use")
    inside = replace(CARER, name="y", basis="69-2-2", cites="児童福祉法 21条の11")
    assert check_roles([*ROLES, listed, inside], BY_TYPE).keys() == {"clerk", "carer", "officer", "commander", "x", "y"}
