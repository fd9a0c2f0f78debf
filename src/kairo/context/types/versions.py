"""Which version of its types has a stored entity, and what is it in the newest one? The upcasting that every reader shares.

`entity.type_version` is 1 + Σ (version of the type − 1) × 100^i over the types of `type_key` in their order there: for an
entity of one type, its version. The fifth and later types of one entity are not counted and stay at version 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import ClassVar

from kairo.context.gate import DataClass, Declarations
from kairo.context.model.draft import Outcome, Stamps, State
from kairo.context.model.stored import ENTITY_NAMES, dataset_of, instances
from kairo.platform.clock import iso
from kairo.platform.manifests import Doc
from kairo.platform.observability.logs import logger

_PLACES = (1, 100, 10_000, 1_000_000)  # four digits to base 100 fit the column
_KNOWN_PAIRS = 4096

_log = logger("versions")


class Versions:
    """The versions of the declared types. `any_upcasts` is what a reader asks first: while no type has an upcast, all is new."""

    def __init__(self, declarations: Declarations) -> None:
        self._kinds = {name: kind for name, kind in declarations.by_type.items() if kind.former}
        self._declarations = declarations
        self.any_upcasts = any(former.upcast for kind in self._kinds.values() for former in kind.former)
        self.is_old = lru_cache(_KNOWN_PAIRS)(self._is_old)

    def number_of(self, type_key: str, known: Mapping[str, int]) -> int:
        """What an entity of these types is stored with. `known`: versions that it has already, which may be newer than this
        program's and are then kept."""
        if not self._kinds and not known:
            return 1
        types = zip(type_key.split(" "), _PLACES, strict=False)
        return 1 + sum((max(self._newest(name), known.get(name, 1)) - 1) * place for name, place in types)

    def is_newer(self, type_key: str, number: int) -> bool:
        """Whether no code here knows this version of one of the types: a newer program wrote it."""
        return any(version > self._newest(name) for name, version in versions_in(type_key, number).items())

    def _is_old(self, type_key: str, number: int) -> bool:
        """Whether an upcast of one of the types is still to be done."""
        return any(
            former.upcast is not None
            for name, version in versions_in(type_key, number).items()
            if name in self._kinds
            for former in self._kinds[name].former[version - 1 :]
        )

    def _newest(self, name: str) -> int:
        kind = self._kinds.get(name)
        return kind.version if kind else 1

    def upcast(self, doc: Doc, type_key: str, number: int) -> Doc:
        """The document in the newest version of its types. Id and types stay; a step that fails on what somebody has written
        into an open type is logged, and the document stays as it was before that step."""
        for name, version in versions_in(type_key, number).items():
            for former in self._kinds[name].former[version - 1 :] if name in self._kinds else ():
                if former.upcast is not None:
                    try:
                        doc = {**former.upcast(dict(doc)), "id": doc["id"], "type": doc["type"]}
                    except Exception:  # noqa: BLE001 - one odd entity must not take a page down
                        _log.warning("an entity could not be upcast", entity=doc["id"], type=name, exc_info=True)
        return doc

    def state(self, state: State, type_key: str, number: int) -> State:
        """A whole stored state in the newest version, with the stamps of its attributes."""
        if not self.any_upcasts or not self.is_old(type_key, number):
            return state
        doc = self.upcast(state.doc, type_key, number)
        return State(doc, _stamps(state, doc), state.created_at, state.modified_at)

    def shown(self, state: State, type_key: str, number: int, *, personal: bool) -> State | None:
        """What a reader is shown of a stored state. What has become personal by the newest declaration only with `personal`."""
        found = self.state(state, type_key, number)
        types = type_key.split(" ")
        if found is state or personal:
            return found
        if self._declarations.class_of(types) is DataClass.PERSONAL:
            return None
        hidden = self._declarations.withheld(types, found.doc)
        doc = {name: stored for name, stored in found.doc.items() if name not in hidden}
        return State(doc, found.stamps, found.created_at, found.modified_at)


def versions_in(type_key: str, number: int) -> dict[str, int]:
    """The version of each type in an entity's `type_key`, from its `type_version`."""
    return {name: (number - 1) // place % 100 + 1 for name, place in zip(type_key.split(" "), _PLACES, strict=False)}


def _stamps(old: State, doc: Doc) -> Stamps:
    """The times of the attributes after an upcast: kept by name, carried over to another name with the same content, and
    those of the entity where there is neither."""
    gone = {name: stored for name, stored in old.doc.items() if name not in doc}
    born = [iso(old.created_at), iso(old.modified_at)]
    found: Stamps = {}
    for name, stored in doc.items():
        if name not in ENTITY_NAMES:
            source = name if name in old.doc else next((former for former in gone if gone[former] == stored), name)
            known = old.stamps.get(source, {})
            found[name] = {dataset_of(one): known.get(dataset_of(one), born) for one in instances(stored)}
    return found


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Stores an entity in the newest version of its types: what it says stays, so there is no history and nobody is told."""

    name: ClassVar[str] = "upcast"

    def apply(self, state: State | None, now: datetime) -> Outcome:
        """The state that the committer has upcast already; its times stay."""
        return Outcome(state, is_nothing=state is None)
