"""Into which lines is a population divided by a dimension, and which values are possible, as everybody knows?

What the data alone would show (a rare value, the income of the richest) makes no line of its own.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kairo.errors import BadRequestData
from kairo.platform.manifests import EntityType
from kairo.trust.anonymity.groups import ELSE, SEVERAL, UNKNOWN, Domain, Part
from kairo.trust.anonymity.rules import NUMBERS, TIMES, Dimension, declared

OLDEST: Final = 100  # from here on one band: the few who are older would stand out
MOST_BANDS: Final = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an axis: its condition, and the line above it that it belongs to (None: the total). `label`: of a line above."""

    part: Part
    above: int | None = None
    label: str = ""


Axis = tuple[Step, ...]
Places = Mapping[str, str]  # of a relationship: what is there to be led to → what that belongs to (empty: nothing)


def domain_of(kind: EntityType, name: str, places: Places | None) -> Domain:
    """Which values are possible, as everybody knows from the declaration of the type, and from the places that are there."""
    attribute = declared(kind, name)
    texts: tuple[str, ...] = () if attribute.required else (UNKNOWN,)
    texts += (SEVERAL,) if any(one.relationship != "id" for one in kind.subjects) else ()
    if attribute.value in NUMBERS:
        return Domain(texts, -math.inf, math.inf)
    if attribute.value in TIMES:
        return Domain(texts, 0.0, math.inf)
    if attribute.value == "boolean":
        return Domain((*texts, "=true", "=false"))
    return Domain((*texts, *((ELSE,) if places is None else (f"={id}" for id in places))))


def axis_of(
    dimension: Dimension, present: Sequence[str], between: tuple[float, float], places: Places | None, domain: Domain, most: int
) -> Axis:
    """The lines by which a population is divided. `present`: texts that are frequent enough to be named, `between`: numbers beyond
    which there are too few, `places`: where a relationship can lead to, as everybody knows. Whatever is not named is in the last
    lines: something else, unknown, several."""
    name = dimension.attribute.name
    if dimension.is_number:
        steps = [Step(part) for part in _bands(dimension, *between)]
    elif places is not None:
        steps = _with_subtotals(name, places) if dimension.above else [Step(Part(name, "in", (f"={id}",))) for id in places]
    else:
        named = present if ELSE in domain.texts else [text for text in domain.texts if text.startswith("=")]
        steps = [Step(Part(name, "in", (text,))) for text in named]
    if len(steps) > most:
        raise BadRequestData(
            f"{name} has {len(steps):,} values to divide by; at most {most} make a table",
            detail_ja=f"「{name}」の区分が{len(steps):,}個あります。表にできるのは{most}個までです。",
        )
    if ELSE in domain.texts:
        steps.append(
            Step(Part(name, "out", tuple(sorted({UNKNOWN, SEVERAL, *(value for step in steps for value in step.part.values)}))))
        )
    steps += [Step(Part(name, "in", (text,))) for text in (UNKNOWN, SEVERAL) if text in domain.texts]
    return tuple(steps)


def _with_subtotals(name: str, places: Places) -> list[Step]:
    """Each line above is followed by the lines that belong to it; those that belong to nothing come last."""
    steps: list[Step] = []
    for over in sorted({over for over in places.values() if over}):
        ids = sorted(id for id, mine in places.items() if mine == over)
        at = len(steps)
        steps.append(Step(Part(name, "in", tuple(f"={id}" for id in ids)), None, over))
        steps += [Step(Part(name, "in", (f"={id}",)), at) for id in ids]
    return steps + [Step(Part(name, "in", (f"={id}",))) for id, over in places.items() if not over]


def _bands(dimension: Dimension, least: float, greatest: float) -> list[Part]:
    """Ages up to OLDEST and beyond; other numbers from `least` to `greatest`, open at both ends."""
    width, name = dimension.width, dimension.attribute.name
    if dimension.is_age:
        cuts = [*range(0, OLDEST, width), OLDEST]
        return [Part(name, "range", (), float(low), float(high)) for low, high in zip(cuts, [*cuts[1:], math.inf], strict=True)]
    first, last = math.floor(least / width), math.floor(greatest / width)
    if last - first >= MOST_BANDS:
        raise BadRequestData(
            f"bands of {width} make more than {MOST_BANDS} lines of {name}",
            detail_ja=f"「{name}」の幅{width}では区分が{MOST_BANDS}を超えます。幅を広げてください。",
        )
    cuts = [-math.inf, *(float(number * width) for number in range(first + 1, last + 1)), math.inf]
    return [Part(name, "range", (), low, high) for low, high in itertools.pairwise(cuts)]
