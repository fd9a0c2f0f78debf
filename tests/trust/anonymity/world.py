"""A city of people for the tests of anonymity: open districts, residents, and plans that are about several persons."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.db import Database
from kairo.platform.manifests import Concerns, EntityType, attributes
from kairo.settings import Settings
from kairo.trust.anonymity.extracting import Extracts, Wish
from kairo.trust.anonymity.noise import Noise
from kairo.trust.anonymity.noisy import NoisyCounts
from kairo.trust.anonymity.permissions import Offices
from kairo.trust.anonymity.service import Statistics
from kairo.trust.anonymity.sources import Sources
from kairo.trust.anonymity.tables import Extract

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)
EVERY = frozenset(DataClass)
TITLE = {"ja": "型", "ja-x-easy": "型", "en": "type"}
RESIDENT = EntityType(
    "Resident",
    "personal",
    TITLE,
    attributes=attributes(
        birthDate="date",
        district="Relationship",
        needsCare="boolean",
        household="text",
        income="number",
        moved="time",
        name="LanguageProperty",
    ),
    subjects=(Concerns("id", "self"),),
)
PLAN = EntityType(
    "Plan",
    "personal",
    TITLE,
    attributes=attributes(person="Relationship!", supporter="Relationship", kind="text"),
    subjects=(Concerns("person", "person"), Concerns("supporter", "supporter", ("supporter",))),
)
DISTRICT = EntityType("District", "open", TITLE, attributes=attributes(name="LanguageProperty!", city="Relationship"))
TYPES = (RESIDENT, PLAN, DISTRICT)
DECLARED = Declarations.of(TYPES)


def district(name: str) -> str:
    return f"urn:ngsi-ld:District:{name}"


DISTRICTS: list[dict[str, Any]] = [
    {
        "id": district(name),
        "type": "District",
        "name": {"type": "LanguageProperty", "languageMap": {"ja": ja, "en": name}},
        "city": {"type": "Relationship", "object": f"urn:ngsi-ld:City:{city}"},
    }
    for name, ja, city in (("ogori", "小郡", "south"), ("kagawa", "嘉川", "south"), ("ato", "阿東", "north"))
]


def resident(key: int | str, **said: Any) -> dict[str, Any]:
    """`district` by its short name, `birthDate` as a day; everything else a plain value."""
    doc: dict[str, Any] = {"id": f"urn:ngsi-ld:Resident:{key}", "type": "Resident"}
    for name, value in said.items():
        if name == "district":
            doc[name] = {"type": "Relationship", "object": district(value)}
        else:
            doc[name] = {"type": "Property", "value": value}
    return doc


def city(tenant: str) -> Scope:
    """The administrator, who writes and who asks."""
    return Scope(tenant, "administrator:local", "administration", EVERY, EVERY, True, True)


class Duties:
    """The administrator, and staff whose purpose is statistics."""

    async def may(self, scope: Scope, power: str) -> bool:
        return scope.principal.startswith("administrator:") or scope.purpose == "statistics"


def clerk(tenant: str, name: str = "ab") -> Scope:
    """Someone of the staff who makes statistics; reads nothing personal."""
    return Scope(tenant, f"staff:{name}", "statistics", frozenset({DataClass.OPEN}), by_grants=True)


class World:
    """Graph, services, and who was told of processing; `shielded` are protected persons."""

    def __init__(self, database: Database, offices: Offices | None = None, noise: Noise | None = None, **given: Any) -> None:
        self.now = NOW
        self.shielded: set[str] = set()
        self.processed: list[tuple[str, str, int, str]] = []
        settings = Settings(**{"statistics_k": 3, **given})
        self.graph = Graph(database, DECLARED, ReactionTable([], DECLARED), lambda: self.now)
        sources = Sources(self.graph, DECLARED, self, self, lambda: self.now, settings.statistics_max_persons)
        offices = offices or Duties()
        common = (database, sources, offices, settings, lambda: self.now)
        self.statistics = Statistics(*common)
        self.noisy = NoisyCounts(*common, noise)
        self.extracts = Extracts(*common, lambda: b"s" * 32)

    async def processing(self, scope: Scope, purpose: str, count: int, what: str) -> None:
        self.processed.append((scope.principal, purpose, count, what))

    async def protected(self, tenant: str, persons: Collection[str]) -> Collection[str]:
        return self.shielded & set(persons)

    async def extract(self, tenant: str, wish: Wish) -> tuple[Extract, bytes]:
        """Asked for by one, agreed to by another, handed out."""
        asked = await self.extracts.request(clerk(tenant), wish)
        await self.extracts.agree(clerk(tenant, "cd"), asked.id)
        return await self.extracts.make(clerk(tenant), asked.id)

    async def put(self, tenant: str, docs: Iterable[dict[str, Any]]) -> None:
        written = await self.graph.upsert(city(tenant), [*DISTRICTS, *docs])
        assert not [one for one in written if one.outcome == "refused"], written


def told(release: Any) -> dict[str, int | None]:
    """The cells of a table with one dimension, by what stands in its condition; the total under `*`."""
    (axis,) = release.axes
    names = ["|".join(map(str, step.part.told()[1:])) for step in axis.axis]
    return {"*" if cell["at"][0] < 0 else names[cell["at"][0]]: cell["persons"] for cell in release.cells}
