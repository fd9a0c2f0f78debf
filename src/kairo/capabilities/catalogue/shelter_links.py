"""Which emergency site and which shelter stand at one address? Only where the files' own flag columns say that there is one.

The two stay two entities; each refers to those of the other kind at its address. What is in the graph already follows, so the
order in which the two files come in does not matter. Names are never compared.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from kairo.capabilities.catalogue.importer import Made, same_address
from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import value_of

EMERGENCY_SITE = "EmergencyEvacuationSite"
EVACUATION_SHELTER = "EvacuationShelter"


@dataclass(frozen=True, slots=True)
class Other:
    """How one kind refers to the other: the other's type, the flag's column and attribute, the reference's attribute."""

    type: str
    flag_column: str
    flag: str
    link: str


OTHER = {
    EMERGENCY_SITE: Other(EVACUATION_SHELTER, "指定避難所との住所同一", "sameAddressAsShelter", "shelterAtSameAddress"),
    EVACUATION_SHELTER: Other(
        EMERGENCY_SITE, "指定緊急避難場所との住所同一", "sameAddressAsEmergencySite", "emergencySiteAtSameAddress"
    ),
}


async def link_same_addresses(made: Sequence[Made], codes: Iterable[str], graph: GraphInterface, scope: Scope) -> list[Made]:
    """The same entities with their references, and those of the graph whose references change by them."""
    imported = {item.entity["id"]: item for item in reversed(made)}
    stored: dict[str, Doc] = {}
    for code in sorted(set(codes)):
        for type in OTHER:
            async for doc in graph.every(scope, type, f'municipalityCode=="{code}"'):
                if doc["id"] not in imported:
                    stored[doc["id"]] = doc
    at: dict[tuple[str, str, str], list[str]] = {}
    for doc in (*(item.entity for item in imported.values()), *stored.values()):
        address = _address(doc)
        if address:
            at.setdefault((doc["type"], *address), []).append(doc["id"])
    linked = [Made(_with_link(item.entity, at), item.owned, item.row) for item in made]
    followers = [_follower(doc, at) for doc in stored.values() if doc["type"] in OTHER]
    return linked + [follower for follower in followers if follower is not None]


def _address(doc: Doc) -> tuple[str, str] | None:
    address = value_of(doc, "addressNormalized")
    return (str(value_of(doc, "municipalityCode")), address) if isinstance(address, str) and address else None


def _link(doc: Doc, at: dict[tuple[str, str, str], list[str]]) -> Any:
    other, address = OTHER[doc["type"]], _address(doc)
    if address is None or value_of(doc, other.flag) is not True:
        return None
    return same_address(at.get((other.type, *address), []))


def _with_link(doc: Doc, at: dict[tuple[str, str, str], list[str]]) -> Doc:
    link = _link(doc, at)
    return doc if link is None else {**doc, OTHER[doc["type"]].link: link}


def _follower(doc: Doc, at: dict[tuple[str, str, str], list[str]]) -> Made | None:
    """An entity of the graph, if its reference is no longer what it was."""
    name, link = OTHER[doc["type"]].link, _link(doc, at)
    if doc.get(name) == link:
        return None
    only = {"id": doc["id"], "type": doc["type"]}
    return Made(only if link is None else {**only, name: link}, frozenset({name}), None)
