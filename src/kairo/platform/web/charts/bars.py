"""How much is each, and how do they compare? Lying bars for named things, standing columns (side by side or stacked) for series."""

from dataclasses import dataclass, field
from typing import Literal

from kairo.platform.web.charts.scales import SIZES, Scale, Size, Tick, text_width, thinned, value_ticks
from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.filters import number, with_unit


@dataclass(frozen=True, slots=True)
class Bar:
    """One drawn bar or part of a column."""

    x: float
    y: float
    width: float
    height: float
    style: int
    tip: str


@dataclass(frozen=True, slots=True)
class BarRow:
    """One lying bar with its name and value."""

    label: str
    label_x: float
    label_y: float
    label_anchor: str
    bar: Bar
    value: str
    value_x: float
    value_y: float
    value_anchor: str


@dataclass(frozen=True, slots=True)
class DrawnBars:
    """Lying bars at one size."""

    size: Size
    height: float
    zero: float
    rows: tuple[BarRow, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """One number for each named thing. `highlight` is the label of the bar that the page is about."""

    id: str
    title: str
    items: tuple[tuple[str, float | None], ...]
    unit: str = ""
    description: str = ""
    item_title: str = ""
    highlight: str = ""
    digits: int | None = None
    csv_href: str = ""
    source: str = ""
    kind: str = field(default="bars", init=False)

    @property
    def table(self) -> DataTable:
        """The numbers behind the chart."""
        return DataTable((self.item_title, self.title), tuple(self.items), self.unit, self.digits)

    @property
    def summary(self) -> str:
        """The description, else the largest and the smallest."""
        known = [(value, label) for label, value in self.items if value is not None]
        if self.description or not known:
            return self.description
        ends = dict.fromkeys((max(known), min(known)))
        return " / ".join(f"{label}: {with_unit(value, self.unit, self.digits)}" for value, label in ends)

    @property
    def drawings(self) -> tuple[DrawnBars, ...]:
        """The chart at both sizes; empty where no value is known."""
        return tuple(self.draw(size) for size in SIZES) if any(value is not None for _, value in self.items) else ()

    def draw(self, size: Size) -> DrawnBars:
        """The geometry: on a phone a name stands above its bar, on a wide screen before it."""
        known = [value for _, value in self.items if value is not None]
        low, high = min(0.0, *known), max(0.0, *known)
        texts = [with_unit(value, self.unit, self.digits) for _, value in self.items]
        value_room = max(text_width(text, size.font) for text in texts) + 10
        above = size.name == "narrow"
        widest = max(text_width(label, size.font) for label, _ in self.items)
        left = 0.0 if above else min(widest + 14, size.width * 0.4)
        left += value_room if low < 0 else 0
        across = Scale(low, high, left, size.width - value_room) if high > low else Scale(0, 1, left, size.width - value_room)
        thick, step = 22.0, (54.0 if above else 36.0)
        rows: list[BarRow] = []
        for rank, ((label, value), text) in enumerate(zip(self.items, texts, strict=True)):
            top = rank * step + (26 if above else 7)
            begin, end = sorted((across(0), across(value or 0)))
            negative = value is not None and value < 0
            style = 1 if not self.highlight or label == self.highlight else 0
            rows.append(
                BarRow(
                    label=label,
                    label_x=0,
                    label_y=top - 7 if above else top + thick * 0.75,
                    label_anchor="start",
                    bar=Bar(begin, top, end - begin, thick, style, f"{label}: {text}"),
                    value=text,
                    value_x=begin - 6 if negative else end + 6,
                    value_y=top + thick * 0.75,
                    value_anchor="end" if negative else "start",
                )
            )
        return DrawnBars(size, len(rows) * step + 6, across(0), tuple(rows))


@dataclass(frozen=True, slots=True)
class DrawnColumns:
    """Standing columns at one size."""

    size: Size
    height: float
    left: float
    right: float
    zero: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """Several series over the same categories, side by side (`grouped`) or on top of each other (`stacked`)."""

    id: str
    title: str
    x: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    mode: Literal["grouped", "stacked"] = "grouped"
    unit: str = ""
    description: str = ""
    x_title: str = ""
    digits: int | None = None
    csv_href: str = ""
    source: str = ""
    kind: str = field(default="columns", init=False)

    def __post_init__(self) -> None:
        for label, values in self.series:
            if len(values) != len(self.x):
                raise ValueError(f"series {label} has {len(values)} values for {len(self.x)} categories")
            if self.mode == "stacked" and any(value is not None and value < 0 for value in values):
                raise ValueError("negative values cannot be stacked; use grouped")
        if len(self.series) > 6:
            raise ValueError("more than six series cannot be told apart; draw several charts")

    @property
    def table(self) -> DataTable:
        """The numbers behind the chart: a row a category, a column a series."""
        rows = tuple((label, *(values[at] for _, values in self.series)) for at, label in enumerate(self.x))
        return DataTable((self.x_title, *(label for label, _ in self.series)), rows, self.unit, self.digits)

    @property
    def legend(self) -> tuple[tuple[int, str], ...]:
        """Style and label of each series."""
        return tuple((rank + 1, label) for rank, (label, _) in enumerate(self.series))

    @property
    def summary(self) -> str:
        """The description, else the first and last category of each series."""
        if self.description or not self.x:
            return self.description
        ends = (0, len(self.x) - 1) if len(self.x) > 1 else (0,)
        return " / ".join(
            f"{label}: " + " → ".join(f"{self.x[at]} {with_unit(values[at], self.unit, self.digits)}" for at in ends)
            for label, values in self.series
        )

    @property
    def drawings(self) -> tuple[DrawnColumns, ...]:
        """The chart at both sizes; empty where no value is known."""
        known = any(value is not None for _, values in self.series for value in values)
        return tuple(self.draw(size) for size in SIZES) if known else ()

    def draw(self, size: Size) -> DrawnColumns:
        """The geometry at one size."""
        stacked = self.mode == "stacked"
        if stacked:
            heights = [sum(values[at] or 0.0 for _, values in self.series) for at in range(len(self.x))]
        else:
            heights = [value for _, values in self.series for value in values if value is not None]
        values = value_ticks(heights, size.ticks)
        labels = [number(value) for value in values]
        left = max(text_width(label, size.font) for label in labels) + 10
        right, top, bottom = size.width - 4, 12.0, (210.0 if size.name == "narrow" else 270.0)
        up = Scale(values[0], values[-1], bottom, top)
        slot = (right - left) / max(len(self.x), 1)
        inner = slot * (0.62 if stacked else 0.78)
        bars: list[Bar] = []
        for at, category in enumerate(self.x):
            begin = left + slot * at + (slot - inner) / 2
            floor = 0.0
            for rank, (label, numbers) in enumerate(self.series):
                value = numbers[at]
                if value is None:
                    continue
                tip = f"{category} {label}: {with_unit(value, self.unit, self.digits)}"
                if stacked:
                    bars.append(Bar(begin, up(floor + value), inner, up(floor) - up(floor + value), rank + 1, tip))
                    floor += value
                else:
                    wide = inner / len(self.series)
                    high, low = sorted((up(value), up(0)))
                    bars.append(Bar(begin + wide * rank + 0.5, high, wide - 1, low - high, rank + 1, tip))
        most = int((right - left) // (max((text_width(word, size.font) for word in self.x), default=1) + 8))
        shown = thinned(len(self.x), max(most, 1))
        return DrawnColumns(
            size=size,
            height=bottom + size.font * 2,
            left=left,
            right=right,
            zero=up(0),
            y_ticks=tuple(Tick(up(value), label, "end") for value, label in zip(values, labels, strict=True)),
            x_ticks=tuple(Tick(left + slot * (at + 0.5), self.x[at]) for at in shown),
            bars=tuple(bars),
        )
