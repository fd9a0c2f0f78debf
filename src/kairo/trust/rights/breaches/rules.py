"""Must a leak be reported, why, and until when? Pure; the day on which it was noticed is passed in.

Municipal bodies: 個人情報保護法 68条, 施行規則 43条 (what is reported), 44条 (until when), 45条 (telling the persons). Private operators: 26条, 施行規則 7条,
8条, 10条. A preliminary report promptly, which the Commission's guidelines take as 3 to 5 days; the final one within 30 days, 60 where it was done
for an improper purpose. None was read in the primary text; of the private operators' a lawyers' summary was read. The day of noticing is
counted as the first: the days shown are never too late.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.platform.handling import SENSITIVE, Controller, DataCategory

MANY: Final = {Controller.MUNICIPAL: 100, Controller.PRIVATE: 1000}  # more than so many persons
LONGEST: Final = timedelta(days=366)


class Ground(StrEnum):
    """Why a leak has to be reported."""

    SENSITIVE = "sensitive"  # 要配慮個人情報 is among it
    PROPERTY = "property"  # it may lead to a loss of property
    MALICIOUS = "malicious"  # it may have been done for an improper purpose
    MANY = "many"  # of many persons


ARTICLES: Final[Mapping[Controller, Mapping[Ground, str]]] = {
    controller: {ground: f"施行規則{article}{number}号" for number, ground in enumerate(Ground, 1)}
    for controller, article in ((Controller.MUNICIPAL, "43条"), (Controller.PRIVATE, "7条"))
}


@dataclass(frozen=True, slots=True)
class Breach:
    """What is stated of a leak. `principal`, `type`: by whom and of what, where known (else empty); `is_protected`: what leaked was
    encrypted strongly."""

    id: str
    noticed_at: datetime
    principal: str
    type: str
    since: datetime
    until: datetime
    text: str
    is_malicious: bool
    is_property: bool
    is_protected: bool
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when: the preliminary report between two days, the final one."""

    early_from: date
    early_until: date
    final: date


def grounds(
    categories: Collection[DataCategory],
    persons: int,
    *,
    is_property: bool,
    is_malicious: bool,
    is_protected: bool = False,
    controller: Controller = Controller.MUNICIPAL,
) -> tuple[Ground, ...]:
    """Why it has to be reported; none: it need not be."""
    if is_protected or not persons:
        return ()
    found = {
        Ground.SENSITIVE: bool(SENSITIVE & set(categories)),
        Ground.PROPERTY: is_property,
        Ground.MALICIOUS: is_malicious,
        Ground.MANY: persons > MANY[controller],
    }
    return tuple(ground for ground, holds in found.items() if holds)


def deadlines(noticed: date, *, is_malicious: bool) -> Deadlines:
    """Counted from the day on which it was noticed, that day included."""
    days = 60 if is_malicious else 30
    return Deadlines(noticed + timedelta(days=2), noticed + timedelta(days=4), noticed + timedelta(days=days - 1))


def check(one: Breach, now: datetime) -> None:
    """Raises BadRequestData for what cannot be."""
    if not one.since < one.until or one.until - one.since > LONGEST or one.noticed_at > now or one.noticed_at < one.since:
        raise BadRequestData(
            "give a period of at most a year, and a day of noticing in it or after it, not in the future",
            detail_ja="期間は1年以内とし、知った日は期間の始まりから今日までの日にしてください。",
        )


def day_of(moment: datetime) -> date:
    """The day in Japan."""
    return moment.astimezone(TOKYO).date()
