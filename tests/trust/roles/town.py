"""A small town with roles, for the tests of roles, emergency releases and of who may see what: types, roles, people, and who asks."""

from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.db import Database
from kairo.platform.handling import DataCategory, Reads, Role
from kairo.platform.manifests import Concerns, EntityType, attributes
from kairo.trust.roles.permissions import Standing
from kairo.trust.roles.rules import CONFIRM, GRANT_ROLES, OPEN_EMERGENCY, SEE_READERS
from kairo.trust.roles.service import Proposal, Roles

NOW = datetime(2026, 4, 1, tzinfo=UTC)
ADMINISTRATOR = "administrator:local"
MARI, KENJI, AYA = "staff:mari", "staff:kenji", "staff:aya"
ANNA, BEN = "urn:ngsi-ld:Resident:anna", "urn:ngsi-ld:Resident:ben"
# fmt: off
TYPES = (
    EntityType("Resident", "personal", {"en": "resident"}, attributes=attributes(name="text", telephone="text", care="text"),
               subjects=(Concerns("id", "self"),), category=DataCategory.PERSONAL, categories={"care": DataCategory.SENSITIVE},
               listed=frozenset({"name", "telephone"})),
    EntityType("Plan", "personal", {"en": "plan"}, attributes=attributes(route="text", phone="text", person="Relationship",
               supporter="Relationship"), category=DataCategory.PERSONAL,
               subjects=(Concerns("person", "person"), Concerns("supporter", "supporter", ("phone",)))),
    EntityType("Hall", "open", {"en": "hall"}, attributes=attributes(name="text", phone="text", caretaker="Relationship"),
               personal_attributes=frozenset({"caretaker", "phone"}), subjects=(Concerns("caretaker", "caretaker", ("phone",)),)),
)
ROLES = (
    Role("clerk", {"en": "clerk"}, {"counter": {"en": "counter"}}, (Reads("Resident", ("name", "telephone")),)),
    Role("carer", {"en": "carer"}, {"care": {"en": "care"}, "counter": {"en": "counter"}}, (Reads("Resident"), Reads("Plan"))),
    Role("officer", {"en": "officer"}, {"roles": {"en": "roles"}}, may=frozenset({GRANT_ROLES, CONFIRM, SEE_READERS})),
    Role("commander", {"en": "commander"}, {"disaster": {"en": "disaster"}}, may=frozenset({OPEN_EMERGENCY, CONFIRM})),
)
# fmt: on
DECLARED = Declarations.of(TYPES)
BY_TYPE = DECLARED.by_type
EVERY = frozenset(DataClass)


class Moment:
    """A clock that a test moves."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **some: float) -> None:
        self.now += timedelta(**some)


def graph_of(database: Database, clock: Any) -> Graph:
    return Graph(database, DECLARED, ReactionTable([], DECLARED), clock)


def roles_of(database: Database, clock: Any) -> Roles:
    return Roles(database, DECLARED, ROLES, clock)


def city(tenant: str) -> Scope:
    return Scope(tenant, ADMINISTRATOR, "administration", EVERY, EVERY, True, True)


def staff(tenant: str, principal: str, purpose: str = "") -> Scope:
    return Scope(tenant, principal, purpose, read_classes=frozenset({DataClass.OPEN}), by_grants=True)


def administrator(tenant: str) -> Standing:
    return Standing(tenant, ADMINISTRATOR, "administration")


def officer(tenant: str, principal: str) -> Standing:
    """Someone who gives roles and confirms, as if they had that duty."""
    return Standing(tenant, principal, "roles", frozenset({GRANT_ROLES, CONFIRM, SEE_READERS}))


def wanted(principal: str = AYA, role: str = "clerk", **more: Any) -> Proposal:
    purposes = {"clerk": "counter", "carer": "care", "officer": "roles", "commander": "disaster"}
    given: dict[str, Any] = {
        "department": "市民課",
        "area": "",
        "purpose": purposes[role],
        "reason": "April's rotation",
        "since": NOW,
    }
    return Proposal(principal, role, **{**given, "until": NOW + timedelta(days=365), **more})


async def people(graph: Graph, tenant: str) -> None:
    """Two residents, one of the north; a plan of the one that names the other; a hall."""
    written = await graph.upsert(
        city(tenant),
        [
            {"id": ANNA, "type": "Resident", "name": "Anna", "telephone": "083-1", "care": "dialysis", "scope": "/north"},
            {"id": BEN, "type": "Resident", "name": "Ben", "telephone": "083-2", "care": "none"},
            {
                "id": "urn:plan",
                "type": "Plan",
                "route": "by the river",
                "phone": "083-2",
                "person": {"type": "Relationship", "object": ANNA},
                "supporter": {"type": "Relationship", "object": BEN},
            },
            {
                "id": "urn:hall",
                "type": "Hall",
                "name": "Hall",
                "phone": "083-2",
                "caretaker": {"type": "Relationship", "object": BEN},
            },
        ],
    )
    assert [one.outcome for one in written] == ["created"] * 4


async def sees(graph: Graph, scope: Scope, id: str) -> set[str]:
    """The attributes of an entity that somebody reads."""
    doc = await graph.get(scope, id)
    return set(doc or {}) - {"id", "type"}
