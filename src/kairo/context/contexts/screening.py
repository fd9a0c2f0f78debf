"""May this inline @context be processed at all? What NGSI-LD refuses, what has no meaning in it, what is too large.

JSON-LD proper is PyLD's business (process.py). Here stands what comes before: NGSI-LD's own rules (5.5.7), the parts of JSON-LD
1.1 that say nothing about names, and limits that keep processing quick whatever a stranger sends.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from pyld.jsonld import KEYWORDS

from kairo.context.contexts.names import MAX_NAME_LENGTH, shown
from kairo.errors import BadRequestData

MAX_PREFIX_DEPTH: Final = 8
# Processing is quadratic in the terms that look like compact IRIs and have an @id of their own.
MAX_COMPACT_IRI_TERMS: Final = 2000
_LIKE_KEYWORD: Final = re.compile(r"@[A-Za-z]+")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a context may be, all that it includes together."""

    contexts: int = 64
    terms: int = 50_000
    inline_terms: int = 2000  # of contexts in a request; the others are larger because somebody here listed or stored them
    inline_bytes: int = 256 * 1024
    total_bytes: int = 8 * 1024 * 1024
    depth: int = 8


def bad_context(reason: str) -> BadRequestData:
    """The one way in which a context is refused."""
    return BadRequestData(
        f"the @context is not valid: {reason}",
        detail_ja="@context が正しくありません。",
        mend="Correct the @context as `detail` says and send it again; nothing was changed.",
        mend_ja="@context を直して、もう一度送ってください。何も変更されていません。",
    )


def screen(definitions: dict[str, Any], *, remote: bool) -> dict[str, Any]:
    """A context as PyLD shall see it, without what says nothing about names. Raises BadRequestData."""
    kept: dict[str, Any] = {}
    for key, value in definitions.items():
        if key in KEYWORDS:
            if _keyword_counts(key, value, remote=remote):
                kept[key] = value
        elif not _LIKE_KEYWORD.fullmatch(key):  # words like keywords are reserved and ignored (JSON-LD 1.1, 4.1)
            _check_term(key, value)
            if not _is_ignored(value):
                kept[key] = value
    _check_prefixes(kept)
    return kept


def _keyword_counts(key: str, value: Any, *, remote: bool) -> bool:
    """Whether PyLD shall see this keyword; raises where NGSI-LD has no use for it."""
    match key:
        case "@version":
            return True
        case "@vocab":
            if value is None or (isinstance(value, str) and len(value) <= MAX_NAME_LENGTH):
                return True
            raise bad_context("@vocab must be an IRI or null")
        case "@protected" if isinstance(value, bool):
            return True
        case "@language" | "@direction" if value is None or isinstance(value, str):
            return False  # texts are kept as they were sent
        case "@propagate" if value is True:
            return False
        case "@propagate":
            raise bad_context("@propagate is for scoped contexts, which NGSI-LD does not allow (5.5.7)")
        case "@base" if remote or value is None:
            return False  # JSON-LD ignores it in a remote context
        case "@base":
            raise bad_context("@base has no use in NGSI-LD, where ids are absolute URIs; leave it out")
        case "@type" if isinstance(value, dict) and value.keys() <= {"@container", "@protected"}:
            return False
    raise bad_context(f"the keyword {key} cannot be defined with {shown(value)}")


def _check_term(term: str, value: Any) -> None:
    if not term or len(term) > MAX_NAME_LENGTH:
        raise bad_context(f"a term has 1 to {MAX_NAME_LENGTH} characters: {shown(term)}")
    for text in value.values() if isinstance(value, dict) else [value]:
        if isinstance(text, str) and len(text) > MAX_NAME_LENGTH:
            raise bad_context(f"the definition of {shown(term)} is longer than {MAX_NAME_LENGTH} characters")
    if isinstance(value, dict):
        if "@context" in value:
            raise bad_context(f"{shown(term)} has a scoped @context, which NGSI-LD does not allow (5.5.7)")
    elif value is not None and not isinstance(value, str):
        raise bad_context(f"{shown(term)} must be defined by an IRI, null or an object, not {shown(value)}")


def _is_ignored(value: Any) -> bool:
    """JSON-LD 1.1 ignores definitions whose target looks like a keyword and is none."""
    target = value.get("@reverse", value.get("@id")) if isinstance(value, dict) else value
    return isinstance(target, str) and target not in KEYWORDS and _LIKE_KEYWORD.fullmatch(target) is not None


def _target(name: str, definitions: dict[str, Any]) -> str:
    value = definitions[name]
    target = value.get("@reverse", value.get("@id", name)) if isinstance(value, dict) else value
    return target if isinstance(target, str) else name


def _check_prefixes(definitions: dict[str, Any]) -> None:
    """Terms that build on terms are bounded in depth, and with them the length of what comes out and all circles."""
    compact_iris = 0
    for term in definitions:
        compact_iris += ":" in term
        name, depth = term, 0
        while name in definitions and not name.startswith("@"):
            target = _target(name, definitions)
            following = target if target != name and target in definitions else target.partition(":")[0]
            if following == name:
                break
            name, depth = following, depth + 1
            if depth > MAX_PREFIX_DEPTH:
                raise bad_context(f"{shown(term)} builds on itself, or on more than {MAX_PREFIX_DEPTH} other terms in a row")
    if compact_iris > MAX_COMPACT_IRI_TERMS:
        raise bad_context(f"more than {MAX_COMPACT_IRI_TERMS} of its terms are compact IRIs")
