"""What of an entity can be found? From a stored document to the rows of the index: which texts, in which wording, how heavy."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kairo.capabilities.search.normalise import VERSION, fold
from kairo.context.gate import DataClass, Declarations
from kairo.context.reading import content_of, instances_of, types_of, value_of
from kairo.platform.i18n import LANGUAGES, LanguageMap, pick

ALL = "all"
TITLE = "name"
MOST_CHARACTERS = 8000  # of one row: what stands behind them is not found
_NO_TEXT = ("GeoProperty", "Relationship", "ListRelationship")


@dataclass(frozen=True, slots=True)
class Entry:
    """One wording of an entity before it is folded. `lines` are the texts beside the title and its reading.

    `kinds`, what its types are called in every language, is found too, but not shown as a text of its own.
    """

    entity: str
    language: str
    serves: tuple[str, ...]
    types: tuple[str, ...]
    title: str
    reading: str
    lines: tuple[str, ...]
    kinds: tuple[str, ...]
    weight: int
    data_class: DataClass
    modified_at: datetime
    expires_at: datetime | None

    @property
    def digest(self) -> str:
        """Changes when, and only when, the row has to be written again; times of modification do not count."""
        found = (self.title, self.reading, self.lines, self.kinds)
        said = (VERSION, self.serves, self.types, found, self.weight, self.data_class.value, self.expires_at)
        return hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()

    def folded(self) -> "FoldedEntry":
        """The texts as they are compared."""
        return FoldedEntry(fold(self.title), fold(self.reading), [fold(line) for line in (*self.lines, *self.kinds)])


@dataclass(frozen=True, slots=True)
class FoldedEntry:
    """The folded texts of one row; the lines that are shown come first."""

    title: str
    reading: str
    lines: Sequence[str]

    @property
    def text(self) -> str:
        """Everything, one text a line."""
        return "\n".join((self.title, self.reading, *self.lines))


@dataclass(slots=True)
class _Wording:
    title: str = ""
    reading: str = ""
    lines: list[str] = field(default_factory=list)


def number_of(entity: str) -> int:
    """A number for an entity, to which its grams point: the same in every process."""
    return int.from_bytes(hashlib.blake2b(entity.encode(), digest_size=8).digest(), signed=True)


def searchable_attributes(declarations: Declarations, types: Sequence[str]) -> list[str]:
    """The attributes whose text is found, title first. None unless the entity's class is open."""
    if declarations.class_of(types) is not DataClass.OPEN:
        return []
    names = dict.fromkeys(name for type in types for name in declarations.by_type[type].searchable)
    return sorted(names, key=lambda name: name != TITLE)


def entries_of(doc: Mapping[str, Any], modified_at: datetime, declarations: Declarations) -> list[Entry]:
    """The rows of an entity: one, or one for each group of languages that read the same. None where nothing is to be found."""
    doc = dict(doc)
    types = types_of(doc)
    names = searchable_attributes(declarations, types)
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    texts = {name: list(_texts(doc, name)) for name in names}
    for language in LANGUAGES:
        wording = _wording(texts, language)
        if wording.title:
            groups.setdefault((wording.title, wording.reading, tuple(wording.lines)), []).append(language)
    expires = doc.get("expiresAt")
    titles = (title for type in types if names for title in declarations.by_type[type].title.values())
    kinds = tuple(dict.fromkeys(titles))
    return [
        Entry(
            entity=doc["id"],
            language=ALL if len(groups) == 1 else serves[0],
            serves=tuple(serves),
            types=tuple(types),
            title=title,
            reading=reading,
            lines=lines,
            kinds=kinds,
            weight=0 if value_of(doc, "synthetic") is True else 1,
            data_class=declarations.class_of(types),
            modified_at=modified_at,
            expires_at=datetime.fromisoformat(expires) if expires else None,
        )
        for (title, reading, lines), serves in groups.items()
    ]


def _wording(texts: Mapping[str, Sequence[LanguageMap | str]], language: Any) -> _Wording:
    """The texts as this reader is shown them; titles in other languages are found too."""
    wording = _Wording()
    others: list[str] = []
    for name, found in texts.items():
        for text in found:
            chosen = _one_line(pick(text, language))
            if not chosen:
                continue
            if not wording.title:
                wording.title = chosen
                others += [] if isinstance(text, str) else [_one_line(other) for other in text.values()]
            elif name.endswith("Kana") and not wording.reading:
                wording.reading = chosen
            else:
                wording.lines.append(chosen)
    lines = dict.fromkeys([*wording.lines, *others])
    wording.lines = list(_limited(line for line in lines if line and line != wording.title))
    return wording


def _limited(lines: Iterator[str]) -> Iterator[str]:
    left = MOST_CHARACTERS
    for line in lines:
        if left <= 0:
            return
        yield line[:left]
        left -= len(line)


def _one_line(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())


def _texts(doc: dict[str, Any], name: str) -> Iterator[LanguageMap | str]:
    """The texts of all instances of an attribute; a language map stays one."""
    for instance in instances_of(doc, name):
        if instance.get("type") in _NO_TEXT:
            continue
        if "languageMap" in instance:
            parts = instance["languageMap"].items()
            yield {tag: "、".join(text) if isinstance(text, list) else str(text) for tag, text in parts}
        else:
            yield from _leaves(content_of(instance))


def _leaves(content: Any) -> Iterator[str]:
    """Texts and numbers, however deep they stand; `true` and `false` say nothing that one looks for."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield str(content)
    elif isinstance(content, list):
        for part in content:
            yield from _leaves(part)
    elif isinstance(content, dict):
        for key, part in content.items():
            if not key.startswith("@") or key == "@value":
                yield from _leaves(part)
