"""Under which keys does an attribute stand in an index, and which keys may a term of a q mean?

The law that all else stands on: where a document meets a term, its attribute has a key in one of the term's ranges. The reverse
need not hold, for the term itself is still asked of whatever an index finds. So everything in the attribute's values counts,
however deep, and a key may be coarser than the value: a text is cut, a number rounded. Both keep the order.

A key is a letter and a text whose order by code points (collation C) is that of the values: `t` a text, `n` a number, `m` a
moment, which also stands there as the text that writes it. `!t` says that there are several texts, and so on: one of them may be
above a bound, another below. Changing keys needs a migration that empties the tables.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from struct import pack, unpack
from typing import Any, Final

from kairo.context.model.stored import VALUE_NAMES, Stored, instances
from kairo.context.query.literals import instant_of
from kairo.context.query.tree import And, Compares, Day, Equals, Instant, Literal, Number, Order, Path, Q, Range, Text

Keys = frozenset[str]
Bounds = tuple[str, str]  # the least and the greatest key, both included

ANYTHING: Final = ""  # the only key of an attribute that holds too much: whatever is asked, it may hold
_NONE: Keys = frozenset()
_TEXT_LENGTH: Final = 64
_EARLIEST, _LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a term, or several on one attribute, seek: an entity that meets them has a key of `attribute` in one of `ranges`."""

    attribute: str
    ranges: tuple[Bounds, ...]


def keys_of(stored: Stored | None, most: int) -> Keys:
    """The keys of an attribute with all its instances; `ANYTHING` where they would be more than `most`."""
    if stored is None:
        return _NONE
    found: set[str] = set()
    waiting = [instance[name] for instance in instances(stored) for name in VALUE_NAMES if name in instance]
    while waiting:
        item: Any = waiting.pop()
        if type(item) is dict:
            waiting.extend(item.values())
        elif type(item) is list:
            waiting.extend(item)
        elif type(item) is str:
            found.add(_text_key(item))
            moment = instant_of(item)
            if moment is not None:
                found.add(_moment_key(moment))
        elif type(item) is int or type(item) is float:
            found.add(_number_key(item))
        if len(found) > most:
            return frozenset((ANYTHING,))
    if len(found) > 1:
        kinds = [key[0] for key in found]
        found.update(_several(kind) for kind in set(kinds) if kinds.count(kind) > 1)
    return frozenset(found)


def sought_by(q: Q) -> list[Sought]:
    """What an index may help to find of those terms that every entity found must meet: equalities first, then bounds. Terms on
    attributes of attributes, on times of the broker's own and on linked entities are left to the scan."""
    equal: list[Sought] = []
    between: dict[tuple[Path, str], list[Bounds]] = {}
    for term in _conjuncts(q):
        if len(term.path.names) > 1 or term.path.entity_stamp:
            continue
        if isinstance(term, Compares):
            bounds = _bounds(term)
            if bounds is not None:
                between.setdefault((term.path, bounds[0][0]), []).append(bounds)
        elif (ranges := _ranges(term)) is not None:
            equal.append(Sought(term.path.names[0], (*ranges, (ANYTHING, ANYTHING))))
    return equal + [_all_of(path.names[0], kind, found) for (path, kind), found in between.items()]


def _all_of(attribute: str, kind: str, found: list[Bounds]) -> Sought:
    """What meets all of these bounds on values of one kind: a value between them, or several that meet one each."""
    inner = (max(low for low, _ in found), min(high for _, high in found))
    several = [(_several(kind),) * 2] if len(found) > 1 else []
    return Sought(attribute, (inner, *several, (ANYTHING, ANYTHING)))


def _conjuncts(q: Q) -> Iterator[Equals | Compares]:
    if isinstance(q, And):
        for part in q.parts:
            yield from _conjuncts(part)
    elif isinstance(q, Compares) or (isinstance(q, Equals) and not q.negated):
        yield q


def _bounds(term: Compares) -> Bounds | None:
    """The keys that a comparison may mean; None where what it asks for stands under none."""
    key = _key(term.literal)
    if key is None:
        return None
    return (key[0], key) if term.order in (Order.LESS, Order.LESS_OR_EQUAL) else (key, chr(ord(key[0]) + 1))


def _ranges(term: Equals) -> list[Bounds] | None:
    """The same of an equality, for each of its choices."""
    found: list[Bounds] = []
    for choice in term.choices:
        ends = (choice.low, choice.high) if isinstance(choice, Range) else (choice, choice)
        low, high = map(_key, ends)
        if low is None or high is None:
            return None
        found.append((low, high))
        if isinstance(choice, Text):
            found.append((_text_key(choice.vocab),) * 2)
    return list(dict.fromkeys(found))


def _key(literal: Literal) -> str | None:
    if isinstance(literal, Number):
        return _number_key(float(literal.value))
    if isinstance(literal, Text):
        return _text_key(literal.value)
    if isinstance(literal, Instant):
        return _moment_key(literal.value)
    if isinstance(literal, Day):  # compared as the text that writes it (jsonpath_literals.py)
        return _text_key(literal.value.isoformat())
    return None


def _several(kind: str) -> str:
    return f"!{kind}"


def _text_key(text: str) -> str:
    return f"t{text[:_TEXT_LENGTH]}"


def _number_key(number: float) -> str:
    """The bits of a double, made so that they are ordered as the numbers are. -0.0 is 0."""
    (bits,) = unpack(">Q", pack(">d", number + 0.0))
    return f"n{bits ^ (0xFFFFFFFFFFFFFFFF if bits >> 63 else 1 << 63):016x}"


def _moment_key(moment: datetime) -> str:
    """A moment in UTC. What an offset puts before the year 1 or behind 9999 stands at that end."""
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        moment = _EARLIEST if moment.year == 1 else _LATEST
    return f"m{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}"


def rows_of(entity: str, index_id: int, keys: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of `attribute_value`."""
    return [{"entity": entity, "index_id": index_id, "value": key} for key in keys]
