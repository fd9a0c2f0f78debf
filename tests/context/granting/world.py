"""A small world of people, for the tests of grants: types that say whom they are about, and what a reader should see, plainly."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting import Grant, give, shield
from kairo.context.graph import Graph
from kairo.context.model.stored import attributes_of
from kairo.context.subscriptions import ReactionTable
from kairo.platform.db import Database
from kairo.platform.manifests import Concerns, EntityType

NOW = datetime(2026, 4, 1, tzinfo=UTC)
EVERY = frozenset(DataClass)
PARTNER, PURPOSE = "application:partner", "watching-over"
# fmt: off
TYPES = (
    EntityType("Resident", "personal", {"en": "resident"}, subjects=(Concerns("id", "self"),)),
    EntityType("Plan", "personal", {"en": "plan"}, subjects=(
        Concerns("person", "person"), Concerns("supporter", "supporter", ("phone",)),
    )),
    EntityType("Hall", "open", {"en": "hall"}, personal_attributes=frozenset({"caretaker", "phone"}), subjects=(
        Concerns("caretaker", "caretaker", ("phone",)),
    )),
    EntityType("Secret", "personal", {"en": "personal, and nobody is named"}),
)
# fmt: on
DECLARED = Declarations.of(TYPES)


def graph_of(database: Database, clock: Any = lambda: NOW) -> Graph:
    return Graph(database, DECLARED, ReactionTable([], DECLARED), clock)


def city(tenant: str) -> Scope:
    return Scope(tenant, "administrator:local", "administration", EVERY, EVERY, True, True)


def reader(tenant: str, *persons: str, principal: str = PARTNER, purpose: str = PURPOSE) -> Scope:
    open_to_all = frozenset({DataClass.OPEN})
    return Scope(tenant, principal, purpose, read_classes=open_to_all, own_undeclared=True, by_grants=True, persons=persons)


def grant(id: str, *types: str, **more: Any) -> Grant:
    given = {
        "principal": PARTNER,
        "purpose": PURPOSE,
        "since": NOW - timedelta(days=1),
        "until": NOW + timedelta(days=1),
        **more,
    }
    return Grant(id, types=types or ("Resident", "Plan", "Hall", "Secret"), basis="consent", **given)


async def shielded(database: Database, tenant: str, persons: Iterable[str]) -> None:
    async with database.unit(tenant) as unit:
        for person in sorted(persons):
            await shield(unit, person, NOW, by="administrator:local")


async def granted(database: Database, tenant: str, grants: Iterable[Grant]) -> None:
    async with database.unit(tenant) as unit:
        for one in grants:
            await give(unit, one, NOW, by="administrator:local")


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader should see, said once more in Python and without SQL."""

    scope: Scope
    grants: tuple[Grant, ...]
    now: datetime = NOW
    shielded: frozenset[str] = frozenset()

    def sees(self, doc: dict[str, Any]) -> dict[str, Any] | None:
        """The document as it should be shown; None where the entity should be as if it were not there."""
        kind: str = doc["type"]
        is_personal = DECLARED.class_of([kind]) is DataClass.PERSONAL
        names = [name for name in doc if name not in ("id", "type")]
        closed = names if is_personal else [name for name in names if name in DECLARED.personal([kind])]
        hidden = [name for name in closed if not self._is_released(doc, name)]
        if is_personal and len(hidden) == len(names):
            return None
        return {name: value for name, value in doc.items() if name not in hidden}

    def _is_released(self, doc: dict[str, Any], name: str) -> bool:
        mine = [one for one in self.grants if self._speaks(one, doc["type"])]
        about = {person for attribute, person, _ in subjects(doc) if attribute in ("*", name)}
        if not about & self.shielded and any(self._is_wide(one, doc) and _names(one, name) for one in mine):
            return True
        return bool(about) and all(
            person in self.scope.persons or any(one.subject == person and _names(one, name) for one in mine) for person in about
        )

    def _speaks(self, one: Grant, kind: str) -> bool:
        asked = (one.principal, one.purpose) == (self.scope.principal, self.scope.purpose)
        return asked and kind in one.types and one.since <= self.now < one.until

    def _is_wide(self, one: Grant, doc: dict[str, Any]) -> bool:
        if one.area is not None:
            if not one.area:
                return True
            scopes = doc.get("scope", [])
            return any(f"{scope}/".startswith(f"{one.area}/") for scope in ([scopes] if isinstance(scopes, str) else scopes))
        return one.relation is not None and any(
            role == one.relation and person in self.scope.persons for _, person, role in subjects(doc)
        )


def _names(one: Grant, name: str) -> bool:
    return one.attributes is None or name in one.attributes


def subjects(doc: dict[str, Any]) -> set[tuple[str, str, str]]:
    """(attribute, person, role), as the types declare it."""
    found = set()
    for one in DECLARED.subjects([doc["type"]]):
        persons = doc["id"] if one.relationship == "id" else doc.get(one.relationship, {}).get("object", [])
        for person in [persons] if isinstance(persons, str) else persons:
            found |= {(name, person, one.role) for name in ((one.relationship, *one.attributes) if one.attributes else ("*",))}
    return found


def shown(doc: dict[str, Any] | None) -> dict[str, Any] | None:
    """What of a document the comparison is about: its attributes, and its scopes."""
    return None if doc is None else {**attributes_of(doc), **({"scope": doc["scope"]} if "scope" in doc else {})}
