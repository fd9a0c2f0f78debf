"""Which entity types does `type` select? The Entity Type Selection Language (CIM 009 4.17).

`A,B` and `A|B`: either. `(A;B)`: both. `*`: any. The caller resolves a selection to type keys (docs/architecture.md) by asking
`matches` of every distinct set of types the tenant has.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from kairo.context.query.reading import Reader
from kairo.context.query.tree import Terms

_EXAMPLE = "Shelter,Hospital or (Home;Vehicle)|Motorhome"
_TYPE = re.compile(r"[^\s,;|()\"<>\\^`{}]+")


@dataclass(frozen=True, slots=True)
class OneType:
    """Entities that have this type, possibly among others."""

    name: str

    def matches(self, types: Collection[str]) -> bool:
        return self.name in types

    @property
    def single(self) -> str | None:
        """The one type, if the selection is just that."""
        return self.name

    @property
    def names(self) -> frozenset[str]:
        """All types that are mentioned."""
        return frozenset((self.name,))


@dataclass(frozen=True, slots=True)
class AnyType:
    """`*`: every entity. It implies local scope (6.4.3.2)."""

    def matches(self, types: Collection[str]) -> bool:
        del types
        return True

    @property
    def single(self) -> str | None:
        return None

    @property
    def names(self) -> frozenset[str]:
        return frozenset()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Entities that each part selects."""

    parts: tuple["TypeSelection", ...]

    def matches(self, types: Collection[str]) -> bool:
        return all(part.matches(types) for part in self.parts)

    @property
    def single(self) -> str | None:
        return None

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(part.names for part in self.parts))


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Entities that some part selects."""

    parts: tuple["TypeSelection", ...]

    def matches(self, types: Collection[str]) -> bool:
        return any(part.matches(types) for part in self.parts)

    @property
    def single(self) -> str | None:
        return None

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(part.names for part in self.parts))


TypeSelection = OneType | AnyType | AllOf | AnyOf


def parse_type_selection(text: str, terms: Terms) -> TypeSelection:
    """Reads the parameter `type`. `;` binds tighter than `,` and `|`; parentheses may be nested."""
    reader = Reader("type", text, _EXAMPLE)
    if reader.take("*"):
        reader.expect_end()
        return AnyType()
    found = _alternatives(reader, terms)
    reader.expect_end()
    return found


def _alternatives(reader: Reader, terms: Terms) -> TypeSelection:
    parts = [_conjunction(reader, terms)]
    while reader.take(",") or reader.take("|"):
        parts.append(_conjunction(reader, terms))
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else AnyOf(distinct)


def _conjunction(reader: Reader, terms: Terms) -> TypeSelection:
    parts = [_part(reader, terms)]
    while reader.take(";"):
        parts.append(_part(reader, terms))
    distinct = tuple(dict.fromkeys(parts))
    return distinct[0] if len(distinct) == 1 else AllOf(distinct)


def _part(reader: Reader, terms: Terms) -> TypeSelection:
    if reader.take("("):
        reader.descend()
        found = _alternatives(reader, terms)
        reader.expect(")")
        reader.ascend()
        return found
    start = reader.position
    name = reader.match(_TYPE)
    if name is None:
        raise reader.fault("needs the name of an entity type here", "ここにエンティティ型の名前が必要です")
    if not (name[0].isalpha() or name[0] == "_"):
        raise reader.fault("has an entity type that does not begin with a letter", "型名は文字で始まります", at=start)
    return OneType(terms.expand(name))
