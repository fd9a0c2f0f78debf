"""What may be released in an emergency, and how does a release stand when?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.handling import Controller
from kairo.trust.emergency.rules import Item, Opening, Release, State, ended_at, faults, grants_of, state_of
from tests.trust.roles.town import AYA, BY_TYPE, KENJI, MARI, NOW

DAY = timedelta(days=1)
LISTED = Item("Resident", ("name", "telephone"))
OPENING = Opening("earthquake", "", (AYA,), (LISTED,), NOW + DAY, is_drill=False, in_disaster=True, for_life=True)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({}, ""),
        ({"area": "/352039/north", "recipients": (AYA, "application:fire-brigade")}, ""),
        ({"reason": " "}, "record the reason"),
        ({"area": "north"}, "scope"),
        ({"recipients": ()}, "recipients"),
        ({"recipients": (AYA, AYA)}, "each once"),
        ({"recipients": ("anonymous:",)}, "recipients are"),
        ({"recipients": ("resident:x",)}, "recipients are"),
        ({"recipients": ("staff:",)}, "recipients are"),
        ({"items": ()}, "items"),
        ({"until": NOW}, "yet to come"),
        ({"until": NOW + 4 * DAY}, "at most"),
        ({"in_disaster": False}, "disaster must"),
        ({"for_life": False}, "life"),
        ({"reason": "x" * 501}, "characters"),
        ({"items": (Item("Resident", ("care",)),)}, "only items of the list"),
        ({"items": (Item("Resident", ()),)}, "declared attributes"),
        ({"items": (Item("Resident", ("diary",)),)}, "declared attributes"),
        ({"items": (Item("Cat", ("name",)),)}, "no part declares"),
        ({"items": (Item("Plan", ("route",)),)}, "only items of the list"),
        ({"items": (LISTED, Item("Plan", ("route",), "by-law"))}, "name the law"),
        ({"items": (LISTED, Item("Plan", ("route",), "by-law", "医療法 1条"))}, ""),
        ({"items": (Item("Resident", ("care",), "69-2-2", "消防法 2条9項"),)}, ""),
        ({"items": (Item("Resident", ("care",), "69-2-2", "消防法 2条9項"),), "recipients": ("application:x",)}, ""),
        ({"items": (Item("Resident", ("care",), "69-2-3", "消防法 2条9項"),), "recipients": ("application:x",)}, ""),
        ({"items": (Item("Resident", ("care",), "consent"),)}, "no basis of an emergency"),
        ({"items": (Item("Resident", ("care",), "curiosity"),)}, "no basis of an emergency"),
    ],
)
def test_what_is_wrong_is_said(more: dict[str, Any], word: str) -> None:
    found = faults(replace(OPENING, **more), BY_TYPE, NOW, 3 * DAY)
    assert any(word in english for english, _ in found) if word else not found


def test_a_private_operators_data_go_by_law_alone() -> None:
    types = {"Resident": replace(BY_TYPE["Resident"], controller=Controller.PRIVATE)}
    assert "kind of controller" in faults(OPENING, types, NOW, DAY)[0][0]
    by_law = replace(OPENING, items=(Item("Resident", ("name",), "by-law", "消防法 2条9項"),))
    assert not faults(by_law, types, NOW, DAY)


MINUTE = timedelta(minutes=1)
ONE = Release("1", False, "earthquake", "", (AYA, KENJI), (LISTED,), MARI, NOW, NOW + 15 * MINUTE, NOW + DAY)
CONFIRMED = replace(ONE, confirmed_by=KENJI, confirmed_at=NOW + MINUTE)


@pytest.mark.parametrize(
    ("one", "at", "expected"),
    [
        (ONE, NOW, State.OPEN),
        (ONE, NOW + 15 * MINUTE - timedelta(microseconds=1), State.OPEN),
        (ONE, NOW + 15 * MINUTE, State.LAPSED),
        (ONE, NOW + 2 * DAY, State.LAPSED),
        (replace(ONE, until=NOW + 5 * MINUTE), NOW + 5 * MINUTE, State.OVER),
        (CONFIRMED, NOW + 16 * MINUTE, State.CONFIRMED),
        (CONFIRMED, NOW + DAY, State.OVER),
        (replace(CONFIRMED, closed_by=MARI, closed_at=NOW), NOW + MINUTE, State.CLOSED),
        (replace(ONE, closed_by=MARI, closed_at=NOW), NOW + DAY, State.CLOSED),
    ],
)
def test_how_it_stands(one: Release, at: datetime, expected: State) -> None:
    assert state_of(one, at) is expected


def test_until_confirmed_it_opens_fifteen_minutes() -> None:
    assert {one.until for one in grants_of(ONE, NOW)} == {NOW + 15 * MINUTE}
    assert {one.until for one in grants_of(CONFIRMED, NOW + MINUTE)} == {NOW + DAY}
    assert {(one.principal, one.purpose, one.basis, one.area) for one in grants_of(ONE, NOW)} == {
        (AYA, "emergency", "emergency:1", ""),
        (KENJI, "emergency", "emergency:1", ""),
    }
    assert grants_of(replace(ONE, is_drill=True), NOW) == grants_of(replace(CONFIRMED, is_drill=True), NOW) == []


@given(
    st.integers(1, 2000), st.none() | st.integers(0, 14), st.none() | st.integers(0, 2000), st.integers(0, 3000), st.booleans()
)
def test_grants_hold_exactly_while_it_runs(lasts: int, confirmed: int | None, closed: int | None, at: int, drill: bool) -> None:
    """Minutes. Grants of the step that holds at a moment cover that moment just where the release runs and is no drill."""
    one = replace(ONE, is_drill=drill, until=NOW + lasts * MINUTE)
    since = NOW
    if confirmed is not None and confirmed < lasts and confirmed <= at:
        since = NOW + confirmed * MINUTE
        one = replace(one, confirmed_by=KENJI, confirmed_at=since)
    if closed is not None and closed <= at and since <= NOW + closed * MINUTE < ended_at(one):
        one = replace(one, closed_by=MARI, closed_at=NOW + closed * MINUTE)
    now = NOW + at * MINUTE
    given_now = [] if one.closed_at is not None else grants_of(one, since)
    holds = any(grant.since <= now < grant.until for grant in given_now)
    assert holds is (not drill and state_of(one, now) in {State.OPEN, State.CONFIRMED})
