"""Where does a value stand on an axis, and which values are written beside it? Linear scales, round ticks, widths of text."""

import math
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight mapping from values to coordinates; `low` and `high` are the values at `start` and `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high == self.low:
            return self.start
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten of which at most `most` steps fit into `span`."""
    if span <= 0 or most < 1:
        return 1.0
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10):
        if factor * power >= raw * (1 - 1e-9):
            return float(factor * power)
    return float(10 * power)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values that cover `low` to `high`: the first is not above `low`, the last not below `high`."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    step = round_step(high - low, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def value_ticks(values: list[float], most: int = 5, *, from_zero: bool = True) -> list[float]:
    """Ticks for a value axis. Bars begin at zero; a line may leave it out where it would press the line flat."""
    if not values:
        return ticks(0.0, 1.0, most)
    low, high = min(values), max(values)
    if from_zero or (low >= 0 and low < 0.4 * high):
        low, high = min(0.0, low), max(0.0, high)
    return ticks(low, high, most)


def text_width(text: str, size: float) -> float:
    """A generous guess at how wide a text is drawn: a full-width character is as wide as it is high."""
    wide = sum(1.0 if unicodedata.east_asian_width(sign) in "WFA" else 0.58 for sign in text)
    return wide * size


def thinned(count: int, most: int) -> list[int]:
    """Indices of labels to write when only `most` fit: even steps from the first; the last is among them where that is near."""
    if count <= max(most, 1):
        return list(range(count))
    if most <= 1:
        return [0]
    least = math.ceil((count - 1) / (most - 1))
    step = next((step for step in range(least, least * 3 // 2 + 1) if (count - 1) % step == 0), least)
    return list(range(0, count, step))


def apart(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Positions as near to `wanted` as possible that are at least `gap` apart, in the same order, within low…high if they fit."""
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    placed: list[float] = []
    for index in order:
        placed.append(max(wanted[index], placed[-1] + gap) if placed else max(wanted[index], low))
    over = placed[-1] - high if placed else 0.0
    if over > 0:
        limit = high
        for position in range(len(placed) - 1, -1, -1):
            placed[position] = min(placed[position], limit)
            limit = placed[position] - gap
    result = [0.0] * len(wanted)
    for rank, index in enumerate(order):
        result[index] = placed[rank]
    return result


def fixed(value: float) -> str:
    """A coordinate for SVG: one decimal place, no trailing zero."""
    text = f"{value:.1f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@dataclass(frozen=True, slots=True)
class Size:
    """One of the two widths in which every chart is drawn, so that its letters are never scaled below reading size."""

    name: str
    width: float
    font: float
    labels: int
    ticks: int


NARROW = Size("narrow", 328, 16, 4, 4)
WIDE = Size("wide", 680, 16, 12, 6)
SIZES = (NARROW, WIDE)


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what is written there."""

    at: float
    label: str
    anchor: str = "middle"
