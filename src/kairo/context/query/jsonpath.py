"""How does PostgreSQL test one document against a q? As one SQL/JSON path predicate, without a cast that could fail.

A jsonpath is a value: it travels as a parameter, and the texts in it are written by `quote` alone. jsonpath is lax here: a
step into an array goes into its elements, a missing member is nothing rather than an error. Where the specification wants no
such unwrapping (orders, patterns, members in brackets), the type is tested first. An error inside a filter is "unknown", which
matches nothing; so every negation here is a negation of `exists`, which is never unknown.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kairo.context.query.jsonpath_literals import compare, quote, temporal
from kairo.context.query.tree import (
    Absent,
    And,
    Boolean,
    Compares,
    Equals,
    Exists,
    Linked,
    Literal,
    Number,
    Or,
    Path,
    Q,
    Range,
    Term,
    Text,
)

NEVER: Final = "(1 == 0)"


class Kind(Enum):
    """What a place in an attribute instance holds."""

    SCALAR = "value or json"
    LIST = "valueList"
    OBJECT = "object or objectList"
    LANGUAGE = "languageMap"
    VOCAB = "vocab"


@dataclass(frozen=True, slots=True)
class Place:
    """Where, seen from an instance (`@`), values stand, and what must hold for it to be entered."""

    kind: Kind
    item: str
    guard: str = ""

    def under_guard(self, test: str) -> str:
        return f"({self.guard} && {test})" if self.guard else test


def document_predicate(q: Q) -> str | None:
    """The predicate on the document (`@`), or None if the query asks for times that stand beside it or for other entities."""
    if isinstance(q, And | Or):
        parts = [document_predicate(part) for part in q.parts]
        if any(part is None for part in parts):
            return None
        return "(" + (" && " if isinstance(q, And) else " || ").join(part for part in parts if part) + ")"
    if isinstance(q, Linked) or q.path.entity_stamp or q.path.attribute_stamp:
        return None
    return _term_predicate(q, *_document_places(q.path))


def stamps_predicate(q: Term) -> str:
    """The predicate on `stamps` (`@`) for a term on an attribute's createdAt or modifiedAt."""
    index = 0 if q.path.attribute_stamp == "createdAt" else 1
    # The arrays of times stand in the place, not among the instances: a filter would look at each time on its own.
    return _term_predicate(q, f"@.{quote(q.path.names[0])}", (Place(Kind.SCALAR, f"@.*[{index}]"),))


def _term_predicate(q: Term, instances: str, places: tuple[Place, ...]) -> str:
    there = _exists(instances, places, q.path)
    if isinstance(q, Exists):
        return there
    if isinstance(q, Absent):
        return f"!({there})"
    if isinstance(q, Equals):
        equal = _any_place(instances, places, lambda place: _any([_equal(place, choice) for choice in q.choices]))
        return f"({there} && !({equal}))" if q.negated else equal
    if isinstance(q, Compares):
        return _any_place(instances, places, lambda place: _ordered(place, ((q.order.value, q.literal),)))
    found = _any_place(instances, places, lambda place: _like(place, q.pattern.sql))
    if not q.negated:
        return found
    return f"({_any_place(instances, places, lambda place: _like(place, None))} && !({found}))"


def _document_places(path: Path) -> tuple[str, tuple[Place, ...]]:
    """The expression for all instances of the target element, and the places in each of them."""
    names = path.names[:-1] if path.metadata else path.names
    instances = "@" + "".join(f".{quote(name)}[*]" for name in names)
    if path.metadata:
        return instances, (Place(Kind.SCALAR, f"@.{quote(path.metadata)}"),)
    if not path.trail:
        return instances, (
            *(Place(Kind.SCALAR, f"@.{member}") for member in ("value", "json")),
            Place(Kind.OBJECT, "@.object"),
            Place(Kind.LANGUAGE, "@.languageMap.*"),
            Place(Kind.VOCAB, "@.vocab"),
            Place(Kind.LIST, "@.valueList"),
            Place(Kind.OBJECT, "@.objectList"),
            Place(Kind.OBJECT, "@.objectList.object"),
        )
    places = [_member(member, path.trail) for member in ("value", "json")]
    if len(path.trail) == 1:
        step = "*" if path.trail[0] == "*" else quote(path.trail[0])
        places.append(Place(Kind.LANGUAGE, f"@.languageMap.{step}"))
    return instances, tuple(places)


def _member(member: str, trail: tuple[str, ...]) -> Place:
    """A member of a compound value, as ECMAScript's dot notation finds it: through objects, never through arrays."""
    item = f"@.{member}"
    guards = []
    for name in trail:
        guards.append(f'{item}.type() == "object"')
        item += f".{quote(name)}"
    return Place(Kind.SCALAR, item, " && ".join(guards))


def _exists(instances: str, places: tuple[Place, ...], path: Path) -> str:
    if path.trail or path.metadata or path.attribute_stamp:
        return _any_place(instances, places, lambda place: place.under_guard(f"exists({place.item})"))
    return f'exists({instances} ? (@.type() == "object"))'


def _any_place(instances: str, places: tuple[Place, ...], test: Callable[[Place], str | None]) -> str:
    """Some instance passes the test of one of its places (None: a test that can never be passed).

    An instance has a `value` or one of the other members, never both: where there is a value, the others are not looked for.
    """
    first, *others = [(place, test(place)) for place in places]
    tests = [first[1]]
    rest = _any([found for _, found in others])
    if rest and first[0].item.partition(".")[2].partition(".")[0] == "value":
        tests.append(f"(!(exists(@.value)) && {rest})")
    else:
        tests.append(rest)
    possible = _any(tests)
    return f"exists({instances} ? {possible})" if possible else NEVER


def _any(tests: Iterable[str | None]) -> str | None:
    """One of the tests that can be passed."""
    possible = [test for test in tests if test]
    return f"({' || '.join(possible)})" if possible else None


def _typed(place: Place) -> Iterator[str]:
    """The value itself, and what a JSON-LD typed value ({"@type": …, "@value": …}) holds."""
    yield place.item
    if place.kind in (Kind.SCALAR, Kind.LIST):
        yield f'{place.item}."@value"'


def _equal(place: Place, choice: Literal | Range) -> str | None:
    """Is, or includes. A comparison in lax mode goes through the elements of an array by itself."""
    if isinstance(choice, Range):
        return _ordered(place, ((">=", choice.low), ("<=", choice.high)))
    if isinstance(choice, Text):
        value = quote(choice.vocab if place.kind is Kind.VOCAB else choice.value)
    elif place.kind not in (Kind.SCALAR, Kind.LIST):
        return None
    elif isinstance(choice, Number):
        value = str(choice.value)
    elif isinstance(choice, Boolean):
        value = str(choice.value).lower()
    else:
        # The filter goes through one array; the type keeps its tests from going through another in that.
        test = f'@.type() == "string" && ({temporal("==", choice)})'
        return _each(place, (f"exists({item} ? ({test}))" for item in _typed(place)))
    return _each(place, (f"{item} == {value}" for item in _typed(place)))


def _each(place: Place, tests: Iterable[str]) -> str:
    return place.under_guard("(" + " || ".join(tests) + ")")


def _ordered(place: Place, bounds: tuple[tuple[str, Literal], ...]) -> str | None:
    """All bounds hold for one value. An array has no order."""
    literal = bounds[0][1]
    test = " && ".join(compare(order, bound) for order, bound in bounds)
    kind = "number" if isinstance(literal, Number) else "string"
    if place.kind is Kind.LANGUAGE and isinstance(literal, Text):
        return place.under_guard(f'exists({place.item} ? (@.type() == "string" && {test}))')
    if place.kind is not Kind.SCALAR:
        return None
    inner = f'{place.item}."@value"'
    return _each(
        place,
        (
            f'({place.item}.type() == "{kind}" && exists({place.item} ? ({test})))',
            f'({place.item}.type() == "object" && {inner}.type() == "{kind}" && exists({inner} ? ({test})))',
        ),
    )


def _like(place: Place, pattern: str | None) -> str | None:
    """The pattern is found in a text; None: there is a text at all."""
    test = "" if pattern is None else f' && @ like_regex {quote(pattern)} flag "s"'
    if place.kind in (Kind.LANGUAGE, Kind.VOCAB):
        return place.under_guard(f'exists({place.item} ? (@.type() == "string"{test}))')
    if place.kind is not Kind.SCALAR:
        return None
    inner = f'{place.item}."@value"'
    return _each(
        place,
        (
            f'({place.item}.type() == "string" && exists({place.item} ? (@.type() == "string"{test})))',
            f'({place.item}.type() == "object" && {inner}.type() == "string" && exists({inner} ? (@.type() == "string"{test})))',
        ),
    )
