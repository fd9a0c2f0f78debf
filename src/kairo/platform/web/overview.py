"""Where are these places, before any script has run? An overview map as SVG, drawn by the server: a map is never blank."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shapely import STRtree
from shapely.geometry import box, shape
from shapely.geometry.base import BaseGeometry

from kairo.platform.web.charts.scales import fixed, text_width

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in the list and on the map. `kind` (1…6) chooses colour and shape; without coordinates it is only in the list."""

    id: str
    label: str
    longitude: float | None = None
    latitude: float | None = None
    text: str = ""
    kind: int = 1
    href: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """A drawn map: the land as a path, the points in pixels, and a bar with its length for scale.

    The land reaches twice as far as the picture, so that a frame of other proportions is filled.
    """

    width: float
    height: float
    land: str
    outlines: str
    points: tuple[tuple[Place, float, float], ...]
    names: tuple[tuple[str, float, float], ...]
    scale_width: float
    scale_label: str


class Land:
    """Polygons or lines of a GeoJSON document, ready to be cut to a box. Made once for the base map."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        features = document["features"] if document["type"] == "FeatureCollection" else [document]
        shapes = [shape(feature["geometry"]) for feature in features if feature.get("geometry")]
        self._parts: list[BaseGeometry] = [part for whole in shapes for part in getattr(whole, "geoms", [whole])]
        self._tree = STRtree(self._parts)

    def within(self, area: Box) -> list[BaseGeometry]:
        """What lies in the box, cut at its edges."""
        frame = box(*area)
        return [self._parts[index].intersection(frame) for index in self._tree.query(frame)]


def extent(places: Iterable[Place], least_km: float = 6.0, around: float = 0.15) -> Box | None:
    """The box around all places that have a position, with a margin; None where none has one."""
    spots = [(p.longitude, p.latitude) for p in places if p.longitude is not None and p.latitude is not None]
    if not spots:
        return None
    west, east = min(x for x, _ in spots), max(x for x, _ in spots)
    south, north = min(y for _, y in spots), max(y for _, y in spots)
    middle = math.cos(math.radians((south + north) / 2))
    half_x = max((east - west) / 2 * (1 + around * 2), least_km / 2 / 111.3 / middle)
    half_y = max((north - south) / 2 * (1 + around * 2), least_km / 2 / 111.3)
    x, y = (west + east) / 2, (south + north) / 2
    return x - half_x, y - half_y, x + half_x, y + half_y


def draw(
    places: Sequence[Place],
    land: Land,
    *,
    width: float = 680,
    height: float = 420,
    outlines: Mapping[str, Any] | None = None,
    names: Sequence[tuple[str, float, float]] = (),
    area: Box | None = None,
) -> Overview:
    """The overview of these places. `outlines` is GeoJSON of ours (districts, hazard areas), `names` are (name, lon, lat)."""
    west, south, east, north = area or extent(places) or (130.8, 33.7, 132.4, 34.8)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(width / ((east - west) * squeeze), height / (north - south))
    middle_x, middle_y = (west + east) / 2, (south + north) / 2

    def project(longitude: float, latitude: float) -> tuple[float, float]:
        return width / 2 + (longitude - middle_x) * squeeze * scale, height / 2 - (latitude - middle_y) * scale

    half_x, half_y = width / 2 / scale / squeeze, height / 2 / scale
    shown = (middle_x - half_x, middle_y - half_y, middle_x + half_x, middle_y + half_y)
    beyond = (2 * shown[0] - middle_x, 2 * shown[1] - middle_y, 2 * shown[2] - middle_x, 2 * shown[3] - middle_y)
    ground = _path(land.within(beyond), project)
    lines = _path(Land(outlines).within(shown), project) if outlines else ""
    points = tuple(
        (place, *project(place.longitude, place.latitude))
        for place in places
        if place.longitude is not None and place.latitude is not None
    )
    inside = [(name, *project(x, y)) for name, x, y in names if shown[0] < x < shown[2] and shown[1] < y < shown[3]]
    written = _free_names(inside, [(x, y) for _, x, y in points])
    length_km = next(km for km in (200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0) if km / 111.3 * scale <= width * 0.25)
    label = f"{length_km:g} km" if length_km >= 1 else f"{length_km * 1000:g} m"
    return Overview(width, height, ground, lines, points, written, length_km / 111.3 * scale, label)


def _free_names(
    names: Iterable[tuple[str, float, float]], taken: Sequence[tuple[float, float]], size: float = 16
) -> tuple[tuple[str, float, float], ...]:
    """Each name at its spot, or above or below it where a point or another name stands; left out where all is taken."""
    boxes = [(x - 9, y - 9, x + 9, y + 9) for x, y in taken]
    placed: list[tuple[str, float, float]] = []
    for name, x, y in names:
        half = text_width(name, size) / 2
        for shift in (0.0, size * 1.6, -size * 1.2, size * 2.8, -size * 2.4):
            mine = (x - half, y + shift - size * 0.85, x + half, y + shift + size * 0.25)
            if not any(mine[0] < b[2] and b[0] < mine[2] and mine[1] < b[3] and b[1] < mine[3] for b in boxes):
                boxes.append(mine)
                placed.append((name, x, y + shift))
                break
    return tuple(placed)


def _path(shapes: Iterable[BaseGeometry], project: Any) -> str:
    pieces: list[str] = []
    for whole in shapes:
        for part in getattr(whole, "geoms", [whole]):
            if part.is_empty:  # its box met the frame, it did not
                continue
            if part.geom_type == "Polygon":
                rings = [part.exterior, *part.interiors]
            elif part.geom_type in {"LineString", "LinearRing"}:
                rings = [part]
            else:
                continue
            for ring in rings:
                if ring.is_empty:  # what is left where an outline only touches the frame
                    continue
                spots = [project(x, y) for x, y, *_ in ring.coords]
                pieces.append("M" + "L".join(f"{fixed(x)} {fixed(y)}" for x, y in spots))
                if part.geom_type == "Polygon":
                    pieces[-1] += "Z"
    return "".join(pieces)


def geojson(places: Iterable[Place]) -> dict[str, Any]:
    """The places that have a position as GeoJSON, for the map script."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": index,
                "geometry": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
                "properties": {
                    "id": place.id,
                    "label": place.label,
                    "kind": place.kind,
                    "text": place.text,
                    "href": place.href,
                },
            }
            for index, place in enumerate(places)
            if place.longitude is not None and place.latitude is not None
        ],
    }
