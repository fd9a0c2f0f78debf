"""What is a regular expression, once read, and how is it written again for PostgreSQL?"""

from bisect import bisect_right
from dataclasses import dataclass
from enum import Enum
from typing import Final

LAST_CHARACTER: Final = 0x10FFFF

Ranges = tuple[tuple[int, int], ...]


class Anchor(Enum):
    """A place in the text, not a character."""

    START = "^"
    END = "$"


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of sorted, separate ranges of code points."""

    ranges: Ranges

    @staticmethod
    def of(ranges: Ranges, negated: bool = False) -> "Characters":
        merged: list[tuple[int, int]] = []
        for low, high in sorted(ranges):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], high))
            else:
                merged.append((low, high))
        if negated:
            edges = [0, *(edge for low, high in merged for edge in (low - 1, high + 1)), LAST_CHARACTER]
            edges[0] = 1  # U+0000 is in no stored text
            merged = [(low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low <= high]
        return Characters(tuple(merged))

    def holds(self, character: str) -> bool:
        code = ord(character)
        index = bisect_right(self.ranges, (code, LAST_CHARACTER)) - 1
        return index >= 0 and code <= self.ranges[index][1]


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other; none: the empty text."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Branches:
    """One of these."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least and at most so many times; `most` None: without end."""

    part: "Node"
    least: int
    most: int | None


Node = Characters | Anchor | Sequence | Branches | Repeat
ANY = Characters(((1, LAST_CHARACTER),))


def write_sql(node: Node) -> str:
    """The expression as PostgreSQL's advanced regular expression: nothing in it depends on collation or flags."""
    if isinstance(node, Characters):
        return _write_characters(node)
    if isinstance(node, Anchor):
        return node.value
    if isinstance(node, Sequence):
        return "(?:" + "".join(write_sql(part) for part in node.parts) + ")"
    if isinstance(node, Branches):
        return "(?:" + "|".join(write_sql(part) for part in node.parts) + ")"
    most = "" if node.most is None else str(node.most)
    return f"(?:{write_sql(node.part)}){{{node.least},{most}}}"


def _write_characters(node: Characters) -> str:
    if not node.ranges:
        return "(?:$a)"  # a set that holds nothing: found nowhere
    if node == ANY:
        return "."
    if len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]:
        return _write_code(node.ranges[0][0])
    return "[" + "".join(_write_code(low) + ("-" + _write_code(high) if high > low else "") for low, high in node.ranges) + "]"


def _write_code(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\U{code:08X}"
