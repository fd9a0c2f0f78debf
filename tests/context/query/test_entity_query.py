"""Is a query narrow enough (CIM 009 5.7.2.4), and are ids and id patterns read?"""

import pytest

from kairo.context.query import (
    EntityQuery,
    Selector,
    parse_geo_query,
    parse_id_pattern,
    parse_ids,
    parse_q,
    parse_scope_q,
    parse_type_selection,
    selects,
)
from kairo.errors import BadRequestData, TooComplexQuery


def test_types_are_narrow(terms):
    EntityQuery(types=parse_type_selection("A", terms)).validate()


def test_attributes_are_narrow():
    EntityQuery(attrs=("speed",)).validate()


def test_a_q_is_narrow(terms):
    EntityQuery(q=parse_q("createdAt>2020-01-01T00:00:00Z;speed", terms)).validate()


def test_a_geometry_is_narrow(terms):
    EntityQuery(geo=parse_geo_query("within", "Point", "[1,2]", None, terms)).validate()


def test_local_scope_needs_nothing():
    EntityQuery().validate(local=True)


def test_any_type_is_local(terms):
    assert EntityQuery(types=parse_type_selection("*", terms)).is_local


@pytest.mark.parametrize("attrs", [(), ("createdAt", "modifiedAt")])
def test_system_attributes_alone_are_too_wide(attrs):
    with pytest.raises(BadRequestData):
        EntityQuery(attrs=attrs).validate()


def test_a_q_of_system_attributes_alone_is_too_wide(terms):
    with pytest.raises(BadRequestData):
        EntityQuery(q=parse_q("createdAt>2020-01-01T00:00:00Z", terms)).validate()


def test_ids_and_scopes_alone_are_too_wide():
    with pytest.raises(BadRequestData):
        EntityQuery(ids=("urn:x:1",), id_pattern=parse_id_pattern("x"), scope_q=parse_scope_q("/a")).validate()


def test_any_of_several_selectors_selects(terms):
    first = Selector(parse_type_selection("A", terms), ids=("urn:x:1",))
    second = Selector(parse_type_selection("B;C", terms), id_pattern=parse_id_pattern("2$"))
    query = EntityQuery(selectors=(first, second))
    query.validate()
    docs = [("urn:x:1", "A"), ("urn:x:2", ["B", "C"]), ("urn:x:2", "A"), ("urn:x:1", ["B", "C"]), ("urn:x:2", "B")]
    assert [selects(query, {"id": id, "type": kind}) for id, kind in docs] == [True, True, False, False, False]
    assert EntityQuery(selectors=(first, Selector(parse_type_selection("*", terms)))).is_local


def test_ids_are_read_once_in_order():
    assert parse_ids("urn:x:2,urn:x:1,urn:x:2") == ("urn:x:2", "urn:x:1")


@pytest.mark.parametrize("ids", ["", "x", "urn:x:1,", "urn:x:1 2", ["urn:x:1", "\ud800:x"]])
def test_ids_that_are_no_uris_are_refused(ids):
    with pytest.raises(BadRequestData):
        parse_ids(ids)


def test_ids_have_a_limit():
    with pytest.raises(TooComplexQuery):
        parse_ids([f"urn:x:{number}" for number in range(10_001)])


def test_an_id_pattern_is_found_anywhere():
    assert parse_id_pattern("Shelter:[0-9]+$").search("urn:ngsi-ld:Shelter:12")


def test_a_broken_id_pattern_is_refused():
    with pytest.raises(BadRequestData):
        parse_id_pattern("(")
