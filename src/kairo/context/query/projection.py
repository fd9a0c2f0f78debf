"""Which members of an entity are shown? `attrs`, `pick` and `omit`, the Attribute Projection Language (CIM 009 4.21).

`pick` keeps only what it lists, `id`, `type` and `scope` included; `omit` removes; `attrs` (deprecated) keeps the listed attributes
beside id, type and scope, and also selects: an entity with none of them is not in the answer (EntityQuery.attrs).
`relation{name,…}` goes on into linked entities, as deep as the request joins them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kairo.context.query.reading import Reader
from kairo.context.query.tree import Terms
from kairo.errors import BadRequestData, TooComplexQuery

MAX_NAMES: Final = 1000
ENTITY_MEMBERS: Final = ("id", "type", "scope")

_EXAMPLE = "temperature,humidity or observation{temperature,humidity}"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s,|;(){}\"<>\\^`]+")


@dataclass(frozen=True, slots=True)
class Projected:
    """A member by its stored name. `linked`: what is shown of the entities that this relationship leads to."""

    name: str
    linked: tuple["Projected", ...] = ()

    @property
    def depth(self) -> int:
        return 1 + max((part.depth for part in self.linked), default=-1)

    def written(self, name: Callable[[str], str]) -> str:
        """As it stands in pick and omit, in the names that `name` gives."""
        inside = ",".join(part.written(name) for part in self.linked)
        return f"{name(self.name)}{{{inside}}}" if inside else name(self.name)


@dataclass(frozen=True, slots=True)
class Projection:
    """What is shown. `attrs` and `pick` are None when not asked; all names are stored names."""

    attrs: tuple[str, ...] | None = None
    pick: tuple[Projected, ...] | None = None
    omit: tuple[Projected, ...] = ()

    @property
    def shows_all(self) -> bool:
        """Whether stored documents are shown as they are."""
        return self.attrs is None and self.pick is None and not self.omit

    @property
    def depth(self) -> int:
        """How many levels of linked entities are projected."""
        return max((part.depth for part in (*(self.pick or ()), *self.omit)), default=0)

    @property
    def kept(self) -> frozenset[str] | None:
        """The members to keep; None: all that are not removed."""
        if self.attrs is not None:
            return frozenset((*self.attrs, *ENTITY_MEMBERS))
        return None if self.pick is None else frozenset(part.name for part in self.pick)

    @property
    def removed(self) -> frozenset[str]:
        """The members to remove as a whole; `relation{…}` in omit removes inside the linked entities only."""
        return frozenset(part.name for part in self.omit if not part.linked)

    def shows(self, name: str) -> bool:
        kept = self.kept
        return (kept is None or name in kept) and name not in self.removed

    def into(self, relation: str) -> "Projection":
        """What is shown of the entities that a relationship leads to: all, unless braces behind its name say otherwise."""
        picked = next((part.linked for part in self.pick or () if part.name == relation and part.linked), None)
        omitted = next((part.linked for part in self.omit if part.name == relation), ())
        return Projection(pick=picked, omit=omitted)

    def apply(self, doc: Mapping[str, Any]) -> dict[str, Any]:
        """The document with the members that are shown, in their order."""
        kept, removed = self.kept, self.removed
        return {name: value for name, value in doc.items() if (kept is None or name in kept) and name not in removed}


def parse_projection(
    attrs: str | Iterable[str] | None,
    pick: str | Iterable[str] | None,
    omit: str | Iterable[str] | None,
    terms: Terms,
    *,
    join_level: int = 0,
) -> Projection:
    """Reads the three parameters, as texts or (from a POST) as lists. `join_level`: how deep the request joins linked entities.

    `attrs` is a synonym of pick and q together (6.4.3.2), so it stands with neither pick nor omit; no name is picked and omitted.
    """
    if attrs is not None and (pick is not None or omit is not None):
        other = "pick" if pick is not None else "omit"
        raise BadRequestData(
            f"attrs (deprecated) and {other} exclude each other. Right form: pick=temperature&q=temperature",
            detail_ja=f"attrs（非推奨）と {other} は同時に使えません。pick と q を使ってください",
            parameter=other,
        )
    found = Projection(
        None if attrs is None else _attrs(attrs, terms),
        None if pick is None else _terms("pick", pick, terms),
        () if omit is None else _terms("omit", omit, terms),
    )
    both = sorted({part.name for part in found.pick or ()} & found.removed)
    if both:
        raise BadRequestData(
            f"pick and omit both name {both[0]}",
            detail_ja=f"pick と omit の両方に「{both[0]}」があります",
            mend="Name it in one of them only.",
            mend_ja="どちらか一方だけに書いてください。",
            parameter="omit",
        )
    if found.depth > join_level:
        raise BadRequestData(
            f"pick or omit goes {found.depth} levels into linked entities, the request joins {join_level} (join, joinLevel)",
            detail_ja=f"pick・omit が関連先の {found.depth} 段目を指していますが、取得は {join_level} 段までです",
            mend="Ask for join=inline with a joinLevel as deep, or leave the braces out.",
            mend_ja="join=inline と joinLevel を指定するか、{ } を外してください。",
            parameter="pick" if found.pick is not None else "omit",
        )
    return found


def _attrs(given: str | Iterable[str], terms: Terms) -> tuple[str, ...]:
    parts = _terms("attrs", given, terms, members=False)
    return tuple(part.name for part in parts)


def _terms(parameter: str, given: str | Iterable[str], terms: Terms, *, members: bool = True) -> tuple[Projected, ...]:
    reader = Reader(parameter, given if isinstance(given, str) else ",".join(given), _EXAMPLE)
    count = [0]
    found = _list(reader, terms, members, count)
    reader.expect_end()
    return found


def _list(reader: Reader, terms: Terms, members: bool, count: list[int]) -> tuple[Projected, ...]:
    found = [_one(reader, terms, members, count)]
    while reader.take(",") or reader.take("|"):
        found.append(_one(reader, terms, members, count))
    return tuple(dict.fromkeys(found))


def _one(reader: Reader, terms: Terms, members: bool, count: list[int]) -> Projected:
    count[0] += 1
    if count[0] > MAX_NAMES:
        raise TooComplexQuery(
            f"{reader.parameter} has more than {MAX_NAMES} names",
            detail_ja=f"{reader.parameter} の名前が {MAX_NAMES} 個を超えています",
        )
    start = reader.position
    name = reader.match(_IRI) or reader.name()
    if name is None:
        raise reader.fault("needs the name of an attribute here", "ここに属性名が必要です")
    stored = name if name in ENTITY_MEMBERS else terms.expand(name)
    if stored in ENTITY_MEMBERS and not members:
        raise reader.fault("takes attributes only; id, type and scope are always shown", "属性名だけを書きます", at=start)
    if not (members and reader.peek("{")):
        return Projected(stored)
    if stored in ENTITY_MEMBERS:
        raise reader.fault("goes into a member that leads to no entity", "関連先を持たないメンバーです", at=start)
    reader.take("{")
    reader.descend()
    linked = _list(reader, terms, members, count)
    reader.expect("}")
    reader.ascend()
    return Projected(stored, linked)
