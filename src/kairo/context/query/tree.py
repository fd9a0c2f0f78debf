"""What can a q say? The typed, immutable values that `language.parse_q` gives and that SQL and memory both evaluate.

CIM 009 4.9. Names in a `Path` are stored names (docs/architecture.md), expanded when the query was read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from kairo.context.query.pattern import Pattern


class Terms(Protocol):
    """Turns a term of the request's @context into the name under which it is stored."""

    def expand(self, term: str, /) -> str: ...


# Times that the broker keeps beside the document, in columns and in `stamps`.
ENTITY_STAMPS: Final = ("createdAt", "modifiedAt", "expiresAt")
ATTRIBUTE_STAMPS: Final = ("createdAt", "modifiedAt")
# Members of an attribute instance that are plain values and no attributes of their own.
METADATA: Final = frozenset({"observedAt", "unitCode", "datasetId", "expiresAt"})


@dataclass(frozen=True, slots=True)
class Path:
    """Leads to the target element: attribute, sub-attributes, then (in brackets) members of its value."""

    names: tuple[str, ...]
    trail: tuple[str, ...] = ()

    @property
    def entity_stamp(self) -> str | None:
        """The name, if this is a time of the entity itself."""
        return self.names[0] if len(self.names) == 1 and self.names[0] in ENTITY_STAMPS else None

    @property
    def attribute_stamp(self) -> str | None:
        """The name, if this is a time of an attribute."""
        return self.names[1] if len(self.names) == 2 and self.names[1] in ATTRIBUTE_STAMPS else None

    @property
    def metadata(self) -> str | None:
        """The name, if this is a plain member (observedAt, unitCode, …) of an attribute or sub-attribute."""
        return self.names[-1] if len(self.names) > 1 and self.names[-1] in METADATA else None


@dataclass(frozen=True, slots=True)
class Number:
    """A JSON number, exact."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Boolean:
    """true or false; they have no order."""

    value: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text or a URI. `vocab` is its stored name: what a VocabProperty is compared with."""

    value: str
    vocab: str


@dataclass(frozen=True, slots=True)
class Instant:
    """A DateTime: a moment, compared as a moment however a stored text writes it."""

    value: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A Date: a day of the calendar."""

    value: date


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A Time: an hour of any day, in UTC."""

    value: time


Literal = Number | Boolean | Text | Instant | Day | TimeOfDay


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included and of one kind."""

    low: Literal
    high: Literal


class Order(StrEnum):
    """How a value stands to a literal."""

    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="


@dataclass(frozen=True, slots=True)
class Exists:
    """The target is there, whatever its value."""

    path: Path


@dataclass(frozen=True, slots=True)
class Absent:
    """The target is not there."""

    path: Path


@dataclass(frozen=True, slots=True)
class Equals:
    """The target is, or (an array) includes, one of `choices`. `negated`: it is there, and is and includes none of them."""

    path: Path
    choices: tuple[Literal | Range, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Compares:
    """The target is a single value of the literal's type and stands so to it."""

    path: Path
    order: Order
    literal: Literal


@dataclass(frozen=True, slots=True)
class Like:
    """The target is a text in which the pattern is found. `negated`: it is a text, and the pattern is not found."""

    path: Path
    pattern: Pattern
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Linked:
    """Some entity that `relation` leads to, and that the asker may read, meets `inner` (`negated`: none does).

    `types`: only entities with one of these count; empty: of any type.
    """

    relation: str
    types: tuple[str, ...]
    inner: "Term | Linked"
    negated: bool = False

    @property
    def depth(self) -> int:
        """How many levels of linked entities it goes into."""
        return 1 + (self.inner.depth if isinstance(self.inner, Linked) else 0)


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Q", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds."""

    parts: tuple["Q", ...]


Term = Exists | Absent | Equals | Compares | Like
Q = Term | Linked | And | Or


def links(q: Q) -> Iterator[Linked]:
    """Every condition on linked entities, in order; of those that lead on, the first step with all behind it."""
    if isinstance(q, And | Or):
        for part in q.parts:
            yield from links(part)
    elif isinstance(q, Linked):
        yield q


def paths(q: Q) -> Iterator[Path]:
    """Every path that the query names, in order; of one through linked entities its first step."""
    if isinstance(q, And | Or):
        for part in q.parts:
            yield from paths(part)
    elif isinstance(q, Linked):
        yield Path((q.relation,))
    else:
        yield q.path
