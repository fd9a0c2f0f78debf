"""Does the Geoquery Language (CIM 009 4.10) find what lies so, in memory and with PostgreSQL's help?"""

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.context.query import EntityQuery, Relation, parse_geo_query
from kairo.context.query.geo_coordinates import REFERENCE_TYPES
from kairo.errors import BadRequestData, TooComplexQuery
from tests.context.query.conftest import SmallContext

STATION = [131.4734, 34.1721]  # Shin-Yamaguchi is 20 km away, Yamaguchi station here
SQUARE = [[[131.4, 34.1], [131.5, 34.1], [131.5, 34.2], [131.4, 34.2], [131.4, 34.1]]]


def ask(terms, georel, geometry="Point", coordinates=STATION, geoproperty=None):
    return parse_geo_query(georel, geometry, json.dumps(coordinates), geoproperty, terms)


def point(longitude, latitude):
    return {"type": "Point", "coordinates": [longitude, latitude]}


def polygon(west, south, east, north):
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


INSIDE, OUTSIDE, RIM = point(131.45, 34.15), point(131.6, 34.15), point(131.4, 34.15)
SMALL, LARGE, ACROSS, FAR = (
    polygon(131.42, 34.12, 131.44, 34.14),
    polygon(131, 34, 132, 35),
    polygon(131.45, 34.15, 131.6, 34.3),
    polygon(132, 35, 133, 36),
)
LINE = {"type": "LineString", "coordinates": [[131.3, 34.15], [131.6, 34.15]]}
COLLECTION = {"type": "GeometryCollection", "geometries": [INSIDE, SMALL]}
SAME = {
    "type": "Polygon",
    "coordinates": [[[131.5, 34.2], [131.4, 34.2], [131.4, 34.1], [131.45, 34.1], [131.5, 34.1], [131.5, 34.2]]],
}

RELATIONS = [
    ("within", [INSIDE, SMALL, COLLECTION, SAME], [OUTSIDE, RIM, LARGE, ACROSS, FAR, LINE]),
    ("contains", [LARGE, SAME], [INSIDE, SMALL, ACROSS, FAR, LINE, COLLECTION]),
    ("intersects", [INSIDE, RIM, SMALL, LARGE, ACROSS, LINE, COLLECTION, SAME], [OUTSIDE, FAR]),
    ("disjoint", [OUTSIDE, FAR], [INSIDE, RIM, SMALL, LARGE, ACROSS, LINE, COLLECTION, SAME]),
    ("overlaps", [ACROSS], [INSIDE, RIM, SMALL, LARGE, FAR, LINE, SAME]),
    ("equals", [SAME], [INSIDE, SMALL, LARGE, ACROSS, FAR, LINE]),
    ("near;maxDistance==1000", [INSIDE, RIM, SMALL, LARGE, ACROSS, LINE, COLLECTION], [OUTSIDE, FAR]),
    ("near;minDistance==1000", [OUTSIDE, FAR], [INSIDE, RIM, SMALL, LARGE, ACROSS, LINE]),
]
HITS = [(georel, shape) for georel, hits, _ in RELATIONS for shape in hits]
MISSES = [(georel, shape) for georel, _, misses in RELATIONS for shape in misses]


def box_of(shape):
    from shapely.geometry import shape as shape_of

    return shape_of(shape).bounds


def entity(shape):
    return {"id": "urn:x:1", "location": {"type": "GeoProperty", "value": shape}}


@pytest.mark.parametrize(("georel", "shape"), HITS)
def test_it_stands_so(terms, georel, shape):
    assert ask(terms, georel, "Polygon", SQUARE).matches(shape)


@pytest.mark.parametrize(("georel", "shape"), MISSES)
def test_it_does_not_stand_so(terms, georel, shape):
    assert not ask(terms, georel, "Polygon", SQUARE).matches(shape)


@pytest.mark.parametrize(("georel", "shape"), HITS)
def test_sql_lets_every_match_through(terms, trial, georel, shape):
    trial.put_geometries({"urn:x:1": (shape, box_of(shape))})
    assert trial.holds(EntityQuery(geo=ask(terms, georel, "Polygon", SQUARE)), entity(shape))


def test_sql_keeps_most_others_out(terms, trial):
    trial.put_geometries({"urn:x:1": (FAR, box_of(FAR))})
    assert not trial.holds(EntityQuery(geo=ask(terms, "within", "Polygon", SQUARE)), entity(FAR))


def test_an_entity_without_the_geoproperty_never_matches(terms, trial):
    trial.put_geometries({})
    query = EntityQuery(geo=ask(terms, "disjoint", "Polygon", SQUARE))
    assert not trial.holds(query, {"id": "urn:x:1"})
    assert query.geo is not None
    assert not query.geo.matches_entity({"id": "urn:x:1"})


def test_a_withheld_geoproperty_is_not_found(terms, trial):
    trial.put_geometries({"urn:x:1": (INSIDE, box_of(INSIDE))})
    query = EntityQuery(geo=ask(terms, "within", "Polygon", SQUARE))
    assert not trial.holds(query, entity(INSIDE), withheld=["location"])


def test_another_geoproperty_is_asked_by_its_stored_name(terms):
    assert ask(terms, "within", geoproperty="Building").attribute == "https://example.org/Building"


def test_any_instance_is_enough(terms):
    doc = {
        "location": [
            {"type": "GeoProperty", "value": OUTSIDE},
            {"type": "GeoProperty", "value": INSIDE, "datasetId": "urn:x:b"},
        ]
    }
    assert ask(terms, "within", "Polygon", SQUARE).matches_entity(doc)


def test_a_property_with_coordinates_is_no_geoproperty(terms):
    assert not ask(terms, "within", "Polygon", SQUARE).matches_entity({"location": {"type": "Property", "value": INSIDE}})


@pytest.mark.parametrize(
    "shape", [None, 1, {}, {"type": "Point"}, {"type": "Point", "coordinates": ["a", 1]}, {"type": "Q", "coordinates": []}]
)
@pytest.mark.parametrize("georel", ["within", "near;maxDistance==5", "near;minDistance==5", "disjoint"])
def test_what_is_no_geometry_does_not_match(terms, georel, shape):
    assert not ask(terms, georel, "Polygon", SQUARE).matches(shape)


def test_a_stored_geometry_that_crosses_itself_breaks_nothing(terms):
    bow = {"type": "Polygon", "coordinates": [[[131, 34], [132, 35], [132, 34], [131, 35], [131, 34]]]}
    assert ask(terms, "intersects", "Polygon", SQUARE).matches(bow) in (True, False)


@pytest.mark.parametrize("geometry", REFERENCE_TYPES)
def test_every_geometry_can_be_a_reference(terms, geometry):
    coordinates = json.loads(REFERENCE_TYPES[geometry][1])
    assert ask(terms, "intersects", geometry, coordinates).matches({"type": geometry, "coordinates": coordinates})


@pytest.mark.parametrize("metres", [111_000, 111_400])
def test_distances_are_those_of_the_earth(terms, metres):
    one_degree_north = point(STATION[0], STATION[1] + 1)  # 111,195 m on the mean sphere
    assert ask(terms, f"near;maxDistance=={metres}").matches(one_degree_north) is (metres > 111_195)


def test_the_180th_meridian_is_no_border(terms, trial):
    query = EntityQuery(geo=ask(terms, "near;maxDistance==50000", "Point", [179.9, 52.0]))
    there = point(-179.9, 52.0)  # 13.7 km
    trial.put_geometries({"urn:x:1": (there, box_of(there))})
    assert trial.holds(query, entity(there))
    assert query.geo is not None
    assert query.geo.matches(there)


def test_a_post_sends_coordinates_as_arrays(terms):
    found = parse_geo_query("near;maxDistance==1", "Point", STATION, None, terms)
    assert found is not None
    assert (found.relation, found.metres, found.closer, found.point) == (Relation.NEAR, 1.0, True, tuple(STATION))


def test_a_geoproperty_alone_asks_nothing(terms):
    assert parse_geo_query(None, None, None, "location", terms) is None


@pytest.mark.parametrize("missing", range(3))
def test_the_three_parameters_come_together(terms, missing):
    given_ones = [None if part == missing else text for part, text in enumerate(("within", "Point", "[1,2]"))]
    with pytest.raises(BadRequestData):
        parse_geo_query(given_ones[0], given_ones[1], given_ones[2], None, terms)


@pytest.mark.parametrize(
    "georel",
    [
        "",
        "nearby",
        "near",
        "near;",
        "near;maxDistance",
        "near;maxDistance=5",
        "near;maxDistance==0",
        "near;maxDistance==-5",
        "near;maxDistance==NaN",
        "near;maxDistance==1e999",
        "near;maxDistance==",
        "near;distance==5",
        "within;maxDistance==5",
        "within x",
        "near;maxDistance==5;minDistance==1",
    ],
)
def test_a_malformed_georel_is_refused(terms, georel):
    with pytest.raises(BadRequestData):
        ask(terms, georel)


@pytest.mark.parametrize(
    ("geometry", "coordinates"),
    [
        ("Point", "["),
        ("Point", "{}"),
        ("Point", "[1]"),
        ("Point", "[1,2,3,4,5]"),
        ("Point", '["1",2]'),
        ("Point", "[true,2]"),
        ("Point", "[NaN,2]"),
        ("Point", "[1e999,2]"),
        ("Point", f"[{'9' * 400},2]"),
        ("Point", "[[1,2]]"),
        ("Point", "[181,0]"),
        ("MultiPoint", "[]"),
        ("LineString", "[[1,2]]"),
        ("Polygon", "[[[0,0],[1,0],[1,1]]]"),
        ("Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]"),
        ("Polygon", "[[[0,0],[1,1],[1,0],[0,1],[0,0]]]"),
        ("Polygon", "[" * 3000),
        ("GeometryCollection", "[]"),
        ("point", "[1,2]"),
    ],
)
def test_malformed_coordinates_are_refused(terms, geometry, coordinates):
    with pytest.raises(BadRequestData):
        parse_geo_query("within", geometry, coordinates, None, terms)


def test_a_crossing_is_explained(terms):
    with pytest.raises(BadRequestData, match="Self-intersection"):
        ask(terms, "within", "Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]])


def test_swapped_coordinates_are_recognised(terms):
    with pytest.raises(BadRequestData, match=r"swapped, it would be \[131.47,34.18\]"):
        ask(terms, "within", "Point", [34.18, 131.47])


def test_coordinates_have_a_limit(terms):
    with pytest.raises(TooComplexQuery):
        ask(terms, "within", "MultiPoint", [[1, 2]] * 10_001)


places = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@settings(max_examples=150, deadline=None)
@given(places, places, st.floats(1, 2e7), st.sampled_from(["max", "min"]))
def test_points_near_a_point_are_found_by_sql_alone(trial, here, there, metres, order):
    geo = parse_geo_query(f"near;{order}Distance=={metres:.3f}", "Point", list(here), None, SmallContext())
    assert geo is not None
    assert geo.metres is not None
    target = point(*there)
    trial.put_geometries({"urn:x:1": (target, (*there, *there))})
    assert trial.holds(EntityQuery(geo=geo), entity(target)) is geo.matches(target)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.floats(-179, 178), st.floats(-80, 79)), st.tuples(st.floats(-1, 1), st.floats(-1, 1)), st.floats(1, 200_000)
)
def test_boxes_lose_no_shape_that_is_near(trial, corner, offset, metres):
    west, south = corner
    geo = parse_geo_query(
        f"near;maxDistance=={metres:.3f}", "LineString", [[west, south], [west + 0.5, south + 0.5]], None, SmallContext()
    )
    assert geo is not None
    x, y = west + offset[0], south + offset[1]
    target = polygon(x, y, x + 0.3, y + 0.2)
    if geo.matches(target):
        trial.put_geometries({"urn:x:1": (target, box_of(target))})
        assert trial.holds(EntityQuery(geo=geo), entity(target))


def test_the_plane_measures_as_the_sphere_does(terms):
    """A tiny square instead of a point changes a distance of 50 km by no more than its own size."""
    there = polygon(STATION[0] + 0.5, STATION[1] + 0.1, STATION[0] + 0.5000001, STATION[1] + 0.1000001)
    half_chord = (
        math.sin(math.radians(0.05)) ** 2
        + math.cos(math.radians(STATION[1])) * math.cos(math.radians(STATION[1] + 0.1)) * math.sin(math.radians(0.25)) ** 2
    )
    metres = 2 * 6_371_008.8 * math.asin(math.sqrt(half_chord))
    assert ask(terms, f"near;maxDistance=={metres + 1:.3f}").matches(there)
    assert not ask(terms, f"near;maxDistance=={metres - 1:.3f}").matches(there)
