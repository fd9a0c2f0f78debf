"""What may be asked of a population, and how is it divided? Questions as people write them, checked against what the type declares.

A dimension is written `district`, `district^city` (with subtotals by what the district leads to), `birthDate/10` (ages in bands of ten
years) or `income/100`; a condition `district=A|B`, or `birthDate=60..70`: from 60 until before 70. Times are read as ages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kairo.errors import BadRequestData
from kairo.platform.manifests import Attribute, EntityType
from kairo.trust.anonymity.groups import Group, Part, group_of

LEAST_K: Final = 3
MOST_DIMENSIONS: Final = 3
_DIMENSION = re.compile(r"([A-Za-z_]\w{0,99})(?:/(\d{1,9})|\^([A-Za-z_]\w{0,99}))?")
_RANGE = re.compile(r"(-?\d{1,12})?\.\.(-?\d{1,12})?")
NUMBERS = ("number", "integer")
TIMES = ("date", "time")


@dataclass(frozen=True, slots=True)
class Dimension:
    """By which attribute a population is divided: by value, in bands of `width`, or by value with subtotals by `above`."""

    attribute: Attribute
    width: int = 0
    above: str = ""

    @property
    def is_age(self) -> bool:
        """Whether its numbers are ages in years."""
        return self.attribute.value in TIMES

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, ages among them."""
        return self.is_age or self.attribute.value in NUMBERS

    def written(self) -> str:
        """As people write it."""
        return self.attribute.name + (f"/{self.width}" if self.width else f"^{self.above}" if self.above else "")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of all persons of a type: how many by these dimensions, under these conditions, and the sum of `measure`."""

    type: str
    dimensions: tuple[Dimension, ...]
    where: Group = ()
    measure: str = ""

    def written(self) -> list[str]:
        """The question in one order: what makes two questions the same."""
        return [
            self.type,
            *(one.written() for one in self.dimensions),
            "|",
            *(str(part.told()) for part in self.where),
            "|",
            self.measure,
        ]


def check_k(k: int, least: int) -> int:
    """A k that may be demanded. Raises BadRequestData below `least` (a setting, never below 3)."""
    least = max(least, LEAST_K)
    if not least <= k <= 1000:
        raise BadRequestData(
            f"k is from {least} to 1000 here, not {k}: with fewer a single person could be told from others",
            detail_ja=f"k は {least} から 1000 までです（指定: {k}）。これより小さいと個人が見分けられるおそれがあります。",
        )
    return k


def question_of(
    kind: EntityType, dimensions: Sequence[str], where: Sequence[str] = (), measure: str = "", *, least: int = 1
) -> Question:
    """Reads a question. Raises BadRequestData for what the type does not declare, or what cannot be divided by."""
    if kind.data_class != "personal":
        raise BadRequestData(
            f"{kind.type} holds no personal data: ask the API for its numbers",
            detail_ja=f"「{kind.title['ja']}」は個人情報ではありません。通常のAPIで集計できます。",
        )
    if not least <= len(dimensions) <= MOST_DIMENSIONS or len({_name(one) for one in dimensions}) < len(dimensions):
        raise BadRequestData(
            f"name from {least} to {MOST_DIMENSIONS} dimensions, each once",
            detail_ja=f"分類は{least}～{MOST_DIMENSIONS}個、重複なしで指定してください。",
        )
    if len(where) > 10:
        raise BadRequestData("name at most 10 conditions", detail_ja="条件は10個までです。")
    if measure and declared(kind, measure).value not in NUMBERS:
        raise BadRequestData(
            f"{measure} is no number, so it has no sum", detail_ja=f"「{measure}」は数値ではないため合計できません。"
        )
    found = tuple(dimension_of(kind, one) for one in dimensions)
    parts = [condition_of(kind, one) for one in where]
    return Question(kind.type, found, group_of(*parts, *([Part(measure, "range")] if measure else [])), measure)


def dimension_of(kind: EntityType, text: str) -> Dimension:
    """Reads one dimension."""
    match = _DIMENSION.fullmatch(text)
    if match is None:
        raise BadRequestData(f"{text[:100]!r} is no dimension", detail_ja=f"「{text[:100]}」は分類として読めません。")
    found = Dimension(declared(kind, match[1]), int(match[2] or 0), match[3] or "")
    if bool(found.width) != found.is_number:
        wanted = "needs a width, such as /10" if found.is_number else "is no number and takes no width"
        raise BadRequestData(
            f"{match[1]} {wanted}", detail_ja=f"「{match[1]}」の幅の指定が正しくありません（例: 年齢は /10）。"
        )
    if found.above and found.attribute.kind != "Relationship":
        raise BadRequestData(
            f"{match[1]} leads nowhere", detail_ja=f"「{match[1]}」は関係ではないため、上位の区分がありません。"
        )
    return found


def condition_of(kind: EntityType, text: str) -> Part:
    """Reads one condition."""
    name, equals, rest = text.partition("=")
    found = Dimension(declared(kind, name))
    if equals and found.is_number and (match := _RANGE.fullmatch(rest)) is not None:
        low, high = float(match[1] or "-inf"), float(match[2] or "inf")
        if low < high:
            return Part(name, "range", (), low, high)
    elif equals and rest and not found.is_number and len(rest) <= 10_000:
        return Part(name, "in", tuple(sorted({f"={one}" for one in rest.split("|")})))
    raise BadRequestData(
        f"{text[:100]!r} is no condition on {name}: write {name}=A|B, or for numbers {name}=60..70",
        detail_ja=f"条件「{text[:100]}」を読み取れません。「{name}=A|B」や「{name}=60..70」のように書いてください。",
    )


def _name(text: str) -> str:
    return re.split(r"[/^]", text, maxsplit=1)[0]


def declared(kind: EntityType, name: str) -> Attribute:
    """The attribute of this name. Raises BadRequestData where there is none, or none to divide by."""
    for attribute in kind.attributes:
        if attribute.name == name:
            if attribute.kind in {"Relationship", "VocabProperty"} or attribute.value in {
                "text",
                "boolean",
                *NUMBERS,
                *TIMES,
            }:
                return attribute
            raise BadRequestData(
                f"{name} is of a kind that nothing can be divided by", detail_ja=f"「{name}」では分類できません。"
            )
    raise BadRequestData(
        f"{kind.type} declares no attribute {name[:100]!r}",
        detail_ja=f"「{kind.title['ja']}」に属性「{name[:100]}」はありません。",
    )
