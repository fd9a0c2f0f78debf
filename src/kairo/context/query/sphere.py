"""How far are two places on the Earth from each other, in metres?

The Earth is a sphere of the mean radius here: within 0.6 % of the ellipsoid, and within 0.3 % in Japan. Points are measured by the
haversine formula (geo_sql.py writes the same in SQL); other geometries on a plane that touches the Earth at one of them
(azimuthal equidistant projection), which is exact from its centre and good to 0.1 % for some 300 km around.
"""

from math import asin, cos, degrees, radians, sin, sqrt
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

EARTH_RADIUS_METRES: Final = 6_371_008.8
LEAST_DEGREES: Final = 1e-12  # a tenth of a micrometre; see geo_sql.py for why nothing is smaller
_SEGMENT_DEGREES: Final = 0.1  # a longer edge is divided: GeoJSON's edges are straight on the map, not on the plane


def distance_metres(longitude: float, latitude: float, other_longitude: float, other_latitude: float) -> float:
    """The great-circle distance of two points."""
    half_chord = (
        sin(_angle(other_latitude - latitude) / 2) ** 2
        + cos(_angle(latitude)) * cos(_angle(other_latitude)) * sin(_angle(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_METRES * asin(min(1.0, sqrt(half_chord)))


def _angle(size_degrees: float) -> float:
    return radians(max(abs(size_degrees), LEAST_DEGREES))


def shape_distance_metres(one: BaseGeometry, other: BaseGeometry) -> float:
    """The distance of two geometries of any kind; 0 if they meet."""
    if one.geom_type == other.geom_type == "Point":
        return distance_metres(one.x, one.y, other.x, other.y)
    centre = one if one.geom_type == "Point" else other if other.geom_type == "Point" else one.centroid
    return float(_on_plane(one, centre.x, centre.y).distance(_on_plane(other, centre.x, centre.y)))


def _on_plane(shape: BaseGeometry, longitude: float, latitude: float) -> BaseGeometry:
    """The geometry in metres east and north of a centre."""
    west, south, east, north = shape.bounds
    if max(east - west, north - south) > _SEGMENT_DEGREES:
        # Coarser for what spans much of the Earth, so that the number of points stays bounded.
        shape = shapely.segmentize(shape, max(_SEGMENT_DEGREES, shape.length / 5000))
    sin_centre, cos_centre = sin(radians(latitude)), cos(radians(latitude))

    def project(positions: NDArray[Any]) -> NDArray[Any]:
        east_of = np.radians(positions[:, 0] - longitude)
        north_of = np.radians(positions[:, 1])
        sin_north, cos_north, cos_east = np.sin(north_of), np.cos(north_of), np.cos(east_of)
        angle = np.arccos(np.clip(sin_centre * sin_north + cos_centre * cos_north * cos_east, -1.0, 1.0))
        sin_angle = np.sin(angle)
        near = sin_angle < 1e-12
        scale = EARTH_RADIUS_METRES * np.where(near, 1.0, angle / np.where(near, 1.0, sin_angle))
        x = scale * cos_north * np.sin(east_of)
        y = scale * (cos_centre * sin_north - sin_centre * cos_north * cos_east)
        return np.column_stack((x, y))

    return shapely.transform(shapely.force_2d(shape), project)


Box = tuple[float, float, float, float]
"""West, south, east, north, in degrees."""


def boxes_within_metres(bounds: Box, metres: float) -> tuple[Box, ...]:
    """Boxes that hold everything within a distance of a box; two if they cross the 180th meridian."""
    west, south, east, north = bounds
    angle = metres / EARTH_RADIUS_METRES * 1.001 + 1e-9  # a little more: rounding must not lose what lies on the rim
    south, north = south - degrees(angle), north + degrees(angle)
    if south <= -90 or north >= 90:
        return ((-180.0, max(south, -90.0), 180.0, min(north, 90.0)),)
    # Of all circles around the box, those nearest a pole are widest in degrees.
    steepest = max(abs(bounds[1]), abs(bounds[3]))
    wide = degrees(asin(min(1.0, sin(angle) / cos(radians(steepest)))))
    west, east = west - wide, east + wide
    if east - west >= 360:
        return ((-180.0, south, 180.0, north),)
    if west < -180:
        return ((west + 360, south, 180.0, north), (-180.0, south, east, north))
    if east > 180:
        return ((west, south, 180.0, north), (-180.0, south, east - 360, north))
    return ((west, south, east, north),)
