"""What do the portal's pages need of the graph? Layers of the map, current values, one entity with its relations and history."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import attributes_of, content_of, types_of, value_of
from kairo.errors import ResourceNotFound
from kairo.services.portal import rules

LAYER_MOST = 1000
RELATED_MOST = 200
HISTORY_MOST = 300
AREAS = frozenset({"City", "Municipality", "MunicipalBoundary"})
NEAR_METRES = 1500
NEAR_MOST = 20
TOWNS_METRES = 4000
TOWNS_MOST = 60
OUTLINE_DEGREES = 0.002  # outlines are simplified to about 200 m for the overview
OUTLINE_DIGITS = 4  # and their coordinates written to about 10 m
# The names of relationships by which open entities point to others here; incoming relations are found by them.
RELATIONS = ("district", "districts", "project", "projects", "alsoInProject", "refArea", "city")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of the map: entities of one type, drawn with one shape. `shown` at first, before anyone chooses."""

    key: str
    type: str
    kind: int
    shown: bool = False


LAYERS = (
    Layer("districts", "District", 4, shown=True),
    Layer("places", "Place", 1, shown=True),
    Layer("evacuation-sites", "EmergencyEvacuationSite", 2),
    Layer("shelters", "EvacuationShelter", 3),
    Layer("sensors", "Sensor", 5),
    Layer("buses", "Vehicle", 6, shown=True),
)
BY_KEY = {layer.key: layer for layer in LAYERS}
REGION = Layer("municipalities", "Municipality", 1)  # of the front page alone


def point_of(doc: Doc) -> tuple[float, float] | None:
    """Longitude and latitude of an entity: of its point, or a point inside its area."""
    location = value_of(doc, "location")
    if not isinstance(location, dict) or "type" not in location:
        return None
    if location["type"] == "Point":
        lon, lat = location["coordinates"][:2]
        return float(lon), float(lat)
    inside = shape(location).representative_point()
    return None if inside.is_empty else (float(inside.x), float(inside.y))


async def layer(graph: GraphInterface, scope: Scope, chosen: Layer) -> list[Doc]:
    """The entities of a layer by their reading, at most LAYER_MOST."""
    page = await graph.find(scope, chosen.type, limit=LAYER_MOST)
    return sorted(page.docs, key=_by_name)


def _by_name(doc: Doc) -> tuple[str, str]:
    reading = value_of(doc, "nameKana") or rules.japanese_name(doc)
    return rules.folded(str(reading)), doc["id"]


async def layers(graph: GraphInterface, scope: Scope, chosen: Sequence[Layer]) -> list[tuple[Layer, list[Doc]]]:
    """Several layers, read together."""
    found = await asyncio.gather(*(layer(graph, scope, one) for one in chosen))
    return list(zip(chosen, found, strict=True))


async def counts(graph: GraphInterface, scope: Scope, types: Sequence[str]) -> dict[str, int]:
    """How many entities of each type there are; types without any are left out."""
    found = await asyncio.gather(*(graph.count(scope, type) for type in types))
    return {type: number for type, number in zip(types, found, strict=True) if number}


async def outlines(graph: GraphInterface, scope: Scope) -> dict[str, Any] | None:
    """Outlines of the region's municipalities as GeoJSON, simplified; None where none were imported."""
    page, region = await asyncio.gather(
        graph.find(scope, "MunicipalBoundary", limit=LAYER_MOST), graph.find(scope, "Municipality", limit=LAYER_MOST)
    )
    codes = {str(value_of(doc, "code", "")) for doc in region.docs}
    features = []
    for doc in page.docs:
        code = str(value_of(doc, "municipalityCode", "")) or doc["id"].rsplit(":", 1)[-1]
        area = value_of(doc, "location")
        if not isinstance(area, dict) or (codes and code not in codes):
            continue
        simple: BaseGeometry = shape(area).simplify(OUTLINE_DEGREES)
        if not simple.is_empty:
            features.append({"type": "Feature", "properties": {"code": code}, "geometry": _rounded(mapping(simple))})
    return {"type": "FeatureCollection", "features": features} if features else None


def _rounded(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _rounded(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_rounded(item) for item in node]
    return round(node, OUTLINE_DIGITS) if isinstance(node, float) else node


async def nearby(graph: GraphInterface, scope: Scope, doc: Doc, layers: Sequence[Layer]) -> list[tuple[Layer, list[Doc]]]:
    """What of these layers lies within NEAR_METRES of an entity, itself aside; a city has no near."""
    if main_type(doc) in AREAS:
        return []
    found = await asyncio.gather(*(_near(graph, scope, one.type, doc, NEAR_METRES, NEAR_MOST) for one in layers))
    return [(one, sorted(docs, key=_by_name)) for one, docs in zip(layers, found, strict=True) if docs]


async def towns(graph: GraphInterface, scope: Scope, doc: Doc) -> list[Doc]:
    """The towns around an entity, where they were imported: names on a map that has no streets."""
    return await _near(graph, scope, "Town", doc, TOWNS_METRES, TOWNS_MOST)


async def _near(graph: GraphInterface, scope: Scope, type: str, doc: Doc, metres: int, most: int) -> list[Doc]:
    at = point_of(doc)
    if at is None:
        return []
    where = {"georel": f"near;maxDistance=={metres}", "geometry": "Point", "coordinates": f"[{at[0]},{at[1]}]"}
    page = await graph.find(scope, type, limit=most, **where)
    return [one for one in page.docs if one["id"] != doc["id"]]


@dataclass(frozen=True, slots=True)
class Reading:
    """A current value: of which sensor, which attribute, how much, in which unit (UN/CEFACT code), when observed."""

    doc: Doc
    attribute: str
    value: float | str
    unit: str
    observed_at: datetime


def readings_of(doc: Doc) -> list[Reading]:
    """The values of an entity that carry a time of observation, places aside."""
    found = []
    for name, instances in attributes_of(doc):
        first = instances[0]
        content, moment = content_of(first), rules.moment_of(first.get("observedAt"))
        if moment is not None and isinstance(content, int | float | str) and not isinstance(content, bool):
            found.append(Reading(doc, name, content, str(first.get("unitCode", "")), moment))
    return found


async def sensors(graph: GraphInterface, scope: Scope) -> list[Reading]:
    """The current values of all sensors: the river and the rain first, then by id."""
    page = await graph.find(scope, "Sensor", limit=LAYER_MOST)
    found = [reading for doc in page.docs for reading in readings_of(doc)]
    return sorted(found, key=lambda one: (*rules.kind_rank(str(value_of(one.doc, "sensorKind", ""))), one.doc["id"]))


def latest(docs: Sequence[Doc]) -> datetime | None:
    """The newest observation among these entities: what a page shows as the time of its last update."""
    found = (rules.moment_of(one.get("observedAt")) for doc in docs for _, many in attributes_of(doc) for one in many)
    return max((moment for moment in found if moment is not None), default=None)


@dataclass(frozen=True, slots=True)
class Whole:
    """An entity with what surrounds it: entities it points to, entities that point to it by type (and how many in all), and
    how its observed values came about, oldest first."""

    doc: Doc
    targets: dict[str, Doc]
    incoming: dict[str, list[Doc]]
    incoming_total: int
    history: dict[str, list[tuple[datetime, Any]]]


async def whole(graph: GraphInterface, scope: Scope, id: str) -> Whole:
    """Everything that an entity's page shows. Raises ResourceNotFound."""
    doc = await graph.get(scope, id)
    if doc is None:
        raise ResourceNotFound(f"there is no entity {id[:200]}", detail_ja="このページで示すデータは見つかりません。")
    pointed = [target for _, instances in attributes_of(doc) for one in instances for target in objects_of(one)]
    observed = [reading.attribute for reading in readings_of(doc)]
    histories = asyncio.gather(*(graph.history(scope, id, name, limit=HISTORY_MOST) for name in observed))
    targets, (incoming, total), rows = await asyncio.gather(
        graph.get_many(scope, list(dict.fromkeys(pointed))[:RELATED_MOST]), _incoming(graph, scope, id), histories
    )
    history = {name: _course(found) for name, found in zip(observed, rows, strict=True)}
    return Whole(doc, targets, incoming, total, history)


def _course(rows: Sequence[Doc]) -> list[tuple[datetime, Any]]:
    """History rows as (time, value), oldest first; what was deleted is a gap."""
    pairs = {
        row["observed_at"] or row["at"]: content_of(row["instance"]) if row["instance"] else None for row in reversed(rows)
    }
    return sorted(pairs.items(), key=lambda pair: pair[0])


async def _incoming(graph: GraphInterface, scope: Scope, id: str) -> tuple[dict[str, list[Doc]], int]:
    if any(sign in id for sign in '"\\'):
        return {}, 0
    q = "|".join(f'{name}=="{id}"' for name in RELATIONS)
    page = await graph.find(scope, "*", q, limit=RELATED_MOST)
    total = len(page.docs) if page.after is None else await graph.count(scope, "*", q)
    groups: dict[str, list[Doc]] = {}
    for doc in sorted(page.docs, key=lambda one: (main_type(one), *_by_name(one))):
        groups.setdefault(main_type(doc), []).append(doc)
    return groups, total


def objects_of(instance: Doc) -> list[str]:
    """The ids that a relationship points to."""
    target = instance.get("object")
    if isinstance(target, str):
        return [target]
    return [item for item in target if isinstance(item, str)] if isinstance(target, list) else []


def is_synthetic(doc: Doc) -> bool:
    """Whether the entity says that it is made up."""
    return value_of(doc, "synthetic") is True


def main_type(doc: Doc) -> str:
    """The first type."""
    return types_of(doc)[0]
