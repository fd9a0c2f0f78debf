"""Does a text hold a 個人番号 (My Number)? Then it must not come in, and must not be shown in any message.

Twelve digits whose last is the check digit of 総務省令 (平成26年総務省令第85号, 5条), half-width or full-width, whole or in groups of four.
"""

import re
import unicodedata
from typing import Any

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DASHES = re.compile("[‐‑‒–—―−ー─]")
# Not a part of a longer number, nor the decimals of one.
_TWELVE = re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]{4}(?:[ \-]?[0-9]{4}){2}(?!\.?[0-9])")


def is_personal_number(digits: str) -> bool:
    """Whether twelve digits have the check digit of a 個人番号. Twelve zeros are a filler, not a number."""
    if len(digits) != 12 or not digits.isascii() or not digits.isdecimal() or digits == "0" * 12:
        return False
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)
    remainder = sum(int(digit) * weight for digit, weight in zip(reversed(digits[:11]), weights, strict=True)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def holds_personal_number(value: Any) -> bool:
    """Whether a text, a whole number, or anything within a list or an object is or holds one."""
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return False
    if isinstance(value, dict):
        return any(holds_personal_number(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(holds_personal_number(part) for part in value)
    text = str(value)
    if len(text) < 12:
        return False
    text = _UUID.sub(" ", _DASHES.sub("-", unicodedata.normalize("NFKC", text)))
    return any(is_personal_number(re.sub("[^0-9]", "", match[0])) for match in _TWELVE.finditer(text))
