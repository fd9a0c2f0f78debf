"""Which entities are asked for, all conditions together, and is that narrow enough to be answered?

CIM 009 5.7.2 (Query Entities). `EntityQuery` is what remains of the parameters once each is parsed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from kairo.context.query.geo import GeoQuery
from kairo.context.query.pattern import Pattern, PatternError
from kairo.context.query.reading import Reader
from kairo.context.query.scopes import ScopeQ
from kairo.context.query.tree import Q, paths
from kairo.context.query.types import AnyType, TypeSelection
from kairo.errors import BadRequestData, TooComplexQuery

MAX_IDS: Final = 10_000

# Attributes that every entity has: asking for them narrows nothing (5.7.2.4, "at least one non-system Attribute").
SYSTEM_ATTRIBUTES: Final = frozenset(("createdAt", "modifiedAt", "deletedAt", "expiresAt"))

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Selector:
    """One of several entity selectors (5.2.33): what it names must hold together."""

    types: TypeSelection
    ids: tuple[str, ...] = ()
    id_pattern: Pattern | None = None


@dataclass(frozen=True, slots=True)
class EntityQuery:
    """All must hold; what is empty or None restricts nothing. `attrs`: the entity has at least one of these (stored names).
    `selectors`: at least one of these selects it."""

    ids: tuple[str, ...] = ()
    id_pattern: Pattern | None = None
    types: TypeSelection | None = None
    selectors: tuple[Selector, ...] = ()
    attrs: tuple[str, ...] = ()
    q: Q | None = None
    geo: GeoQuery | None = None
    scope_q: ScopeQ | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether types, attributes or a geometry are asked for. Ids, id patterns and scopes alone do not count (5.7.2.3)."""
        return (
            self.types is not None
            or bool(self.selectors)
            or self.geo is not None
            or any(name not in SYSTEM_ATTRIBUTES for name in self.attrs)
            or (self.q is not None and any(path.names[0] not in SYSTEM_ATTRIBUTES for path in paths(self.q)))
        )

    @property
    def is_local(self) -> bool:
        """Whether the query itself says that only this broker is asked (`type=*`, 6.4.3.2)."""
        return isinstance(self.types, AnyType) or any(isinstance(one.types, AnyType) for one in self.selectors)

    def validate(self, *, local: bool = False) -> None:
        """Raises BadRequestData for a query that is too wide. `local`: the request says local=true."""
        if not (local or self.is_narrow):
            raise BadRequestData(
                "too wide query: at least one of type, attrs, q (with an attribute that is not a system attribute) and georel "
                "is needed, or local=true",
                detail_ja="検索条件が広すぎます。type、attrs、q、georel のいずれか、または local=true を指定してください",
                mend="Add type=… (or attrs, q, georel), or local=true to ask this broker alone.",
                mend_ja="type=… などの条件を加えるか、local=true を指定してください。",
            )


def parse_ids(ids: str | Iterable[str]) -> tuple[str, ...]:
    """Reads the parameter `id`: URIs, joined by commas or as a list; each once, in order."""
    given = ids.split(",") if isinstance(ids, str) else ids
    found = tuple(dict.fromkeys(text.strip() for text in given))
    if len(found) > MAX_IDS:
        raise TooComplexQuery(f"id lists more than {MAX_IDS} entities", detail_ja=f"id が {MAX_IDS} 件を超えています")
    for text in found:
        if _URI.fullmatch(text) is None:
            shown = ascii(text[:60])
            raise BadRequestData(
                f"id {shown} is not a URI. Right form: urn:ngsi-ld:Shelter:001",
                detail_ja=f"id {shown} は URI ではありません。正しい例：urn:ngsi-ld:Shelter:001",
                parameter="id",
            )
    return found


def parse_id_pattern(text: str) -> Pattern:
    """Reads the parameter `idPattern`: a regular expression that is found somewhere in the id, unless it has ^ or $."""
    reader = Reader("idPattern", text, "^urn:ngsi-ld:Shelter:35203")
    try:
        return Pattern.read(text)
    except PatternError as error:
        raise reader.fault(error.english, error.japanese, at=error.position) from error
