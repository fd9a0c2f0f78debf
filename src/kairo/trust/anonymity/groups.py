"""Which persons does a number speak of? Groups by conditions on attributes, and the finest groups that all told numbers tell apart.

A value of a person is a number, or a text: `=` and what is written, UNKNOWN, or SEVERAL where a person's entities disagree.
"""

import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from kairo.errors import TooComplexQuery

Value = str | float
Row = NDArray[np.bool_]

UNKNOWN: Final = "?"
SEVERAL: Final = "+"
ELSE: Final = "=\U0010ffff"  # stands for whatever nobody named


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """A condition on one attribute: one of `values` (`in`), none of them (`out`), or a number from `low` until before `high`."""

    attribute: str
    kind: Literal["in", "out", "range"] = "in"
    values: tuple[str, ...] = ()
    low: float = -math.inf
    high: float = math.inf

    def holds(self, value: Value) -> bool:
        """Whether a person with this value is meant."""
        if self.kind == "range":
            return not isinstance(value, str) and self.low <= value < self.high
        return (value in self.values) is (self.kind == "in")

    def told(self) -> list[Any]:
        """As JSON; an open end is null."""
        if self.kind == "range":
            return [self.attribute, self.kind, *(None if math.isinf(end) else end for end in (self.low, self.high))]
        return [self.attribute, self.kind, *self.values]


Group = tuple[Part, ...]  # whoever meets all of it; nothing: everybody


def group_of(*parts: Part) -> Group:
    """The group in its one order, so that equal conditions are equal groups."""
    return tuple(sorted(set(parts)))


def key_of(group: Group) -> str:
    """The group as text: its name in the ledger."""
    return json.dumps([part.told() for part in group], ensure_ascii=False, separators=(",", ":"))


def group_from(key: str) -> Group:
    """The group that `key_of` wrote."""
    found = []
    for attribute, kind, *rest in json.loads(key):
        if kind == "range":
            low, high = (-math.inf if rest[0] is None else rest[0]), (math.inf if rest[1] is None else rest[1])
            found.append(Part(attribute, "range", (), low, high))
        else:
            found.append(Part(attribute, kind, tuple(rest)))
    return group_of(*found)


@dataclass(frozen=True, slots=True)
class Domain:
    """Which values of an attribute are possible, as everybody knows: these texts (ELSE among them: any), numbers from `low` until
    before `high` (none where they are equal). What is possible and has nobody is a group of nobody, and may not be given away.
    That nobody's value is unknown may be: it says nothing about a person."""

    texts: tuple[str, ...] = (UNKNOWN, ELSE)
    low: float = 0.0
    high: float = 0.0

    def samples(self, parts: Sequence[Part]) -> list[Value]:
        """Possible values, at least one for each way in which one can meet the conditions."""
        ends = {end for part in parts if part.kind == "range" for end in (part.low, part.high)} | {self.low}
        numbers = [0.0 if end == -math.inf == self.low else end for end in ends] + [
            math.nextafter(end, -math.inf) for end in ends
        ]
        texts = (text for text in self.texts if text not in {UNKNOWN, SEVERAL})
        return [*texts, *(number for number in numbers if self.low <= number < self.high and math.isfinite(number))]


def _ways(parts: Sequence[Part], domain: Domain, present: Iterable[Value]) -> list[tuple[bool, ...]]:
    """The ways in which a value can meet these conditions."""
    values = (*domain.samples(parts), *present)
    return list(dict.fromkeys(tuple(part.holds(value) for part in parts) for value in values))


@dataclass(frozen=True, slots=True)
class Atoms:
    """The finest groups. `persons[i]`: how many stand in atom i, `open_persons[i]`: those of them who are not protected."""

    parts: tuple[Part, ...]
    met: NDArray[np.bool_]  # atom × part
    persons: NDArray[np.int64]
    open_persons: NDArray[np.int64]
    place: Mapping[tuple[Value, ...], int]  # in which atom the persons with these values stand

    def row(self, group: Group) -> Row:
        """Which atoms make up the group."""
        return np.asarray(self.met[:, [self.parts.index(part) for part in group]].all(axis=1))

    def count(self, group: Group) -> int:
        """How many persons are in the group."""
        return int(self.persons[self.row(group)].sum())

    def open_count(self, group: Group) -> int:
        """How many of them are not protected."""
        return int(self.open_persons[self.row(group)].sum())


Counted = Mapping[
    tuple[Value, ...], tuple[int, int]
]  # values, in the order of the attributes → persons, and those not protected


def atoms_of(groups: Iterable[Group], domains: Mapping[str, Domain], counted: Counted, most: int) -> Atoms:
    """The finest groups that these groups tell apart, empty ones among them. `domains`: of each attribute, in the order of
    `counted`. Raises TooComplexQuery beyond `most`."""
    parts = tuple(sorted({part for group in groups for part in group}))
    by_attribute = [[number for number, part in enumerate(parts) if part.attribute == name] for name in domains]
    ways = [
        _ways([parts[number] for number in numbers], domain, {values[at] for values in counted}) if numbers else [()]
        for at, (numbers, domain) in enumerate(zip(by_attribute, domains.values(), strict=True))
    ]
    size = math.prod(map(len, ways))
    if size > most:
        raise TooComplexQuery(
            f"together with what was told before this makes {size:,} smallest groups; at most {most:,} can be checked",
            detail_ja=f"これまでの公表分と合わせると最小の区分が{size:,}件になり、確認できる上限{most:,}件を超えます。",
            mend="Ask with fewer dimensions, or wider bands, or ask what was asked before.",
            mend_ja="分類を減らすか幅を広げるか、以前と同じ集計にしてください。",
        )
    order = {number: at for at, number in enumerate(itertools.chain.from_iterable(by_attribute))}
    ranks = {way: at for at, way in enumerate(itertools.product(*ways))}
    flat = np.array([list(itertools.chain.from_iterable(way)) for way in ranks], dtype=bool).reshape(size, len(parts))
    met = flat[:, [order[number] for number in range(len(parts))]]
    persons, open_persons = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    place = {}
    for values, (many, unprotected) in counted.items():
        way = tuple(tuple(parts[number].holds(values[at]) for number in numbers) for at, numbers in enumerate(by_attribute))
        place[values] = ranks[way]
        persons[ranks[way]] += many
        open_persons[ranks[way]] += unprotected
    return Atoms(parts, met, persons, open_persons, place)
