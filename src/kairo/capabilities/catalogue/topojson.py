"""Which geometries does a TopoJSON topology hold? Its arcs decoded (delta-encoded where it has a transform) to GeoJSON."""

from collections.abc import Iterator, Mapping
from typing import Any

Position = list[float]
DECIMALS = 7  # a centimetre


def features(topology: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any], dict[str, Any] | None, str]]:
    """Name of the object, properties, geometry, and what is wrong where there is none."""
    arcs = _decoded_arcs(topology)
    for name, whole in topology["objects"].items():
        members = whole.get("geometries", []) if whole.get("type") == "GeometryCollection" else [whole]
        for member in members:
            if not isinstance(member, dict):
                yield name, {}, None, "not an object"
                continue
            properties = member.get("properties") or {}
            try:
                yield name, properties, _geometry(member, arcs, topology.get("transform")), ""
            except (IndexError, KeyError, TypeError, ValueError) as fault:
                yield name, properties, None, f"its arcs do not fit ({type(fault).__name__})"


def _decoded_arcs(topology: Mapping[str, Any]) -> list[list[Position]]:
    transform = topology.get("transform")
    if transform is None:
        return [[[float(x), float(y)] for x, y, *_ in arc] for arc in topology["arcs"]]
    decoded = []
    for arc in topology["arcs"]:
        x = y = 0
        positions = []
        for step_x, step_y, *_ in arc:
            x, y = x + step_x, y + step_y
            positions.append(_scaled([x, y], transform))
        decoded.append(positions)
    return decoded


def _scaled(position: list[Any], transform: Mapping[str, Any] | None) -> Position:
    if transform is None:
        return [float(part) for part in position[:2]]
    pairs = zip(position, transform["scale"], transform["translate"], strict=False)
    return [round(part * scale + translate, DECIMALS) for part, scale, translate in pairs]


def _line(indexes: list[int], arcs: list[list[Position]]) -> list[Position]:
    """Arcs joined end to start; a negative index is the arc `~index` backwards."""
    joined: list[Position] = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        joined.extend(arc[1:] if joined else arc)
    return joined


def _geometry(
    member: Mapping[str, Any], arcs: list[list[Position]], transform: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    kind = member.get("type")
    match kind:
        case None:
            return None
        case "Point":
            coordinates: Any = _scaled(member["coordinates"], transform)
        case "MultiPoint":
            coordinates = [_scaled(position, transform) for position in member["coordinates"]]
        case "LineString":
            coordinates = _line(member["arcs"], arcs)
        case "MultiLineString" | "Polygon":
            coordinates = [_line(indexes, arcs) for indexes in member["arcs"]]
        case "MultiPolygon":
            coordinates = [[_line(indexes, arcs) for indexes in rings] for rings in member["arcs"]]
        case _:
            raise ValueError(f"no geometry of TopoJSON: {kind}")
    return {"type": kind, "coordinates": coordinates}
