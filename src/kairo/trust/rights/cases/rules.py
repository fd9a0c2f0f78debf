"""How does a request stand, what may follow, and on which articles does a decision stand? Pure; time is passed in.

Articles of 個人情報保護法. Read in the primary text (as others publish it): 80条, 81条, 82条. All others were not read in the primary text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kairo.errors import BadRequestData, KairoError, OutOfDate
from kairo.platform.clock import TOKYO
from kairo.trust.rights.cases.deadlines import DECISION_DAYS, Pause, Time

LONGEST_TEXT: Final = 2000
MOST_OPEN: Final = 10  # of one person


class Kind(StrEnum):
    """What is asked for."""

    DISCLOSURE = "disclosure"  # 開示
    CORRECTION = "correction"  # 訂正
    USE_STOP = "use-stop"  # 利用停止


class State(StrEnum):
    """How a request stands."""

    RECEIVED = "received"
    COMPLETING = "completing"  # the person was asked for more
    EXTENDED = "extended"
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Act(StrEnum):
    """What happens to it."""

    ASK = "ask"
    COMPLETE = "complete"
    EXTEND = "extend"
    GRANT = "grant"
    PARTLY = "partly"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


OPEN: Final = frozenset({State.RECEIVED, State.COMPLETING, State.EXTENDED})
DECIDED: Final = frozenset({State.GRANTED, State.PARTLY, State.REFUSED})
MET: Final = frozenset({State.GRANTED, State.PARTLY})
DECISIONS: Final = {Act.GRANT: State.GRANTED, Act.PARTLY: State.PARTLY, Act.REFUSE: State.REFUSED}
OF_PERSON: Final = frozenset({Act.COMPLETE, Act.WITHDRAW})

RIGHT: Final = {Kind.DISCLOSURE: "76条", Kind.CORRECTION: "90条", Kind.USE_STOP: "98条"}
COMPLETION: Final = {Kind.DISCLOSURE: "77条3項", Kind.CORRECTION: "91条3項", Kind.USE_STOP: "99条3項"}
DUE: Final = {Kind.DISCLOSURE: "83条1項", Kind.CORRECTION: "94条1項", Kind.USE_STOP: "102条1項"}
EXTENSION: Final = {Kind.DISCLOSURE: "83条2項", Kind.CORRECTION: "94条2項", Kind.USE_STOP: "102条2項"}
GRANTED_BY: Final = {Kind.DISCLOSURE: "82条1項", Kind.CORRECTION: "93条1項", Kind.USE_STOP: "101条1項"}
# For which reasons it may be refused, in whole or in part. The words are messages of this part (rights.reason.<article>).
REASONS: Final = {
    Kind.DISCLOSURE: (
        *("78条1項1号", "78条1項2号", "78条1項3号", "78条1項4号", "78条1項5号", "78条1項6号", "78条1項7号"),
        *("81条", "82条2項"),
    ),
    Kind.CORRECTION: ("92条", "93条2項"),
    Kind.USE_STOP: ("98条", "100条"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened. `articles`: of 個人情報保護法; `did`: what was done with the data (words, one an item)."""

    act: Act
    at: datetime
    by: str
    text: str = ""
    articles: tuple[str, ...] = ()
    days: int = 0
    did: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A request. `person`: whose data (URI); `asked_by`: the principal who asked or who recorded it; `channel`: device, proxy, counter;
    `entity` and `attribute`: what is to be corrected; `withheld`: the types left out of a disclosure."""

    id: str
    kind: Kind
    person: str
    asked_by: str
    channel: str
    ial: int
    aal: int
    evidence: str
    entity: str
    attribute: str
    text: str
    state: State
    received_at: datetime
    decision_days: int = DECISION_DAYS
    withheld: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        return self.state in OPEN

    @property
    def time(self) -> Time:
        """What its deadline follows from."""
        pauses: list[Pause] = []
        extended, decided = 0, None
        for one in self.steps:
            day = one.at.astimezone(TOKYO).date()
            if one.act is Act.ASK:
                pauses.append(Pause(day))
            elif pauses and pauses[-1].until is None:
                pauses[-1] = Pause(pauses[-1].since, day)
            if one.act is Act.EXTEND:
                extended = one.days
            if one.act in DECISIONS or one.act is Act.WITHDRAW:
                decided = day
        received = self.received_at.astimezone(TOKYO).date()
        return Time(received, tuple(pauses), extended, decided, self.decision_days)


def after(state: State, act: Act, *, was_extended: bool) -> State:
    """How it stands after this. Raises OutOfDate where it is not possible (any more)."""
    if state not in OPEN or (
        (act is Act.COMPLETE) != (state is State.COMPLETING) and act in {Act.COMPLETE, Act.ASK, Act.EXTEND}
    ):
        raise not_now()
    if act is Act.EXTEND and was_extended:
        raise not_now()
    if act in DECISIONS:
        return DECISIONS[act]
    if act is Act.COMPLETE:
        return State.EXTENDED if was_extended else State.RECEIVED
    return {Act.ASK: State.COMPLETING, Act.EXTEND: State.EXTENDED, Act.WITHDRAW: State.WITHDRAWN}[act]


def not_now() -> KairoError:
    """What is said where a step is not possible (any more)."""
    return OutOfDate("this request does not stand so any more", detail_ja="この請求は、今はその操作ができない状態です。")


def was_extended(steps: Iterable[Step]) -> bool:
    """Whether its time was extended."""
    return any(one.act is Act.EXTEND for one in steps)


def checked_text(text: str, *, required: bool = True) -> str:
    """The text without spaces around it. Raises BadRequestData."""
    said = text.strip()
    if (required and not said) or len(said) > LONGEST_TEXT or "\0" in said:
        raise BadRequestData(
            f"write 1 to {LONGEST_TEXT} characters, none of them NUL", detail_ja=f"1〜{LONGEST_TEXT}文字で入力してください。"
        )
    return said


def check_decision(kind: Kind, act: Act, articles: Sequence[str]) -> None:
    """Raises BadRequestData where a refusal, whole or part, names no article, or one that is no reason for this kind of request."""
    named = act in {Act.PARTLY, Act.REFUSE}
    if named != bool(articles) or not set(articles) <= set(REASONS[kind]):
        raise BadRequestData(
            f"a refusal, in whole or in part, names its articles ({', '.join(REASONS[kind])}); a grant names none",
            detail_ja="全部または一部を認めない場合は、根拠の条項を選んでください。認める場合は選びません。",
        )
