"""Are durations read as ISO 8601 has them, and do periods follow one another without gap or overlap?"""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.temporal.periods import Period, parse_period
from kairo.errors import BadRequestData, TooManyResults

MOMENTS = st.datetimes(datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01"), timezones=st.just(UTC))
JAPAN = timezone(timedelta(hours=9))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("PT4M", Period(0, timedelta(minutes=4))),
        ("P1D", Period(0, timedelta(days=1))),
        ("P2W", Period(0, timedelta(weeks=2))),
        ("P1M", Period(1)),
        ("P1Y6M", Period(18)),
        ("P3Y6M4DT12H30M5S", Period(42, timedelta(days=4, hours=12, minutes=30, seconds=5))),
        ("PT0.5S", Period(0, timedelta(milliseconds=500))),
        ("PT0S", Period()),
        ("P0D", Period()),
    ],
)
def test_durations(text: str, period: Period) -> None:
    assert parse_period(text) == period
    assert period.is_whole == (text in {"PT0S", "P0D"})


@pytest.mark.parametrize("text", ["", "P", "PT", "1H", "PT1", "P1H", "PT1D", "-P1D", "P1.5D", "P1W1D", "p1d", "P1D ", "P２D"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(BadRequestData, match="aggrPeriodDuration"):
        parse_period(text)


def test_months_are_those_of_the_zone_in_which_they_are_asked_for() -> None:
    origin = datetime(2026, 1, 31, tzinfo=JAPAN)
    begins = [Period(1).begin(origin, index) for index in range(4)]
    assert [begin.date().isoformat() for begin in begins] == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert all(begin.tzinfo is JAPAN for begin in begins)


@given(
    st.builds(Period, st.integers(0, 30), st.timedeltas(timedelta(), timedelta(days=400))),
    MOMENTS,
    st.timedeltas(timedelta(), timedelta(days=3000)),
)
def test_periods_follow_one_another(period: Period, origin: datetime, length: timedelta) -> None:
    """Whatever the time asked for, its last moment lies in the last period but one bound, and bounds only grow."""
    if not period.months:
        period = Period(1, period.rest)
    bounds = period.bounds(origin, origin + length, 10_000)
    assert bounds[0] == origin
    assert all(one < other for one, other in pairwise(bounds))
    assert bounds[-2] <= origin + length < bounds[-1]


def test_too_many_are_refused_and_the_calendar_ends() -> None:
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(TooManyResults):
        Period(1).bounds(origin, datetime(2126, 1, 1, tzinfo=UTC), 100)
    assert len(Period(12 * 9000).bounds(origin, datetime(2126, 1, 1, tzinfo=UTC), 100)) == 2
