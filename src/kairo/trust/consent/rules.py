"""What may happen to a consent, and what does it say afterwards? Pure; the time is passed in.

A consent is asked for, given, refused, changed, withdrawn, or over. Once refused, withdrawn or over it stays so: who wants it
again asks anew, or gives anew. What was agreed to follows from the consent's own text, never from a later one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from kairo.context.granting import Grant
from kairo.errors import BadRequestData, OutOfDate
from kairo.platform.clock import TOKYO
from kairo.platform.manifests import Category, Purpose

_ID: Final = re.compile(r"[0-9a-f]{16}")
ANSWER_DAYS: Final = 30  # a request that nobody answers is over
NEAR_END_DAYS: Final = 30  # from then on the end is announced


class State(StrEnum):
    """What a consent is."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    """What is done with it."""

    ASK = "ask"
    GIVE = "give"
    REFUSE = "refuse"
    CHANGE = "change"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Channel(StrEnum):
    """How the person's will reached Kairo. `program`: an application's request, or the end of the time."""

    DEVICE = "device"
    PAPER = "paper"
    PROXY = "proxy"
    PROGRAM = "program"


_LEADS: Final = {
    (None, Act.ASK): State.ASKED,
    (None, Act.GIVE): State.GIVEN,
    (None, Act.REFUSE): State.REFUSED,
    (State.ASKED, Act.GIVE): State.GIVEN,
    (State.ASKED, Act.REFUSE): State.REFUSED,
    (State.ASKED, Act.EXPIRE): State.EXPIRED,
    (State.GIVEN, Act.CHANGE): State.GIVEN,
    (State.GIVEN, Act.WITHDRAW): State.WITHDRAWN,
    (State.GIVEN, Act.EXPIRE): State.EXPIRED,
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed to, or asked for: categories of a text (its digest), and until when: a whole second, before which it holds.
    Of a request, `until` is that of the longest answer."""

    text: str
    categories: tuple[str, ...]
    until: datetime

    @property
    def last_day(self) -> date:
        """The last day on which it holds, in Japan."""
        return end_day(self.until)


@dataclass(frozen=True, slots=True)
class Consent:
    """One consent as it stands. `version` counts what was agreed to: 0 while nothing was. `since`: when this version began."""

    id: str
    subject: str
    recipient: str
    purpose: str
    state: State
    version: int
    terms: Terms
    since: datetime
    asked_by: str | None = None
    answer_by: datetime | None = None

    @property
    def ends_at(self) -> datetime | None:
        """When it is over by itself."""
        return {State.GIVEN: self.terms.until, State.ASKED: self.answer_by}.get(self.state)

    def at(self, now: datetime) -> State:
        """What it is at this moment, whether the end was entered already or not."""
        ends = self.ends_at
        return State.EXPIRED if ends is not None and now >= ends else self.state

    def ends_soon(self, now: datetime) -> bool:
        """Whether it is in force, and near its end."""
        return self.at(now) is State.GIVEN and self.terms.until - now <= timedelta(days=NEAR_END_DAYS)


def may(state: State | None, act: Act) -> bool:
    """Whether this may be done with a consent in this state (None: there is none yet)."""
    return (state, act) in _LEADS


def after(before: Consent, act: Act, now: datetime, terms: Terms | None = None) -> Consent:
    """The consent after an act; `terms` where something is agreed to. Raises OutOfDate for what may not be done any more."""
    state = before.state if act is Act.EXPIRE else before.at(now)
    is_over = before.ends_at is not None and now >= before.ends_at
    if not may(state, act) or (act is Act.EXPIRE and not is_over):
        raise OutOfDate(
            f"this consent is {state.value} and cannot be changed by `{act.value}`",
            detail_ja=f"この同意は「{NAMES_JA[state]}」のため、この操作はできません。",
        )
    agrees = act in (Act.GIVE, Act.CHANGE)
    return replace(
        before,
        state=_LEADS[state, act],
        version=before.version + agrees,
        terms=terms if agrees and terms is not None else before.terms,
        since=_second(now) if agrees else before.since,
    )


NAMES_JA: Final = {
    State.ASKED: "回答待ち",
    State.GIVEN: "同意済み",
    State.REFUSED: "同意しない",
    State.WITHDRAWN: "撤回済み",
    State.EXPIRED: "期限切れ",
}


def check_terms(terms: Terms, text: Purpose, now: datetime, *, within: Terms | None = None) -> None:
    """Raises BadRequestData where the terms go beyond the purpose's text, or beyond `within` (what was asked for, or what was
    agreed to where it is only narrowed)."""
    offered = {one.id for one in text.categories}
    allowed = offered if within is None else offered.intersection(within.categories)
    beyond = [name for name in terms.categories if name not in allowed]
    if beyond or not terms.categories:
        raise BadRequestData(
            f"{beyond[0][:80]!r} is not among what is asked for" if beyond else "choose at least one kind of information",
            detail_ja="選べない項目が含まれています。" if beyond else "情報の種類を一つ以上選んでください。",
        )
    if len(set(terms.categories)) != len(terms.categories):
        raise BadRequestData("a kind of information is named twice", detail_ja="同じ項目が二度指定されています。")
    last = latest_end(text, now) if within is None else min(within.until, latest_end(text, now))
    if terms.until <= now:
        raise BadRequestData("the end must lie in the future", detail_ja="終わりの日は、明日以降にしてください。")
    if terms.until > last:
        raise BadRequestData(
            f"the end lies too far: {end_day(last).isoformat()} at the latest",
            detail_ja=f"終わりの日が遠すぎます。{end_day(last):%Y年%-m月%-d日}までにしてください。",
        )


def is_narrower(terms: Terms, than: Terms) -> bool:
    """Whether terms agree to no more than others of the same text."""
    return terms.text == than.text and set(terms.categories) <= set(than.categories) and terms.until <= than.until


def end_of(day: date) -> datetime:
    """The moment before which a consent holds whose last day this is, on Japan's clocks."""
    return datetime.combine(day + timedelta(days=1), time(), TOKYO)


def end_day(until: datetime) -> date:
    """The last day on which something holds that ends at `until`."""
    return (until - timedelta(microseconds=1)).astimezone(TOKYO).date()


def end_after(days: int, now: datetime) -> datetime:
    """The end of what holds for so many days from today."""
    return end_of(now.astimezone(TOKYO).date() + timedelta(days=days))


def latest_end(text: Purpose, now: datetime) -> datetime:
    """The latest end that a purpose allows today."""
    return end_after(text.longest_days, now)


def chosen(text: Purpose, terms: Terms) -> list[Category]:
    """The categories of a text that terms name, in the text's order."""
    return [one for one in text.categories if one.id in terms.categories]


def grants_of(consent: Consent, text: Purpose, principals: Sequence[str]) -> list[Grant]:
    """The grants that a consent in force has: one a category and reader. Of one that is not in force: none."""
    if consent.state is not State.GIVEN:
        return []
    return [
        Grant(
            id=f"consent:{consent.id}:{consent.version}:{category.id}" + (f":{reader}" if reader != consent.recipient else ""),
            principal=reader,
            purpose=consent.purpose,
            types=category.types,
            attributes=category.attributes or None,
            basis=basis_of(consent.id),
            since=consent.since,
            until=consent.terms.until,
            subject=consent.subject,
        )
        for category in chosen(text, consent.terms)
        for reader in principals
    ]


def is_id(id: str) -> bool:
    """Whether a consent may have this id."""
    return _ID.fullmatch(id) is not None


def basis_of(id: str) -> str:
    """What the grants of a consent name as their basis."""
    return f"consent:{id}"


def ordered(categories: Iterable[str], text: Purpose) -> tuple[str, ...]:
    """Categories in the order of the text; what it does not have stands behind, so that a check still sees it."""
    given = list(categories)
    known = [one.id for one in text.categories if one.id in given]
    return (*known, *(name for name in given if name not in known))


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
