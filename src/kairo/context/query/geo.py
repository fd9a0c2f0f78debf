"""Does a stored geometry stand in the asked relation to a reference geometry? The Geoquery Language (CIM 009 4.10).

The entity's geometry is the target: `within` finds entities that lie within the reference, `contains` those that contain it.
Several instances of the GeoProperty: one that matches is enough (5.7.2.4).
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from kairo.context.query.geo_coordinates import REFERENCE_TYPES, check_coordinates
from kairo.context.query.reading import Reader
from kairo.context.query.sphere import Box, boxes_within_metres, distance_metres, shape_distance_metres
from kairo.context.query.tree import Terms
from kairo.errors import BadRequestData

DEFAULT_GEOPROPERTY: Final = "location"
_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,20})?(?:[eE][+-]?[0-9]{1,2})?")
_GEOREL_EXAMPLE = "near;maxDistance==2000, within, contains, intersects, equals, disjoint or overlaps"


class Relation(StrEnum):
    """How the entity's geometry stands to the reference."""

    NEAR = "near"
    WITHIN = "within"
    CONTAINS = "contains"
    INTERSECTS = "intersects"
    EQUALS = "equals"
    DISJOINT = "disjoint"
    OVERLAPS = "overlaps"


# The reference stands first: it is prepared, and shapely uses what is prepared on that side only.
_PREDICATES: Final[dict[Relation, Callable[[BaseGeometry, BaseGeometry], bool]]] = {
    Relation.WITHIN: lambda reference, target: bool(reference.contains(target)),
    Relation.CONTAINS: lambda reference, target: bool(reference.within(target)),
    Relation.INTERSECTS: lambda reference, target: bool(reference.intersects(target)),
    Relation.EQUALS: lambda reference, target: bool(reference.equals(target)),
    Relation.DISJOINT: lambda reference, target: bool(reference.disjoint(target)),
    Relation.OVERLAPS: lambda reference, target: bool(reference.overlaps(target)),
}


@dataclass(frozen=True, slots=True)
class GeoQuery:
    """A relation to a reference. For `near`: `metres`, and whether targets are to be `closer` (maxDistance) or farther."""

    relation: Relation
    reference: BaseGeometry = field(hash=False)
    attribute: str = DEFAULT_GEOPROPERTY
    metres: float | None = None
    closer: bool = True

    @property
    def point(self) -> tuple[float, float] | None:
        """Longitude and latitude of the reference, if it is a point."""
        return (self.reference.x, self.reference.y) if self.reference.geom_type == "Point" else None

    def bounds(self) -> tuple[Box, ...] | None:
        """The boxes that the index is asked for; None where every geometry may match (disjoint, minDistance).

        A target's box must touch one of them, or lie within, contain or equal it, as the relation says.
        """
        if self.relation is Relation.DISJOINT or (self.relation is Relation.NEAR and not self.closer):
            return None
        west, south, east, north = self.reference.bounds
        if self.relation is Relation.NEAR and self.metres is not None:
            return boxes_within_metres((west, south, east, north), self.metres)
        return ((west, south, east, north),)

    def matches(self, geometry: Any) -> bool:
        """Whether a GeoJSON geometry, as it is stored, matches; GeometryCollections too. What is no geometry does not."""
        point = self.point
        if self.relation is Relation.NEAR:
            assert self.metres is not None
            if point is not None and (target_point := _position(geometry)) is not None:
                metres = distance_metres(*point, *target_point)
            else:
                target = shape_of_stored(geometry)
                if target is None:
                    return False
                metres = shape_distance_metres(self.reference, target)
            return metres <= self.metres if self.closer else metres > self.metres
        target = shape_of_stored(geometry)
        if target is None:
            return False
        try:
            return _PREDICATES[self.relation](self.reference, target)
        except ShapelyError:  # GEOS finds no answer for some geometries that are not valid
            return False

    def matches_entity(self, doc: Mapping[str, Any]) -> bool:
        """Whether any instance of the GeoProperty of a document in stored form matches."""
        instances = doc.get(self.attribute, ())
        return any(
            self.matches(instance.get("value"))
            for instance in (instances if isinstance(instances, list | tuple) else (instances,))
            if isinstance(instance, Mapping) and instance.get("type") == "GeoProperty"
        )


def parse_geo_query(
    georel: str | None, geometry: str | None, coordinates: Any, geoproperty: str | None, terms: Terms
) -> GeoQuery | None:
    """Reads the four parameters (`coordinates` as JSON text or, from a POST, as an array). None if no geo-query is asked.

    Raises BadRequestData: parts missing, unknown relation, coordinates that are none, a geometry that crosses itself.
    """
    if georel is None and geometry is None and coordinates is None:
        return None  # a geoproperty alone is to be ignored (6.4.3.2)
    if georel is None or geometry is None or coordinates is None:
        missing = [name for name, value in zip(_PARTS, (georel, geometry, coordinates), strict=True) if value is None]
        raise BadRequestData(
            f"a geo-query needs georel, geometry and coordinates together; missing: {', '.join(missing)}. "
            "Right form: georel=near;maxDistance==2000&geometry=Point&coordinates=[131.47,34.18]",
            detail_ja=f"位置の検索には georel・geometry・coordinates がすべて必要です（不足：{'、'.join(missing)}）",
            parameter=missing[0],
        )
    relation, metres, closer = _parse_georel(georel)
    attribute = terms.expand(geoproperty) if geoproperty else DEFAULT_GEOPROPERTY
    return GeoQuery(relation, read_reference(geometry, coordinates), attribute, metres, closer)


_PARTS = ("georel", "geometry", "coordinates")


def _parse_georel(text: str) -> tuple[Relation, float | None, bool]:
    reader = Reader("georel", text, _GEOREL_EXAMPLE)
    name = reader.name()
    if name not in list(Relation):
        raise reader.fault("names no spatial relation", "位置関係の名前ではありません", at=0)
    relation, metres, closer = Relation(name), None, True
    if relation is Relation.NEAR:
        reader.expect(";")
        modifier = reader.name()
        if modifier not in ("maxDistance", "minDistance"):
            raise reader.fault("needs maxDistance or minDistance here", "ここに maxDistance か minDistance が必要です")
        closer = modifier == "maxDistance"
        reader.expect("==")
        start = reader.position
        number = reader.match(_NUMBER)
        metres = float(number) if number else 0.0
        if not 0 < metres < float("inf"):
            raise reader.fault("needs a number of metres above 0 here", "ここに0より大きい距離（メートル）が必要です", at=start)
    reader.expect_end()
    return relation, metres, closer


def read_reference(geometry: str, coordinates: Any) -> BaseGeometry:
    """The reference geometry that these parameters make, ready to be compared with others."""
    if geometry not in REFERENCE_TYPES:
        raise BadRequestData(
            f"geometry {geometry[:40]!a} cannot be a reference. Right form: {', '.join(REFERENCE_TYPES)}",
            detail_ja=f"geometry は次のいずれかです：{'、'.join(REFERENCE_TYPES)}",
            parameter="geometry",
        )
    checked = check_coordinates(geometry, coordinates)
    return _prepared_reference(geometry, json.dumps(checked))


@lru_cache(maxsize=256)
def _prepared_reference(geometry: str, coordinates: str) -> BaseGeometry:
    """The reference, prepared: a map asks for the same district again and again."""
    reference = shapely.force_2d(shape_of({"type": geometry, "coordinates": json.loads(coordinates)}))
    if not reference.is_valid:
        reason = shapely.is_valid_reason(reference)
        raise BadRequestData(
            f"coordinates: the {geometry} is not valid: {reason}",
            detail_ja=f"coordinates：図形（{geometry}）が正しくありません：{reason}",
            mend="Let no edge of the geometry cross or touch another, and put holes inside the outer ring.",
            mend_ja="辺が交差・重複しないようにし、穴は外周の内側に置いてください。",
            parameter="coordinates",
        )
    shapely.prepare(reference)
    return reference


def _position(geometry: Any) -> tuple[float, float] | None:
    """Longitude and latitude of a GeoJSON point, without making a shape of it."""
    if isinstance(geometry, Mapping) and geometry.get("type") == "Point":
        coordinates = geometry.get("coordinates")
        if isinstance(coordinates, list) and len(coordinates) >= 2:
            longitude, latitude = coordinates[:2]
            if isinstance(longitude, int | float) and isinstance(latitude, int | float):
                return float(longitude), float(latitude)
    return None


def shape_of_stored(geometry: Any) -> BaseGeometry | None:
    """The shape of a GeoJSON geometry as it is stored; None for what is no geometry."""
    if not isinstance(geometry, Mapping) or "type" not in geometry:
        return None
    try:
        target = shape_of(geometry)
    except (ShapelyError, ValueError, TypeError, KeyError, AttributeError, IndexError):  # whatever a stored value may be
        return None
    return None if target.is_empty else target
