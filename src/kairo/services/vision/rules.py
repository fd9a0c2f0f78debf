"""What do the Vision's numbers say: which way does an indicator go, what does a project cost, when are people most? Pure functions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

Key = TypeVar("Key")
Item = TypeVar("Item")
Texts = dict[str, str]  # language → text
Points = Sequence[tuple[int, float]]  # year and value, in order of years


class Course(StrEnum):
    """Where an indicator is meant to go, as its printed targets say."""

    UP = "up"
    DOWN = "down"  # every target lies below the baseline
    DIP = "dip"  # a target lies below the baseline, the last does not
    KEEP = "keep"  # to stay as it is, in numbers or in words
    WORDS = "words"  # to get better, in words only
    OPEN = "open"  # nothing is said


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key performance indicator: numbers where there are any, and each value as the Vision writes it."""

    code: str
    project: int
    name: Texts
    unit: Texts
    year: int
    values: tuple[float | None, float | None, float | None]  # baseline, 2024, 2027
    written: tuple[str, str, str]
    course: Course
    note: Texts
    also_in: int | None


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """A line of the budget in thousand yen; None: the document gives no amount."""

    project: int
    name: Texts
    section: str
    department: str
    amount: float | None
    repeated: bool
    content: Texts
    note: Texts
    position: int


def course(baseline: float | None, targets: Sequence[float | None], declared: str | None = None) -> Course:
    """The course from the baseline through the targets. `declared` (up, keep) decides where numbers do not.

    A target below the baseline is reported as printed; nothing here says whether it is a good one.
    """
    numbers = [target for target in targets if target is not None]
    if baseline is None or not numbers:
        return {"up": Course.WORDS, "keep": Course.KEEP}.get(declared or "", Course.OPEN)
    if any(target < baseline for target in numbers):
        return Course.DOWN if numbers[-1] < baseline else Course.DIP
    return Course.UP if numbers[-1] > baseline else Course.KEEP


def change(points: Points) -> tuple[float, float | None]:
    """The difference from the first value to the last, and the same in percent of the first (None where that is zero)."""
    if not points:
        raise ValueError("a change needs at least one value")
    first, last = points[0][1], points[-1][1]
    return last - first, (last - first) / first * 100 if first else None


def peak(points: Points) -> tuple[int, float]:
    """The first year with the highest value, and that value."""
    if not points:
        raise ValueError("a peak needs at least one value")
    return max(points, key=lambda point: (point[1], -point[0]))


def shares(amounts: Mapping[Key, float]) -> dict[Key, float]:
    """Each amount in percent of all of them; all zero where there is nothing to share."""
    whole = sum(amounts.values())
    return {key: amount / whole * 100 if whole else 0.0 for key, amount in amounts.items()}


def once(lines: Iterable[BudgetLine]) -> float:
    """The sum of budget lines, each programme once: repeated lines (再掲) and blanks are left out."""
    return sum(line.amount for line in lines if line.amount is not None and not line.repeated)


def printed(lines: Iterable[BudgetLine]) -> float:
    """The sum of budget lines as the document adds them up for one project: repeated lines included."""
    return sum(line.amount for line in lines if line.amount is not None)


def summed(items: Iterable[Item], key: Callable[[Item], Key], amount: Callable[[Item], float]) -> dict[Key, float]:
    """Amounts by key, the largest first; equal ones stay in the order in which they came."""
    found: dict[Key, float] = {}
    for item in items:
        found[key(item)] = found.get(key(item), 0) + amount(item)
    return dict(sorted(found.items(), key=lambda pair: -pair[1]))


def yen_in_words(thousand: float, *, english: bool = False) -> str:
    """Thousand yen as people say it, nothing rounded: `39億3,127万3千円`, `¥3,931.273 million`."""
    if english:
        return f"¥{thousand / 1000:,.3f}".rstrip("0").rstrip(".") + " million"
    rest, thousands = divmod(int(thousand), 10)
    hundred_millions, ten_thousands = divmod(rest, 10_000)
    parts = ((hundred_millions, "億"), (ten_thousands, "万"), (thousands, "千"))
    return ("".join(f"{count:,}{word}" for count, word in parts if count) or "0") + "円"


def sparkline(values: Sequence[float], width: float, height: float) -> str:
    """A small line without axes, as an SVG path: its lowest value at the bottom, its highest at the top."""
    if len(values) < 2:
        return ""
    low, span = min(values), (max(values) - min(values)) or 1.0
    steps = width / (len(values) - 1)
    spots = (f"{rank * steps:.1f} {height - (each - low) / span * height:.1f}" for rank, each in enumerate(values))
    return "M" + "L".join(spots)
