"""Which purposes may consent be asked for, in which words? Declared in manifests and in a file; each text is known by its digest.

What somebody agreed to is kept word by word under the digest of the text. So a new version, or a purpose that is taken away,
changes nothing of what was agreed to.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson
import yaml

from kairo.errors import BadRequestData, StartError
from kairo.platform.handling import Controller
from kairo.platform.i18n import LANGUAGES
from kairo.platform.manifests import Category, Purpose, Texts

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
LONGEST_DAYS: Final = 1096  # three years: then it is asked anew
MOST_CATEGORIES: Final = 30
_AUDIENCES: Final = ("family", "application", "department")


class Purposes:
    """The purposes of an installation, by id."""

    def __init__(self, declared: Iterable[Purpose]) -> None:
        """Two purposes of one id, or one that is incomplete, are a programming error: ValueError."""
        self._known: dict[str, tuple[Purpose, str]] = {}
        for one in declared:
            if one.id in self._known:
                raise ValueError(f"the purpose {one.id} is declared twice")
            problem = incomplete(one)
            if problem:
                raise ValueError(f"the purpose {one.id}: {problem}")
            self._known[one.id] = (one, digest_of(one))

    def open(self, id: str) -> tuple[Purpose, str]:
        """The present text of a purpose and its digest. Raises BadRequestData for one that takes no consent (any more)."""
        found = self._known.get(id)
        if found is None or found[0].retired:
            raise BadRequestData(
                f"no consent is asked for the purpose {id[:80]!r} (any more)",
                detail_ja="この利用目的は終了したか、登録されていないため、新しい同意は受け付けていません。",
                mend="Nothing has to be done. What was agreed to before can still be seen and withdrawn.",
                mend_ja="手続きは必要ありません。以前の同意は、これまでどおり確認と撤回ができます。",
            )
        return found

    def find(self, id: str) -> tuple[Purpose, str] | None:
        """As `open`; None for one that takes no consent."""
        found = self._known.get(id)
        return None if found is None or found[0].retired else found

    def all(self) -> list[Purpose]:
        """All that take consent, in order of id."""
        return [one for _, (one, _) in sorted(self._known.items()) if not one.retired]


def document_of(purpose: Purpose) -> dict[str, Any]:
    """The text as it is kept, and as `purpose_of` reads it. Whether it is retired is no part of what somebody agreed to."""
    return {name: value for name, value in asdict(purpose).items() if name != "retired"}


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON of which there is one form only: keys in order of their characters, no white space, UTF-8."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def digest_of(purpose: Purpose) -> str:
    """SHA-256 of the text, in hexadecimal digits."""
    return hashlib.sha256(canonical(document_of(purpose))).hexdigest()


def purpose_of(document: Mapping[str, Any]) -> Purpose:
    """A text from its document, or from what stands in a file. Raises ValueError saying what is wrong."""
    if not isinstance(document, Mapping):
        raise ValueError("it is no mapping")
    try:
        rest = dict(document)
        categories = tuple(_category(one) for one in rest.pop("categories"))
        articles, chapter = tuple(rest["articles"]), Controller(rest["chapter"])
        purpose = Purpose(**{**rest, "articles": articles, "chapter": chapter, "categories": categories})
    except KeyError as error:
        raise ValueError(f"{error.args[0]} is missing") from None
    except TypeError as error:
        raise ValueError(str(error).removeprefix("Purpose.__init__() ")) from None
    problem = incomplete(purpose)
    if problem:
        raise ValueError(problem)
    return purpose


def _category(document: Mapping[str, Any]) -> Category:
    return Category(**{**document, "types": tuple(document["types"]), "attributes": tuple(document.get("attributes", ()))})


def read_purposes(path: Path) -> tuple[Purpose, ...]:
    """The purposes in a YAML file: a list. Raises StartError that says which one is wrong and why."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise StartError(
            f"{path} cannot be read: {error}", mend="Correct the file, or take the setting `purposes` away."
        ) from None
    found = []
    for number, one in enumerate(content if isinstance(content, list) else [content], 1):
        try:
            found.append(purpose_of(one))
        except ValueError as error:
            raise StartError(
                f"{path}: purpose {number}: {error}", mend="See purposes.yaml of trust/consent for a whole one."
            ) from None
    return tuple(found)


def incomplete(purpose: Purpose) -> str:
    """What is missing or wrong; empty where it may be shown to people."""
    said = [purpose.title, purpose.text, purpose.controller, *purpose.recipients.values()]
    said += [words for one in purpose.categories for words in (one.title, one.text)]
    names = [purpose.id, *(one.id for one in purpose.categories)]
    checks = {
        "an id is lower-case letters, digits and hyphens": all(_NAME.fullmatch(str(name)) for name in names),
        "its version is a whole number from 1": _is_whole(purpose.version, 1, 1_000_000),
        f"audience is one of {', '.join(_AUDIENCES)}": purpose.audience in _AUDIENCES,
        "words are needed in ja, ja-x-easy and en": all(_is_said(words) for words in said),
        "the article of the law is missing": bool(purpose.articles),
        f"longest_days is from 1 to {LONGEST_DAYS}": _is_whole(purpose.longest_days, 1, LONGEST_DAYS),
        f"it has 1 to {MOST_CATEGORIES} categories": 0 < len(purpose.categories) <= MOST_CATEGORIES,
        "two categories have one id": len(set(names[1:])) == len(names[1:]),
        "a category names no type": all(one.types for one in purpose.categories),
        "recipients are named for applications and departments only": (purpose.audience == "family")
        is not bool(purpose.recipients),
        "a recipient is no application or department": all(
            name.startswith(f"{purpose.audience}:") and len(name) > len(purpose.audience) + 1 for name in purpose.recipients
        ),
    }
    return next((problem for problem, holds in checks.items() if not holds), "")


def _is_whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_said(words: Texts) -> bool:
    known: Any = words
    return isinstance(known, Mapping) and all(isinstance(known.get(tag), str) and known[tag].strip() for tag in LANGUAGES)
