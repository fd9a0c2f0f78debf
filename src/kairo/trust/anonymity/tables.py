"""What does a table of persons look like, once it is decided? Its axes, its cells, and what is kept of it; budgets and extracts too."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kairo.trust.anonymity.axes import Axis, Step
from kairo.trust.anonymity.groups import Group, group_from, group_of

TOTAL = -1  # where a cell stands on an axis that it is the total of


@dataclass(frozen=True, slots=True)
class Division:
    """One axis with the dimension that it comes from, as people write it."""

    written: str
    axis: Axis

    @property
    def attribute(self) -> str:
        """By which attribute it divides."""
        return self.axis[0].part.attribute if self.axis else self.written


Cell = dict[str, Any]  # {"at": where on each axis, "persons": how many, or None, "sum": …}


def places(axes: Sequence[Division]) -> list[tuple[int, ...]]:
    """Where the cells of a table stand, totals first."""
    return list(itertools.product(*([TOTAL, *range(len(one.axis))] for one in axes)))


def group_at(axes: Sequence[Division], at: Sequence[int], where: Group) -> Group:
    """Whom the cell at this place is about."""
    return group_of(*where, *(one.axis[here].part for one, here in zip(axes, at, strict=True) if here != TOTAL))


def finest(axes: Sequence[Division]) -> list[tuple[int, ...]]:
    """The places in which every person stands once: no totals, and no subtotals."""
    over = [{step.above for step in one.axis} - {None} for one in axes]
    return list(
        itertools.product(
            *([at for at in range(len(one.axis)) if at not in mine] for one, mine in zip(axes, over, strict=True))
        )
    )


def axes_as_json(axes: Sequence[Division]) -> list[Any]:
    """As it is stored."""
    return [
        {
            "written": one.written,
            "steps": [{"part": step.part.told(), "above": step.above, "label": step.label} for step in one.axis],
        }
        for one in axes
    ]


def axes_from(stored: Sequence[Any]) -> tuple[Division, ...]:
    """What `axes_as_json` wrote."""
    return tuple(
        Division(
            one["written"],
            tuple(Step(group_from(json.dumps([step["part"]]))[0], step["above"], step["label"]) for step in one["steps"]),
        )
        for one in stored
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A table that was told. `kept`: how many persons each cell had, told to nobody."""

    id: str
    population: str
    question: str
    k: int
    measure: str
    axes: tuple[Division, ...]
    cells: list[Cell]
    kept: list[int]
    title: str
    synthetic: bool
    asked_by: str
    purpose: str
    asked_at: datetime
    published_by: str | None = None
    published_at: datetime | None = None

    def axes_as_json(self) -> list[Any]:
        return axes_as_json(self.axes)

    @property
    def withheld(self) -> int:
        """How many cells are not told."""
        return sum(cell["persons"] is None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Budget:
    """How much may be spent on answers with noise in a period, in thousandths of epsilon."""

    population: str
    period: str
    budget: int
    spent: int

    @property
    def left(self) -> int:
        return self.budget - self.spent


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Numbers of persons with noise. `epsilon` in thousandths."""

    population: str
    period: str
    question: str
    epsilon: int
    axes: tuple[Division, ...]
    cells: list[Cell]
    synthetic: bool
    asked_by: str
    purpose: str
    asked_at: datetime

    def axes_as_json(self) -> list[Any]:
        return axes_as_json(self.axes)


@dataclass(frozen=True, slots=True)
class Request:
    """An extract that somebody wants, and whether a second person agreed to it."""

    id: str
    wish: dict[str, Any]
    asked_by: str
    asked_at: datetime
    valid_until: datetime
    agreed_by: str | None = None
    agreed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """An extract that was handed out, without its rows."""

    id: str
    request: str
    population: str
    kind: str
    recipient: str
    third_party: bool
    series: str
    basis: str
    columns: list[str]
    sensitive: list[str]
    k_reached: int
    l_reached: int
    persons: int
    left_out: int
    format: str
    file_digest: str
    made_by: str
    agreed_by: str
    purpose: str
    made_at: datetime
