"""How is an address written one way, so that two files' addresses can be compared? The original text is kept beside it.

Only the form is changed (full-width digits, dashes, 丁目 and 番地, spaces); nothing is looked up and nothing is guessed.
"""

import re
import unicodedata

from kairo.capabilities.places.municipalities import Municipality

_DASHES = "‐‑‒–—―−﹣－ｰ─━"
_DASH = re.compile(f"[{_DASHES}]")
_LONG_VOWEL_AS_DASH = re.compile(r"(?<=[0-9])ー(?=[0-9])")
_KANJI = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_CHOME = re.compile(r"([一二三四五六七八九十]{1,3}|[0-9]+)丁目[-ー]?")
_BETWEEN = re.compile(r"(?<=[0-9])(?:番地の?|番|号|の)-?(?=[0-9])")
_LAST = re.compile(r"(?<=[0-9])(?:番地|番|号|-)+$")


def normalized_address(address: str, place: Municipality | None = None) -> str:
    """The address in one way of writing; empty stays empty. With `place`, prefecture and municipality always stand in front."""
    text = unicodedata.normalize("NFC", "".join(unicodedata.normalize("NFKC", address).split()))
    text = _DASH.sub("-", text)
    text = _LONG_VOWEL_AS_DASH.sub("-", text)
    text = _CHOME.sub(_chome, text)
    text = _BETWEEN.sub("-", text)
    text = _LAST.sub("", text)
    if place is None or not text:
        return text
    return place.full_name + _without_prefix(text, place)


def _chome(match: re.Match[str]) -> str:
    number = match[1] if match[1].isdecimal() else str(_kanji_number(match[1]))
    return f"{number}-"


def _kanji_number(text: str) -> int:
    """Up to 99, as in 二十三丁目; digits written side by side (一〇) do not occur before 丁目."""
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI[digit]) for digit in text))
    return (_KANJI.get(tens[-1:], 1) if tens else 1) * 10 + (_KANJI[ones[-1]] if ones else 0)


def _without_prefix(text: str, place: Municipality) -> str:
    prefixes = [place.prefecture + place.district + place.name, place.full_name, place.district + place.name, place.name]
    while True:
        found = next((prefix for prefix in prefixes if text.startswith(prefix)), None)
        if found is None:
            return text
        text = text[len(found) :]
