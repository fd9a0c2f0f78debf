"""How does a Relationship look whose linked entities are shown inside it? (inline representation, CIM 009 4.5.23.2, 4.5.4)"""

from collections.abc import Callable
from typing import Any

from kairo.context.model.stored import Instance

# From the stored name of a relationship and a target to that entity as it is shown; None where it is not to be shown there.
Linker = Callable[[str, str], dict[str, Any] | None]


def targets(instance: Instance) -> list[str]:
    """The URIs that an instance leads to, in order; none where it is no Relationship or ListRelationship."""
    match instance["type"]:
        case "Relationship":
            found = instance["object"]
            return found if isinstance(found, list) else [found]
        case "ListRelationship":
            return [item["object"] for item in instance["objectList"]]
    return []


def entity_member(name: str, instance: Instance, link: Linker) -> dict[str, Any]:
    """The output-only member `entity` or `entityList` of a normalized or concise instance; nothing where nothing is shown."""
    found = [entity for entity in (link(name, uri) for uri in targets(instance)) if entity is not None]
    if not found:
        return {}
    if instance["type"] == "ListRelationship":
        return {"entityList": found}
    return {"entity": found if isinstance(instance["object"], list) else found[0]}


def with_entities(name: str, instance: Instance, link: Linker) -> Instance:
    """The instance with entities in place of their URIs, for the simplified representation; what is not shown stays a URI."""
    match instance["type"]:
        case "Relationship":
            found = [link(name, uri) or uri for uri in targets(instance)]
            return {**instance, "object": found if isinstance(instance["object"], list) else found[0]}
        case "ListRelationship":
            return {**instance, "objectList": [{"object": link(name, uri) or uri} for uri in targets(instance)]}
    return instance
