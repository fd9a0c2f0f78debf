"""Which shape has an entity once it is read? The stored form of docs/architecture.md, as the pieces that others are handed.

What is in stored form is never changed in place, by nobody: a rule that changes something builds a new dict around the old
parts. So states, parsed payloads and cached documents may share parts freely.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from kairo.context.model.geometry import Box, box_of
from kairo.context.model.jsontext import canonical
from kairo.context.model.names import NONE, NULL

Instance = dict[str, Any]  # {"type": "Property", "value": …, …}; in fragments also the deletion mark, see `deletion`
Stored = Instance | list[Instance]  # one instance stands alone, several in a list with the default one first

VALUE_MEMBERS: Mapping[str, str] = {
    "Property": "value",
    "GeoProperty": "value",
    "Relationship": "object",
    "LanguageProperty": "languageMap",
    "VocabProperty": "vocab",
    "JsonProperty": "json",
    "ListProperty": "valueList",
    "ListRelationship": "objectList",
}
VALUE_NAMES = frozenset(VALUE_MEMBERS.values())
ENTITY_NAMES = frozenset(("id", "type", "scope", "expiresAt"))  # members of a stored document that are no attributes


class GeometryEntry(NamedTuple):
    """One row of the geo index: the geometry of one GeoProperty instance and its box (west, south, east, north)."""

    attribute: str
    dataset: str
    geometry: dict[str, Any]
    box: Box


class ParsedEntity(msgspec.Struct, frozen=True):
    """A whole entity in stored form: for create, replace and upsert."""

    id: str
    types: tuple[str, ...]
    scopes: tuple[str, ...]
    attributes: Mapping[str, Stored]
    expires_at: str | None = None

    def document(self) -> dict[str, Any]:
        """The stored document: what the `doc` column holds."""
        doc: dict[str, Any] = {"id": self.id, "type": one_or_many(self.types)}
        if self.scopes:
            doc["scope"] = one_or_many(self.scopes)
        if self.expires_at is not None:
            doc["expiresAt"] = self.expires_at
        doc.update(self.attributes)
        return doc

    def geometries(self) -> Iterator[GeometryEntry]:
        """The rows of the geo index."""
        return geometries(self.attributes)


class Fragment(msgspec.Struct, frozen=True):
    """A set of changes to an entity (clause 5.4): for append, update and merge.

    `scopes` is None when the fragment does not speak of scopes, empty when it removes them (NGSI-LD Null). `bare` names the
    attributes that were written as a bare value: in a merge they keep the kind that the entity has. `expand` turns a term
    of the request into a stored name, for bare values that turn out to belong to a VocabProperty.
    """

    types: tuple[str, ...]
    scopes: tuple[str, ...] | None
    attributes: Mapping[str, Stored]
    bare: frozenset[str] = frozenset()
    expires_at: str | None = None
    expand: Callable[[str], str] | None = None


def one_or_many(items: tuple[str, ...]) -> str | list[str]:
    """One text stands alone, several in a list."""
    return items[0] if len(items) == 1 else list(items)


def as_tuple(value: Any) -> tuple[str, ...]:
    """The reverse: of a stored `type` or `scope` (or nothing)."""
    if value is None:
        return ()
    return (value,) if type(value) is str else tuple(value)


def instances(stored: Stored | None) -> list[Instance]:
    """All instances of an attribute."""
    if stored is None:
        return []
    return stored if type(stored) is list else [stored]  # type: ignore[list-item]


def rejoin(found: list[Instance]) -> Stored:
    """The stored form of several instances: the default one first, a single one alone."""
    if len(found) == 1:
        return found[0]
    return sorted(found, key=lambda instance: "datasetId" in instance)


def dataset_of(instance: Instance) -> str:
    """The datasetId, `@none` for the default instance."""
    dataset: str = instance.get("datasetId", NONE)
    return dataset


def deletion(dataset: str) -> Instance:
    """The mark in a fragment: remove the instance with this datasetId."""
    return {"type": NULL} if dataset == NONE else {"type": NULL, "datasetId": dataset}


def is_deletion(instance: Instance) -> bool:
    """Whether this member of a fragment removes an instance."""
    return instance.get("type") == NULL


def attributes_of(doc: Mapping[str, Any]) -> dict[str, Stored]:
    """The attributes of a stored document."""
    return {name: value for name, value in doc.items() if name not in ENTITY_NAMES}


def same(left: Any, right: Any) -> bool:
    """Whether two pieces are the same JSON. Python's == takes 1 for true; JSON does not."""
    return bool(left == right) and canonical(left) == canonical(right)


def geometries(attributes: Mapping[str, Stored]) -> Iterator[GeometryEntry]:
    """The rows of the geo index of some attributes (of a document: the other members are passed over)."""
    kinds = [stored.get("type") for stored in attributes.values() if type(stored) is dict]
    if "GeoProperty" not in kinds and list not in map(type, attributes.values()):
        return
    for name, stored in attributes.items():
        if name in ENTITY_NAMES:
            continue
        for instance in instances(stored):
            if instance.get("type") == "GeoProperty":
                yield GeometryEntry(name, dataset_of(instance), instance["value"], box_of(instance["value"]))


def geometries_of(doc: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """The geometries of a stored document by (attribute, datasetId)."""
    return {(entry.attribute, entry.dataset): entry.geometry for entry in geometries(doc)}
