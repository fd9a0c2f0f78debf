"""How did a sensor's value run over days or years? Thousands of points: drawn thinned by the server, in full by uPlot.

Thinning keeps the lowest and highest value of every stretch, so that no peak disappears from the picture.
"""

from dataclasses import dataclass, field
from datetime import datetime

from kairo.platform.web.charts.line import DrawnLine, Line, Series
from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.filters import tokyo

_STRETCHES = 40
_SHORT_SECONDS = 1200


@dataclass(frozen=True, slots=True)
class Long:
    """A long series. `times` are aware and rise; `csv_href` should lead to the full data, the table shows the thinned ones."""

    id: str
    title: str
    times: tuple[datetime, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    unit: str = ""
    x_title: str = ""
    description: str = ""
    digits: int | None = None
    csv_href: str = ""
    source: str = ""
    from_zero: bool = False
    kind: str = field(default="line", init=False)
    projected: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        for label, values in self.series:
            if len(values) != len(self.times):
                raise ValueError(f"series {label} has {len(values)} values for {len(self.times)} times")

    @property
    def thinned(self) -> Line:
        """The chart that stands on the page before any script, and in print."""
        kept = sorted({index for _, values in self.series for index in extremes(values, _STRETCHES)})
        if len(self.times) > 1 and (self.times[-1] - self.times[0]).days >= 2:
            labels = tuple(f"{tokyo(self.times[at]).month}/{tokyo(self.times[at]).day}" for at in kept)
        else:
            labels = tuple(f"{tokyo(self.times[at]).hour}:{tokyo(self.times[at]):{self._fine}}" for at in kept)
        lines = tuple(Series(label, tuple(values[at] for at in kept)) for label, values in self.series)
        return Line(self.id, self.title, labels, lines, self.unit, self.x_title, self.description, self.from_zero, self.digits)

    @property
    def _fine(self) -> str:
        """How the minutes are written: with seconds where the whole series is shorter than 20 minutes."""
        short = len(self.times) > 1 and (self.times[-1] - self.times[0]).total_seconds() < _SHORT_SECONDS
        return "%M:%S" if short else "%M"

    @property
    def drawings(self) -> tuple[DrawnLine, ...]:
        """The thinned chart at both sizes."""
        return self.thinned.drawings

    @property
    def summary(self) -> str:
        """The description, else the first and last values."""
        return self.thinned.summary

    @property
    def legend(self) -> tuple[tuple[int, str], ...]:
        """Style and label of each series."""
        return self.thinned.legend

    @property
    def table(self) -> DataTable:
        """The thinned numbers with their full time."""
        kept = sorted({index for _, values in self.series for index in extremes(values, _STRETCHES)})
        rows = tuple(
            (f"{tokyo(self.times[at]):%Y-%m-%d %H:{self._fine}}", *(values[at] for _, values in self.series)) for at in kept
        )
        return DataTable((self.x_title, *(label for label, _ in self.series)), rows, self.unit, self.digits)

    @property
    def data(self) -> dict[str, object]:
        """What the script is given: seconds since 1970 and the values of each series."""
        return {
            "times": [int(moment.timestamp()) for moment in self.times],
            "series": [{"label": label, "values": values} for label, values in self.series],
            "unit": self.unit,
        }


def extremes(values: tuple[float | None, ...], stretches: int) -> list[int]:
    """Indices to keep: of every stretch the lowest and the highest value (and one gap), of the whole the first and the last."""
    count = len(values)
    if count <= stretches * 2:
        return list(range(count))
    kept = {0, count - 1}
    for stretch in range(stretches):
        begin, end = stretch * count // stretches, (stretch + 1) * count // stretches
        known = [(value, index) for index in range(begin, end) if (value := values[index]) is not None]
        if known:
            kept |= {min(known)[1], max(known)[1]}
        else:
            kept.add(begin)
    return sorted(kept)
