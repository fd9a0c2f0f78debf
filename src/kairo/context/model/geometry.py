"""Is this a GeoJSON geometry that can be indexed and drawn, and which box holds it? (CIM 009 4.7, RFC 7946)"""

from math import isfinite
from typing import Any

import orjson
from shapely import Polygon, is_valid_reason  # type: ignore[import-untyped, unused-ignore]

from kairo.context.model.faults import Fault

Box = tuple[float, float, float, float]

GEOMETRIES = frozenset(("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"))
MAX_POSITIONS = 100_000
_SHAPES = "a GeoJSON geometry: Point, MultiPoint, LineString, MultiLineString, Polygon or MultiPolygon with coordinates"
_SHAPES_JA = "GeoJSONの図形（Point、MultiPoint、LineString、MultiLineString、Polygon、MultiPolygon）"


def is_geometry(value: Any) -> bool:
    """Whether a value means to be a geometry, so that a concise attribute is a GeoProperty (4.7.3)."""
    if type(value) is not dict or ("coordinates" not in value and "geometries" not in value):
        return False
    name = value.get("type")
    return type(name) is str and (name in GEOMETRIES or name == "GeometryCollection")


def check_geometry(value: Any) -> dict[str, Any]:
    """The geometry, checked. One that is written as a JSON string (4.7.2) becomes an object."""
    if type(value) is str:
        value = _from_text(value)
    if type(value) is not dict:
        raise Fault(_SHAPES, _SHAPES_JA, value)
    name = value.get("type")
    check = _CHECKS.get(name) if type(name) is str else None
    if check is None:
        raise Fault(_SHAPES, _SHAPES_JA, name).at("type")
    if "coordinates" not in value:
        raise Fault(f"coordinates of the {name}", f"{name} の coordinates", value)
    try:
        check(value["coordinates"])
    except Fault as fault:
        raise fault.at("coordinates") from None
    return value


def _from_text(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Fault(_SHAPES, _SHAPES_JA, text) from None


def _position(value: Any) -> None:
    """[longitude, latitude] or [longitude, latitude, altitude]."""
    if type(value) is not list or not 2 <= len(value) <= 3:
        raise Fault("a position [longitude, latitude]", "位置［経度, 緯度］", value)
    for number in value:
        if type(number) is not float and (type(number) is not int or abs(number) > 2**53):
            raise Fault("numbers for longitude and latitude", "経度・緯度の数値", number)
        if not isfinite(number):
            raise Fault("finite numbers", "有限の数値", str(number))
    longitude, latitude = value[0], value[1]
    if -180 <= longitude <= 180 and -90 <= latitude <= 90:
        return
    if -90 <= longitude <= 90 and -180 <= latitude <= 180:
        raise Fault(
            f"longitude before latitude: these look swapped, write [{latitude}, {longitude}]",
            f"経度・緯度の順の位置（逆のようです。［{latitude}, {longitude}］）",
            f"[{longitude}, {latitude}]",
        )
    raise Fault(
        "a longitude from -180 to 180 and a latitude from -90 to 90 (WGS 84 degrees)",
        "−180〜180の経度と−90〜90の緯度（度）",
        f"[{longitude}, {latitude}]",
    )


def _many(value: Any, least: int, check: Any, what: str, what_ja: str) -> None:
    if type(value) is not list or not least <= len(value) <= MAX_POSITIONS:
        raise Fault(f"an array of at least {least} {what}", f"{least}個以上の{what_ja}の配列", value)
    for index, item in enumerate(value):
        try:
            check(item)
        except Fault as fault:
            raise fault.at(index) from None


def _points(value: Any) -> None:
    _many(value, 1, _position, "positions", "位置")


def _line(value: Any) -> None:
    _many(value, 2, _position, "positions", "位置")


def _lines(value: Any) -> None:
    _many(value, 1, _line, "lines", "線")


def _ring(value: Any) -> None:
    _many(value, 4, _position, "positions (a ring)", "位置（環）")
    if value[0] != value[-1]:
        raise Fault("a closed ring: the last position equals the first", "始点と終点が同じ、閉じた環", value)


def _polygon(value: Any) -> None:
    _many(value, 1, _ring, "rings", "環")
    shell, *holes = ([(position[0], position[1]) for position in ring] for ring in value)
    reason = is_valid_reason(Polygon(shell, holes))
    if reason != "Valid Geometry":
        raise Fault(
            f"a polygon whose rings do not cross or touch themselves or each other ({reason})",
            f"自己交差しない多角形（{reason}）",
            value,
        )


def _polygons(value: Any) -> None:
    _many(value, 1, _polygon, "polygons", "多角形")


_CHECKS = {
    "Point": _position,
    "MultiPoint": _points,
    "LineString": _line,
    "MultiLineString": _lines,
    "Polygon": _polygon,
    "MultiPolygon": _polygons,
}


def box_of(geometry: dict[str, Any]) -> Box:
    """The bounding box (west, south, east, north) of a checked geometry."""
    coordinates = geometry["coordinates"]
    if geometry["type"] == "Point":
        return (coordinates[0], coordinates[1], coordinates[0], coordinates[1])
    positions = list(_positions(coordinates))
    east_west = [position[0] for position in positions]
    north_south = [position[1] for position in positions]
    return (min(east_west), min(north_south), max(east_west), max(north_south))


def _positions(coordinates: list[Any]) -> list[list[float]]:
    """All positions below a coordinates array."""
    if type(coordinates[0]) is not list:
        return [coordinates]
    return [position for part in coordinates for position in _positions(part)]
