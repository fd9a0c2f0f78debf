"""How do gathered periods look in an answer, and which methods does an attribute have at all? (CIM 009 4.5.19.1, table by table)

Moments stay moments: there may be thousands, and `represent.dumps` writes them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.context.temporal.asking import Method
from kairo.context.temporal.periods import END_OF_TIME, Period
from kairo.platform.clock import iso

_COUNTS = {Method.TOTAL_COUNT: "total_count", Method.DISTINCT_COUNT: "distinct_count"}
# Whose answer counts where a period holds values of several types: numbers, texts, moments, times of day.
_ANSWERS = {
    Method.SUM: ("n_sum",),
    Method.AVG: ("n_avg", "k_avg"),
    Method.MIN: ("n_min", "t_min", "m_min", "k_min"),
    Method.MAX: ("n_max", "t_max", "m_max", "k_max"),
    Method.STDDEV: ("n_stddev",),
    Method.SUMSQ: ("n_sumsq",),
}
_RELATIONS = ("Relationship", "ListRelationship")
_NONE = "@none"
_DAY_SECONDS = 86_400
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


def _column(row: Mapping[str, Any], method: Method) -> list[Any]:
    """What a method comes to in each period; None where no value in it is of a type that the method is for."""
    if method in _COUNTS:
        found: list[Any] = row[_COUNTS[method]]
        return found
    shown = [_shown(column[0], row[column]) for column in _ANSWERS[method]]
    return (
        shown[0]
        if len(shown) == 1
        else [next((one for one in those if one is not None), None) for those in zip(*shown, strict=True)]
    )


def _shown(kind: str, values: list[Any]) -> list[Any]:
    if kind == "k":
        return [None if value is None else _clock(value) for value in values]
    return values


def _clock(seconds: float) -> str:
    return iso(_MIDNIGHT + timedelta(seconds=seconds % _DAY_SECONDS)).partition("T")[2]


class Attribute:
    """The periods of one attribute and dataset, as they come."""

    __slots__ = ("dataset", "found", "kind", "methods")

    def __init__(self, kind: str, dataset: str, methods: Sequence[Method]) -> None:
        self.kind = "Relationship" if kind in _RELATIONS else "Property"
        self.dataset = dataset
        self.methods = methods
        self.found: dict[Method, list[list[Any]]] = {method: [] for method in methods}

    def add(self, row: Mapping[str, Any], edges: Sequence[tuple[datetime, datetime]]) -> None:
        """Periods with their edges."""
        for method in self.methods:
            told = zip(_column(row, method), edges, strict=True)
            self.found[method] += [[value, begin, end] for value, (begin, end) in told if value is not None]

    @property
    def lacking(self) -> list[Method]:
        """The methods that no value was of a type for."""
        return [method for method, periods in self.found.items() if not periods]

    def shown(self) -> dict[str, Any] | None:
        """The representation; None where there is nothing to show."""
        members: dict[str, Any] = {method.value: periods for method, periods in self.found.items() if periods}
        if not members:
            return None
        dataset = {} if self.dataset == _NONE else {"datasetId": self.dataset}
        return {"type": self.kind, **dataset, **members}


def edges(
    period: Period, origin: datetime, until: datetime, places: Sequence[Any], bounds: Sequence[datetime]
) -> list[tuple[datetime, datetime]]:
    """When periods begin and end, in UTC: by their beginnings (a fixed length), or by their places among `bounds` (months)."""
    if period.is_whole:
        return [(origin.astimezone(UTC), until.astimezone(UTC))]
    if period.is_fixed:
        latest = END_OF_TIME - period.rest
        return [(place, place + period.rest if place <= latest else END_OF_TIME) for place in places]
    return [(bounds[place - 1].astimezone(UTC), bounds[place].astimezone(UTC)) for place in places]


def by_entity(found: Iterable[tuple[str, str, Attribute]]) -> dict[str, dict[str, Any]]:
    """The attributes of each entity; several datasets of one stand in an array."""
    entities: dict[str, dict[str, Any]] = {}
    for entity, name, attribute in found:
        shown = attribute.shown()
        if shown is None:
            continue
        members = entities.setdefault(entity, {})
        if name not in members:
            members[name] = shown
        elif isinstance(members[name], list):
            members[name].append(shown)
        else:
            members[name] = [members[name], shown]
    return entities
