"""How does an entity look in an answer? Filter, language, representation, terms, GeoJSON and @context, in this order.

A request with core terms, normalized, without options needs none of this: `is_stored_form` says so, and the stored bytes go
out as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from kairo.context.model import represent
from kairo.context.model.joined import Linker, entity_member, with_entities
from kairo.context.model.jsontext import dumps
from kairo.context.model.language import wishes
from kairo.context.model.names import NONE
from kairo.context.model.stored import ENTITY_NAMES, Instance, as_tuple, instances, one_or_many
from kairo.context.model.terms import CORE_CONTEXT, TermMap
from kairo.platform.clock import iso

Stamps = Mapping[str, Mapping[str, Sequence[str]]]


class Format(StrEnum):
    """The representations of clause 4.5."""

    NORMALIZED = "normalized"
    CONCISE = "concise"
    SIMPLIFIED = "simplified"


@dataclass(frozen=True, slots=True)
class Representation:
    """What an asker wants to see, in stored names.

    `pick` and `omit` speak of all members, `id`, `type` and `scope` too; `attrs` only of attributes. `datasets` are
    datasetIds (`@none` for the default instance). `geometry_property` is the GeoProperty that becomes the geometry of a
    GeoJSON Feature. `embed_context` adds @context, for application/ld+json.
    """

    format: Format = Format.NORMALIZED
    sys_attrs: bool = False
    lang: str | None = None
    geojson: bool = False
    geometry_property: str = "location"
    pick: frozenset[str] | None = None
    omit: frozenset[str] = frozenset()
    attrs: frozenset[str] | None = None
    datasets: frozenset[str] | None = None
    embed_context: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked but the normalized entity."""
        return self == _PLAIN

    def shows(self, name: str) -> bool:
        """Whether a member of the entity is asked for."""
        if name in self.omit or (self.pick is not None and name not in self.pick):
            return False
        return self.attrs is None or name in self.attrs or name in ENTITY_NAMES


_PLAIN = Representation()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the row knows of the entity beside the document."""

    created_at: datetime
    modified_at: datetime


def is_stored_form(terms: TermMap, wanted: Representation) -> bool:
    """Whether the stored bytes are the answer."""
    return terms.is_core and wanted.is_plain


def render(
    doc: Mapping[str, Any],
    stamps: Stamps | None,
    facts: Facts | None,
    terms: TermMap,
    wanted: Representation,
    link: Linker | None = None,
) -> dict[str, Any]:
    """One entity, or one GeoJSON Feature. `stamps` and `facts` are needed for sysAttrs only; `link` gives the linked entities
    that are shown inside it."""
    out = _members(doc, stamps, facts, terms, wanted, link)
    if wanted.geojson:
        out.pop("id", None)
        out = {"id": doc["id"], "type": "Feature", "geometry": _geometry(doc, wanted), "properties": out}
    if wanted.embed_context:
        out["@context"] = context_of(terms)
    return out


def render_all(
    entities: Iterable[tuple[Mapping[str, Any], Stamps | None, Facts | None]], terms: TermMap, wanted: Representation
) -> bytes:
    """A list of entities as a body; a FeatureCollection when GeoJSON is asked for (4.5.16.3)."""
    if not wanted.geojson:
        return dumps([render(doc, stamps, facts, terms, wanted) for doc, stamps, facts in entities])
    each = Representation(**{name: getattr(wanted, name) for name in wanted.__slots__} | {"embed_context": False})
    features = [render(doc, stamps, facts, terms, each) for doc, stamps, facts in entities]
    body: dict[str, Any] = {"type": "FeatureCollection", "features": features}
    if wanted.embed_context:
        body["@context"] = context_of(terms)
    return dumps(body)


def context_of(terms: TermMap) -> Any:
    """The @context to echo in a body."""
    return CORE_CONTEXT if terms.document is None else terms.document


def _members(
    doc: Mapping[str, Any],
    stamps: Stamps | None,
    facts: Facts | None,
    terms: TermMap,
    wanted: Representation,
    link: Linker | None,
) -> dict[str, Any]:
    out: dict[str, Any] = {}
    languages = None if wanted.lang is None else wishes(wanted.lang)
    for name, value in doc.items():
        if not wanted.shows(name):
            continue
        if name in ENTITY_NAMES:
            out[name] = _types(value, terms) if name == "type" else value
            continue
        found = represent.default_first(value, wanted.datasets)
        if not found:
            continue
        if wanted.sys_attrs and wanted.format is not Format.SIMPLIFIED and stamps is not None:
            found = [represent.with_stamps(instance, stamps.get(name, {})) for instance in found]
        if languages is not None:
            found = [represent.in_language(instance, languages) for instance in found]
        key = name
        if not terms.is_core:
            key = terms.compact(name)
            found = [represent.in_terms(instance, terms) for instance in found]
        out[key] = _in_format(name, found, wanted.format, link)
    if wanted.sys_attrs and facts is not None:
        out["createdAt"] = iso(facts.created_at)
        out["modifiedAt"] = iso(facts.modified_at)
    return out


def _types(value: Any, terms: TermMap) -> Any:
    return value if terms.is_core else one_or_many(tuple(terms.compact(name) for name in as_tuple(value)))


def _in_format(name: str, found: list[Instance], wanted: Format, link: Linker | None) -> Any:
    if wanted is Format.SIMPLIFIED:
        return represent.simplified(found if link is None else [with_entities(name, item, link) for item in found])
    shaped: list[Any] = found
    if wanted is Format.CONCISE:
        shaped = [represent.concise(found[0])] if len(found) == 1 else [represent.concise_instance(item) for item in found]
    if link is not None:
        members = (entity_member(name, item, link) for item in found)
        shaped = [{**shape, **member} if member else shape for shape, member in zip(shaped, members, strict=True)]
    return shaped[0] if len(shaped) == 1 else shaped


def _geometry(doc: Mapping[str, Any], wanted: Representation) -> Any:
    """The geometry of a Feature: of the instance with the datasetId asked for, else the default one; null when there is
    none (4.5.16.1)."""
    chosen = wanted.datasets or frozenset((NONE,))
    for instance in instances(doc.get(wanted.geometry_property)):
        if instance.get("type") == "GeoProperty" and instance.get("datasetId", NONE) in chosen:
            return instance["value"]
    return None
