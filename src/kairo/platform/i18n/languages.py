"""Which languages are there, what stands in for a missing one, and how do they appear in addresses and headers?

`ja-x-easy` is やさしい日本語: a private-use subtag of BCP 47, so that `lang="ja-x-easy"` is still read out as Japanese.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Language = Literal["ja", "ja-x-easy", "en"]
LanguageMap = Mapping[str, str]

LANGUAGES: tuple[Language, ...] = get_args(Language)
DEFAULT_LANGUAGE: Language = "ja"

FALLBACK: dict[Language, tuple[Language, ...]] = {
    "ja": ("ja", "ja-x-easy", "en"),
    "ja-x-easy": ("ja-x-easy", "ja", "en"),
    "en": ("en", "ja", "ja-x-easy"),
}


def pick_entry(texts: LanguageMap, language: Language) -> tuple[str, str]:
    """The text of a languageMap for this reader, and the tag it is written in.

    Falls back in the order of `FALLBACK`, then to `@none`, then to whatever there is; an empty map gives `("", language)`.
    """
    for tag in (*FALLBACK[language], "@none"):
        if texts.get(tag):
            return texts[tag], tag
    for tag, text in texts.items():
        if text:
            return text, tag
    return "", language


def pick(texts: LanguageMap | str | None, language: Language) -> str:
    """The text of a languageMap for this reader. A plain text is given back as it is, nothing as an empty text."""
    if texts is None:
        return ""
    return texts if isinstance(texts, str) else pick_entry(texts, language)[0]


def same_script(tag: str, language: Language) -> bool:
    """Whether a text tagged `tag` needs no own `lang` attribute on a page in `language`."""
    return tag.split("-", maxsplit=1)[0] == language.split("-")[0]


def negotiate(accept_language: str, remembered: str = "") -> Language:
    """The language for a first visit: the one chosen before, else the best known one of Accept-Language, else Japanese.

    Someone whose browser asks for neither Japanese nor English gets やさしい日本語 only if they ask for it; English serves more.
    """
    for known in LANGUAGES:
        if remembered == known:
            return known
    wanted: list[tuple[float, str]] = []
    for part in accept_language.split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            quality = 0.0
        if tag and quality > 0:
            wanted.append((-quality, tag.strip().lower()))
    wanted.sort(key=lambda entry: entry[0])
    for _, tag in wanted:
        if tag == "ja-x-easy":
            return "ja-x-easy"
        if tag.split("-")[0] == "ja":
            return "ja"
        if tag.split("-")[0] == "en":
            return "en"
    return "en" if wanted and wanted[0][1] != "*" else DEFAULT_LANGUAGE


def split_language(path: str) -> tuple[Language | None, str]:
    """`/en/buses` → (`en`, `/buses`); a path without a language prefix → (None, the path)."""
    first, _, rest = path.removeprefix("/").partition("/")
    for known in LANGUAGES:
        if first == known:
            return known, "/" + rest
    return None, path


def with_language(path: str, language: Language) -> str:
    """`/buses?stop=3` → `/en/buses?stop=3`. A prefix that is there is exchanged; what is no path of this site stays."""
    if not path.startswith("/") or path.startswith("//"):
        return path
    return f"/{language}{split_language(path)[1]}"
