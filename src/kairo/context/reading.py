"""How is a stored document read? Short functions over the stored form, for services and pages."""

from collections.abc import Iterator
from typing import Any

_VALUES = ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")
_MEMBERS = {"id", "type", "scope"}


def types_of(doc: dict[str, Any]) -> list[str]:
    """The types, as a list."""
    types = doc["type"]
    return list(types) if isinstance(types, list) else [types]


def instances_of(doc: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """All instances of an attribute, the default one first; empty where there is none."""
    found = doc.get(name)
    if found is None:
        return []
    return list(found) if isinstance(found, list) else [found]


def attributes_of(doc: dict[str, Any]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Attribute names with their instances."""
    for name in doc:
        if name not in _MEMBERS:
            yield name, instances_of(doc, name)


def content_of(instance: dict[str, Any]) -> Any:
    """What an instance says: its value, object, languageMap, … whichever its kind holds."""
    for key in _VALUES:
        if key in instance:
            return instance[key]
    return None


def value_of(doc: dict[str, Any], name: str, default: Any = None) -> Any:
    """What the default instance of an attribute says, or `default`. A typed value (`@type`, `@value`) gives its `@value`."""
    found = instances_of(doc, name)
    if not found:
        return default
    content = content_of(found[0])
    if isinstance(content, dict) and "@value" in content:
        return content["@value"]
    return content
