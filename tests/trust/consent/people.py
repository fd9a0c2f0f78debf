"""A small city of people for the tests of consent: a mother, her son, a neighbour, a clerk, an application; and a clock that stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from kairo.context.gate import DataClass, Scope
from kairo.context.granting import Grant, given_to
from kairo.context.graph import Graph
from kairo.platform.db import Database
from kairo.platform.handling import Controller
from kairo.platform.manifests import Category, Purpose
from kairo.trust.consent import rules
from kairo.trust.consent.codes import Codes
from kairo.trust.consent.permissions import COUNTER
from kairo.trust.consent.purposes import Purposes, digest_of
from kairo.trust.consent.rules import Terms
from kairo.trust.consent.service import ConsentService
from tests.context.granting.world import graph_of

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)  # noon in Japan
MOTHER, SON, NEIGHBOUR = (f"urn:ngsi-ld:Resident:{digit * 16}" for digit in "abc")
PARTNER, DEPARTMENT = "application:partner", "department:care"
NAMES = {MOTHER: "山口 花子", SON: "山口 太郎", NEIGHBOUR: "小郡 次郎"}


def words(text: str) -> dict[str, str]:
    return {tag: f"{text} {tag}" for tag in ("ja", "ja-x-easy", "en")}


def category(id: str, *types: str, **more: Any) -> Category:
    return Category(id, words(id), words(f"about {id}"), types or ("Resident",), **more)


def purpose(id: str = "family", audience: Any = "family", **more: Any) -> Purpose:
    recipients = {"application": {PARTNER: words("Partner")}, "department": {DEPARTMENT: words("Care")}, "family": {}}[audience]
    said = {
        "version": 1,
        "title": words(id),
        "text": words(f"why {id}"),
        "controller": words("the city"),
        "chapter": Controller.MUNICIPAL,
        "articles": ("69条2項1号",),
        "longest_days": 100,
        "categories": (
            category("phone", attributes=("phone",)),
            category("n", attributes=("n",)),
            category("plan", "Plan"),
        ),
        "recipients": recipients,
        **more,
    }
    return Purpose(id=id, audience=audience, **said)


FAMILY, PARTNERS, CARE = purpose(), purpose("watching", "application"), purpose("care", "department")


def key_of(person: str) -> str:
    return person.rpartition(":")[2]


def resident(person: str, *acts_for: str, tenant: str = "352039") -> Scope:
    return Scope(
        tenant,
        f"resident:{key_of(person)}",
        "family",
        read_classes=frozenset({DataClass.OPEN}),
        by_grants=True,
        persons=(person, *acts_for),
    )


def application(name: str = PARTNER, purpose: str = "watching", tenant: str = "352039") -> Scope:
    return Scope(tenant, name, purpose, read_classes=frozenset({DataClass.OPEN}), by_grants=True)


def clerk(name: str = "1", purpose: str = COUNTER, tenant: str = "352039") -> Scope:
    return Scope(tenant, f"staff:{name * 16}", purpose, read_classes=frozenset({DataClass.OPEN}), by_grants=True)


class Known:
    """Those whom NAMES names."""

    async def display_name(self, tenant: str, who: str, *, by: str = "") -> str:
        return NAMES.get(who) or next((name for person, name in NAMES.items() if who == f"resident:{key_of(person)}"), "")


@dataclass
class Staff:
    """Who works in the department."""

    members: list[str] = field(default_factory=list)

    async def staff_of(self, connection: Any, tenant: str, department: str) -> list[str]:
        return self.members


class City:
    """A tenant with its consents, its graph and a clock."""

    def __init__(self, database: Database, tenant: str, declared: Sequence[Purpose] = (FAMILY, PARTNERS, CARE)) -> None:
        self.database, self.tenant = database, tenant
        self.now = START
        self.staff = Staff()
        self.codes = Codes(database, self.clock)
        self.graph: Graph = graph_of(database, self.clock)
        self.declare(*declared)

    def clock(self) -> datetime:
        return self.now

    def pass_time(self, **given: float) -> None:
        self.now += timedelta(**given)

    def declare(self, *declared: Purpose) -> None:
        self.service = ConsentService(self.database, self.clock, Purposes(declared), Known(), self.staff)

    async def made(self) -> "City":
        await self.graph.create_tenant(self.tenant, "administrator:local")
        return self

    def terms(self, *categories: str, days: int = 30, text: Purpose = FAMILY) -> Terms:
        return Terms(digest_of(text), categories or ("phone",), rules.end_after(days, self.now))

    async def code(self, person: str) -> str:
        return (await self.codes.new(self.tenant, person)).code

    async def grants(self, *principals: str) -> list[Grant]:
        """All grants of these principals, or of all people of the tests, whether they hold now or not."""
        whom = principals or (*(f"resident:{key_of(one)}" for one in NAMES), PARTNER, *self.staff.members)
        async with self.database.reading(self.tenant) as connection:
            return [one for principal in whom for one in await given_to(connection, self.tenant, principal, limit=1000)]


async def city(database: Database, tenant: str, *declared: Purpose) -> City:
    return await City(database, tenant, declared or (FAMILY, PARTNERS, CARE)).made()
