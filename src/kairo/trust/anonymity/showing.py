"""How is a table of persons shown? Lines with names in the reader's language, withheld cells in words, one picture; and as data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairo.context.gate import DataClass, Scope
from kairo.context.graph import GraphInterface
from kairo.context.reading import value_of
from kairo.platform.i18n import Language, pick
from kairo.platform.manifests import EntityType
from kairo.platform.web import Kit
from kairo.platform.web.charts import Bars, Columns, DataTable
from kairo.platform.web.filters import number
from kairo.trust.anonymity.axes import Step
from kairo.trust.anonymity.groups import SEVERAL, UNKNOWN
from kairo.trust.anonymity.rules import TIMES
from kairo.trust.anonymity.tables import TOTAL, Answer, Cell, Division, Release

MOST_COLUMNS = 6  # series of a picture that can be told apart


@dataclass(frozen=True, slots=True)
class Sheet:
    """One part of a table: lines by the first axis, columns by the second, for one value of the third."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as a page draws it."""

    title: str
    dimensions: str
    sheets: tuple[Sheet, ...]
    chart: Bars | Columns | None
    total: int | None


async def names_of(graph: GraphInterface, tenant: str, axes: Iterable[Division]) -> dict[str, Any]:
    """What the entities are called that lines are named after: languageMaps by id. Open ones only."""
    ids = set()
    for one in axes:
        for step in one.axis:
            ids |= {value[1:] for value in step.part.values if value.startswith("=urn:")}
            ids |= {step.label} if step.label.startswith("urn:") else set()
    public = Scope(tenant, "system:anonymity", "public", frozenset({DataClass.OPEN}))
    found = await graph.get_many(public, sorted(ids))
    return {id: value_of(doc, "name", id) for id, doc in found.items()}


class Words:
    """Names lines and attributes for one reader."""

    def __init__(self, kit: Kit, language: Language, kind: EntityType | None, names: dict[str, Any]) -> None:
        self._kit = kit
        self._language = language
        self._kind = kind
        self._names = names

    def t(self, key: str, **values: Any) -> str:
        """A message of this part, plain."""
        return str(self._kit.catalogue.translate(self._language, f"anonymity.{key}", **values))

    def attribute(self, name: str) -> str:
        """What an attribute is called."""
        key = f"portal.attribute.{name}"
        return str(self._kit.catalogue.translate(self._language, key)) if self._kit.catalogue.has(key) else name

    def population(self, type: str) -> str:
        """What the population is called."""
        return pick(self._kind.title, self._language) if self._kind else type

    def line(self, step: Step) -> str:
        """What a line of an axis is called."""
        if step.label:
            return self._value(step.label)
        part = step.part
        if part.kind == "out":
            return self.t("line.other")
        if part.kind == "range":
            return self._band(part.attribute, part.low, part.high)
        (value,) = part.values
        return (
            self.t("line.unknown")
            if value == UNKNOWN
            else self.t("line.several")
            if value == SEVERAL
            else self._value(value[1:])
        )

    def _value(self, text: str) -> str:
        if text in {"true", "false"}:
            return self.t(f"line.{text}")
        return pick(self._names.get(text, text), self._language)

    def _band(self, attribute: str, low: float, high: float) -> str:
        is_age = self._kind is not None and any(one.name == attribute and one.value in TIMES for one in self._kind.attributes)
        unit = "age" if is_age else "number"
        if low == float("-inf"):
            return self.t(f"line.{unit}_below", high=number(high))
        if high == float("inf"):
            return self.t(f"line.{unit}_from", low=number(low))
        return self.t(f"line.{unit}_band", low=number(low), high=number(high - 1 if is_age else high))

    def dimensions(self, axes: Sequence[Division]) -> str:
        """By what a table divides."""
        return " × ".join(self.attribute(one.attribute) for one in axes)


def shown(one: Release | Answer, words: Words, *, csv_href: str = "") -> Shown:
    """The table as a page draws it. A withheld cell is a word, never a number."""
    is_noisy = isinstance(one, Answer)
    axes = one.axes
    by_place = {tuple(cell["at"]): cell for cell in one.cells}
    lines: list[list[tuple[int | None, str]]] = [[(at, words.line(step)) for at, step in enumerate(axis.axis)] for axis in axes]
    if not is_noisy:
        lines = [[(TOTAL, words.t("line.total")), *each] for each in lines]
    missing: list[list[tuple[int | None, str]]] = [[(None, words.t("persons"))], [(None, "")]]
    first, second, third = (*lines, *missing[len(lines) - 1 :])
    has_sums = any("sum" in cell for cell in one.cells)
    sheets = []
    for z, title in third:
        columns = [words.dimensions(axes[:1]), *(name for _, name in second)]
        columns += [words.t("sum_of", name=name) for _, name in second] if has_sums else []
        rows = []
        for x, name in first:
            cells = [by_place.get(tuple(at for at in (x, y, z) if at is not None), {}) for y, _ in second]
            row: list[Any] = [name, *(_text(cell, "persons", words) for cell in cells)]
            rows.append((*row, *(_text(cell, "sum", words) for cell in cells)) if has_sums else tuple(row))
        sheets.append(Sheet(title, tuple(columns), tuple(rows)))
    title = (
        one.title
        if isinstance(one, Release) and one.title
        else words.population(one.population) + "：" + words.dimensions(axes)
    )
    total = None if is_noisy else by_place[(TOTAL,) * len(axes)]["persons"]
    return Shown(
        title, words.dimensions(axes), tuple(sheets), _chart(one, axes, by_place, lines, words, title, csv_href), total
    )


def _text(cell: Cell, name: str, words: Words) -> Any:
    value = cell.get(name)
    return words.t("withheld") if value is None else value


def _chart(
    one: Release | Answer,
    axes: Sequence[Division],
    by_place: dict[tuple[int, ...], Cell],
    lines: Any,
    words: Words,
    title: str,
    csv_href: str,
) -> Bars | Columns | None:
    """Bars for one dimension, standing columns for two with few lines; more are no picture. Withheld cells are named so."""
    mine = [[(at, name) for at, name in each if at != TOTAL] for each in lines]
    unit = words.t("unit")
    if len(axes) == 1:
        items = []
        for at, name in mine[0]:
            value = by_place[at,]["persons"] if (at,) in by_place else None
            items.append(
                (name if value is not None else words.t("withheld_line", name=name), None if value is None else max(0, value))
            )
        return Bars("table", title, tuple(items), unit, item_title=words.dimensions(axes), csv_href=csv_href)
    if len(axes) == 2 and len(mine[1]) <= MOST_COLUMNS and len(mine[0]) <= 12:
        series = tuple((name, tuple(by_place.get((x, y), {}).get("persons") for x, _ in mine[0])) for y, name in mine[1])
        series = tuple(one for one in series if any(value is not None for value in one[1]))
        labels = tuple(name for _, name in mine[0])
        return Columns(
            "table",
            title,
            labels,
            series,
            "grouped",
            unit,
            words.t("withheld_picture"),
            words.dimensions(axes[:1]),
            csv_href=csv_href,
        )
    return None


def as_csv(one: Release, words: Words) -> bytes:
    """All told cells, a line each, with a column for each dimension; withheld cells in words."""
    columns = (
        *(words.attribute(axis.attribute) for axis in one.axes),
        words.t("persons"),
        *((words.t("sum_of", name=one.measure),) if one.measure else ()),
    )
    rows = []
    for cell in one.cells:
        names = (
            words.t("line.total") if at == TOTAL else words.line(axis.axis[at])
            for at, axis in zip(cell["at"], one.axes, strict=True)
        )
        rows.append((*names, _text(cell, "persons", words), *((_text(cell, "sum", words),) if one.measure else ())))
    return DataTable(columns, tuple(rows)).csv()


def as_data(one: Release, words: Mapping[Language, Words]) -> dict[str, Any]:
    """What the interface hands to everybody: what was told, and nothing of what was kept."""
    axes = []
    for axis in one.axes:
        steps = [{"label": {tag: each.line(step) for tag, each in words.items()}, "above": step.above} for step in axis.axis]
        axes.append({"attribute": axis.attribute, "lines": steps})
    return {
        "id": one.id,
        "title": one.title,
        "population": one.population,
        "publishedAt": one.published_at,
        "asOf": one.asked_at,
        "leastPersons": one.k,
        "synthetic": one.synthetic,
        "measure": one.measure or None,
        "axes": axes,
        "cells": [
            {
                "at": [None if at == TOTAL else at for at in cell["at"]],
                "persons": cell["persons"],
                **({"sum": cell["sum"]} if one.measure else {}),
                "withheld": cell["persons"] is None,
            }
            for cell in one.cells
        ],
    }
