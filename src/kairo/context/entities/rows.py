"""How does a state look in rows? What follows from the state of an entity alone: its columns, its places, the spelling of its types."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kairo.context.model import GeometryEntry, geometries
from kairo.context.model.draft import Change, Outcome, State
from kairo.context.model.stored import as_tuple
from kairo.context.query.cells import cell_of
from kairo.platform.clock import iso

Row = dict[str, Any]
_SIDES = ("west", "south", "east", "north")


def type_key_of(types: Iterable[str]) -> str:
    """The one spelling of a set of types: sorted, joined by a space (names hold none)."""
    found = list(types)
    return found[0] if len(found) == 1 else " ".join(sorted(set(found)))


def row_of(state: State, now: datetime) -> Row:
    """The columns of `entity` that the state gives. What most rows do not have is left out, and is then empty, or `now`."""
    doc = state.doc
    row: Row = {"id": doc["id"], "doc": doc, "stamps": state.stamps}
    if state.created_at is not now:
        row["created_at"] = state.created_at
    if state.modified_at is not now:
        row["modified_at"] = state.modified_at
    if "expiresAt" in doc:
        row["expires_at"] = doc["expiresAt"]
    if "scope" in doc:
        row["scopes"] = " ".join(as_tuple(doc["scope"]))
    return row


def is_all_of_document(outcome: Outcome) -> bool:
    """Whether the history of a creation is its document's attributes: a single instance of each, at least one, no more."""
    if not outcome.created or outcome.state is None or not outcome.changes:
        return False
    doc = outcome.state.doc
    return len(outcome.changes) == len(doc) - 2 and "scope" not in doc and "expiresAt" not in doc


def history_row(entity: str, number: int, change: Change, nth: int, now: datetime) -> Row:
    """A changed instance in `history`; `nth` of its kind in this commit, from 0."""
    instance = change.instance
    observed = instance.get("observedAt") if instance else None
    if change.attribute == "scope" and instance:  # observed when it was set (4.5.6)
        observed = iso(now)
    return {
        "entity": entity,
        "attribute": change.attribute,
        "dataset": change.dataset,
        "change": number,
        "number": nth,
        "operation": change.operation,
        "observed_at": observed,
        "instance": instance,
    }


def moved(id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[list[Row], list[Row]]:
    """The rows of `entity_geo` to write and those to delete when one document follows another (None: no such entity)."""
    old, new = _places(before), _places(after)
    if not old and not new:
        return [], []
    written = []
    for key, place in new.items():
        if key not in old or old[key].geometry != place.geometry:
            sides = dict(zip(_SIDES, place.box, strict=True))
            written.append({**_named(id, key), "cell": cell_of(place.box), **sides, "geometry": place.geometry})
    return written, [_named(id, key) for key in old if key not in new]


def _places(doc: Mapping[str, Any] | None) -> dict[tuple[str, str], GeometryEntry]:
    """The geometries of a document by attribute and dataset."""
    return {(place.attribute, place.dataset): place for place in geometries(doc)} if doc is not None else {}


def _named(entity: str, key: tuple[str, str]) -> Row:
    return {"entity": entity, "attribute": key[0], "dataset": key[1]}
