"""Which rows of the past count? Conditions on rows of `attribute_history`, of which the statements of this package are made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kairo.context.temporal.asking import TimeProperty, TimeQuery

_TIMES = {
    TimeProperty.OBSERVED: "h.observed_at",
    TimeProperty.CREATED: "h.at",
    TimeProperty.MODIFIED: "coalesce(h.modified_at, h.at)",
    TimeProperty.DELETED: "h.at",
}


@dataclass(slots=True)
class Filter:
    """Conditions on rows of `attribute_history` (alias h) as SQL, with their parameters from `$first` on."""

    first: int
    time: str  # which moment of a row counts
    moments: list[str] = field(default_factory=lambda: ["h.attribute <> 'type' AND h.attribute <> 'expiresAt'"])
    others: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)

    @staticmethod
    def of(first: int, query: TimeQuery) -> "Filter":
        """That a row has the moment that counts, and that it lies within what is asked for."""
        found = Filter(first, "coalesce(h.observed_at, h.at)" if query.is_lenient else _TIMES[query.property])
        if query.property is not TimeProperty.OBSERVED:
            found.moments.append(f"h.instance IS {'' if query.property is TimeProperty.DELETED else 'NOT '}NULL")
        elif not query.is_lenient:
            found.moments.append("h.observed_at IS NOT NULL")
        if query.start is not None:
            found.moments.append(f"{found.time} >= {found.parameter(query.start)}::timestamptz")
        if query.end is not None:
            found.moments.append(f"{found.time} < {found.parameter(query.end)}::timestamptz")
        return found

    def parameter(self, value: Any) -> str:
        """The placeholder of a new parameter."""
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}"

    def only(self, shown: Sequence[str] | None, omitted: Sequence[str], datasets: Sequence[str] | None) -> "Filter":
        """Only these attributes (None: all) of these datasets (None: all)."""
        if shown is not None:
            self.others.append(f"h.attribute = ANY({self.parameter(list(shown))}::text[])")
        if omitted:
            self.others.append(f"h.attribute <> ALL({self.parameter(list(omitted))}::text[])")
        if datasets is not None:
            self.others.append(f"h.dataset = ANY({self.parameter(list(datasets))}::text[])")
        return self

    def within(self) -> "Filter":
        """Only rows at times that are valid for their entity."""
        self.others.append(f"{self.time} <@ e.valid")
        return self

    @property
    def sql(self) -> str:
        """All conditions."""
        return " AND ".join([*self.moments, *self.others])

    @property
    def times(self) -> str:
        """Those on time alone."""
        return " AND ".join(self.moments)
