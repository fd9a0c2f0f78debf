"""How does PostgreSQL find the entities whose geometry may match a geo-query, without PostGIS?

By the cells of the boxes in `entity_geo` (cells.py), then the boxes themselves. A box is the smallest around its geometry, so each relation of geometries follows a relation
of boxes; what only the geometries themselves tell is left to `GeoQuery.matches`. Distances of points from a point are exact.
PostgreSQL's comparisons of boxes allow for 1e-6 degrees (10 cm), to the side of letting through.
"""

from collections.abc import Callable

from kairo.context.query.cells import cover
from kairo.context.query.geo import GeoQuery, Relation
from kairo.context.query.sphere import EARTH_RADIUS_METRES, LEAST_DEGREES, Box

Parameter = Callable[[object], str]

_BOX_OPERATORS = {
    Relation.WITHIN: "<@",
    Relation.CONTAINS: "@>",
    Relation.EQUALS: "~=",
    Relation.INTERSECTS: "&&",
    Relation.OVERLAPS: "&&",
    Relation.NEAR: "&&",
}


def geo_condition(geo: GeoQuery, doc: str, parameter: Parameter) -> str:
    """The entity has the GeoProperty, the asker may read it, and some instance of it may match."""
    attribute = parameter(geo.attribute)
    tests = [f"g.attribute = {attribute}::text"]
    bounds, ranges = geo.bounds(), ""
    if bounds is not None:
        lows, highs = cover(bounds)
        ranges = f"unnest({parameter(lows)}::bigint[], {parameter(highs)}::bigint[]) AS r(low, high)"
        tests.append("g.cell BETWEEN r.low AND r.high")
        operator = _BOX_OPERATORS[geo.relation]
        boxes = " OR ".join(f"g.bounds {operator} {_box(box, parameter)}" for box in bounds)
        tests.append(f"({boxes})")
    if geo.point is not None and geo.metres is not None:
        order = "<=" if geo.closer else ">"
        corner = ("(g.bounds[0])[0]", "(g.bounds[0])[1]")  # of a point's box, which is the point
        distance = f"{distance_metres(*geo.point, *corner, parameter)} {order} {parameter(geo.metres)}::float8"
        tests.append(f"CASE WHEN g.geometry ->> 'type' = 'Point' THEN {distance} ELSE true END")
    if bounds is None:
        found = f"EXISTS (SELECT 1 FROM entity_geo AS g WHERE g.tenant = $1 AND g.entity = e.id AND {' AND '.join(tests)})"
    else:
        # The lateral query is planned by itself, so each range is one look-up in the index; the array is made once.
        near = f"SELECT g.entity FROM entity_geo AS g WHERE g.tenant = $1 AND {' AND '.join(tests)} OFFSET 0"
        found = f"e.id = ANY(ARRAY(SELECT n.entity FROM {ranges} CROSS JOIN LATERAL ({near}) AS n))"
    return f"({doc} ? {attribute}::text AND {found})"


def _box(box: Box, parameter: Parameter) -> str:
    west, south, east, north = (f"{parameter(float(edge))}::float8" for edge in box)
    return f"box(point({west}, {south}), point({east}, {north}))"


def distance_metres(longitude: float, latitude: float, x: str, y: str, parameter: Parameter) -> str:
    """The haversine formula of sphere.py: from a place to the one whose longitude and latitude are the expressions x and y."""
    lon, lat = f"{parameter(longitude)}::float8", f"{parameter(latitude)}::float8"
    return (
        f"2 * {EARTH_RADIUS_METRES}::float8 * asin(least(1, sqrt(power(sin({_angle(f'{y} - {lat}')} / 2), 2)"
        f" + cos({_angle(lat)}) * cos({_angle(y)}) * power(sin({_angle(f'{x} - {lon}')} / 2), 2))))"
    )


def _angle(degrees: str) -> str:
    """The size of an angle in radians. Unlike Python, PostgreSQL raises an error for numbers that become too small."""
    return f"radians(greatest(abs({degrees}), {LEAST_DEGREES}::float8))"
