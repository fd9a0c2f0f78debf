"""Is the SQL of a query safe, complete and shy of what is withheld?"""

import pytest

from kairo.context.query import EntityQuery, compile_query, parse_geo_query, parse_id_pattern, parse_q, parse_scope_q, selects

DOC = {
    "id": "urn:ngsi-ld:Shelter:1",
    "type": "Shelter",
    "scope": "/a/b",
    "name": {"type": "Property", "value": "本庁舎"},
    "seats": {"type": "Property", "value": 5},
    "phone": {"type": "Property", "value": "0839"},
}


def everything(terms):
    return EntityQuery(
        ids=("urn:'--;x",),
        id_pattern=parse_id_pattern("'; DROP TABLE entity; --"),
        attrs=("a'b",),
        q=parse_q('x["\' || 1"]=="\'; --";createdAt>2020-01-01T00:00:00Z|a.modifiedAt', terms),
        geo=parse_geo_query("near;maxDistance==7", "Point", "[1,2]", "g", terms),
        scope_q=parse_scope_q("/it's/+"),
    )


def test_no_word_of_a_stranger_stands_in_the_sql(terms):
    where = compile_query(everything(terms), 7).where
    assert "'--" not in where
    assert "DROP" not in where
    assert "it's" not in where
    assert "a'b" not in where


def test_it_runs_as_it_is(terms, trial):
    assert not trial.holds(everything(terms), DOC)


def test_placeholders_begin_where_asked(terms):
    assert "$7" in compile_query(EntityQuery(ids=("urn:x:1",)), 7).where


def test_every_placeholder_has_a_parameter(terms):
    compiled = compile_query(everything(terms), 1)
    assert f"${len(compiled.parameters)}" in compiled.where
    assert f"${len(compiled.parameters) + 1}" not in compiled.where


def test_nothing_asked_is_true():
    assert compile_query(EntityQuery(), 1).where == "true"


def test_subqueries_name_the_tenant(terms):
    assert "g.tenant = $1" in compile_query(everything(terms), 2).where


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        (EntityQuery(ids=("urn:ngsi-ld:Shelter:1", "urn:x:2")), True),
        (EntityQuery(ids=("urn:x:2",)), False),
        (EntityQuery(id_pattern=parse_id_pattern("Shelter:[0-9]$")), True),
        (EntityQuery(id_pattern=parse_id_pattern("^Shelter")), False),
        (EntityQuery(attrs=("gone", "seats")), True),
        (EntityQuery(attrs=("gone",)), False),
        (EntityQuery(attrs=("seats",), scope_q=parse_scope_q("/a/#")), True),
        (EntityQuery(attrs=("seats",), scope_q=parse_scope_q("/b/#")), False),
    ],
)
def test_sql_and_memory_select_alike(trial, query, selected):
    assert (trial.holds(query, DOC), selects(query, DOC)) == (selected, selected)


@pytest.mark.parametrize("text", ["phone", 'phone=="0839"', 'phone!="1"', 'phone~="^0"', "phone.modifiedAt", "phone|gone"])
def test_a_withheld_attribute_is_not_there(terms, trial, text):
    assert not trial.holds(EntityQuery(q=parse_q(text, terms)), DOC, withheld=["phone"])


def test_a_withheld_attribute_is_absent(terms, trial):
    assert trial.holds(EntityQuery(q=parse_q("!phone;!phone.createdAt", terms)), DOC, withheld=["phone"])


def test_a_withheld_attribute_is_not_among_attrs(trial):
    assert not trial.holds(EntityQuery(attrs=("phone",)), DOC, withheld=["phone"])


def test_a_long_query_runs(terms, trial):
    text = "|".join(f'name=="{number}",{number}' for number in range(199)) + "|seats==5"
    assert trial.holds(EntityQuery(q=parse_q(text, terms)), DOC)
