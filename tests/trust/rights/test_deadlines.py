"""Until when must a request be decided? A truth table, and the laws that hold whatever happens."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.trust.rights.cases.deadlines import (
    Count,
    Pause,
    Time,
    count,
    due,
    first_due,
    is_in_time,
    latest,
    may_extend,
    used,
)

CAME = date(2026, 4, 1)


def day(number: int) -> date:
    return CAME + timedelta(days=number)


# What happened, the day on which one looks: how it stands, the deadline, the days used, whether 30 more may be taken.
TABLE = [
    (Time(CAME), 0, Count.RUNS, 30, 0, True),
    (Time(CAME), 22, Count.RUNS, 30, 22, True),
    (Time(CAME), 23, Count.SOON, 30, 23, True),
    (Time(CAME), 30, Count.SOON, 30, 30, True),
    (Time(CAME), 31, Count.OVERDUE, 30, 31, False),
    (Time(CAME, (Pause(day(10)),)), 10, Count.STANDS_STILL, 30, 10, False),
    (Time(CAME, (Pause(day(10)),)), 50, Count.STANDS_STILL, 70, 10, False),
    (Time(CAME, (Pause(day(10), day(14)),)), 20, Count.RUNS, 34, 16, True),
    (Time(CAME, (Pause(day(10), day(10)),)), 20, Count.RUNS, 30, 20, True),
    (Time(CAME, (Pause(day(5), day(8)), Pause(day(20), day(30)))), 43, Count.SOON, 43, 30, True),
    (Time(CAME, (Pause(day(5), day(8)), Pause(day(20), day(30)))), 44, Count.OVERDUE, 43, 31, False),
    (Time(CAME, (), 30), 31, Count.RUNS, 60, 31, False),
    (Time(CAME, (), 10), 41, Count.OVERDUE, 40, 41, False),
    (Time(CAME, (Pause(day(35), day(40)),), 30), 65, Count.SOON, 65, 60, False),
    (Time(CAME, (), 0, day(12)), 90, Count.DECIDED, 30, 12, False),
    (Time(CAME, decision_days=15), 15, Count.SOON, 15, 15, True),
    (Time(CAME, decision_days=15), 16, Count.OVERDUE, 15, 16, False),
]


@pytest.mark.parametrize(("time", "today", "stands", "last", "gone", "extendable"), TABLE)
def test_the_table(time: Time, today: int, stands: Count, last: int, gone: int, extendable: bool) -> None:
    assert count(time, day(today)) is stands
    assert due(time, day(today)) == day(last)
    assert used(time, day(today)) == gone
    assert may_extend(time, 30, day(today)) is extendable


@pytest.mark.parametrize(("days", "may"), [(-1, False), (0, False), (1, True), (30, True), (31, False)])
def test_an_extension_is_of_1_to_30_days(days: int, may: bool) -> None:
    assert may_extend(Time(CAME), days, day(3)) is may


@pytest.mark.parametrize(("after", "is_it"), [(-1, False), (0, True), (90, True), (91, False)])
def test_ninety_days_after_a_disclosure(after: int, is_it: bool) -> None:
    assert is_in_time(CAME, day(after)) is is_it
    assert not is_in_time(None, day(after))


@st.composite
def times(draw: st.DrawFn) -> tuple[Time, date]:
    ends = sorted(draw(st.lists(st.integers(0, 200), max_size=6)))
    pauses = [Pause(day(begin), day(end)) for begin, end in zip(ends[::2], ends[1::2], strict=False)]
    if len(ends) % 2:
        pauses.append(Pause(day(ends[-1])))
    today = day(draw(st.integers(ends[-1] if ends else 0, 400)))
    return Time(CAME, tuple(pauses), draw(st.integers(0, 30)), decision_days=draw(st.integers(1, 30))), today


@given(times())
def test_days_that_count_and_days_that_do_not_are_all_days(one: tuple[Time, date]) -> None:
    time, today = one
    stopped = sum(pause.days(today) for pause in time.pauses)
    assert used(time, today) + stopped == (today - time.received).days
    assert first_due(time, today) <= due(time, today) <= latest(time, today)
    assert (count(time, today) is Count.OVERDUE) == (
        used(time, today) > time.decision_days + time.extended_by and not (time.pauses and time.pauses[-1].until is None)
    )


@given(times(), st.integers(1, 100))
def test_a_day_of_waiting_for_the_person_costs_no_day(one: tuple[Time, date], more: int) -> None:
    time, today = one
    if time.pauses and time.pauses[-1].until is None:
        later = today + timedelta(days=more)
        assert used(time, later) == used(time, today)
        assert due(time, later) == due(time, today) + timedelta(days=more)
