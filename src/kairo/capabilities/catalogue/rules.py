"""Which named rules put a cell right? Pure functions over texts: idempotent, and clean text passes unchanged.

A rule only mends how something is written, never what it says; what could mean two things is refused instead.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Rule(NamedTuple):
    """A rule by the name under which the report lists it."""

    name: str
    mend: Callable[[str], str]


class Step(NamedTuple):
    """One rule that changed a text."""

    before: str
    after: str
    rule: str


def apply(text: str, rules: Sequence[Rule]) -> tuple[str, list[Step]]:
    """The text after all rules, in order, with the steps that changed it."""
    steps: list[Step] = []
    for rule in rules:
        mended = rule.mend(text)
        if mended != text:
            steps.append(Step(text, mended, rule.name))
            text = mended
    return text, steps


# What nobody sees and nobody typed on purpose. Joiners and variation selectors (異体字) are not among them.
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u200b\u2060\ufeff]")
_LINE_BREAK = re.compile(r"[ \u3000]*[\t\r\n\x85\u2028\u2029]+[ \u3000\t\r\n\x85\u2028\u2029]*")
_SPACE = re.compile(r"\s+")
_DASH = re.compile("[‐‑‒–—―−﹣－ー─]")
_MARKS = frozenset(("1", "○", "〇", "◯", "●", "有", "あり", "はい", "該当", "true", "yes", "1.0"))
_NO_MARKS = frozenset(("", "0", "0.0", "×", "✕", "-", "無", "なし", "いいえ", "非該当", "該当なし", "false", "no"))


def _without_outer_space(text: str) -> str:
    return text.strip()


def _one_line(text: str) -> str:
    return _LINE_BREAK.sub(" ", text)


def _unified_breaks(text: str) -> str:
    return re.sub("\r\n?|\x85|\u2028|\u2029", "\n", text)


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _without_invisible(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _without_space(text: str) -> str:
    # a mark that stood alone (¨) may now follow a letter: NFC makes one character of the two
    return unicodedata.normalize("NFC", _SPACE.sub("", text)) if _SPACE.search(text) else text


def _hyphens(text: str) -> str:
    return _DASH.sub("-", text)


def _mark(text: str) -> str:
    """A flag as the national files write it: 1, or empty for "not designated". Zero and × say no more than empty does."""
    lowered = text.lower()
    if lowered in _MARKS:
        return "1"
    return "" if lowered in _NO_MARKS else text


INVISIBLE_REMOVED = Rule("invisible-characters-removed", _without_invisible)
LINE_BREAK_TO_SPACE = Rule("line-break-to-space", _one_line)
LINE_BREAKS_UNIFIED = Rule("line-breaks-unified", _unified_breaks)
OUTER_SPACE_REMOVED = Rule("outer-space-removed", _without_outer_space)
FULL_TO_HALF_WIDTH = Rule("full-width-to-half-width", _half_width)
SPACES_REMOVED = Rule("spaces-removed", _without_space)
WRONG_DASH = Rule("wrong-dash", _hyphens)
FLAG_MARK = Rule("flag-mark", _mark)

# Names and addresses stay as written (full-width, 異体字, dashes): only what cannot be seen goes.
ONE_LINE = (INVISIBLE_REMOVED, LINE_BREAK_TO_SPACE, OUTER_SPACE_REMOVED)
SEVERAL_LINES = (INVISIBLE_REMOVED, LINE_BREAKS_UNIFIED, OUTER_SPACE_REMOVED)
# Codes, ids, numbers: one way of writing.
SYMBOLS = (INVISIBLE_REMOVED, OUTER_SPACE_REMOVED, FULL_TO_HALF_WIDTH, SPACES_REMOVED, WRONG_DASH)
FLAGS = (*SYMBOLS, FLAG_MARK)
