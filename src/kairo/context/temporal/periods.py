"""How long is a period, and where does each begin? ISO 8601 durations of the temporal query (CIM 009 4.5.19.1).

Weeks, days and times have one length; years and months follow the calendar in the zone in which the asker wrote `timeAt`: monthly
values of a Japanese city asked for from `2026-04-01T00:00:00+09:00` on are those of its months.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kairo.errors import BadRequestData, TooManyResults

_DURATION = re.compile(
    r"P(?=[0-9T])(?:([0-9]+)W|(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)D)?"
    r"(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:[.,][0-9]{1,6})?)S)?)?)"
)
_MOST_DIGITS = 9
END_OF_TIME = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A duration: calendar months (years are twelve) and what has a fixed length. Neither: the whole range that is asked for."""

    months: int = 0
    rest: timedelta = timedelta()

    @property
    def is_whole(self) -> bool:
        """Whether it spans the whole time range (PT0S)."""
        return not self.months and not self.rest

    @property
    def is_fixed(self) -> bool:
        """Whether each period has the same length."""
        return not self.months

    def begin(self, origin: datetime, index: int) -> datetime:
        """When the period with this index begins; that of 0 begins at `origin`. In the zone of the origin; months are counted
        from the origin, so that those after a short month are whole again."""
        year, month = divmod(origin.year * 12 + origin.month - 1 + self.months * index, 12)
        day = min(origin.day, monthrange(year, month + 1)[1])
        return origin.replace(year=year, month=month + 1, day=day) + self.rest * index

    def bounds(self, origin: datetime, until: datetime, most: int) -> list[datetime]:
        """The beginnings of all periods from `origin` on, the last one after `until`. Raises TooManyResults for more than `most`."""
        found = [origin]
        while found[-1] <= until:
            if len(found) > most:
                raise TooManyResults(
                    f"the time range has more than {most} periods",
                    detail_ja=f"期間の数が上限（{most}）を超えています。",
                    mend="Ask for longer periods or a shorter time range.",
                )
            try:
                found.append(self.begin(origin, len(found)))
            except (OverflowError, ValueError):
                found.append(END_OF_TIME)
                break
        return found


def parse_period(text: str) -> Period:
    """Reads `aggrPeriodDuration`: P[n]Y[n]M[n]DT[n]H[n]M[n]S or P[n]W."""
    match = _DURATION.fullmatch(text)
    if match is None or any(len(part) > _MOST_DIGITS for part in match.groups("0")):
        raise BadRequestData(
            f"aggrPeriodDuration is an ISO 8601 duration such as PT1H, P1D or P1M, not {text[:40]!r}",
            detail_ja="aggrPeriodDuration は PT1H、P1D、P1M のような ISO 8601 の期間です。",
            parameter="aggrPeriodDuration",
        )
    weeks, years, months, days, hours, minutes, seconds = (part.replace(",", ".") for part in match.groups("0"))
    try:
        rest = timedelta(weeks=int(weeks), days=int(days), hours=int(hours), minutes=int(minutes), seconds=float(seconds))
        return Period(int(years) * 12 + int(months), rest)
    except OverflowError as error:
        raise BadRequestData(
            "aggrPeriodDuration is longer than the calendar",
            detail_ja="aggrPeriodDuration が長すぎます。",
            parameter="aggrPeriodDuration",
        ) from error
