"""What was an entity, that is no more or of other types? The row by which the gate knows who may see its past (docs/adr/0014)."""

from typing import Any

from kairo.context.gate import DataClass, Declarations
from kairo.context.model.draft import State
from kairo.context.model.stored import as_tuple
from kairo.context.reading import value_of


def past_of(
    declarations: Declarations,
    old: State | None,
    new: State | None,
    entity: str,
    change: int,
    data_class: DataClass,
    writer: str | None,
    controller: str,
) -> dict[str, Any] | None:
    """The row for a change from one state to another; None where the entity is new, or stays what it was."""
    if old is None:
        return None
    types = as_tuple(old.doc["type"])
    if new is not None and set(types) == set(as_tuple(new.doc["type"])):
        return None
    return {
        "entity": entity,
        "last_change": change,
        "type_key": " ".join(sorted(types)),
        "data_class": data_class.value,
        "personal": " ".join(sorted(declarations.personal(types))),
        "writer": writer,
        "controller": controller,
        "created_at": old.created_at,
        "is_deleted": new is None,
        "is_synthetic": value_of(old.doc, "synthetic") is True,
    }
