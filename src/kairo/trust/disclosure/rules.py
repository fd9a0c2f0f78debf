"""How are looks laid out for a reader? Filters as an address says them, and looks that are alike in one line. Pure; time is passed in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.trust.disclosure.records import Part
from kairo.trust.disclosure.viewing.store import Seen, Wanted

PERIODS = (7, 30, 90, 365, 1095)  # days
LONGEST_QUESTION, LONGEST_ANSWER = 2000, 4000
MOST_OPEN = 20  # questions of one person that wait
LONGEST_AUDIT = timedelta(days=92)
_LONGEST_FILTER = 200
_ONE_VISIT = timedelta(seconds=30)  # between looks of one person at one page


@dataclass(slots=True)
class Group:
    """Looks of the same principal, for the same purpose, on one day: at the same data, or one after the other, as one page causes them.
    `latest` is the one that a question is about."""

    latest: Seen
    first: Seen
    count: int = 1
    numbers: list[int] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    def add(self, one: Seen) -> None:
        """Takes one more look in; what was seen of the same kind of data, on the same basis, is said once."""
        self.first, self.count = one, self.count + 1
        self.numbers.append(one.seq)
        for part in one.parts:
            known = next(
                (each for each in self.parts if (each["types"], each["bases"]) == (part["types"], part["bases"])), None
            )
            if known is None:
                self.parts.append(part)
            else:
                known["attributes"] = sorted({*known["attributes"], *part["attributes"]})


def grouped(looks: Iterable[Seen]) -> list[Group]:
    """Looks that follow each other and are alike, in one; the newest first, as they came."""
    found: list[Group] = []
    for one in looks:
        last = found[-1] if found else None
        if (
            last is not None
            and _whose(last.latest) == _whose(one)
            and (_at_what(last.first) == _at_what(one) or _at_once(last, one))
        ):
            last.add(one)
        else:
            found.append(Group(one, one, 1, [one.seq], [{**part} for part in one.parts]))
    return found


def _whose(one: Seen) -> tuple[Any, ...]:
    return one.at.astimezone(TOKYO).date(), one.principal, one.persons, one.purpose


def _at_what(one: Seen) -> list[tuple[tuple[str, ...], ...]]:
    return [(tuple(part["types"]), tuple(part["attributes"]), tuple(part["bases"])) for part in one.parts]


def _at_once(group: Group, one: Seen) -> bool:
    return abs(group.first.at - one.at) <= _ONE_VISIT


def wanted_by_resident(now: datetime, *, days: int, who: str, purpose: str, before: int) -> Wanted:
    """The looks of the last days; an odd number of days is the usual one."""
    since = now - timedelta(days=days if days in PERIODS else PERIODS[1])
    until = now + timedelta(days=1)  # the log's clock may be ahead of this machine's
    return Wanted(since, until, who[:_LONGEST_FILTER], purpose[:_LONGEST_FILTER], before if before > 0 else 1 << 62)


def wanted_by_auditor(now: datetime, *, since: str, until: str, who: str, purpose: str, before: int) -> Wanted:
    """From a day until the end of another, in Tokyo; without them the last week. Raises BadRequestData for what is no day, and for a
    period that ends before it begins or is longer than `LONGEST_AUDIT`."""
    today = now.astimezone(TOKYO).date()
    last = _day(until) or today
    first = _day(since) or last - timedelta(days=6)
    begins, ends = _begin(first), _begin(last + timedelta(days=1))
    if not begins < ends or ends - begins > LONGEST_AUDIT:
        raise BadRequestData(
            f"a period is of 1 to {LONGEST_AUDIT.days} days",
            detail_ja=f"期間は1日から{LONGEST_AUDIT.days}日までで指定してください。",
        )
    return Wanted(begins, ends, who[:_LONGEST_FILTER], purpose[:_LONGEST_FILTER], before if before > 0 else 1 << 62)


def last_day(wanted: Wanted) -> date:
    """The last day of an auditor's period."""
    return (wanted.until.astimezone(TOKYO) - timedelta(days=1)).date()


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), TOKYO)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadRequestData(f"{text[:40]!r} is no day such as 2026-04-01", detail_ja="日付を確認してください。") from None
    if not 2000 <= found.year <= 2999:
        raise BadRequestData(f"{text[:40]!r} is out of reach", detail_ja="日付を確認してください。")
    return found


def checked_text(text: str, longest: int) -> str:
    """What somebody wrote, without blanks around it. Raises BadRequestData for nothing, and for too much."""
    said = text.replace("\r\n", "\n").strip()
    if not said or len(said) > longest or "\0" in said:
        raise BadRequestData(f"write 1 to {longest} characters", detail_ja=f"1文字から{longest}文字までで入力してください。")
    return said


def by_hour(hours: Iterable[tuple[str, datetime, int, int]]) -> Mapping[str, list[int]]:
    """Looks by kind of principal, for each of the 24 hours of a day in Tokyo."""
    found: dict[str, list[int]] = {}
    for principal, begins, looks, _ in hours:
        found.setdefault(principal.partition(":")[0], [0] * 24)[begins.astimezone(TOKYO).hour] += looks
    return found
