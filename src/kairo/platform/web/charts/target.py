"""How far is the city on the way to its target? Baseline, middle and final target of one indicator; targets may be words."""

from dataclasses import dataclass

from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.filters import with_unit


@dataclass(frozen=True, slots=True)
class TargetStep:
    """One station as it is shown: when, and the value in words. `role` is baseline, target or now."""

    label: str
    text: str
    role: str


@dataclass(frozen=True, slots=True)
class Target:
    """One indicator. A value is a number or words (「増加」「全21地域で実施」); progress is only drawn between numbers.

    `targets` are (when, value) in order, e.g. `(("2024年", 60), ("2027年", 100))`; `now` is the latest (when, number), if known.
    """

    id: str
    title: str
    baseline: tuple[str, float | str | None]
    targets: tuple[tuple[str, float | str | None], ...]
    now: tuple[str, float] | None = None
    unit: str = ""
    digits: int | None = None
    description: str = ""
    source: str = ""

    def _text(self, value: float | str | None) -> str:
        return value if isinstance(value, str) else with_unit(value, self.unit, self.digits)

    @property
    def steps(self) -> tuple[TargetStep, ...]:
        """The stations in the order of time: baseline, then the targets."""
        return (
            TargetStep(self.baseline[0], self._text(self.baseline[1]), "baseline"),
            *(TargetStep(when, self._text(value), "target") for when, value in self.targets),
        )

    @property
    def now_text(self) -> str:
        """The latest value with its unit, or an empty text."""
        return self._text(self.now[1]) if self.now else ""

    @property
    def progress(self) -> float | None:
        """How much of the way from the baseline to the final target is done: 0 at the baseline, 1 at the target.

        Holds for targets that lie below the baseline too; below 0 means behind it. None where a value is words or not known.
        """
        begin, end = self.baseline[1], self.targets[-1][1] if self.targets else None
        if self.now is None or not isinstance(begin, int | float) or not isinstance(end, int | float) or begin == end:
            return None
        return (self.now[1] - begin) / (end - begin)

    def share(self, value: float | str | None) -> float | None:
        """Where a value stands on the way, cut to 0…1."""
        begin, end = self.baseline[1], self.targets[-1][1] if self.targets else None
        if not all(isinstance(each, int | float) for each in (begin, end, value)) or begin == end:
            return None
        return min(max((float(value) - float(begin)) / (float(end) - float(begin)), 0.0), 1.0)  # type: ignore[arg-type]

    @property
    def stations(self) -> tuple[tuple[float, str], ...]:
        """Where the targets stand on the way (0…1), with their name, for the marks on the bar."""
        found = ((self.share(value), when) for when, value in self.targets)
        return tuple((share, when) for share, when in found if share is not None)

    @property
    def table(self) -> DataTable:
        """The stations and the present value as a table."""
        rows = [(self.baseline[0], self.baseline[1]), *self.targets, *((self.now,) if self.now else ())]
        return DataTable(("", self.title), tuple(rows), self.unit, self.digits)
