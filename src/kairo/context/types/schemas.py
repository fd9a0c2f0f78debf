"""What does an entity of a declared type look like, for whoever writes a program against it? JSON Schema and @context, made
from the declaration in its manifest and from nothing else.

The schema (draft 2020-12) describes one entity in normalized or concise form under the type's own names. It lets any other
attribute be: types are open. Without words it is what a version is recorded by (scripts/schemas.py): words may be mended.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from kairo.context.contexts.core import CORE_TERMS
from kairo.context.contexts.names import iri_of
from kairo.context.model.stored import VALUE_MEMBERS
from kairo.platform.i18n import strip_readings
from kairo.platform.manifests import GEOMETRIES, Attribute, EntityType, Texts

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCHEMAS, CONTEXTS = "/schemas", "/contexts"

Schema = dict[str, Any]
Words = Callable[[str], Texts]  # what an attribute is called, by language; empty where nobody has called it anything

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": ["string", "array"], "items": _TEXT}
_URI: Schema = {"type": "string", "format": "uri"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_VALUES: Mapping[str, Schema] = {
    "text": _TEXT,
    "texts": _TEXTS,
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "time": {"anyOf": [_TIME, {"type": "object", "required": ["@value"], "properties": {"@value": _TIME}}]},
    "date": {"type": "string", "format": "date"},
}
_OF_KIND: Mapping[str, Schema] = {
    "Relationship": {"type": ["string", "array"], "format": "uri", "items": _URI},
    "LanguageProperty": {"type": "object", "minProperties": 1, "additionalProperties": _TEXTS},
    "VocabProperty": _TEXTS,
    "JsonProperty": {},
    "ListProperty": {"type": "array"},
    "ListRelationship": {"type": "array"},
}


def address_of_schema(kind: EntityType, version: int) -> str:
    """Where a version's schema is published; it stays there."""
    return f"{SCHEMAS}/{kind.type}/v{version}.json"


def address_of_context(kind: EntityType, version: int) -> str:
    """Where a version's @context is published; it stays there."""
    return f"{CONTEXTS}/{kind.type}/v{version}.jsonld"


def schema_of(kind: EntityType, version: int, words: Words | None = None) -> Schema:
    """The JSON Schema of a version, with titles where `words` are given."""
    declared = kind.attributes_of(version)
    said = (
        {"title": kind.title.get("en", kind.type), "x-titles": {tag: strip_readings(text) for tag, text in kind.title.items()}}
        if words
        else {}
    )
    return {
        "$schema": DIALECT,
        **said,
        "type": "object",
        "required": ["id", "type", *(attribute.name for attribute in declared if attribute.required)],
        "properties": {
            "id": _URI,
            "type": {"anyOf": [{"const": kind.type}, {"type": "array", "contains": {"const": kind.type}}]},
            "scope": _TEXTS,
            **dict.fromkeys(("createdAt", "modifiedAt", "expiresAt"), _TIME),
            **{attribute.name: _attribute(attribute, words) for attribute in declared},
        },
    }


def _attribute(attribute: Attribute, words: Words | None) -> Schema:
    member = VALUE_MEMBERS[attribute.kind]
    content = _content(attribute)
    instance: Schema = {
        "type": "object",
        "required": [member],
        "properties": {
            "type": {"const": attribute.kind},
            member: content,
            **({"unitCode": {"const": attribute.unit}} if attribute.unit else {}),
            "observedAt": _TIME,
            "datasetId": _URI,
        },
    }
    bare = [content] if attribute.kind in ("Property", "GeoProperty") else []  # concise: the value stands alone
    titles = words(attribute.name) if words else {}
    return {
        **({"title": titles.get("en", attribute.name), "x-titles": dict(titles)} if titles else {}),
        "anyOf": [instance, {"type": "array", "minItems": 1, "items": instance}, *bare],
    }


def _content(attribute: Attribute) -> Schema:
    if attribute.kind == "GeoProperty":
        named = {"const": attribute.value} if attribute.value else {"enum": list(GEOMETRIES)}
        return {"type": "object", "required": ["type", "coordinates"], "properties": {"type": named}}
    return _VALUES[attribute.value] if attribute.kind == "Property" and attribute.value else _OF_KIND.get(attribute.kind, {})


def context_of(kind: EntityType, version: int) -> dict[str, Any]:
    """The @context of a version: what its names are as IRIs. Names of the core @context stand there and are left out."""
    names = (kind.type, *(attribute.name for attribute in kind.attributes_of(version)))
    return {"@context": {name: iri_of(name) for name in names if name not in CORE_TERMS}}


def digest_of(kind: EntityType, version: int) -> str:
    """What a version is recorded by: its schema without words and its @context, as SHA-256."""
    published = [schema_of(kind, version), context_of(kind, version)]
    return hashlib.sha256(orjson.dumps(published, option=orjson.OPT_SORT_KEYS)).hexdigest()
