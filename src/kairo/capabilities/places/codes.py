"""Is this a 全国地方公共団体コード, and which one was meant where a zero or the check digit was lost?

Six digits: two of the prefecture, three of the municipality, one check digit (総務省). Spreadsheets drop the leading zero of
prefectures 01 to 09; JIS X 0402 and many statistics leave the check digit out.
"""

import re
from collections.abc import Container
from typing import NamedTuple

_FIVE = re.compile(r"[0-9]{5}")
_SIX = re.compile(r"[0-9]{6}")
_WEIGHTS = (6, 5, 4, 3, 2)


class Restored(NamedTuple):
    """A whole code, and the rule that restored it (empty: it was whole)."""

    code: str
    rule: str


def check_digit(five: str) -> str:
    """The sixth digit of a code of which five are known."""
    if not _FIVE.fullmatch(five):
        raise ValueError("a municipality code has five digits before its check digit")
    total = sum(int(digit) * weight for digit, weight in zip(five, _WEIGHTS, strict=True))
    return str((11 - total % 11) % 10)


def with_check_digit(five: str) -> str:
    """The whole code."""
    return five + check_digit(five)


def is_code(text: str) -> bool:
    """Whether these are six digits of a prefecture that exists, with the right check digit."""
    return bool(_SIX.fullmatch(text)) and _prefecture_exists(text) and check_digit(text[:5]) == text[5]


def is_five_digits(text: str) -> bool:
    """Whether this is a code as JIS X 0402 writes it: five digits of a prefecture that exists, without check digit."""
    return bool(_FIVE.fullmatch(text)) and _prefecture_exists(text)


def restore_code(text: str, known: Container[str] = ()) -> Restored | None:
    """The whole code that half-width digits stand for, or None where none or two could be meant.

    Five digits may lack the zero or the check digit (`92011` is 092011, 宇都宮市): `known` codes decide between the two.
    """
    if is_code(text):
        return Restored(text, "")
    candidates: list[Restored] = []
    if is_five_digits(text):
        candidates.append(Restored(with_check_digit(text), "check-digit-added"))
    if _FIVE.fullmatch(text) and is_code("0" + text):
        candidates.append(Restored("0" + text, "leading-zero-added"))
    if re.fullmatch(r"[0-9]{4}", text) and _prefecture_exists("0" + text):
        candidates.append(Restored(with_check_digit("0" + text), "leading-zero-and-check-digit-added"))
    if len(candidates) > 1:
        candidates = [found for found in candidates if found.code in known]
    return candidates[0] if len(candidates) == 1 else None


def _prefecture_exists(code: str) -> bool:
    return "01" <= code[:2] <= "47"
