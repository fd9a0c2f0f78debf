"""Which words does a page use, and in which file do they stand?

Each package may have a folder `messages/` with `ja.yaml`, `ja-x-easy.yaml` and `en.yaml`: nested names, texts with `{values}`
and, where a reading helps, `漢字《かんじ》`. A text that depends on a number has the two entries `one` and `other`.
"""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import yaml
from markupsafe import Markup, escape

from kairo.platform.i18n.furigana import strip_readings, with_ruby
from kairo.platform.i18n.languages import FALLBACK, LANGUAGES, Language, same_script

_VALUE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_log = logging.getLogger(__name__)

Translate = Callable[..., "Message"]


class MissingMessage(KeyError):
    """A page asked for a message that stands in no language, or did not give a value that the message names."""


class Message(str):
    """A text of the catalogue: plain as a `str`, with <ruby> and, where it fell back, its `lang` when a template shows it."""

    __slots__ = ("_html",)
    _html: Markup

    def __new__(cls, plain: str, html: Markup | None = None) -> Self:
        message = super().__new__(cls, plain)
        message._html = escape(plain) if html is None else html
        return message

    def __html__(self) -> str:
        return self._html


_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C takes a tenth of the time at every start


class Catalogue:
    """All messages of the packages that were added, by key (`prefix.name.name`) and language."""

    def __init__(self, *, strict: bool = False) -> None:
        self._texts: dict[Language, dict[str, str]] = {language: {} for language in LANGUAGES}
        self._strict = strict

    def add(self, prefix: str, folder: Path) -> None:
        """Reads the message files of one package. Raises ValueError where two packages use the same key."""
        for language in LANGUAGES:
            path = folder / f"{language}.yaml"
            if not path.exists():
                continue
            content = yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - both loaders are the safe one
            for key, text in _flat(prefix, content):
                if key in self._texts[language]:
                    raise ValueError(f"{path}: the message {key} is there already")
                self._texts[language][key] = text

    def keys(self, language: Language) -> frozenset[str]:
        """The keys that this language has itself."""
        return frozenset(self._texts[language])

    def gaps(self, prefix: str = "") -> dict[Language, list[str]]:
        """What each language lacks of the keys that another one has; for the test of every package that has messages."""
        every = {key for texts in self._texts.values() for key in texts if key.startswith(prefix) and not key.endswith(".one")}
        found = {language: sorted(every - texts.keys()) for language, texts in self._texts.items()}
        return {language: keys for language, keys in found.items() if keys}

    def value_gaps(self) -> list[str]:
        """Keys whose languages do not name the same `{values}`."""
        wrong: list[str] = []
        for key in sorted({key for texts in self._texts.values() for key in texts}):
            named = {frozenset(_VALUE.findall(texts[key])) for texts in self._texts.values() if key in texts}
            if len(named) > 1 and not key.endswith(".one"):
                wrong.append(key)
        return wrong

    def has(self, key: str) -> bool:
        """Whether any language has this message."""
        return any(key in texts for texts in self._texts.values())

    def translate(self, language: Language, key: str, /, **values: Any) -> Message:
        """The message in this language or the nearest one. Raises MissingMessage if strict; else the key is shown and logged."""
        keys = (key,) if "count" not in values else (f"{key}.{'one' if values['count'] == 1 else 'other'}", f"{key}.other", key)
        for tag in FALLBACK[language]:
            for name in keys:
                if name in self._texts[tag]:
                    return self._message(name, tag, language, values)
        if self._strict:
            raise MissingMessage(f"no language has the message {key}")
        _log.error("no language has the message %s", key)
        return Message(key)

    def translator(self, language: Language) -> Translate:
        """`t(key, **values)` for one language."""
        return lambda key, /, **values: self.translate(language, key, **values)

    def _message(self, key: str, tag: Language, language: Language, values: Mapping[str, Any]) -> Message:
        """Puts the values in after the readings became <ruby>: what a value says is text, whatever characters it holds."""
        marked = self._texts[tag][key]
        missing = sorted(set(_VALUE.findall(marked)) - values.keys())
        if missing and self._strict:
            raise MissingMessage(f"the message {key} needs the values {', '.join(missing)}")
        if missing:
            _log.error("the message %s needs the values %s", key, ", ".join(missing))
        plain = _VALUE.sub(lambda found: str(values.get(found[1], found[0])), strip_readings(marked))
        escaped = _VALUE.sub(lambda found: str(escape(values.get(found[1], found[0]))), str(with_ruby(marked)))
        html = Markup(escaped)  # noqa: S704 - both the message and its values are escaped
        return Message(plain, html if same_script(tag, language) else Markup('<span lang="{}">{}</span>').format(tag, html))


def _flat(prefix: str, content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        key = f"{prefix}.{name}" if prefix else str(name)
        if isinstance(value, Mapping):
            yield from _flat(key, value)
        elif isinstance(value, str):
            yield key, value.strip()
        else:
            raise ValueError(f"the message {key} is not a text but {value!r}; put it in quotation marks")
