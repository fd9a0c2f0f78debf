"""Which stored name does an IRI have, which IRI does a stored name stand for, and what may be a name at all?

A stored name is short for an IRI of the core or of the default vocabulary, and the full IRI otherwise. The two never meet: an
IRI holds a colon, and an IRI whose short form would hold one, or would read as another core term, is stored in full.
"""

import re
from typing import Final

from kairo.context.contexts.core import CORE_IRIS, CORE_TERM_OF_IRI, CORE_TERMS, DEFAULT_VOCABULARY
from kairo.errors import BadRequestData

MAX_NAME_LENGTH: Final = 1024

# Members of an entity that are no attributes (4.5.1, 4.8), by stored name.
ENTITY_MEMBERS: Final = frozenset({"id", "type", "scope", "createdAt", "modifiedAt", "deletedAt", "expiresAt"})
# Members of an attribute instance that are no sub-attributes (4.5.2, 4.5.3, 4.5.18 to 4.5.24), by stored name.
INSTANCE_MEMBERS: Final = frozenset(
    {
        *("type", "value", "object", "languageMap", "vocab", "json", "valueList", "objectList"),
        *("values", "objects", "languageMaps", "vocabs", "jsons", "valueLists", "objectsLists"),
        *("unitCode", "observedAt", "datasetId", "instanceId", "createdAt", "modifiedAt", "deletedAt"),
        *("previousValue", "previousObject", "previousLanguageMap", "previousVocab", "previousJson"),
        *("previousValueList", "previousObjectList", "objectType", "entity", "entityList", "lang"),
    }
)
# What tells the kinds of attribute apart. As names of attributes they would make an entity read as an attribute.
_KIND_MEMBERS: Final = frozenset({"value", "object", "languageMap", "vocab", "json", "valueList", "objectList"})
NO_ATTRIBUTES: Final = ENTITY_MEMBERS | _KIND_MEMBERS
NO_SUB_ATTRIBUTES: Final = INSTANCE_MEMBERS | {"id", "scope"}

# Not in an IRI (RFC 3987): white space, control characters, delimiters; marks of writing direction deceive readers; lone
# surrogates cannot be written at all. Stored names are joined by spaces in `type_key`, so none may hold one.
_FORBIDDEN: Final = re.compile(
    '[\\s\x00-\x20\x7f-\xa0<>"{}|\\\\^`\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff0-\uffff\ud800-\udfff]'
)
# A name is `scheme://…` or `urn:…`. Any other `word:rest` is a compact IRI whose prefix must be defined: were it taken for an IRI,
# a name written without a context would turn into another one for every reader whose context defines that prefix.
BARE_SCHEME: Final = "urn"
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")


def is_full_iri(text: str) -> bool:
    """Whether this text is an IRI whatever prefixes a context defines."""
    scheme, colon, rest = text.partition(":")
    if not colon or not rest or _SCHEME.fullmatch(scheme) is None:
        return False
    return len(rest) > 2 if rest.startswith("//") else scheme.lower() == BARE_SCHEME


def is_name(text: str) -> bool:
    """Whether all characters may stand in a name, and there are not too many of them."""
    return 0 < len(text) <= MAX_NAME_LENGTH and _FORBIDDEN.search(text) is None


def stored_name(iri: str) -> str:
    """The one name under which this IRI is stored."""
    term = CORE_TERM_OF_IRI.get(iri)
    if term is not None:
        return term
    if iri.startswith(DEFAULT_VOCABULARY):
        short = iri[len(DEFAULT_VOCABULARY) :]
        if short and ":" not in short and not short.startswith("@") and short not in CORE_TERMS:
            return short
    return iri


def iri_of(name: str) -> str:
    """The IRI that a stored name stands for: what `stored_name` was given."""
    if ":" in name:
        return name
    return CORE_IRIS.get(name) or DEFAULT_VOCABULARY + name


def shown(text: object) -> str:
    """A stranger's text as it may stand in an error message: quoted, short, every unusual character escaped."""
    quoted = ascii(text) if isinstance(text, str) and _FORBIDDEN.search(text) else repr(text)
    return quoted if len(quoted) <= 80 else quoted[:77] + "…"


def check_name(text: str, iri: str) -> str:
    """The stored name of `iri`, which `text` expanded to. Raises BadRequestData when it cannot be a name."""
    reason = why_no_name(iri)
    if reason is None:
        return stored_name(iri)
    raise BadRequestData(
        f"{shown(text)} cannot be a name: {reason}",
        detail_ja=f"{shown(text)} は名前として使えません。",
    )


def why_no_name(iri: str) -> str | None:
    """What keeps this IRI from being a name, or None."""
    if not is_name(iri):
        return f'names are 1 to {MAX_NAME_LENGTH} characters without spaces, control characters and < > " {{ }} | \\ ^ `'
    if not is_full_iri(iri):
        return f"{shown(iri)} is no IRI, and the @context defines no prefix {shown(iri.partition(':')[0])}"
    return None
