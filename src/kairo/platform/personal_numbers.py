"""Does a text hold a 個人番号 (My Number)? Then it must not come in, and must not be shown in any message.

Twelve digits whose last is the check digit of 総務省令 (平成26年総務省令第85号, 5条), half-width or full-width, whole or in groups of four.
Of twelve digits that mean something else (a meter, a driving licence) one in eleven has that check digit, too. An import of a file
stops at each; what comes through the API is refused where a name or the text itself says that a 個人番号 is meant.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Any, Final

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
_DASHES = re.compile("[‐‑‒–—―−ー─]")
# Not a part of a longer number, nor the decimals of one.
_TWELVE = re.compile(r"(?<![0-9])(?<![0-9]\.)[0-9]{4}(?:[ \-]?[0-9]{4}){2}(?!\.?[0-9])")
_NAMES: Final = frozenset(
    {
        *("個人番号", "マイナンバー", "こじんばんごう", "まいなんばー"),
        *("mynumber", "individualnumber", "personalnumber", "kojinbango", "kojinbangou", "specificpersonalnumber"),
    }
)
_LAST_PART = re.compile(r"[^/#:]*\Z")
_NO_LETTER = re.compile(r"[\W_]+")
_SAYS_SO = re.compile(r"個人番号|マイナンバー|my[ _-]?number|individual[ _-]?number", re.IGNORECASE)

_FOUR = re.compile(r"\d{4}")  # digits of any script: what has none of this is no number
_SAYS_NOTHING: Final = frozenset(
    {"type", "observedAt", "datasetId", "unitCode", "object", "coordinates"}
)  # members of an instance
_PLAIN: Final = frozenset({"value", "languageMap", "ja", "en", "json", "valueList"})  # which mean nothing by themselves


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


@lru_cache(maxsize=4096)
def means_personal_number(name: str) -> bool:
    """Whether a name (of an attribute, or its IRI) means a 個人番号: `myNumber`, `individual_number`, `マイナンバー`."""
    last = _LAST_PART.search(unicodedata.normalize("NFKC", name))
    return last is not None and _NO_LETTER.sub("", last[0]).casefold() in _NAMES


def said_to_be_personal_number(name: str, value: Any) -> bool:
    """Whether the value of this name holds a number with the right check digit, and the name, a name within the value, or the
    text around it says that a 個人番号 is meant."""
    return _said(means_personal_number(name), value)


def _said(is_meant: bool, value: Any) -> bool:
    kind = type(value)
    if kind is dict:
        # Every write pays for this: most members are told from others by their type, their length or their name alone.
        for key, part in value.items():
            inner = type(part)
            if (inner is str and len(part) < 12) or inner is float or inner is bool or key in _SAYS_NOTHING:
                continue
            if _said(is_meant or (key not in _PLAIN and means_personal_number(key)), part):
                return True
        return False
    if kind is str:
        if len(value) < 12 or _FOUR.search(value) is None:
            return False
        return (is_meant or _SAYS_SO.search(value) is not None) and holds_personal_number(value)
    if kind is list:
        return any(_said(is_meant, part) for part in value)
    return kind is int and is_meant and holds_personal_number(value)
