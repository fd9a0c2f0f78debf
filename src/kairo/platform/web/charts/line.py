"""How does something change over time? Lines of several series; what is projected is dashed and stands on a shaded ground."""

from dataclasses import dataclass, field

from kairo.platform.web.charts.scales import SIZES, Scale, Size, Tick, apart, fixed, text_width, thinned, value_ticks
from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.filters import number, with_unit


@dataclass(frozen=True, slots=True)
class Series:
    """One line. A value of None is a gap. From index `projected_from` on, values are projections."""

    label: str
    values: tuple[float | None, ...]
    projected_from: int | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """One drawn point: where it is and what it says."""

    x: float
    y: float
    tip: str
    projected: bool


@dataclass(frozen=True, slots=True)
class DrawnSeries:
    """One line as SVG paths. `style` (1…6) chooses colour and marker."""

    label: str
    style: int
    solid: str
    dashed: str
    marks: tuple[Mark, ...]
    label_x: float
    label_y: float


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line chart at one size."""

    size: Size
    height: float
    left: float
    right: float
    top: float
    bottom: float
    y_ticks: tuple[Tick, ...]
    x_ticks: tuple[Tick, ...]
    series: tuple[DrawnSeries, ...]
    projection: float | None
    direct_labels: bool
    dotted: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line chart. `x` names the points in time, evenly spaced; `description` says in a sentence what one should see."""

    id: str
    title: str
    x: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str = ""
    x_title: str = ""
    description: str = ""
    from_zero: bool = False
    digits: int | None = None
    csv_href: str = ""
    source: str = ""
    kind: str = field(default="line", init=False)

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.x):
                raise ValueError(f"series {series.label} has {len(series.values)} values for {len(self.x)} points")
        if len(self.series) > 6:
            raise ValueError("more than six lines cannot be told apart; draw several charts")

    @property
    def table(self) -> DataTable:
        """The numbers behind the chart: a row a point in time, a column a series."""
        rows = tuple((label, *(series.values[index] for series in self.series)) for index, label in enumerate(self.x))
        return DataTable((self.x_title, *(series.label for series in self.series)), rows, self.unit, self.digits)

    @property
    def summary(self) -> str:
        """What the chart says, for those who hear it: the given description, else the first and last value of each line."""
        if self.description:
            return self.description
        parts: list[str] = []
        for series in self.series:
            known = [index for index, value in enumerate(series.values) if value is not None]
            if known:
                ends = (f"{self.x[at]} {with_unit(series.values[at], self.unit, self.digits)}" for at in (known[0], known[-1]))
                parts.append(f"{series.label}: {' → '.join(ends)}")
        return " / ".join(parts)

    @property
    def projected(self) -> bool:
        """Whether any value is a projection."""
        return any(series.projected_from is not None for series in self.series)

    @property
    def legend(self) -> tuple[tuple[int, str], ...]:
        """Style and label of each series."""
        return tuple((index + 1, series.label) for index, series in enumerate(self.series))

    @property
    def drawings(self) -> tuple[DrawnLine, ...]:
        """The chart at both sizes; empty where there is no value at all."""
        return tuple(self.draw(size) for size in SIZES) if self._values() else ()

    def _values(self) -> list[float]:
        return [value for series in self.series for value in series.values if value is not None]

    def draw(self, size: Size) -> DrawnLine:
        """The geometry at one size."""
        values = value_ticks(self._values(), size.ticks, from_zero=self.from_zero)
        labels = [number(value) for value in values]
        direct = size.name == "wide" and len(self.series) > 1
        left = max(text_width(label, size.font) for label in labels) + 10
        room = max((text_width(series.label, size.font) for series in self.series), default=0.0) + 18 if direct else 14.0
        right = size.width - min(room, size.width * 0.32)
        top, bottom = 12.0, (200.0 if size.name == "narrow" else 270.0)
        across = Scale(0, max(len(self.x) - 1, 1), left + 8, right - 8)
        up = Scale(values[0], values[-1], bottom, top)
        most = min(size.labels, int((right - left) // (max((text_width(word, size.font) for word in self.x), default=1) + 14)))
        shown = thinned(len(self.x), max(most, 2))
        ends = [self._last_height(series, up) for series in self.series]
        beside = apart(ends, size.font * 1.25, top, bottom)
        drawn = tuple(self._draw(series, rank, across, up, beside[rank]) for rank, series in enumerate(self.series))
        starts = [series.projected_from for series in self.series if series.projected_from is not None]
        return DrawnLine(
            size=size,
            height=bottom + size.font * 2,
            left=left,
            right=right,
            top=top,
            bottom=bottom,
            y_ticks=tuple(Tick(up(value), label, "end") for value, label in zip(values, labels, strict=True)),
            x_ticks=tuple(Tick(across(at), self.x[at], self._anchor(at, across, size)) for at in shown),
            series=drawn,
            projection=across(max(min(starts) - 0.5, 0)) if starts else None,
            direct_labels=direct,
            dotted=len(self.x) <= 40,
        )

    def _anchor(self, at: int, across: Scale, size: Size) -> str:
        """Keeps the outermost labels inside the picture."""
        half = text_width(self.x[at], size.font) / 2
        if across(at) + half > size.width:
            return "end"
        return "start" if across(at) - half < 0 else "middle"

    @staticmethod
    def _last_height(series: Series, up: Scale) -> float:
        known = [value for value in series.values if value is not None]
        return up(known[-1]) if known else up.start

    def _draw(self, series: Series, rank: int, across: Scale, up: Scale, label_y: float) -> DrawnSeries:
        turn = len(series.values) if series.projected_from is None else series.projected_from
        marks: list[Mark] = []
        solid, dashed = "", ""
        pen_down = False
        for index, value in enumerate(series.values):
            if value is None:
                pen_down = False
                continue
            x, y = across(index), up(value)
            here = f"{fixed(x)} {fixed(y)}"
            if index < turn:
                solid += f"{'L' if pen_down else 'M'}{here}"
            elif pen_down and marks and not dashed:
                dashed += f"M{fixed(marks[-1].x)} {fixed(marks[-1].y)}L{here}"
            else:
                dashed += f"{'L' if pen_down else 'M'}{here}"
            tip = f"{self.x[index]} {series.label}: {with_unit(value, self.unit, self.digits)}"
            marks.append(Mark(x, y, tip, index >= turn))
            pen_down = True
        label_x = marks[-1].x + 12 if marks else across.end
        return DrawnSeries(series.label, rank + 1, solid, dashed, tuple(marks), label_x, label_y)
