"""Do attrs, pick and omit (CIM 009 4.21) show what they say?"""

import pytest

from kairo.context.query import Projected, parse_projection
from kairo.errors import BadRequestData, TooComplexQuery

DOC = {"id": "urn:x:1", "type": "T", "scope": "/a", "speed": {}, "name": {}}


@pytest.mark.parametrize(
    ("attrs", "pick", "omit", "shown"),
    [
        (None, None, None, ["id", "type", "scope", "speed", "name"]),
        ("speed", None, None, ["id", "type", "scope", "speed"]),
        (None, "speed", None, ["speed"]),
        (None, "id|speed", None, ["id", "speed"]),
        (None, None, "scope,speed", ["id", "type", "name"]),
        (None, "id,speed", "name", ["id", "speed"]),
        (None, ["id", "name"], None, ["id", "name"]),
    ],
)
def test_members_are_shown(terms, attrs, pick, omit, shown):
    assert list(parse_projection(attrs, pick, omit, terms).apply(DOC)) == shown


def test_names_are_stored_names(terms):
    assert parse_projection(None, "Building", None, terms).pick == (Projected("https://example.org/Building"),)


def test_uris_are_names(terms):
    assert parse_projection("https://example.org/a,b", None, None, terms).attrs == ("https://example.org/a", "b")


def test_linked_entities_are_projected_as_deep_as_they_are_joined(terms):
    found = parse_projection(None, "id,runs{name,by{name}}", None, terms, join_level=2)
    assert found.pick == (Projected("id"), Projected("runs", (Projected("name"), Projected("by", (Projected("name"),)))))


def test_omitting_in_linked_entities_keeps_the_relationship(terms):
    assert parse_projection(None, None, "runs{name}", terms, join_level=1).shows("runs")


@pytest.mark.parametrize(
    "pick",
    ["", "id;name", "id,at{name", "id,at{{name}", "id,,name", "id,at{,name}", "id,at{}", "at{name}", "id{name}", "a}", "1a"],
)
def test_a_malformed_projection_is_refused(terms, pick):
    with pytest.raises(BadRequestData):
        parse_projection(None, pick, None, terms)


@pytest.mark.parametrize(
    ("attrs", "pick", "omit"), [("a", "b", None), ("a", None, "b"), (None, "a,b", "b"), ("id", None, None)]
)
def test_what_contradicts_itself_is_refused(terms, attrs, pick, omit):
    with pytest.raises(BadRequestData):
        parse_projection(attrs, pick, omit, terms)


def test_names_have_a_limit(terms):
    with pytest.raises(TooComplexQuery):
        parse_projection(None, ",".join(f"a{number}" for number in range(1001)), None, terms)
