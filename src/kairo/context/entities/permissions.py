"""May this asker do this to this entity, and what of the entity does the operation act on? Asked before and after each one.

Whoever may not write personal data acts on the entity as that asker sees it: the personal attributes are taken out before and
put back after, so that no answer depends on whether they are there or on what they say. Deleting deletes them too.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from kairo.context.entities.refusals import require_change, require_class, taken
from kairo.context.entities.rules import Create, Delete, Operation, Outcome, State, Upsert
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.errors import Forbidden

_MAKING = (Create, Upsert)


class Permissions:
    """What the committer asks, by the declared classes of this installation."""

    def __init__(self, declarations: Declarations) -> None:
        self._declarations = declarations

    def begin(self, scope: Scope, operation: Operation, data_class: DataClass, writer: str | None) -> None:
        """Raises where the operation must not even be tried. `writer` is None where there is no such entity.

        What may not be seen is as if it were not there; only its id is taken.
        """
        if writer is None:
            return  # whether it may be made is asked when it is known what it would be
        if isinstance(operation, _MAKING) and not scope.may_read(data_class, writer):
            require_class(scope, self._declarations.class_of(operation.entity.types), None)
            raise taken(operation.entity.id)
        require_change(scope, data_class, writer)

    def hidden(self, scope: Scope, operation: Operation, state: State | None) -> list[str]:
        """The attributes that the asker must not find out about by changing the entity."""
        if state is None or DataClass.PERSONAL in scope.write_classes or isinstance(operation, Delete):
            return []
        return self._declarations.withheld(types_of(state.doc), state.doc)

    def finish(self, scope: Scope, old: State | None, outcome: Outcome) -> None:
        """Raises where the outcome writes personal attributes, or ends that they are personal, without permission."""
        if outcome.state is None or DataClass.PERSONAL in scope.write_classes:
            return
        types = types_of(outcome.state.doc)
        touched = self._declarations.withheld(types, {change.attribute for change in outcome.changes})
        if touched:
            raise Forbidden(
                f"attribute {touched[0]!r} holds personal data by declaration and needs permission to write personal data",
                detail_ja=f"属性「{touched[0]}」は個人情報として定義されているため、書き込みには権限が必要です。",
            )
        if old is not None and not self._declarations.personal(types_of(old.doc)) <= self._declarations.personal(types):
            raise Forbidden(
                "this type declares personal attributes; taking it from an entity needs permission to write personal data",
                detail_ja="この型には個人情報の属性が定義されているため、型を外すには権限が必要です。",
            )


def types_of(doc: Mapping[str, Any]) -> list[str]:
    """The types of a stored form, as a list."""
    types = doc["type"]
    return types if isinstance(types, list) else [types]


def without(state: State | None, names: list[str]) -> State | None:
    """The state as someone sees it who may not see these attributes."""
    if state is None or not names:
        return state
    doc = {name: value for name, value in state.doc.items() if name not in names}
    stamps = {name: value for name, value in state.stamps.items() if name not in names}
    return State(doc, stamps, state.created_at, state.modified_at)


def restored(outcome: Outcome, old: State | None, names: list[str]) -> Outcome:
    """The outcome with the attributes of the old state that were taken out."""
    new = outcome.state
    if new is None or old is None or not names:
        return outcome
    doc = {**new.doc, **{name: old.doc[name] for name in names}}
    stamps = {**new.stamps, **{name: old.stamps[name] for name in names if name in old.stamps}}
    return msgspec.structs.replace(outcome, state=State(doc, stamps, new.created_at, new.modified_at))
