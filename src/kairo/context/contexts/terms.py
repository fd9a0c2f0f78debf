"""Which stored name does a client's term have, and which term does a stored name have for that client?

A `TermMap` answers for one @context. It is made once for a context (process.py), kept (resolver.py) and never changed; both
directions are one look-up in a dict that remembers what was asked, so the hot path never touches JSON-LD.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from kairo.context.contexts.core import (
    CORE_COERCIONS,
    CORE_IRIS,
    CORE_PREFIXES,
    CORE_TERMS,
    CORE_URL,
    DEFAULT_VOCABULARY,
)
from kairo.context.contexts.names import (
    BARE_SCHEME,
    NO_ATTRIBUTES,
    NO_SUB_ATTRIBUTES,
    check_name,
    iri_of,
    is_full_iri,
    shown,
)
from kairo.errors import BadRequestData

# So many names beyond those of the context are remembered in each direction; then the memory starts afresh.
_ROOM: Final = 1024
_LONGEST_REMEMBERED: Final = 256
# The members that JSON-LD keywords stand for (4.4): both spellings are read, the short one is stored and shown.
_KEYWORD_MEMBERS: Final = {"@id": "id", "@type": "type", "id": "id", "type": "type"}


class _Memory(dict[str, str]):
    """A dict that finds what it does not hold yet and remembers it, within bounds."""

    __slots__ = ("_find", "_known", "_limit")

    def __init__(self, known: Mapping[str, str], find: Callable[[str], str]) -> None:
        super().__init__(known)
        self._known = known
        self._find = find
        self._limit = len(known) + _ROOM

    def __missing__(self, key: str) -> str:
        found = self._find(key)
        if len(key) > _LONGEST_REMEMBERED:
            return found
        if len(self) >= self._limit:
            self.clear()
            self.update(self._known)
        self[key] = found
        return found


@dataclass(frozen=True, slots=True)
class Terms:
    """What a user @context defines beside the core, already checked: the raw material of a `TermMap`."""

    names: Mapping[str, str] = field(default_factory=dict)  # term -> stored name; `id` or `type` for an alias of the keyword
    refused: Mapping[str, str] = field(default_factory=dict)  # term -> why it cannot be used
    prefixes: Mapping[str, str] = field(default_factory=dict)  # prefix -> IRI
    coercions: Mapping[str, str] = field(default_factory=dict)  # term -> @id, @vocab, @json, @none or the name of a data type


class TermMap:
    """The names of one @context. Immutable.

    `expand(term)` gives the stored name; `compact(stored name)` the term this context has for it. `compact` undoes `expand`
    up to synonyms, and `expand(compact(name)) == name` always. `is_core`: no user context, stored names are shown as they are.
    `document` is what a JSON-LD answer says as @context, the core last (4.4, C.9); `link` the URL for a Link header, or None
    where the context is not one URL and must be hosted here first (5.13.1, "ImplicitlyCreated").
    """

    __slots__ = ("_terms", "attributes", "compact", "document", "expand", "is_core", "link", "types")

    def __init__(self, terms: Terms, *, document: Any = CORE_URL, link: str | None = CORE_URL, is_core: bool = False) -> None:
        self._terms = terms
        self.attributes: Final[dict[str, str]] = {}  # kept by the readers of payloads (model/attributes.py, model/parse.py)
        self.types: Final[dict[str, tuple[str, ...]]] = {}
        self.document: Final = document
        self.link: Final = link
        self.is_core: Final = is_core
        known = {**terms.names, **{term: term for term in CORE_IRIS}, **_KEYWORD_MEMBERS}
        self.expand: Final[Callable[[str], str]] = _Memory(known, self._find_name).__getitem__
        shown_as = {term: term for term in CORE_TERMS}
        for term, name in sorted(terms.names.items(), key=lambda item: (len(item[0]), item[0])):
            shown_as.setdefault(name, term)
        self.compact: Final[Callable[[str], str]] = _Memory(shown_as, self._find_term).__getitem__

    def shown_as(self, document: Any, link: str | None) -> "TermMap":
        """The same names under another `document` and `link`."""
        twin = TermMap.__new__(TermMap)
        for slot, value in (("document", document), ("link", link), ("is_core", self.is_core), ("_terms", self._terms)):
            setattr(twin, slot, value)
        for slot in ("attributes", "types", "expand", "compact"):
            setattr(twin, slot, getattr(self, slot))
        return twin

    def expand_attribute(self, term: str) -> str:
        """The stored name of an attribute. Raises BadRequestData for members that are none, such as `id` and `value`."""
        name = self.expand(term)
        if name in NO_ATTRIBUTES:
            raise BadRequestData(f"{shown(term)} cannot be the name of an attribute: {name!r} is reserved")
        return name

    def expand_sub_attribute(self, term: str) -> str:
        """The stored name of an attribute of an attribute. Raises BadRequestData for members that are none."""
        name = self.expand(term)
        if name in NO_SUB_ATTRIBUTES:
            raise BadRequestData(f"{shown(term)} cannot be the name of an attribute of an attribute: {name!r} is reserved")
        return name

    def expand_type(self, term: str) -> str:
        """The stored name of an entity type, or of a vocabulary value: any name but `id` and `type`."""
        name = self.expand(term)
        if name in _KEYWORD_MEMBERS:
            raise BadRequestData(f"{shown(term)} stands for the member {name!r} and cannot be a type or a vocabulary value")
        return name

    def expand_value(self, value: Any) -> str | list[str]:
        """The stored form of `vocab`, `type` and the like: a name or a list of names, in the shape it came in."""
        if isinstance(value, str):
            return self.expand_type(value)
        if isinstance(value, list):
            return [self.expand_type(item) if isinstance(item, str) else _no_name(item) for item in value]
        return _no_name(value)

    def compact_value(self, value: str | list[str]) -> str | list[str]:
        """The terms of a stored name or of a list of them."""
        return self.compact(value) if isinstance(value, str) else [self.compact(item) for item in value]

    def coercion(self, term: str) -> str | None:
        """How the context types the value of a term: `@id`, `@vocab`, `@json`, `@none`, a stored name such as `DateTime`, None."""
        return CORE_COERCIONS.get(term) if term in CORE_TERMS else self._terms.coercions.get(term)

    def _find_name(self, term: str) -> str:
        """The stored name of a term that the context does not define: JSON-LD 1.1 API 5.2.2, relative to the vocabulary."""
        if term in self._terms.refused:
            raise BadRequestData(f"the term {shown(term)} cannot be used: {self._terms.refused[term]}")
        prefix, colon, rest = term.partition(":")
        if not colon:
            if term.startswith("@"):
                raise BadRequestData(f"{shown(term)} has no place in NGSI-LD; a name does not begin with @")
            return check_name(term, DEFAULT_VOCABULARY + term if term else "")
        if not is_full_iri(term) and not rest.startswith("//"):
            space = CORE_PREFIXES.get(prefix) or self._terms.prefixes.get(prefix)
            if space is not None:
                return check_name(term, space + rest)
        return check_name(term, term)

    def _find_term(self, name: str) -> str:
        """The term for a stored name that no term of the context stands for: itself, with a prefix, or the full IRI."""
        terms = self._terms
        if not terms.names and not terms.refused and not terms.prefixes:
            return name
        if ":" not in name and name not in terms.names and name not in terms.refused:
            return name
        iri = iri_of(name)
        compacted = [
            f"{prefix}:{iri[len(space) :]}"
            for prefix, space in terms.prefixes.items()
            if iri.startswith(space) and iri != space and not iri.startswith("//", len(space))
        ]
        # A prefixed name may be a term of its own that means another IRI; such a one is no candidate.
        usable = [text for text in compacted if text not in terms.refused and terms.names.get(text, name) == name]
        return min(usable, key=lambda text: (len(text), text), default=iri)


def _no_name(value: Any) -> NoReturn:
    raise BadRequestData(f"expected a name or a list of names, not {shown(value)}")


def is_prefix(term: str) -> bool:
    """Whether this term may be a prefix: not one that would make a full IRI read as a compact one."""
    return ":" not in term and term != "_" and term.lower() != BARE_SCHEME


CORE: Final = TermMap(Terms(), is_core=True)
