"""Does this point lie in Japan, and in the municipality it is said to lie in? By the boundaries that were imported."""

import math
from collections.abc import Iterable, Mapping

import shapely
from shapely.affinity import scale
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from kairo.context.gate import Scope
from kairo.context.graph import GraphInterface
from kairo.context.reading import value_of

JAPAN = (122.0, 20.0, 154.5, 46.0)  # west, south, east, north: from 与那国島 to 南鳥島, from 沖ノ鳥島 to 宗谷
METRES_PER_DEGREE = 111_195.0


def in_japan(longitude: float, latitude: float) -> bool:
    """Whether the point lies in the box around Japan."""
    return JAPAN[0] <= longitude <= JAPAN[2] and JAPAN[1] <= latitude <= JAPAN[3]


def distance_m(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """Metres between two points, on a sphere."""
    half_north = math.radians(other_latitude - latitude) / 2
    half_east = math.radians(other_longitude - longitude) / 2
    chord = (
        math.sin(half_north) ** 2
        + math.cos(math.radians(latitude)) * math.cos(math.radians(other_latitude)) * math.sin(half_east) ** 2
    )
    return 2 * math.degrees(math.asin(math.sqrt(min(1.0, chord)))) * METRES_PER_DEGREE


def boundary_id(code: str) -> str:
    """The entity that holds the outline of a municipality."""
    return f"urn:ngsi-ld:MunicipalBoundary:{code}"


class Boundaries:
    """Outlines of municipalities by code, ready to be asked."""

    def __init__(self, outlines: Mapping[str, BaseGeometry]) -> None:
        self._outlines = dict(outlines)
        for outline in self._outlines.values():
            shapely.prepare(outline)

    @staticmethod
    async def load(graph: GraphInterface, scope: Scope, codes: Iterable[str]) -> "Boundaries":
        """Those of the municipalities whose boundary is in the graph."""
        ids = {boundary_id(code): code for code in codes}
        docs = await graph.get_many(scope, sorted(ids))
        return Boundaries({ids[id]: shape(value_of(doc, "location")) for id, doc in docs.items() if value_of(doc, "location")})

    def __contains__(self, code: str) -> bool:
        return code in self._outlines

    def metres_outside(self, code: str, longitude: float, latitude: float) -> float | None:
        """How far the point lies outside the municipality (0: inside); None where its boundary is not known."""
        outline = self._outlines.get(code)
        if outline is None:
            return None
        if shapely.intersects_xy(outline, longitude, latitude):
            return 0.0
        east = math.cos(math.radians(latitude)) * METRES_PER_DEGREE
        metric = scale(outline, east, METRES_PER_DEGREE, origin=(0, 0))
        return float(metric.distance(shapely.Point(longitude * east, latitude * METRES_PER_DEGREE)))
