"""May this be released in an emergency, and how does a release stand? Pure; time is passed in.

An authorised officer opens it: what is released is readable at once. A second officer confirms within 15 minutes, or it is over: the
grants end by themselves then, so nothing has to run for that. Items of the list (災害対策基本法 49条の10第2項) go by 49条の11第3項; other items
only on a basis of their own, which is named.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kairo.context.granting import Grant
from kairo.platform.manifests import EntityType
from kairo.trust.roles.bases import BASES, DEMANDED, Facts, Recipient, check
from kairo.trust.roles.four_eyes import Proposed
from kairo.trust.roles.rules import LONGEST_TEXT, SHORTEST, STAFF, is_area, is_over_at

CONFIRMED_WITHIN: Final = timedelta(minutes=15)
PURPOSE: Final = "emergency"  # of the grants; who was named as recipient chooses it as their duty
DRILL: Final = "emergency-drill"  # a duty under which nothing is released
MOST_RECIPIENTS: Final = 100
MOST_ITEMS: Final = 50
LIST_BASIS: Final = "disaster-list-emergency"
BY_OWN_BASIS: Final = (
    "by-law",
    "69-2-2",
    "69-2-3",
    "69-2-4-benefit",
    "69-2-4-special",
    "disaster-list-emergency",
    "disaster-plan-emergency",
)
_APPLICATION: Final = "application:"

Types = Mapping[str, EntityType]


class State(StrEnum):
    """How a release stands at a moment."""

    OPEN = "open"  # waits for the second officer, and is readable
    CONFIRMED = "confirmed"
    LAPSED = "lapsed"  # nobody confirmed it in time
    CLOSED = "closed"
    OVER = "over"


RUNNING: Final = frozenset({State.OPEN, State.CONFIRMED})


@dataclass(frozen=True, slots=True)
class Item:
    """What is released: attributes of a type, on a basis. `cites`: the law behind a basis that has to name one."""

    type: str
    attributes: tuple[str, ...]
    basis: str = LIST_BASIS
    cites: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What an officer wants to open. `in_disaster` and `for_life` are what the officer states: a disaster has happened or is imminent,
    and it is specially needed to protect life or body, which outweighs what harm it may do (69条2項ただし書). `recipients`: principals of
    staff and applications."""

    reason: str
    area: str
    recipients: tuple[str, ...]
    items: tuple[Item, ...]
    until: datetime
    is_drill: bool
    in_disaster: bool
    for_life: bool


@dataclass(frozen=True, slots=True)
class Release:
    """An emergency release, or a drill of one."""

    id: str
    is_drill: bool
    reason: str
    area: str
    recipients: tuple[str, ...]
    items: tuple[Item, ...]
    opened_by: str
    opened_at: datetime
    confirm_by: datetime
    until: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None

    @property
    def basis(self) -> str:
        """The basis of its grants."""
        return f"emergency:{self.id}"

    @property
    def purpose(self) -> str:
        """What recipients choose as their duty."""
        return DRILL if self.is_drill else PURPOSE

    @property
    def proposed(self) -> Proposed:
        """What the second officer is asked. An officer may be among the recipients: who leads a rescue reads the list, too."""
        return Proposed(self.opened_by, frozenset(), self.confirm_by, self.confirmed_by is not None, self.closed_by is not None)


def state_of(one: Release, now: datetime) -> State:
    """How it stands at `now`."""
    if one.closed_at is not None:
        return State.CLOSED
    if one.confirmed_at is None and now >= one.confirm_by:
        return State.LAPSED
    if now >= one.until:
        return State.OVER
    return State.CONFIRMED if one.confirmed_at is not None else State.OPEN


def ended_at(one: Release) -> datetime:
    """When it ended, or will."""
    if one.closed_at is not None:
        return one.closed_at
    return one.until if one.confirmed_at is not None else min(one.until, one.confirm_by)


def faults(wanted: Opening, types: Types, now: datetime, longest: timedelta) -> list[tuple[str, str]]:
    """What is wrong, in English and Japanese; nothing: it may be opened."""
    found = []
    if not is_area(wanted.area):
        found.append(
            ("an area is a scope such as /352039/ogori, or empty", "区域は /352039/ogori のように書くか、空にしてください")
        )
    if not 0 < len(wanted.recipients) <= MOST_RECIPIENTS or len(set(wanted.recipients)) != len(wanted.recipients):
        found.append(
            (f"name 1 to {MOST_RECIPIENTS} recipients, each once", f"提供先は1〜{MOST_RECIPIENTS}件を重複なく指定してください")
        )
    if not all(_is_recipient(one) for one in wanted.recipients):
        found.append(("recipients are staff:… or application:…", "提供先は staff:… か application:… です"))
    if not 0 < len(wanted.items) <= MOST_ITEMS:
        found.append((f"name 1 to {MOST_ITEMS} items", f"項目は1〜{MOST_ITEMS}件です"))
    texts = (wanted.reason, wanted.area, *wanted.recipients, *(item.cites for item in wanted.items))
    if any(len(text) > LONGEST_TEXT or "\0" in text for text in texts):
        found.append((f"at most {LONGEST_TEXT} characters a field, none of them NUL", f"各項目は{LONGEST_TEXT}文字以内です"))
    if wanted.until < now + SHORTEST:
        found.append(("the end is yet to come, in a minute or later", "終わりは、1分以上先の日時にしてください"))
    elif wanted.until - now > longest:
        hours = int(longest.total_seconds() // 3600)
        found.append((f"a release lasts at most {hours} hours; open it anew then", f"期間は{hours}時間以内です"))
    for item in wanted.items:
        found += [fault for fault in _of_item(wanted, item, types) if fault not in found]
    return found


def _of_item(wanted: Opening, item: Item, types: Types) -> Iterable[tuple[str, str]]:
    kind = types.get(item.type)
    if kind is None:
        return [(f"no part declares the type {item.type[:80]!r}", "その型は登録されていません")]
    known = {each.name for each in kind.attributes} | kind.personal_attributes
    if not item.attributes or not known.issuperset(item.attributes):
        return [(f"name declared attributes of {item.type}", f"「{item.type}」の属性を指定してください")]
    if item.basis not in BY_OWN_BASIS:
        return [(f"{item.basis[:80]!r} is no basis of an emergency release", "緊急提供の根拠になりません")]
    return [DEMANDED[demand] for demand in check(BASES[item.basis], _facts_of(wanted, item, kind))]


def _facts_of(wanted: Opening, item: Item, kind: EntityType) -> Facts:
    inside = item.basis == "69-2-2" or all(one.startswith(STAFF) for one in wanted.recipients)
    return Facts(
        controller=kind.controller,
        recipient=Recipient.OWN if inside and item.basis != "69-2-3" else Recipient.BODY,
        purpose=PURPOSE,
        reason=wanted.reason,
        cites=item.cites,
        harm_weighed=wanted.for_life,
        in_disaster=wanted.in_disaster,
        for_life=wanted.for_life,
        only_listed=kind.listed.issuperset(item.attributes),
        area=wanted.area,
        until=wanted.until,
    )


def _is_recipient(principal: str) -> bool:
    return any(principal.startswith(kind) and len(principal) > len(kind) for kind in (STAFF, _APPLICATION))


def grants_of(one: Release, since: datetime) -> list[Grant]:
    """What it opens from `since`: to its end where it was confirmed, else for as long as it waits. Nothing for a drill."""
    until = ended_at(one)
    if one.is_drill or is_over_at(since, until):
        return []
    step = "waits" if one.confirmed_at is None else "confirmed"
    return [
        Grant(
            f"{one.basis}:{step}:{number}:{place}",
            recipient,
            PURPOSE,
            (item.type,),
            one.basis,
            since,
            until,
            item.attributes,
            area=one.area,
        )
        for place, recipient in enumerate(one.recipients, 1)
        for number, item in enumerate(one.items, 1)
    ]
