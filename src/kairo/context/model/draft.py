"""How does one state of an entity become the next? The working copy on which the operations of `entities/rules.py` act.

Nothing that is given is changed in place, and what is set to what it was already leaves no trace.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from kairo.context.model.names import NONE, NULL
from kairo.context.model.stored import Instance, as_tuple, dataset_of, instances, one_or_many, rejoin, same
from kairo.platform.clock import iso

Stamps = dict[str, dict[str, list[str]]]  # {attribute: {datasetId or "@none": [createdAt, modifiedAt]}}
Did = Literal["created", "updated", "deleted"]


# Made for every change: a frozen dataclass takes a microsecond to make, a msgspec.Struct a tenth of it.
class State(msgspec.Struct, frozen=True):
    """An entity as it stands: the stored document, the stamps of its attributes, its own times."""

    doc: dict[str, Any]
    stamps: Stamps
    created_at: datetime
    modified_at: datetime


class Change(msgspec.Struct, frozen=True):
    """One row of history. `instance` is None when it was deleted; `dataset` is `@none` for the default instance.

    A changed type, scope or expiry of the entity comes as a Property named `type`, `scope` or `expiresAt`.
    """

    attribute: str
    dataset: str
    instance: Instance | None
    operation: Did


class Outcome(msgspec.Struct, frozen=True):
    """What an operation made. `state` is None when the entity is gone.

    `changes` are the rows of history. `updated` names what the request asked for and now holds, changed or not;
    `not_updated` what was left, and why (5.2.18). `created` says that the entity is new. `is_nothing` says that the entity
    stays as it was and no row need be written: `state` is then the very object that was given.
    """

    state: State | None
    changes: tuple[Change, ...] = ()
    updated: tuple[str, ...] = ()
    not_updated: tuple[tuple[str, str], ...] = ()
    created: bool = False
    is_nothing: bool = False


class Draft:
    """A state in the making: copies what it changes and keeps the record."""

    __slots__ = ("changes", "doc", "not_updated", "now", "old", "stamps", "text", "updated")

    def __init__(self, state: State, now: datetime) -> None:
        self.old = state
        self.now = now
        self.text = iso(now)
        self.doc = dict(state.doc)
        self.stamps = dict(state.stamps)
        self.changes: list[Change] = []
        self.updated: list[str] = []
        self.not_updated: list[tuple[str, str]] = []

    def find(self, name: str, dataset: str) -> Instance | None:
        """The instance that is there."""
        for instance in instances(self.doc.get(name)):
            if dataset_of(instance) == dataset:
                return instance
        return None

    def put(self, name: str, new: Instance) -> None:
        """Sets an instance; createdAt of one that was there stays."""
        dataset = dataset_of(new)
        old = self.find(name, dataset)
        self.note(name)
        if old is not None and same(old, new):
            return
        found = instances(self.doc.get(name))
        kept = [*found, new] if old is None else [new if instance is old else instance for instance in found]
        self.doc[name] = rejoin(kept)
        born = self.stamps.get(name, {}).get(dataset, [self.text])[0] if old is not None else self.text
        self.stamps[name] = {**self.stamps.get(name, {}), dataset: [born, self.text]}
        self.changes.append(Change(name, dataset, new, "created" if old is None else "updated"))

    def drop(self, name: str, dataset: str) -> bool:
        """Removes an instance; False when there is none."""
        found = instances(self.doc.get(name))
        kept = [instance for instance in found if dataset_of(instance) != dataset]
        if len(kept) == len(found):
            return False
        self.stamps[name] = {key: stamp for key, stamp in self.stamps.get(name, {}).items() if key != dataset}
        if kept:
            self.doc[name] = rejoin(kept)
        else:
            del self.doc[name]
            del self.stamps[name]
        self.note(name)
        self.changes.append(Change(name, dataset, None, "deleted"))
        return True

    def note(self, name: str) -> None:
        """Counts a name among what the request asked for and now holds."""
        if name not in self.updated:
            self.updated.append(name)

    def add_types(self, types: tuple[str, ...]) -> None:
        """Adds the types that are not there yet (5.5.8)."""
        self.set_member("type", tuple(dict.fromkeys((*as_tuple(self.doc["type"]), *types))))

    def set_scopes(self, scopes: tuple[str, ...]) -> None:
        """Sets the scopes; none at all removes the member."""
        if scopes or "scope" in self.doc:
            self.note("scope")
        self.set_member("scope", scopes)

    def set_expiry(self, expires_at: str | None) -> None:
        """Sets when the entity expires (4.22); None or the NGSI-LD Null removes it."""
        self.set_member("expiresAt", () if expires_at in (None, NULL) else as_tuple(expires_at))

    def set_member(self, name: str, values: tuple[str, ...]) -> None:
        """Sets a member of the entity that is no attribute; no values at all removes it."""
        old = as_tuple(self.doc.get(name))
        if old == values:
            return
        if not values:
            del self.doc[name]
            self.changes.append(Change(name, NONE, None, "deleted"))
            return
        self.doc[name] = one_or_many(values)
        self.changes.append(Change(name, NONE, property_of(values), "updated" if old else "created"))

    def finish(self) -> Outcome:
        """The outcome; the old state itself when nothing changed."""
        is_nothing = not self.changes
        state = self.old if is_nothing else State(self.doc, self.stamps, self.old.created_at, self.now)
        return Outcome(state, tuple(self.changes), tuple(self.updated), tuple(self.not_updated), is_nothing=is_nothing)


def property_of(values: tuple[str, ...]) -> Instance:
    """How a member of the entity stands in history."""
    return {"type": "Property", "value": one_or_many(values)}
