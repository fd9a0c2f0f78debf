"""What do the portal's pages need of the graph? Layers of the map, current values, one entity with its relations and history."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shapely.geometry import mapping, shape

from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import attributes_of, content_of, types_of, value_of
from kairo.errors import ResourceNotFound

LAYER_MOST = 1000
RELATED_MOST = 50
HISTORY_MOST = 20
OUTLINE_DEGREES = 0.002  # outlines are simplified to about 200 m for the overview
# The names of relationships by which open entities point to others here; incoming relations are found by them.
RELATIONS = ("district", "districts", "project", "projects", "alsoInProject", "refArea", "city", "sameSiteAs")


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
    Layer("sensors", "Sensor", 5, shown=True),
    Layer("buses", "Vehicle", 6, shown=True),
)


def point_of(doc: Doc) -> tuple[float, float] | None:
    """Longitude and latitude of an entity: of its point, or a point inside its area."""
    location = value_of(doc, "location")
    if not isinstance(location, dict) or "type" not in location:
        return None
    if location["type"] == "Point":
        lon, lat = location["coordinates"][:2]
        return float(lon), float(lat)
    inside = shape(location).representative_point()
    return float(inside.x), float(inside.y)


async def layer(graph: GraphInterface, scope: Scope, chosen: Layer) -> list[Doc]:
    """The entities of a layer, at most LAYER_MOST."""
    page = await graph.find(scope, chosen.type, limit=LAYER_MOST)
    return page.docs


async def layers(graph: GraphInterface, scope: Scope, chosen: Sequence[Layer]) -> list[tuple[Layer, list[Doc]]]:
    """Several layers, read together."""
    found = await asyncio.gather(*(layer(graph, scope, one) for one in chosen))
    return list(zip(chosen, found, strict=True))


async def outlines(graph: GraphInterface, scope: Scope) -> dict[str, Any] | None:
    """Outlines of municipalities as GeoJSON, simplified; None where none were imported."""
    page = await graph.find(scope, "MunicipalBoundary", limit=LAYER_MOST)
    region = await graph.find(scope, "Municipality", limit=LAYER_MOST)
    codes = {str(value_of(doc, "code", "")) for doc in region.docs}
    features = []
    for doc in page.docs:
        code = str(value_of(doc, "municipalityCode", "")) or doc["id"].rsplit(":", 1)[-1]
        if codes and code not in codes:
            continue
        area = value_of(doc, "location")
        if isinstance(area, dict):
            simple = shape(area).simplify(OUTLINE_DEGREES)
            features.append({"type": "Feature", "properties": {"code": code}, "geometry": mapping(simple)})
    return {"type": "FeatureCollection", "features": features} if features else None


@dataclass(frozen=True, slots=True)
class Reading:
    """A current value: of which sensor, which attribute, how much, in which unit (UN/CEFACT code), when observed."""

    doc: Doc
    attribute: str
    value: Any
    unit: str
    observed_at: datetime


def readings_of(doc: Doc) -> list[Reading]:
    """The values of an entity that carry a time of observation, places aside."""
    found = []
    for name, instances in attributes_of(doc):
        first = instances[0]
        content = content_of(first)
        if first.get("observedAt") and isinstance(content, int | float | str):
            observed_at = datetime.fromisoformat(first["observedAt"])
            found.append(Reading(doc, name, content, first.get("unitCode", ""), observed_at))
    return found


async def sensors(graph: GraphInterface, scope: Scope) -> list[Reading]:
    """The current values of all sensors, by kind and name."""
    page = await graph.find(scope, "Sensor", limit=LAYER_MOST)
    found = [reading for doc in page.docs for reading in readings_of(doc)]
    return sorted(found, key=lambda reading: (str(value_of(reading.doc, "sensorKind", "")), reading.doc["id"]))


@dataclass(frozen=True, slots=True)
class Whole:
    """An entity with what surrounds it: entities it points to, entities that point to it, and how values came about."""

    doc: Doc
    targets: dict[str, Doc]
    incoming: list[Doc]
    history: dict[str, list[Doc]]


async def whole(graph: GraphInterface, scope: Scope, id: str) -> Whole:
    """Everything that an entity's page shows. Raises ResourceNotFound."""
    doc = await graph.get(scope, id)
    if doc is None:
        raise ResourceNotFound(f"there is no entity {id[:200]}", detail_ja="このページで示すデータは見つかりません。")
    pointed = [target for _, instances in attributes_of(doc) for one in instances for target in _objects(one)]
    observed = [name for name, instances in attributes_of(doc) if instances[0].get("observedAt") and name != "location"]
    targets, incoming, *histories = await asyncio.gather(
        graph.get_many(scope, list(dict.fromkeys(pointed))[:RELATED_MOST]),
        _incoming(graph, scope, id),
        *(graph.history(scope, id, name, limit=HISTORY_MOST) for name in observed),
    )
    return Whole(doc, targets, incoming, dict(zip(observed, histories, strict=True)))


async def _incoming(graph: GraphInterface, scope: Scope, id: str) -> list[Doc]:
    if any(sign in id for sign in '"\\'):
        return []
    page = await graph.find(scope, "*", "|".join(f'{name}=="{id}"' for name in RELATIONS), limit=RELATED_MOST)
    return page.docs


def _objects(instance: Doc) -> list[str]:
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
