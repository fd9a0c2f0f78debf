"""Does this document match this query? Decided in memory, by the same rules as the SQL.

Subscriptions ask it of every change; the tests hold it and PostgreSQL against each other on random documents and queries.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any, Final

from kairo.context.query.entity_query import EntityQuery, Selector
from kairo.context.query.literals import day_of, instant_of, time_of_day_of
from kairo.context.query.tree import (
    Absent,
    And,
    Boolean,
    Compares,
    Day,
    Equals,
    Exists,
    Instant,
    Linked,
    Literal,
    Number,
    Or,
    Order,
    Path,
    Q,
    Range,
    Term,
    Text,
)


@dataclass(frozen=True, slots=True)
class Stamps:
    """The times that stand beside a document: the entity's own, and `attributes` in the form of the column `stamps`."""

    created_at: datetime | None = None
    modified_at: datetime | None = None
    expires_at: datetime | None = None
    attributes: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)


_NO_STAMPS: Final = Stamps()

_SCALAR, _LIST, _OBJECT, _LANGUAGE, _VOCAB = range(5)
Place = tuple[int, Any]
Answers = Callable[[Linked], bool]

_ORDERS: Final[dict[Order, Callable[[Any, Any], bool]]] = {
    Order.LESS: lt,
    Order.LESS_OR_EQUAL: le,
    Order.GREATER: gt,
    Order.GREATER_OR_EQUAL: ge,
}


def selects(query: EntityQuery, doc: Mapping[str, Any], stamps: Stamps = _NO_STAMPS, linked: Answers | None = None) -> bool:
    """Whether the whole query selects the entity: selectors, attributes, q, geometry and scopes. `linked`: see `matches`."""
    scopes = doc.get("scope", ())
    return (
        _is_selected(query, doc)
        and (not query.selectors or any(_is_selected(one, doc) for one in query.selectors))
        and (not query.attrs or any(name in doc for name in query.attrs))
        and (query.scope_q is None or query.scope_q.matches((scopes,) if isinstance(scopes, str) else scopes))
        and (query.q is None or matches(query.q, doc, stamps, linked))
        and (query.geo is None or query.geo.matches_entity(doc))
    )


def _is_selected(by: Selector | EntityQuery, doc: Mapping[str, Any]) -> bool:
    types = doc.get("type", ())
    return (
        (not by.ids or doc["id"] in by.ids)
        and (by.id_pattern is None or by.id_pattern.search(doc["id"]))
        and (by.types is None or by.types.matches((types,) if isinstance(types, str) else types))
    )


def matches(q: Q, doc: Mapping[str, Any], stamps: Stamps = _NO_STAMPS, linked: Answers | None = None) -> bool:
    """Whether the document, in stored form, meets the conditions of `q`. `linked` answers conditions on other entities, which
    only the database sees; ValueError where there are some and nobody answers."""
    if isinstance(q, Linked):
        if linked is None:
            raise ValueError(f"only the database sees what {q.relation} leads to")
        return linked(q)
    if isinstance(q, And):
        return all(matches(part, doc, stamps, linked) for part in q.parts)
    if isinstance(q, Or):
        return any(matches(part, doc, stamps, linked) for part in q.parts)
    if name := q.path.entity_stamp:
        moment = {"createdAt": stamps.created_at, "modifiedAt": stamps.modified_at, "expiresAt": stamps.expires_at}[name]
        return _term(q, moment is not None, [(_SCALAR, moment)] if moment else [])
    places = list(_places(q.path, doc, stamps))
    return _term(q, _exists(q.path, doc, places), places)


def _term(q: Term, exists: bool, places: list[Place]) -> bool:
    if isinstance(q, Exists):
        return exists
    if isinstance(q, Absent):
        return not exists
    if isinstance(q, Equals):
        equal = any(_is_or_includes(place, choice) for place in places for choice in q.choices)
        return exists and not equal if q.negated else equal
    if isinstance(q, Compares):
        order = _ORDERS[q.order]
        return any(order(read, q.literal.value) for place in places for read in _ordered_values(place, q.literal))
    texts = [text for place in places for text in _texts(place)]
    found = any(q.pattern.search(text) for text in texts)
    return bool(texts) and not found if q.negated else found


def _exists(path: Path, doc: Mapping[str, Any], places: list[Place]) -> bool:
    if path.trail or path.metadata or path.attribute_stamp:
        return bool(places)
    return next(_instances(path.names, doc), None) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _instances(names: Sequence[str], holder: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All attribute instances that the names lead to."""
    if names[0] not in holder:
        return
    for instance in _listed(holder[names[0]]):
        if not isinstance(instance, Mapping):
            continue
        if len(names) == 1:
            yield instance
        else:
            yield from _instances(names[1:], instance)


def _places(path: Path, doc: Mapping[str, Any], stamps: Stamps) -> Iterator[Place]:
    """The target values, each with what kind of attribute it comes from."""
    if path.attribute_stamp:
        index = 0 if path.attribute_stamp == "createdAt" else 1
        if path.names[0] in doc:  # a withheld attribute has no times either
            yield from ((_SCALAR, times[index]) for times in stamps.attributes.get(path.names[0], {}).values())
        return
    names = path.names[:-1] if path.metadata else path.names
    for instance in _instances(names, doc):
        if path.metadata:
            if path.metadata in instance:
                yield _SCALAR, instance[path.metadata]
        elif path.trail:
            yield from _members(path.trail, instance)
        else:
            yield from _values(instance)


def _values(instance: Mapping[str, Any]) -> Iterator[Place]:
    for member in ("value", "json"):
        if member in instance:
            yield _SCALAR, instance[member]
    if "object" in instance:
        yield _OBJECT, instance["object"]
    for item in _listed(instance.get("objectList", [])):
        yield _OBJECT, item.get("object") if isinstance(item, Mapping) else item
    for text in instance.get("languageMap", {}).values():
        yield _LANGUAGE, text
    if "vocab" in instance:
        yield _VOCAB, instance["vocab"]
    if "valueList" in instance:
        yield _LIST, instance["valueList"]


def _members(trail: tuple[str, ...], instance: Mapping[str, Any]) -> Iterator[Place]:
    for member in ("value", "json"):
        if member in instance:
            value = instance[member]
            for name in trail:
                if not isinstance(value, Mapping) or name not in value:
                    break
                value = value[name]
            else:
                yield _SCALAR, value
    if len(trail) == 1:
        languages = instance.get("languageMap", {})
        if trail[0] == "*":
            yield from ((_LANGUAGE, text) for text in languages.values())
        elif trail[0] in languages:
            yield _LANGUAGE, languages[trail[0]]


def _is_or_includes(place: Place, choice: Literal | Range) -> bool:
    kind, value = place
    if isinstance(choice, Range):
        low: Any = choice.low.value
        high: Any = choice.high.value
        return any(low <= read <= high for read in _ordered_values(place, choice.low))
    if kind not in (_SCALAR, _LIST) and not isinstance(choice, Text):
        return False
    literal = choice.vocab if kind == _VOCAB and isinstance(choice, Text) else choice.value
    candidates = list(_listed(value))
    if kind in (_SCALAR, _LIST):
        candidates += [
            inner
            for item in _listed(value)
            if isinstance(item, Mapping) and "@value" in item
            for inner in _listed(item["@value"])
        ]
    return any((read := _read(candidate, choice)) is not None and read == literal for candidate in candidates)


def _ordered_values(place: Place, literal: Literal) -> Iterator[Any]:
    """The values of this place that have an order with the literal: single ones of its type, never arrays."""
    kind, value = place
    if kind == _LANGUAGE and isinstance(literal, Text):
        candidates = _listed(value)
    elif kind == _SCALAR:
        candidates = [value["@value"] if isinstance(value, Mapping) and "@value" in value else value]
    else:
        return
    for candidate in candidates:
        read = _read(candidate, literal)
        if read is not None:
            yield read


def _texts(place: Place) -> Iterator[str]:
    """The texts of this place that a pattern is tried on."""
    kind, value = place
    if kind in (_LANGUAGE, _VOCAB):
        yield from (text for text in _listed(value) if isinstance(text, str))
    elif kind == _SCALAR:
        text = value["@value"] if isinstance(value, Mapping) and "@value" in value else value
        if isinstance(text, str):
            yield text


def _read(stored: Any, literal: Literal) -> Any:
    """The stored value in the type of the literal, or None if it is of another type."""
    if isinstance(literal, Boolean):
        return stored if isinstance(stored, bool) else None
    if isinstance(literal, Number):
        if isinstance(stored, bool) or not isinstance(stored, int | float | Decimal):
            return None
        return Decimal(repr(stored)) if isinstance(stored, float) else Decimal(stored)
    if isinstance(literal, Instant) and isinstance(stored, datetime):
        return stored
    if not isinstance(stored, str):
        return None
    if isinstance(literal, Text):
        return stored
    if isinstance(literal, Instant):
        return instant_of(stored)
    return day_of(stored) if isinstance(literal, Day) else time_of_day_of(stored)
