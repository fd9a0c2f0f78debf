"""Which language of a LanguageProperty does the asker get? The language filter of CIM 009 4.15."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kairo.context.model.names import NONE
from kairo.errors import BadRequestData

_RANGE = re.compile(r"\s*(\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")
_MAX_CHARACTERS = 200


@lru_cache(maxsize=1024)
def wishes(lang: str) -> tuple[str, ...]:
    """The language tags of `lang` (`ja`, `fr-CH,fr;q=0.9,*;q=0.5`), best first, in lower case; `*` for any."""
    ranked: list[tuple[float, str]] = []
    for part in lang.split(","):
        match = _RANGE.fullmatch(part)
        if match is None or len(lang) > _MAX_CHARACTERS:
            raise BadRequestData(
                f"lang: {lang[:80]!r} is no list of language tags such as ja or fr-CH,fr;q=0.9.",
                detail_ja="lang は ja や en;q=0.8 のような言語タグで指定してください。",
            )
        weight = float(match[2]) if match[2] else 1.0
        if weight > 0:
            ranked.append((-weight, match[1].lower()))
    return tuple(tag for _, tag in sorted(ranked, key=lambda item: item[0]))


def choose(language_map: Mapping[str, Any], wanted: tuple[str, ...]) -> tuple[str, Any]:
    """The language that fits best, and its text. There is always one: "it shall default to any supported language".

    A wish is met by itself, by its shorter forms (ja for ja-x-easy), by a longer form (en-GB for en). Then the text of no
    language, then the first one.
    """
    by_tag = {tag.lower(): tag for tag in language_map}
    for wish in wanted:
        found = _any(by_tag) if wish == "*" else _match(by_tag, wish)
        if found is not None:
            return found, language_map[found]
    found = _any(by_tag)
    return found, language_map[found]


def _match(by_tag: dict[str, str], wish: str) -> str | None:
    shorter = wish
    while shorter:
        if shorter in by_tag:
            return by_tag[shorter]
        shorter = shorter.rpartition("-")[0]
    return next((tag for lower, tag in by_tag.items() if lower.startswith(wish + "-")), None)


def _any(by_tag: dict[str, str]) -> str:
    return by_tag.get(NONE) or next(iter(by_tag.values()))
