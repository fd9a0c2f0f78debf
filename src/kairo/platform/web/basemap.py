"""What lies under every map without any internet? Natural Earth's coasts and borders (world-atlas), cut to western Japan."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shapely import make_valid
from shapely.geometry import MultiPolygon, Polygon, box, mapping, shape
from shapely.geometry.base import BaseGeometry

WESTERN_JAPAN = (127.5, 31.5, 136.5, 37.5)
_JAPAN = "392"


def topology_features(topology: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The polygons of one object of a TopoJSON document as (id, GeoJSON geometry)."""
    scale = topology["transform"]["scale"]
    shift = topology["transform"]["translate"]
    arcs: list[list[tuple[float, float]]] = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * scale[0] + shift[0], y * scale[1] + shift[1]))
        arcs.append(points)

    def ring(indices: list[int]) -> list[tuple[float, float]]:
        joined: list[tuple[float, float]] = []
        for index in indices:
            points = arcs[index] if index >= 0 else arcs[~index][::-1]
            joined += points if not joined else points[1:]
        return joined

    def geometries(thing: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        if thing["type"] == "GeometryCollection":
            for inner in thing["geometries"]:
                yield from geometries(inner)
        elif thing["type"] == "Polygon":
            yield str(thing.get("id", "")), {"type": "Polygon", "coordinates": [ring(part) for part in thing["arcs"]]}
        elif thing["type"] == "MultiPolygon":
            polygons = [[ring(part) for part in polygon] for polygon in thing["arcs"]]
            yield str(thing.get("id", "")), {"type": "MultiPolygon", "coordinates": polygons}

    yield from geometries(topology["objects"][name])


def base_map(countries: Path) -> dict[str, Any]:
    """Land within western Japan as GeoJSON: one feature for Japan, one for its neighbours' coasts."""
    frame = box(*WESTERN_JAPAN)
    kept: dict[str, list[Polygon]] = {"japan": [], "neighbour": []}
    for code, geometry in topology_features(json.loads(countries.read_bytes()), "countries"):
        whole = _near(geometry, frame)
        if whole is None:
            continue
        cut = make_valid(whole).intersection(frame)
        kept["japan" if code == _JAPAN else "neighbour"] += [
            part for part in getattr(cut, "geoms", [cut]) if isinstance(part, Polygon) and part.area > 1e-5
        ]
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"kind": kind}, "geometry": _rounded(MultiPolygon(parts))}
            for kind, parts in kept.items()
            if parts
        ],
    }


def _near(geometry: dict[str, Any], frame: BaseGeometry) -> BaseGeometry | None:
    """Only the polygons whose box meets the frame, so that rings around the date line need not be mended."""
    coordinates = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    near = [rings for rings in coordinates if shape({"type": "LineString", "coordinates": rings[0]}).envelope.intersects(frame)]
    return shape({"type": "MultiPolygon", "coordinates": near}) if near else None


def _rounded(geometry: BaseGeometry) -> dict[str, Any]:
    def rounded(value: Any) -> Any:
        return round(value, 4) if isinstance(value, float) else [rounded(each) for each in value]

    found = mapping(geometry)
    return {"type": found["type"], "coordinates": rounded(found["coordinates"])}
