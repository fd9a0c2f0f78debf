"""Does whatever meets a term stand under a key that the term seeks? The law by which an index can only make an answer faster."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.indexing.keys import ANYTHING, Sought, keys_of, sought_by
from kairo.context.query import matches, parse_q
from tests.context.query.conftest import SmallContext
from tests.context.query.test_agreement import STORED_TIMES, TIMES, cases

LAW = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def sought(text: str) -> list[Sought]:
    return sought_by(parse_q(text, SmallContext()))


def holds(one: Sought, doc: dict[str, Any], most: int) -> bool:
    """Whether the attribute of the document has a key that is sought."""
    return any(low <= key <= high for key in keys_of(doc.get(one.attribute), most) for low, high in one.ranges)


def prop(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


@LAW
@given(cases(), st.sampled_from([1, 3, 50]))
def test_what_meets_a_query_has_a_key_that_it_seeks(case: Any, most: int) -> None:
    doc, beside, text = case
    q = parse_q(text, SmallContext())
    if matches(q, doc, beside):
        assert all(holds(one, doc, most) for one in sought_by(q))


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from([2**53, 2**53 + 1, 0, -0.0, 0.1, 5e-324]),
)
instants = st.sampled_from([*TIMES, *STORED_TIMES, "1999-12-31T23:59:59Z", "2030-01-01T00:00:00Z"])
texts = st.text(st.sampled_from("ab日\U0001f600\uffff"), max_size=3).map(lambda end: "a" * 63 + end)


@LAW
@given(st.data(), st.sampled_from(["number", "moment", "text"]))
def test_bounds_on_one_attribute_hold_for_several_values(data: st.DataObject, kind: str) -> None:
    """Two bounds may be met by two values: the range between them is not enough then."""
    values: st.SearchStrategy[Any] = {"number": numbers, "moment": instants, "text": texts}[kind]
    found = data.draw(st.lists(values, min_size=1, max_size=3))
    ends: list[Any] = data.draw(st.lists(st.one_of(st.sampled_from(found), values), min_size=1, max_size=3))
    if kind == "moment":
        ends = [end for end in ends if end in TIMES] or TIMES[:1]
    literals = [f'"{end}"' if kind == "text" else repr(end) if kind == "number" else end for end in ends]
    text = ";".join(f"a{data.draw(st.sampled_from(['<', '<=', '>', '>=']))}{literal}" for literal in literals)
    doc = {"id": "urn:x:1", "type": "T", "a": [{**prop(one), "datasetId": f"urn:{n}"} for n, one in enumerate(found)]}
    if matches(parse_q(text, SmallContext()), doc):
        (one,) = sought(text)
        assert holds(one, doc, 50)


@pytest.mark.parametrize(
    ("stored", "keys"),
    [
        (prop("山口市"), {"t山口市"}),
        (prop(True), set()),
        (prop(0), {"n8000000000000000"}),
        (prop(-0.0), {"n8000000000000000"}),
        (prop("x" * 100), {"t" + "x" * 64}),
        (prop({"city": {"name": ["a", 0]}}), {"ta", "n8000000000000000"}),
        (prop(["a", "b"]), {"ta", "tb", "!t"}),
        ([prop("a"), {**prop("b"), "datasetId": "urn:2"}], {"ta", "tb", "!t"}),
        ({"type": "LanguageProperty", "languageMap": {"ja": "市", "en": "city"}}, {"t市", "tcity", "!t"}),
        ({"type": "Relationship", "object": "urn:x:1"}, {"turn:x:1"}),
        ({"type": "ListRelationship", "objectList": [{"object": "urn:x:1"}]}, {"turn:x:1"}),
        (prop("2020-01-01T09:00:00+09:00"), {"t2020-01-01T09:00:00+09:00", "m2020-01-01T00:00:00.000000"}),
        (prop("0001-01-01T00:00:00+14:00"), {"t0001-01-01T00:00:00+14:00", "m0001-01-01T00:00:00.000000"}),
        (prop("9999-12-31T23:59:59-14:00"), {"t9999-12-31T23:59:59-14:00", "m9999-12-31T23:59:59.999999"}),
        ({**prop("a"), "unitCode": "C62", "observedAt": "2020-01-01T00:00:00Z", "b": prop("sub")}, {"ta"}),
        (prop(list(range(9))), {ANYTHING}),
        (None, set()),
    ],
)
def test_the_keys_of_an_attribute(stored: Any, keys: set[str]) -> None:
    assert keys_of(stored, 8) == keys


@pytest.mark.parametrize(
    "text",
    ["a", "!a", 'a!="x"', 'a~="x"', "a==true", "a==1,true", "a>09:00:00Z", "a.b==1", "a.observedAt>2020-01-01T00:00:00Z", "createdAt>2020-01-01T00:00:00Z", "a==1|b==1"],
)  # fmt: skip
def test_what_no_index_helps_to_find(text: str) -> None:
    assert sought(text) == []


def test_equalities_come_before_bounds_and_bounds_together() -> None:
    found = sought('a>1;(b=="x";a<=3);a[c]<5;b>"y"')
    assert [(one.attribute, len(one.ranges)) for one in found] == [("b", 2), ("a", 3), ("a", 2), ("b", 2)]


def test_numbers_and_moments_keep_their_order() -> None:
    found = [-1e308, -2, -1.5, -5e-324, 0, 5e-324, 0.1, 1, 2**53, 1e308]
    keys = [next(iter(keys_of(prop(number), 9))) for number in found]
    assert keys == sorted(keys)
    moments = [datetime(year, 1, 1, tzinfo=UTC).isoformat().replace("+00:00", "Z") for year in (1, 999, 1970, 2026, 9999)]
    later = [max(keys_of(prop(moment), 9) - {f"t{moment}"}) for moment in moments]
    assert later == sorted(later)


def test_a_text_means_the_stored_name_of_a_vocabulary_too() -> None:
    doc = {"id": "urn:x:1", "type": "T", "a": {"type": "VocabProperty", "vocab": SmallContext.known["Male"]}}
    assert matches(parse_q('a=="Male"', SmallContext()), doc)
    (one,) = sought('a=="Male"')
    assert holds(one, doc, 50)
