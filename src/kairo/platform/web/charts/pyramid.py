"""How old are the people? A population pyramid: men to the left, women to the right, the youngest at the bottom."""

from dataclasses import dataclass, field

from kairo.platform.web.charts.bars import Bar
from kairo.platform.web.charts.scales import SIZES, Scale, Size, Tick, text_width, ticks
from kairo.platform.web.charts.table import DataTable
from kairo.platform.web.filters import number, with_unit


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """One age group (`0–4`), the youngest first."""

    label: str
    male: float
    female: float


@dataclass(frozen=True, slots=True)
class DrawnPyramid:
    """The pyramid at one size; `middle` is where the ages are written."""

    size: Size
    height: float
    middle: float
    left_zero: float
    right_zero: float
    bottom: float
    ages: tuple[Tick, ...]
    bars: tuple[Bar, ...]
    x_ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Pyramid:
    """A population pyramid. The labels of the two sides are given, since the kit's tables need them in the reader's language."""

    id: str
    title: str
    groups: tuple[AgeGroup, ...]
    unit: str = "人"
    male_label: str = "男性"
    female_label: str = "女性"
    age_title: str = "年齢"
    description: str = ""
    csv_href: str = ""
    source: str = ""
    digits: int | None = None
    kind: str = field(default="pyramid", init=False)

    @property
    def table(self) -> DataTable:
        """The numbers behind the chart, the oldest first as in the picture."""
        rows = tuple((group.label, group.male, group.female) for group in reversed(self.groups))
        return DataTable((self.age_title, self.male_label, self.female_label), rows, self.unit, self.digits)

    @property
    def legend(self) -> tuple[tuple[int, str], ...]:
        """Style and label of the sides."""
        return ((1, self.male_label), (2, self.female_label))

    @property
    def summary(self) -> str:
        """The description, else the totals and the largest age group."""
        if self.description or not self.groups:
            return self.description
        largest = max(self.groups, key=lambda group: group.male + group.female)
        male, female = sum(group.male for group in self.groups), sum(group.female for group in self.groups)
        totals = f"{self.male_label} {with_unit(male, self.unit)} / {self.female_label} {with_unit(female, self.unit)}"
        return f"{totals} / {largest.label}: {with_unit(largest.male + largest.female, self.unit)}"

    @property
    def drawings(self) -> tuple[DrawnPyramid, ...]:
        """The chart at both sizes; empty without groups."""
        return tuple(self.draw(size) for size in SIZES) if self.groups else ()

    def draw(self, size: Size) -> DrawnPyramid:
        """The geometry at one size: both sides have the same scale, so that they may be compared."""
        room = max(text_width(group.label, size.font) for group in self.groups) + 16
        middle = size.width / 2
        left_zero, right_zero = middle - room / 2, middle + room / 2
        most = max(max(group.male, group.female) for group in self.groups)
        out = Scale(0, most, 0, left_zero - text_width(number(most), size.font) / 2)
        marks = [value for value in ticks(0, most, 2 if size.name == "narrow" else 4) if value <= most]
        step, top = 22.0, 30.0
        bottom = top + step * len(self.groups)
        bars: list[Bar] = []
        ages: list[Tick] = []
        for rank, group in enumerate(reversed(self.groups)):
            y = top + rank * step
            tip = f"{group.label} {{side}}: {{value}}"
            male, female = with_unit(group.male, self.unit, self.digits), with_unit(group.female, self.unit, self.digits)
            bars.append(
                Bar(
                    left_zero - out(group.male),
                    y + 1,
                    out(group.male),
                    step - 2,
                    1,
                    tip.format(side=self.male_label, value=male),
                )
            )
            bars.append(
                Bar(right_zero, y + 1, out(group.female), step - 2, 2, tip.format(side=self.female_label, value=female))
            )
            ages.append(Tick(y + step * 0.74, group.label))
        scale = [Tick(left_zero - out(value), number(value)) for value in marks]
        scale += [Tick(right_zero + out(value), number(value)) for value in marks]
        return DrawnPyramid(size, bottom + 28, middle, left_zero, right_zero, bottom, tuple(ages), tuple(bars), tuple(scale))
