"""Until when must a request be decided? Pure: days are those of Japan, and are passed in.

Within 30 days of the day on which the request came (個人情報保護法 83条1項, 94条1項, 102条1項), that day not counted (民法 140条). Days in which
the person is asked to complete the request do not count (77条3項, 91条3項, 99条3項 with the proviso of the above). Where there is good
reason, up to 30 days more, with a notice to the person (83条2項, 94条2項, 102条2項). An ordinance may make both shorter, never longer (108条).

Read: the answer 5-6-1 of the Personal Information Protection Commission on 83条1項, 2項 and 108条. The articles themselves, 77条, 91条, 94条,
99条, 102条 and 民法 140条 were not read in the primary text. A last day that is a holiday is not moved: the day shown is never too late.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

DECISION_DAYS: Final = 30
EXTENSION_DAYS: Final = 30
SOON_DAYS: Final = 7
AFTER_DISCLOSURE_DAYS: Final = 90  # 90条3項, 98条3項; not read in the primary text


class Count(StrEnum):
    """How the time of a request stands."""

    RUNS = "runs"
    SOON = "soon"  # a week or less is left
    STANDS_STILL = "stands-still"  # the person was asked to complete it
    OVERDUE = "overdue"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Pause:
    """Days in which the person was asked to complete the request: from the day they were asked to the day they did (None: not yet)."""

    since: date
    until: date | None = None

    def days(self, today: date) -> int:
        """How many days it took, so far."""
        return max(0, ((self.until or today) - self.since).days)


@dataclass(frozen=True, slots=True)
class Time:
    """What the deadline follows from. `decision_days`: of the law, or fewer by ordinance."""

    received: date
    pauses: tuple[Pause, ...] = ()
    extended_by: int = 0
    decided: date | None = None
    decision_days: int = DECISION_DAYS


def first_due(time: Time, today: date) -> date:
    """The last day of the first period, without an extension."""
    return time.received + timedelta(days=time.decision_days + _paused(time, today))


def due(time: Time, today: date) -> date:
    """The last day on which to decide. While the person is asked, it moves with each day: what it would be if they answered today."""
    return first_due(time, today) + timedelta(days=time.extended_by)


def latest(time: Time, today: date) -> date:
    """The last day with all that may still be added."""
    return first_due(time, today) + timedelta(days=EXTENSION_DAYS)


def count(time: Time, today: date) -> Count:
    """How the time stands today."""
    if time.decided is not None:
        return Count.DECIDED
    if _is_paused(time):
        return Count.STANDS_STILL
    left = (due(time, today) - today).days
    if left < 0:
        return Count.OVERDUE
    return Count.SOON if left <= SOON_DAYS else Count.RUNS


def used(time: Time, today: date) -> int:
    """How many of the days that count have gone."""
    end = time.decided or today
    return max(0, (end - time.received).days - _paused(time, end))


def may_extend(time: Time, days: int, today: date) -> bool:
    """Whether it may be extended by so many days today: once, at most by 30, and while the first period runs."""
    is_open = time.decided is None and time.extended_by == 0 and not _is_paused(time)
    return is_open and 0 < days <= EXTENSION_DAYS and today <= first_due(time, today)


def is_in_time(disclosed: date | None, received: date) -> bool:
    """Whether a request for correction or the end of a use came within 90 days of a disclosure; False where nothing was disclosed."""
    return disclosed is not None and 0 <= (received - disclosed).days <= AFTER_DISCLOSURE_DAYS


def _is_paused(time: Time) -> bool:
    return bool(time.pauses) and time.pauses[-1].until is None


def _paused(time: Time, today: date) -> int:
    """Nothing counts twice: pauses follow each other."""
    return sum(one.days(time.decided or today) for one in time.pauses)
