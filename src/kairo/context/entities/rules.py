"""What does an operation make of an entity? Create, append, update, merge, replace and delete as pure functions (5.6).

An operation is a value with `apply(state, now)`. It calls no clock and does no I/O; nothing that it is given is changed in
place. What it leaves exactly as it was, it does not report as changed: a repeated message writes no history.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from kairo.context.entities.refusals import not_there, taken
from kairo.context.model.draft import Change, Draft, Outcome, Stamps, State, property_of
from kairo.context.model.faults import Fault
from kairo.context.model.merge import cleaned, merge_attribute, update_instance
from kairo.context.model.names import NONE
from kairo.context.model.stored import (
    ENTITY_NAMES,
    Fragment,
    Instance,
    ParsedEntity,
    Stored,
    as_tuple,
    attributes_of,
    dataset_of,
    instances,
    is_deletion,
)
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.clock import iso

__all__ = ["Append", "Change", "Create", "Delete", "DeleteAttribute", "Merge", "Operation", "Outcome", "PartialUpdate"]
__all__ += ["ReplaceAttribute", "ReplaceEntity", "Stamps", "State", "UpdateAttributes", "Upsert"]


class Operation(Protocol):
    """What the committer folds over the states: see the classes below. `name` stands in the audit record."""

    name: ClassVar[str]

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """The outcome of this operation on `state` (None: there is no such entity) at the moment `now`."""
        ...


def _existing(state: State | None) -> State:
    if state is None:
        raise not_there()
    return state


def _fault(error: Fault, name: str, dataset: str = NONE) -> BadRequestData:
    return error.at(name if dataset == NONE else f"{name}[{dataset}]").report()


@dataclass(frozen=True, slots=True)
class Create:
    """Create Entity (5.6.1)."""

    name: ClassVar[str] = "create"
    entity: ParsedEntity

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """AlreadyExists when there is one."""
        entity = self.entity
        if state is not None:
            raise taken(entity.id)
        born = [iso(now)] * 2
        stamp = {NONE: born}  # one for all: what is stored is never changed in place
        given = entity.attributes.items()
        stamps: Stamps = dict.fromkeys(entity.attributes, stamp)
        changes = [Change(name, NONE, one, "created") for name, one in given if type(one) is dict and "datasetId" not in one]
        if len(changes) != len(given):
            stamps = {name: {dataset_of(one): born for one in instances(stored)} for name, stored in given}
            changes = [Change(name, dataset_of(one), one, "created") for name, stored in given for one in instances(stored)]
        if entity.scopes:
            changes.append(Change("scope", NONE, property_of(entity.scopes), "created"))
        made = State(entity.document(), stamps, now, now)
        return Outcome(made, tuple(changes), updated=tuple(entity.attributes), created=True)


@dataclass(frozen=True, slots=True)
class Append:
    """Append Attributes (5.6.3); also Batch Entity Update (5.6.9)."""

    name: ClassVar[str] = "append"
    fragment: Fragment
    overwrite: bool = True

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """Adds instances and, where overwriting is allowed, replaces those that are there."""
        draft = Draft(_existing(state), now)
        for name, stored in self.fragment.attributes.items():
            self._append(draft, name, stored)
        draft.add_types(self.fragment.types)
        _take_scopes(draft, self.fragment, self.overwrite)
        if self.fragment.expires_at is not None and (self.overwrite or "expiresAt" not in draft.doc):
            draft.set_expiry(self.fragment.expires_at)
        return draft.finish()

    def _append(self, draft: Draft, name: str, stored: Stored) -> None:
        for instance in instances(stored):
            dataset = dataset_of(instance)
            if is_deletion(instance):
                draft.not_updated.append((name, "appending removes nothing"))
            elif self.overwrite or draft.find(name, dataset) is None:
                draft.put(name, cleaned(instance))
            else:
                draft.not_updated.append((name, f"an instance with datasetId {dataset} is there and overwriting is off"))


def _take_scopes(draft: Draft, fragment: Fragment, overwrite: bool) -> None:
    """Scopes in append and merge: replaced, or, without overwriting, added to."""
    if fragment.scopes is None:
        return
    old = as_tuple(draft.doc.get("scope"))
    draft.set_scopes(fragment.scopes if overwrite else tuple(dict.fromkeys((*old, *fragment.scopes))))


@dataclass(frozen=True, slots=True)
class UpdateAttributes:
    """Update Attributes (5.6.2): replaces whole instances, adds missing ones, removes by NGSI-LD Null."""

    name: ClassVar[str] = "update"
    fragment: Fragment

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """Removing what is not there changes nothing and is no error; a scope is only replaced where there is one."""
        draft = Draft(_existing(state), now)
        for name, stored in self.fragment.attributes.items():
            for instance in instances(stored):
                if is_deletion(instance):
                    draft.drop(name, dataset_of(instance))
                else:
                    draft.put(name, cleaned(instance))
        draft.add_types(self.fragment.types)
        if self.fragment.scopes is not None and "scope" in draft.doc:
            draft.set_scopes(self.fragment.scopes)
        if self.fragment.expires_at is not None:
            draft.set_expiry(self.fragment.expires_at)
        return draft.finish()


@dataclass(frozen=True, slots=True)
class PartialUpdate:
    """Partial Attribute Update (5.6.4): changes members of one instance and leaves the others."""

    name: ClassVar[str] = "partial-update"
    attribute: str
    stored: Stored

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """ResourceNotFound when the instance is not there; its kind cannot change; it cannot be deleted this way."""
        draft = Draft(_existing(state), now)
        _no_member(self.attribute)
        for instance in instances(self.stored):
            dataset = dataset_of(instance)
            old = _found(draft, self.attribute, dataset)
            if is_deletion(instance):
                raise BadRequestData(
                    "A partial update cannot delete the attribute itself (5.6.4).",
                    detail_ja="部分更新では属性そのものを削除できません。",
                    mend="Use DELETE on the attribute.",
                    mend_ja="属性を DELETE してください。",
                )
            try:
                new = update_instance(old, instance)
            except Fault as fault:
                raise _fault(fault, self.attribute, dataset) from None
            draft.put(self.attribute, new)
        return draft.finish()


def _no_member(name: str) -> None:
    if name in ENTITY_NAMES:
        raise BadRequestData(
            f"{name} is not an attribute that this operation changes.", detail_ja=f"{name} はこの操作では変更できません。"
        )


def _found(draft: Draft, name: str, dataset: str) -> Instance:
    old = draft.find(name, dataset)
    if old is None:
        which = "" if dataset == NONE else f" with datasetId {dataset}"
        raise ResourceNotFound(
            f"The entity has no attribute {name}{which}.", detail_ja=f"エンティティに属性 {name} がありません。"
        )
    return old


@dataclass(frozen=True, slots=True)
class Merge:
    """Merge Entity (5.6.17, 5.5.12), also in batches (5.6.20)."""

    name: ClassVar[str] = "merge"
    fragment: Fragment
    observed_at: str | None = None
    lang: str | None = None

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """Merges to any depth; NGSI-LD Nulls remove; what is not there is added."""
        draft = Draft(_existing(state), now)
        for name, stored in self.fragment.attributes.items():
            for instance in instances(stored):
                if is_deletion(instance):
                    draft.drop(name, dataset_of(instance))
                else:
                    self._merge(draft, name, instance)
        draft.add_types(self.fragment.types)
        _take_scopes(draft, self.fragment, overwrite=True)
        if self.fragment.expires_at is not None:
            draft.set_expiry(self.fragment.expires_at)
        return draft.finish()

    def _merge(self, draft: Draft, name: str, instance: Instance) -> None:
        dataset = dataset_of(instance)
        try:
            merged = merge_attribute(
                draft.find(name, dataset),
                instance,
                is_bare=name in self.fragment.bare,
                observed_at=self.observed_at,
                lang=self.lang,
                expand=self.fragment.expand,
            )
        except Fault as fault:
            raise _fault(fault, name, dataset) from None
        draft.put(name, merged)


@dataclass(frozen=True, slots=True)
class ReplaceEntity:
    """Replace Entity (5.6.18): new content, the same createdAt; also of each instance that persists."""

    name: ClassVar[str] = "replace"
    entity: ParsedEntity

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """Everything that the new content does not have is removed."""
        draft = Draft(_existing(state), now)
        new = self.entity
        for name, stored in attributes_of(draft.doc).items():
            kept = {dataset_of(instance) for instance in instances(new.attributes.get(name))}
            for instance in instances(stored):
                if dataset_of(instance) not in kept:
                    draft.drop(name, dataset_of(instance))
        draft.updated.clear()
        for name, stored in new.attributes.items():
            for instance in instances(stored):
                draft.put(name, instance)
        draft.set_member("type", new.types)
        draft.set_scopes(new.scopes)
        draft.set_expiry(new.expires_at)
        return draft.finish()


@dataclass(frozen=True, slots=True)
class ReplaceAttribute:
    """Replace Attribute (5.6.19)."""

    name: ClassVar[str] = "replace-attribute"
    attribute: str
    stored: Stored

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """ResourceNotFound when the instance is not there."""
        draft = Draft(_existing(state), now)
        _no_member(self.attribute)
        for instance in instances(self.stored):
            _found(draft, self.attribute, dataset_of(instance))
            draft.put(self.attribute, instance)
        return draft.finish()


@dataclass(frozen=True, slots=True)
class DeleteAttribute:
    """Delete Attribute (5.6.5): one instance, or all of them; `scope` too."""

    name: ClassVar[str] = "delete-attribute"
    attribute: str
    dataset: str = NONE
    delete_all: bool = False

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """ResourceNotFound when it is not there."""
        draft = Draft(_existing(state), now)
        if self.attribute == "scope" and "scope" in draft.doc:
            draft.set_scopes(())
            return draft.finish()
        if self.attribute != "scope":
            _no_member(self.attribute)
        found = instances(draft.doc.get(self.attribute))
        datasets = [dataset_of(instance) for instance in found] if self.delete_all and found else [self.dataset]
        for dataset in datasets:
            _found(draft, self.attribute, dataset)
            draft.drop(self.attribute, dataset)
        return draft.finish()


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete Entity (5.6.6)."""

    name: ClassVar[str] = "delete"

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """All instances are reported as deleted; no state is left."""
        old = _existing(state)
        changes = [
            Change(name, dataset_of(instance), None, "deleted")
            for name, stored in attributes_of(old.doc).items()
            for instance in instances(stored)
        ]
        if "scope" in old.doc:
            changes.append(Change("scope", NONE, None, "deleted"))
        return Outcome(None, tuple(changes))


@dataclass(frozen=True, slots=True)
class Upsert:
    """Batch Entity Upsert (5.6.8) for one entity: create, or else replace it or update its attributes."""

    name: ClassVar[str] = "upsert"
    entity: ParsedEntity
    update: bool = False
    fragment: Fragment = field(init=False)

    def __post_init__(self) -> None:
        entity = self.entity
        scopes = entity.scopes or None
        fragment = Fragment(entity.types, scopes, entity.attributes, expires_at=entity.expires_at)
        object.__setattr__(self, "fragment", fragment)

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """`created` of the outcome says which it was."""
        if state is None:
            return Create(self.entity).apply(None, now)
        if self.update:
            return UpdateAttributes(self.fragment).apply(state, now)
        return ReplaceEntity(self.entity).apply(state, now)
