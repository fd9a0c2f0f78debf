"""Are looks laid out rightly, and are hints given where the rule says, and not a step before?"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.trust.disclosure import rules
from kairo.trust.disclosure.viewing.hints import (
    BURST_LOOKS,
    DAY_PERSONS,
    LOOKERS,
    NIGHT_PERSONS,
    Hint,
    Hour,
    family_name,
    of_bases,
    of_hours,
    of_lookers,
    of_names,
)
from kairo.trust.disclosure.viewing.store import Seen

NOW = datetime(2026, 4, 1, 3, tzinfo=UTC)
PART = {"types": ["Resident"], "attributes": ["name"], "bases": ["role:1"]}


def seen(seq: int, **more: Any) -> Seen:
    given = {"at": NOW, "kind": "look", "principal": "staff:1", "persons": (), "purpose": "counter", "parts": (PART,), **more}
    return Seen(seq, entities=1, what="", **given)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_every_look_is_in_one_group_and_groups_are_alike(kinds: list[tuple[int, int]]) -> None:
    looks = [seen(number, principal=f"staff:{who}", at=NOW - timedelta(days=day)) for number, (who, day) in enumerate(kinds)]
    groups = rules.grouped(looks)
    assert [seq for group in groups for seq in group.numbers] == [one.seq for one in looks]
    assert all(len(group.numbers) == group.count for group in groups)
    by_seq = {one.seq: one for one in looks}
    for group in groups:
        assert len({(by_seq[seq].principal, by_seq[seq].at) for seq in group.numbers}) == 1
    for one, other in pairwise(groups):
        assert (one.latest.principal, one.latest.at) != (other.latest.principal, other.latest.at)


@pytest.mark.parametrize(
    "more",
    [
        {"principal": "staff:2"},
        {"purpose": "another"},
        {"persons": (b"x",)},
        {"at": NOW - timedelta(hours=13)},
        *({"parts": ({**PART, name: ["?"]},), "at": NOW - timedelta(minutes=1)} for name in PART),
    ],
)
def test_what_differs_is_another_line(more: dict[str, Any]) -> None:
    assert len(rules.grouped([seen(2), seen(1, **more)])) == 2
    assert len(rules.grouped([seen(2), seen(1)])) == 1


def test_what_one_page_looks_at_is_one_line() -> None:
    """Each of its questions to the graph is a row of the log; the reader is told once, of all that was seen."""
    more: list[dict[str, Any]] = [
        {"parts": ({**PART, "attributes": [name]},), "at": NOW - timedelta(seconds=place)} for place, name in enumerate("cab")
    ]
    other = {**PART, "types": ["Plan"]}
    (group,) = rules.grouped([seen(9 - place, **one) for place, one in enumerate([*more, {"parts": (other,)}])])
    assert group.parts == [{**PART, "attributes": ["a", "b", "c"]}, other]
    assert group.numbers == [9, 8, 7, 6]
    assert PART["attributes"] == ["name"]


def at(hour: int, day: int = 1) -> datetime:
    return datetime(2026, 4, day, hour, tzinfo=TOKYO).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ([Hour("staff:1", at(22), 40, NIGHT_PERSONS)], {("night", NIGHT_PERSONS, 1)}),
        ([Hour("staff:1", at(5, 2), 40, NIGHT_PERSONS)], {("night", NIGHT_PERSONS, 1)}),
        ([Hour("staff:1", at(23), 20, 15), Hour("staff:1", at(1, 2), 20, 15)], {("night", 30, 1)}),
        ([Hour("staff:1", at(23), 20, 15), Hour("staff:1", at(23, 2), 20, 15)], set()),
        ([Hour("staff:1", at(22), 40, NIGHT_PERSONS - 1)], set()),
        ([Hour("staff:1", at(21), 40, NIGHT_PERSONS), Hour("staff:1", at(6), 40, NIGHT_PERSONS)], set()),
        ([Hour("staff:1", at(10), 9, 200), Hour("staff:1", at(15), 9, DAY_PERSONS - 200)], {("many", DAY_PERSONS, 1)}),
        ([Hour("staff:1", at(10), 9, 200), Hour("staff:1", at(15, 2), 9, 200)], set()),
        ([Hour("staff:1", at(10), BURST_LOOKS, 1)], {("burst", BURST_LOOKS, 1)}),
        ([Hour("staff:1", at(10), BURST_LOOKS - 1, 1)], set()),
        ([Hour("application:1", at(23), 9999, 9999), Hour("resident:ab", at(23), 9999, 9999)], set()),
    ],
)
def test_hints_of_hours(hours: list[Hour], found: set[tuple[str, int, int]]) -> None:
    assert {(one.rule, one.count, one.day.astimezone(TOKYO).day) for one in of_hours(hours) if one.day} == found


def test_a_clerk_who_reads_300_residents_at_night() -> None:
    rows = [Hour("staff:1", at(23), 100, 100), Hour("staff:1", at(0, 2), 110, 100), Hour("staff:1", at(1, 2), 100, 100)]
    assert of_hours(rows) == [Hint("night", "staff:1", 300, datetime(2026, 4, 1, tzinfo=TOKYO))]


def test_hints_of_persons_and_names() -> None:
    assert of_lookers([(b"\xab" * 16, LOOKERS), (b"\xcd" * 16, LOOKERS - 1)]) == [Hint("watched", "abababab", LOOKERS)]
    names = {"staff:1": "山口 一郎", "staff:2": "湯田 花", "a": "山口\u3000花子", "b": "湯 田", "c": "山口", "d": ""}
    pairs = [(who, person) for who in ("staff:1", "staff:2", "staff:3") for person in ("a", "b", "c", "d", "e")]
    assert of_names([*pairs, *pairs], names) == [Hint("namesake", "staff:1", 1)]
    assert of_bases([("staff:1", 3)]) == [Hint("baseless", "staff:1", 3)]
    assert (family_name(" 山口 花子"), family_name("山口"), family_name("")) == ("山口", "", "")


def test_periods_of_an_auditor() -> None:
    wanted = rules.wanted_by_auditor(NOW, since="", until="", who="w" * 999, purpose="", before=0)
    assert (wanted.since, wanted.until) == (at(0) - timedelta(days=6), at(0, 2))
    assert len(wanted.principal) == 200
    assert rules.last_day(wanted).isoformat() == "2026-04-01"
    for since, until in (
        ("2026-04-02", "2026-04-01"),
        ("2025-12-01", "2026-04-01"),
        ("x", ""),
        ("", "9999-12-31"),
        ("0001-01-01", ""),
    ):
        with pytest.raises(BadRequestData):
            rules.wanted_by_auditor(NOW, since=since, until=until, who="", purpose="", before=0)


@pytest.mark.parametrize("text", ["", " \n ", "x" * 11, "a\0b"])
def test_a_text_that_is_none(text: str) -> None:
    with pytest.raises(BadRequestData):
        rules.checked_text(text, 10)
    assert rules.checked_text(" a\r\nb ", 10) == "a\nb"


def test_looks_by_the_hour_of_the_day() -> None:
    found = rules.by_hour([("staff:1", at(23), 3, 1), ("staff:2", at(23, 2), 4, 1), ("application:x", at(0), 5, 1)])
    assert found["staff"][23] == 7
    assert found["application"][0] == 5
    assert sum(found["staff"]) == 7
