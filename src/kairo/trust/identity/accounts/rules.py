"""What may happen to an account in which state, and what follows? Pure: the time is passed in.

Coming of age: 民法 4条 (eighteen), reached as a day begins (年齢計算ニ関スル法律, 民法 143条). Not read in the primary text.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from unicodedata import normalize

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO

ADULT_YEARS = 18


class Status(StrEnum):
    """Where an account stands in this municipality."""

    ACTIVE = "active"
    MOVED_OUT = "moved_out"
    DEAD = "dead"
    CLOSED = "closed"


class Event(StrEnum):
    """What a clerk or the register of residents reports of a resident; `CLOSED` and `CORRECTED` of any account."""

    MOVED_IN = "moved_in"  # 転入, of who had moved out
    MOVED_OUT = "moved_out"  # 転出
    DIED = "died"  # 死亡
    GUARDIANSHIP_BEGAN = "guardianship_began"  # 成年後見開始
    GUARDIANSHIP_ENDED = "guardianship_ended"
    CLOSED = "closed"
    CORRECTED = "corrected"  # a death or an end that was recorded by mistake


class Capacity(StrEnum):
    """Who may act for someone by law."""

    MINOR = "minor"  # the parents (親権者)
    WARD = "ward"  # the guardian (成年後見人)
    FULL = "full"  # nobody


# Status and event → the next status; what does not stand here may not happen.
_NEXT = {
    (Status.ACTIVE, Event.MOVED_OUT): Status.MOVED_OUT,
    (Status.ACTIVE, Event.DIED): Status.DEAD,
    (Status.ACTIVE, Event.CLOSED): Status.CLOSED,
    (Status.ACTIVE, Event.GUARDIANSHIP_BEGAN): Status.ACTIVE,
    (Status.ACTIVE, Event.GUARDIANSHIP_ENDED): Status.ACTIVE,
    (Status.MOVED_OUT, Event.MOVED_IN): Status.ACTIVE,
    (Status.MOVED_OUT, Event.DIED): Status.DEAD,
    (Status.MOVED_OUT, Event.CLOSED): Status.CLOSED,
    (Status.MOVED_OUT, Event.GUARDIANSHIP_BEGAN): Status.MOVED_OUT,
    (Status.MOVED_OUT, Event.GUARDIANSHIP_ENDED): Status.MOVED_OUT,
    (Status.DEAD, Event.CORRECTED): Status.ACTIVE,
    (Status.CLOSED, Event.CORRECTED): Status.ACTIVE,
}
_OF_ANY_KIND = frozenset({Event.CLOSED, Event.CORRECTED})


@dataclass(frozen=True, slots=True)
class State:
    """What the rules look at."""

    kind: str
    status: Status
    has_guardian: bool = False


def may_happen(state: State, event: Event) -> bool:
    """Whether `after` gives a state: the boolean twin."""
    if (state.status, event) not in _NEXT or (state.kind != "resident" and event not in _OF_ANY_KIND):
        return False
    if event is Event.GUARDIANSHIP_BEGAN:
        return not state.has_guardian
    return event is not Event.GUARDIANSHIP_ENDED or state.has_guardian


def after(state: State, event: Event) -> State:
    """The state after the event. Raises BadRequestData where that may not happen now."""
    if not may_happen(state, event):
        raise BadRequestData(
            f"{event} cannot happen to an account of kind {state.kind} that is {state.status}",
            detail_ja="このアカウントの今の状態では、この異動を記録できません。",
            mend="Look at the account's present state; a mistake is mended by `corrected`.",
            mend_ja="今の状態をご確認ください。誤りは「訂正」で直せます。",
        )
    has_guardian = event is Event.GUARDIANSHIP_BEGAN or (state.has_guardian and event is not Event.GUARDIANSHIP_ENDED)
    return State(state.kind, _NEXT[state.status, event], has_guardian)


def may_sign_in(kind: str, status: Status) -> bool:
    """Whether sessions of the account count. Who has moved out still sees their own data; nobody else's."""
    return status is Status.ACTIVE or (kind == "resident" and status is Status.MOVED_OUT)


def is_shown_in_graph(kind: str, status: Status, *, is_protected: bool) -> bool:
    """Whether there is an entity of the account: of living residents, and of protected persons none."""
    return kind == "resident" and may_sign_in(kind, status) and not is_protected


def of_age_at(born_on: date) -> datetime:
    """The moment at which someone is of age. Born on 29 February: as 1 March begins where the year has no such day."""
    year = born_on.year + ADULT_YEARS
    try:
        day = born_on.replace(year=year)
    except ValueError:
        day = date(year, 3, 1)
    return datetime.combine(day, time(), TOKYO)


def age(born_on: date, now: datetime) -> int:
    """In years, in Japan, at this moment."""
    today = now.astimezone(TOKYO).date()
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def capacity(born_on: date | None, now: datetime, *, has_guardian: bool) -> Capacity:
    """Who may act for them by law. An unknown birth date makes nobody a minor."""
    if born_on is not None and now < of_age_at(born_on):
        return Capacity.MINOR
    return Capacity.WARD if has_guardian else Capacity.FULL


def name_key(name: str) -> str:
    """A name as it is looked for: width, case and spaces do not count; 異体字 do."""
    return "".join(normalize("NFKC", name).casefold().split())


def born(year: str, month: str, day: str, now: datetime) -> date:
    """A birth date from the three boxes of a form. Raises BadRequestData for what is no day of the last 130 years."""
    try:
        found = date(*(int(normalize("NFKC", part)) for part in (year, month, day)))
    except (ValueError, OverflowError):
        found = None
    today = now.astimezone(TOKYO).date()
    if found is None or not today - timedelta(days=130 * 366) <= found <= today:
        raise BadRequestData(
            "the birth date is no day of the last 130 years",
            detail_ja="生年月日をご確認ください。",
            mend="Give year, month and day in numbers, such as 1944, 5, 10.",
            mend_ja="年・月・日を数字で入力してください（例: 1944、5、10）。",
        )
    return found
