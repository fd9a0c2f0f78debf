"""What is kept of a watched change until everyone was told? The entity as it became, and of each changed instance what was before.

Written in the commit of the change, so that what is sent later is what was then, whatever happened since (docs/adr/0015).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from kairo.context.model.draft import Change, State, property_of
from kairo.context.model.stored import ENTITY_NAMES, Instance, as_tuple, dataset_of, instances
from kairo.context.subscriptions.neighbours import Neighbour
from kairo.platform.clock import iso

ANY: Final = "*"  # in the index of what is watched: any type, any attribute
Kind = Literal["created", "updated", "deleted"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One operation of a commit: the committer tells of all, whoever cares keeps some. `writer` wrote the entity first."""

    number: int
    entity: str
    old: State | None
    new: State | None
    changes: tuple[Change, ...]
    writer: str

    @property
    def state(self) -> State:
        """The entity after it, or, where that was deleted, before."""
        state = self.new or self.old
        assert state is not None
        return state

    @property
    def types(self) -> set[str]:
        """Its types, before and after."""
        return {name for state in (self.old, self.new) if state is not None for name in as_tuple(state.doc["type"])}


@dataclass(frozen=True, slots=True)
class Changed:
    """One changed instance. `previous` is what was there before; `stamps` its times, kept where the instance is gone."""

    attribute: str
    dataset: str
    operation: Kind
    previous: Instance | None
    stamps: Sequence[str] | None

    @property
    def is_attribute(self) -> bool:
        """Whether it is an attribute, and not the entity's type, scope or expiry."""
        return self.attribute not in ENTITY_NAMES


@dataclass(frozen=True, slots=True)
class Event:
    """A change, read back. `doc` is the entity after it, or, where that was deleted, before; `linked` those that it led to.

    `is_cut`: it led to more than were kept.
    """

    seq: int
    at: datetime
    entity: str
    kind: Kind
    doc: dict[str, Any]
    stamps: dict[str, dict[str, Sequence[str]]]
    writer: str
    created_at: datetime
    modified_at: datetime
    changes: tuple[Changed, ...]
    linked: Mapping[str, Neighbour]
    is_cut: bool = False

    @property
    def types(self) -> set[str]:
        """Its types, and those it had before."""
        found = set(as_tuple(self.doc["type"]))
        for change in self.changes:
            if change.attribute == "type" and change.previous is not None:
                found |= set(as_tuple(change.previous["value"]))
        return found


def row_of(
    happening: Happening, at: datetime, linked: Iterable[tuple[str, Neighbour]] = (), is_cut: bool = False
) -> dict[str, Any]:
    """The row of an event; `linked` are the linked entities that conditions look at, `is_cut`: there are more."""
    old, new, state = happening.old, happening.new, happening.state
    return {
        "seq": happening.number,
        "at": iso(at),
        "entity": happening.entity,
        "state": {
            "kind": "deleted" if new is None else "created" if old is None else "updated",
            "doc": state.doc,
            "stamps": state.stamps,
            "writer": happening.writer,
            "created": iso(state.created_at),
            "modified": iso(state.modified_at),
            "changes": [_changed(change, old) for change in happening.changes],
            **({"linked": kept} if (kept := {id: _values(one) for id, one in linked}) else {}),
            **({"cut": True} if is_cut else {}),
        },
    }


def _changed(change: Change, old: State | None) -> list[Any]:
    previous, stamps = None, None
    if old is not None and change.attribute in ENTITY_NAMES:
        values = as_tuple(old.doc.get(change.attribute))
        previous = property_of(values) if values else None
    elif old is not None:
        found = (item for item in instances(old.doc.get(change.attribute)) if dataset_of(item) == change.dataset)
        previous = next(found, None)
        if change.instance is None:
            stamps = old.stamps.get(change.attribute, {}).get(change.dataset)
    return [change.attribute, change.dataset, change.operation, previous, stamps]


def event_of(record: Mapping[str, Any]) -> Event:
    """From a row (seq, at, entity, state)."""
    state = orjson.loads(record["state"])
    return Event(
        seq=record["seq"],
        at=record["at"],
        entity=record["entity"],
        kind=state["kind"],
        doc=state["doc"],
        stamps=state["stamps"],
        writer=state["writer"],
        created_at=datetime.fromisoformat(state["created"]),
        modified_at=datetime.fromisoformat(state["modified"]),
        changes=tuple(Changed(*item) for item in state["changes"]),
        linked={id: Neighbour(tuple(types), *rest) for id, (types, *rest) in state.get("linked", {}).items()},
        is_cut=state.get("cut", False),
    )


def _values(one: Neighbour) -> list[Any]:
    return [getattr(one, name) for name in Neighbour.__slots__]
