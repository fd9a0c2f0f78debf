"""Are entities and fragments read as CIM 009 says, and refused with place and reason?"""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape  # type: ignore[import-untyped, unused-ignore]

from kairo.context.model.names import NULL
from kairo.context.model.parse import (
    Purpose,
    parse_attributes,
    parse_entity,
    parse_id,
    parse_instance,
    parse_language,
    parse_time,
)
from kairo.context.model.stored import Stored, is_deletion
from kairo.errors import BadRequestData, KairoError
from tests.context.model.model_samples import CORE, Terms, any_json

ID = "urn:ngsi-ld:Shelter:1"
POINT = {"type": "Point", "coordinates": [131.47, 34.18]}
A = "urn:ngsi-ld:Dataset:a"


def read(raw: Any, terms: Any = CORE) -> Stored:
    return parse_entity({"id": ID, "type": "Shelter", "x": raw}, terms).attributes["x"]


def refusal(payload: Any, purpose: Purpose | None = None) -> BadRequestData:
    with pytest.raises(BadRequestData) as caught:
        parse_entity(payload, CORE) if purpose is None else parse_attributes(payload, CORE, purpose)
    assert caught.value.detail_ja
    return caught.value


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (5, {"type": "Property", "value": 5}),
        (False, {"type": "Property", "value": False}),
        ("<b>\"';=()", {"type": "Property", "value": "<b>\"';=()"}),
        ([1, 2], {"type": "Property", "value": [1, 2]}),
        ([], {"type": "Property", "value": []}),
        ({"street": "x"}, {"type": "Property", "value": {"street": "x"}}),
        ({"value": 5, "unitCode": "CEL"}, {"type": "Property", "value": 5, "unitCode": "CEL"}),
        (POINT, {"type": "GeoProperty", "value": POINT}),
        ({"value": POINT}, {"type": "GeoProperty", "value": POINT}),
        ({"type": "Property", "value": POINT}, {"type": "Property", "value": POINT}),
        ({"object": "urn:a:b"}, {"type": "Relationship", "object": "urn:a:b"}),
        ({"object": ["urn:a:b", "urn:a:c"]}, {"type": "Relationship", "object": ["urn:a:b", "urn:a:c"]}),
        ({"languageMap": {"ja": "あ"}}, {"type": "LanguageProperty", "languageMap": {"ja": "あ"}}),
        ({"vocab": "open"}, {"type": "VocabProperty", "vocab": "open"}),
        ({"json": {"a": None}}, {"type": "JsonProperty", "json": {"a": None}}),
        ({"valueList": [1, "a"]}, {"type": "ListProperty", "valueList": [1, "a"]}),
        ({"objectList": ["urn:a:b"]}, {"type": "ListRelationship", "objectList": [{"object": "urn:a:b"}]}),
        (
            {"type": "GeoProperty", "value": '{"type":"Point","coordinates":[1,2]}'},
            {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1, 2]}},
        ),
        (
            {"type": "https://uri.etsi.org/ngsi-ld/Property", "value": 1, "createdAt": "never", "previousValue": 2},
            {"type": "Property", "value": 1},
        ),
        (
            {"value": 1, "observedAt": "2026-04-01T09:00:00,5+09:00"},
            {"type": "Property", "value": 1, "observedAt": "2026-04-01T00:00:00.500000Z"},
        ),
        ({"value": 1, "by": {"object": "urn:a:b", "deep": 3}},
         {"type": "Property", "value": 1, "by": {"type": "Relationship", "object": "urn:a:b",
                                                   "deep": {"type": "Property", "value": 3}}}),
        ({"@type": "DateTime", "@value": "2026-04-01T09:00:00+09:00"},
         {"type": "Property", "value": {"@type": "DateTime", "@value": "2026-04-01T00:00:00Z"}}),
        ({"@type": "@json", "@value": None}, {"type": "Property", "value": {"@type": "@json", "@value": None}}),
        ([{"value": 2, "datasetId": A}, {"value": 1, "datasetId": "@none"}],
         [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": A}]),
        ([{"value": 2, "datasetId": A}], {"type": "Property", "value": 2, "datasetId": A}),
    ],
)  # fmt: skip
def test_every_kind(raw: Any, stored: Stored) -> None:
    assert read(raw) == stored


@pytest.mark.parametrize(
    ("raw", "path", "says"),
    [
        (None, "/x", "null"),
        (NULL, "/x", "5.5.4"),
        ({"type": "Property", "value": NULL}, "/x/value", "5.5.4"),
        ({"type": "Relationship", "object": NULL}, "/x/object", "URI"),
        ({"languageMap": {"@none": NULL}}, "/x/languageMap/@none", "5.5.4"),
        ({"type": "Property", "value": {"a": {"b": NULL}}}, "/x/value/a/b", "5.5.4"),
        ({"type": "Property", "value": {"a": [1, None]}}, "/x/value/a/1", "null"),
        ({"type": "Property", "value": 1, "s": {"value": NULL}}, "/x/s/value", "5.5.4"),
        ({"type": "Property"}, "/x", "value"),
        ({"type": "Nonsense", "value": 1}, "/x/type", "kind of attribute"),
        ({"type": NULL, "value": 1}, "/x/type", "kind of attribute"),
        ({"type": "Relationship", "object": "not a uri"}, "/x/object", "URI"),
        ({"type": "Relationship", "object": "urn:a:b", "value": 1}, "/x/value", "no such member"),
        ({"type": "Relationship", "object": "urn:a:b", "unitCode": "X"}, "/x/unitCode", "no such member"),
        ({"value": 1, "object": "urn:a:b"}, "/x/object", "no such member"),
        ({"observedAt": "2026-04-01T00:00:00Z"}, "/x", "value"),
        ({"value": 1, "observedAt": "2026-04-01"}, "/x/observedAt", "time with date and zone"),
        ({"value": 1, "observedAt": "2026-04-01T09:00:00"}, "/x/observedAt", "zone"),
        ({"value": 1, "observedAt": "2026-02-30T09:00:00Z"}, "/x/observedAt", "calendar"),
        ({"value": 1, "observedAt": "2026-02-28T09:00:00.1234567Z"}, "/x/observedAt", "six digits"),
        ({"value": 1, "observedAt": NULL}, "/x/observedAt", "time"),
        ({"value": 1, "datasetId": "nope"}, "/x/datasetId", "URI"),
        ({"value": 1, "unitCode": ""}, "/x/unitCode", "text"),
        ({"value": 1, "lang": "ja"}, "/x/lang", "languageMap"),
        ({"value": 1, "@context": {}}, "/x/@context", "no such member"),
        ({"value": {"@context": {}}}, "/x/value/@context", "5.5.7"),
        ({"value": 1, "@type": "Foo"}, "/x/@type", "keyword"),
        ({"value": 1, "my sub": 2}, "/x/my sub", "4.6.2"),
        ({"languageMap": {"": "x"}}, "/x/languageMap/", "language tag"),
        ({"languageMap": {"ja": 5}}, "/x/languageMap/ja", "text"),
        ({"languageMap": {"ja": ["a", 5]}}, "/x/languageMap/ja", "text"),
        ({"languageMap": {}}, "/x/languageMap", "language"),
        ({"valueList": 1}, "/x/valueList", "array"),
        ({"objectList": ["urn:a:b", 3]}, "/x/objectList/1", "URI"),
        ({"vocab": 3}, "/x/vocab", "term"),
        ({"@type": "Date", "@value": "2026-13-01"}, "/x/@value", "date"),
        ([{"value": 1}, {"value": 2}], "/x/1", "datasetId"),
        ([{"value": 1, "datasetId": A}, {"value": 2, "datasetId": A}], "/x/1", "datasetId"),
        ([{"value": 1}, 3], "/x/1", "instance"),
        ({"type": "Point", "coordinates": [34.18, 131.47]}, "/x/value/coordinates", "swapped, write [131.47, 34.18]"),
        ({"type": "Point", "coordinates": [200, 100]}, "/x/value/coordinates", "WGS 84"),
        ({"type": "Point", "coordinates": [True, 1]}, "/x/value/coordinates", "numbers"),
        ({"type": "GeometryCollection", "geometries": []}, "/x/value/type", "GeoJSON"),
        ({"type": "GeoProperty", "value": {"type": "Feature", "geometry": POINT}}, "/x/value/type", "GeoJSON"),
        ({"type": "GeoProperty", "value": {"type": "Point"}}, "/x/value", "coordinates"),
        ({"type": "GeoProperty", "value": "no"}, "/x/value", "GeoJSON"),
        ({"type": "LineString", "coordinates": [[1, 2]]}, "/x/value/coordinates", "at least 2"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1]]]}, "/x/value/coordinates/0", "closed"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}, "/x/value/coordinates",
         "Self-intersection"),
    ],
)  # fmt: skip
def test_attribute_refused_with_place_and_reason(raw: Any, path: str, says: str) -> None:
    error = refusal({"id": ID, "type": "Shelter", "x": raw})
    assert (
        error.members["path"].removesuffix("/coordinates") == path.removesuffix("/coordinates") or error.members["path"] == path
    )
    assert says in error.detail


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ([], ""),
        ({"type": "T"}, "/id"),
        ({"id": ID}, "/type"),
        ({"id": "nope", "type": "T"}, "/id"),
        ({"id": NULL, "type": "T"}, "/id"),
        ({"id": "urn:x:" + "a" * 600, "type": "T"}, "/id"),
        ({"id": ID, "type": []}, "/type"),
        ({"id": ID, "type": ["T", "T"]}, "/type"),
        ({"id": ID, "type": "9T"}, "/type"),
        ({"id": ID, "type": NULL}, "/type"),
        ({"id": ID, "type": "T", "scope": "9bad"}, "/scope"),
        ({"id": ID, "type": "T", "scope": ["/ok", "/a//b"]}, "/scope"),
        ({"id": ID, "type": "T", "scope": NULL}, "/scope"),
        ({"id": ID, "type": "T", "my attr": 1}, "/my attr"),
        ({"id": ID, "type": "T", "a/b": 1}, "/a~1b"),
        ({"id": ID, "type": "T", "@graph": 1}, "/@graph"),
        ({"id": ID, "type": "T", "datasetId": 1}, "/datasetId"),
        ({"id": ID, "type": "T", "https://uri.etsi.org/ngsi-ld/unitCode": 1}, "/https:~1~1uri.etsi.org~1ngsi-ld~1unitCode"),
        ({"id": ID, "type": "T", "expiresAt": "soon"}, "/expiresAt"),
    ],
)
def test_entity_refused(payload: Any, path: str) -> None:
    assert refusal(payload).members["path"] == path


def test_entity() -> None:
    found = parse_entity(
        {
            "id": ID,
            "type": ["B", "A"],
            "scope": ["a/b", "/a/b", "/山口"],
            "createdAt": "x",
            "@context": [],
            "定員": 3,
            "loc": POINT,
        },
        CORE,
    )
    assert (found.id, found.types, found.scopes) == (ID, ("B", "A"), ("/a/b", "/山口"))
    assert found.document() == {
        "id": ID,
        "type": ["B", "A"],
        "scope": ["/a/b", "/山口"],
        "定員": {"type": "Property", "value": 3},
        "loc": {"type": "GeoProperty", "value": POINT},
    }
    assert list(found.geometries()) == [("loc", "@none", POINT, (131.47, 34.18, 131.47, 34.18))]


def test_names_are_expanded(user: Terms) -> None:
    found = parse_entity(
        {"id": ID, "type": "Shelter", "速度": {"value": {"@type": "Shelter"}, "速度": 2}, "state": {"vocab": ["open", "x"]}},
        user,
    )
    iri = "https://example.org/speed"
    assert found.types == ("https://example.org/Shelter",)
    assert found.attributes == {
        iri: {"type": "Property", "value": {"@type": "https://example.org/Shelter"}, iri: {"type": "Property", "value": 2}},
        "state": {"type": "VocabProperty", "vocab": ["https://example.org/open", "x"]},
    }
    with pytest.raises(BadRequestData, match="two terms"):
        parse_entity({"id": ID, "type": "Shelter", "速度": 1, iri: 2}, user)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        ({"type": "PostalAddress", "street": "x"}, {"type": "Property", "value": {"type": "PostalAddress", "street": "x"}}),
        ({"languageMap": {"ja": "あ"}}, {"type": "LanguageProperty", "languageMap": {"ja": "あ"}}),
        ({"vocab": "v"}, {"type": "VocabProperty", "vocab": "v"}),
        ({"json": [1]}, {"type": "JsonProperty", "json": [1]}),
        (POINT, {"type": "GeoProperty", "value": POINT}),
        ({"dataset": {A: 2, "@none": 1}},
         [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": A}]),
    ],
)  # fmt: skip
def test_simplified(raw: Any, stored: Stored) -> None:
    assert parse_entity({"id": ID, "type": "T", "x": raw}, CORE, simplified=True).attributes["x"] == stored


def test_fragments_mark_what_they_remove() -> None:
    for raw in (
        NULL,
        {"type": "Property", "value": NULL},
        {"object": NULL},
        {"languageMap": {"@none": NULL}},
        {"valueList": [NULL]},
    ):
        fragment = parse_attributes({"x": raw}, CORE, Purpose.UPDATE)
        found = fragment.attributes["x"]
        assert isinstance(found, dict)
        assert is_deletion(found)
    some = parse_attributes({"x": [{"value": 1}, {"value": NULL, "datasetId": A}], "scope": NULL}, CORE, Purpose.MERGE)
    assert some.attributes["x"] == [{"type": "Property", "value": 1}, {"type": NULL, "datasetId": A}]
    assert some.scopes == ()
    assert refusal({"x": {"value": {"a": NULL}}}, Purpose.UPDATE).members["path"] == "/x/value/a"
    assert parse_attributes({"x": {"value": {"a": NULL}}}, CORE, Purpose.MERGE).attributes
    assert parse_attributes({"x": {"unitCode": NULL}}, CORE, Purpose.MERGE).attributes["x"] == {"unitCode": NULL}
    assert refusal({"x": {"datasetId": NULL}}, Purpose.PARTIAL).members["path"] == "/x/datasetId"
    assert refusal({"x": {"unitCode": "C"}}, Purpose.UPDATE).members["path"] == "/x"
    with pytest.raises(BadRequestData, match="id of the target"):
        parse_attributes({"id": "urn:a:b", "x": 1}, CORE, Purpose.MERGE, entity_id=ID)
    assert parse_attributes({"x": 1, "y": {"value": 1}}, CORE, Purpose.MERGE).bare == {"x"}


def test_single_attribute_and_id() -> None:
    assert parse_instance("x", {"value": 1, "@context": []}, CORE) == ("x", {"type": "Property", "value": 1})
    assert parse_instance("x", {"observedAt": NULL}, CORE, Purpose.PARTIAL) == ("x", {"observedAt": NULL})
    for name in ("scope", "id", "a b", "@id", ""):
        with pytest.raises(BadRequestData):
            parse_instance(name, {"value": 1}, CORE)
    assert parse_id(ID) == ID
    with pytest.raises(BadRequestData):
        parse_id("nope")


def test_parameters() -> None:
    assert parse_time("2026-04-01T09:00:00+09:00") == "2026-04-01T00:00:00Z"
    assert parse_language("ja-x-easy") == "ja-x-easy"
    for parse, value in ((parse_time, "now"), (parse_language, "日本語")):
        with pytest.raises(BadRequestData):
            parse(value)


_spots = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)).map(list), min_size=3, max_size=7)
_rings = _spots.map(lambda ring: [*ring, ring[0]])


@given(st.lists(_rings, min_size=1, max_size=2), st.booleans())
def test_any_polygon_is_kept_or_refused(rings: list[Any], many: bool) -> None:
    geometry = {"type": "MultiPolygon", "coordinates": [rings]} if many else {"type": "Polygon", "coordinates": rings}
    try:
        found = parse_entity({"id": ID, "type": "T", "x": geometry}, CORE)
    except BadRequestData:
        return
    (entry,) = found.geometries()
    west, south, east, north = entry.box
    assert west < east
    assert south < north
    assert shape(geometry).is_valid


@given(any_json)
def test_anything_raises_only_our_errors(payload: Any) -> None:
    fragment = payload if isinstance(payload, dict) else {"x": payload}
    for purpose in Purpose:
        for simplified in (False, True):
            with suppress(KairoError):
                parse_attributes(fragment, CORE, purpose, simplified=simplified)
        with suppress(KairoError):
            parse_instance("x", payload, CORE, purpose)
    for raw in (payload, {"id": ID, "type": "T", "x": payload}):
        with suppress(KairoError):
            parse_entity(raw, CORE)
