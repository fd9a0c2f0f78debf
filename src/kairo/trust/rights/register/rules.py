"""What does the register of personal information files say? Entries from the declarations, and what is missing in those. Pure.

個人情報保護法 75条1項 has the register say what 74条1項 lists: the file's name, the office, the purposes of use, the items and whom they are
about, how they are collected, whether there is 要配慮個人情報, to whom they are regularly given, where requests are taken. 75条2項 leaves out what
74条2項 lists, among it files of fewer persons than 施行令 says (1,000). None of these was read in the primary text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kairo.platform.handling import SENSITIVE, Controller, DataCategory, Filing, Texts
from kairo.platform.manifests import EntityType, Manifest, Purpose

LAW: Final = "個人情報保護法 75条1項"
LEAST_PERSONS: Final = 1000  # 74条2項9号, 施行令 20条2項
# Why a file stands in no public register, and the article. None was read in the primary text.
EXCEPTIONS: Final[Mapping[str, str]] = {
    "few": "75条2項1号・74条2項9号",  # fewer than 1,000 persons
    "staff": "75条2項1号・74条2項3号",  # staff, pay and welfare
    "trial": "75条2項1号・74条2項4号",  # for a trial of processing alone
    "short": "75条2項1号・74条2項6号",  # erased within a year
    "fictional": "2条1項",  # about nobody who lives: no personal information
    "hinder": "75条3項",  # would hinder the work
}
LANGUAGES: Final = ("ja", "ja-x-easy", "en")
_OPEN: Final = frozenset({DataCategory.OPEN})


@dataclass(frozen=True, slots=True)
class Item:
    """An attribute, and what the law calls its data."""

    name: str
    category: DataCategory


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom data are given for a purpose: with the person's consent (`principal` empty: whom the person chooses)."""

    principal: str
    purpose: Texts
    title: Texts


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `purposes` and `roles`: for which staff use it, and under which role; `about`: the roles in which it is about people;
    `history_days`, `kept_days`: how long its past, and the whole of it after its end, is kept (None: for good)."""

    type: str
    title: Texts
    controller: Controller
    office: Texts
    purposes: tuple[Texts, ...]
    roles: tuple[Texts, ...]
    items: tuple[Item, ...]
    about: tuple[str, ...]
    collected: Texts
    is_sensitive: bool
    recipients: tuple[Recipient, ...]
    history_days: float | None
    kept_days: int | None
    exception: str


def is_file(kind: EntityType) -> bool:
    """Whether the type holds personal information: as a whole, or by some of its attributes."""
    return kind.data_class == "personal" or bool(kind.personal_attributes)


def entries(manifests: Iterable[Manifest], purposes: Iterable[Purpose]) -> list[Entry]:
    """An entry a type, in order of type. What a declaration leaves open (`missing`, which tests refuse) stays empty."""
    parts, asked = list(manifests), list(purposes)
    files = [(part, kind) for part in parts for kind in part.entity_types if is_file(kind)]
    return [_entry(part, kind, parts, asked) for part, kind in sorted(files, key=lambda pair: pair[1].type)]


def missing(kind: EntityType) -> list[str]:
    """What of a personal type the declarations do not say."""
    found = [name for name in LANGUAGES if not kind.title.get(name)]
    if kind.filing is None:
        return [*found, "filing"]
    texts = {"office": kind.filing.office, "collected": kind.filing.collected}
    found += [f"filing.{name}.{tag}" for name, said in texts.items() for tag in LANGUAGES if not said.get(tag)]
    if kind.filing.exception and kind.filing.exception not in EXCEPTIONS:
        found.append("filing.exception")
    if not kind.subjects and kind.filing.exception != "fictional":
        found.append("subjects")
    return found


def _entry(part: Manifest, kind: EntityType, parts: Sequence[Manifest], asked: Sequence[Purpose]) -> Entry:
    filing = kind.filing or Filing({}, {})
    readers = [role for one in parts for role in one.roles if any(reads.type == kind.type for reads in role.reads)]
    names = [each.name for each in kind.attributes] or sorted(kind.personal_attributes)
    items = tuple(
        Item(name, kind.category_of(name)) for name in names if name != "synthetic" and kind.category_of(name) not in _OPEN
    )
    own = [one for one in asked if not one.retired and any(kind.type in each.types for each in one.categories)]
    return Entry(
        kind.type,
        kind.title,
        kind.controller,
        filing.office,
        (part.purpose, *(words for role in readers for words in role.purposes.values())),
        tuple(role.title for role in readers),
        items,
        tuple(sorted({one.role for one in kind.subjects})),
        filing.collected,
        any(item.category in SENSITIVE for item in items),
        tuple(recipient for one in own for recipient in _recipients(one)),
        kind.history_days,
        filing.kept_days,
        filing.exception,
    )


def _recipients(purpose: Purpose) -> list[Recipient]:
    if not purpose.recipients:
        return [Recipient("", purpose.title, {})]
    return [Recipient(principal, purpose.title, title) for principal, title in sorted(purpose.recipients.items())]
