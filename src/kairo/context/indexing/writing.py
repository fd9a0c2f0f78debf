"""Which rows of attribute indexes does a commit write? What an entity has under other keys than before, and nothing else.

What stands in an index follows from the document alone, so it is not read: what was is computed anew from the former document.
Which indexes there are is remembered with their version, which every writer reads with its change numbers (as subscriptions do,
subscriptions/delivery/noticing.py); so each commit keeps exactly those that are there in its turn.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from kairo.context.entities.rows import type_key_of
from kairo.context.indexing import store
from kairo.context.indexing.keys import keys_of, rows_of
from kairo.context.model.stored import as_tuple

Doc = Mapping[str, Any]
ByType = Mapping[str, list[store.Index]]

NOTHING: ByType = {}
_EMPTY: Doc = {}
_MOST_TENANTS = 10_000


class Rows(Protocol):
    """The part of what a commit writes that is filled here: rows of `attribute_value`."""

    values: list[dict[str, Any]]
    values_gone: list[dict[str, Any]]


class Unit(Protocol):
    """The part of an atomic unit that is used here."""

    @property
    def tenant(self) -> str: ...
    @property
    def connection(self) -> Any: ...


class KeptIndexes:
    """Which indexes a commit keeps, by type key. One for a process's graph."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, ByType]] = {}

    async def of(self, unit: Unit, version: int) -> ByType:
        """Those of the unit's tenant; `version` is that of its change counter, which the unit has locked."""
        if not version:  # there never were any
            return NOTHING
        known = self._known.get(unit.tenant)
        if known is None or known[0] != version:
            if len(self._known) >= _MOST_TENANTS:
                self._known.clear()
            found = store.by_type(await store.kept(unit.connection, unit.tenant))
            known = self._known[unit.tenant] = (version, found)
        return known[1]


def rekey(indexes: ByType, rows: Rows, entity: str, before: Doc | None, after: Doc | None) -> None:
    """Adds the rows to write and to delete when one document follows another (None: no such entity)."""
    was, becomes = _type_key(before), _type_key(after)
    for type_key in {was, becomes}:
        old_doc = before if before is not None and type_key == was else _EMPTY
        new_doc = after if after is not None and type_key == becomes else _EMPTY
        for index in indexes.get(type_key, ()):
            old, new = old_doc.get(index.attribute), new_doc.get(index.attribute)
            if old is new:  # an attribute that was not touched is the same object (model/stored.py)
                continue
            old_keys, new_keys = keys_of(old, index.most_values), keys_of(new, index.most_values)
            rows.values += rows_of(entity, index.id, new_keys - old_keys)
            rows.values_gone += rows_of(entity, index.id, old_keys - new_keys)


def _type_key(doc: Doc | None) -> str:
    return "" if doc is None else type_key_of(as_tuple(doc["type"]))
