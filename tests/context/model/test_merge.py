"""Does Merge Entity merge to any depth, as CIM 009 5.5.12 and 5.6.17 say?"""

from typing import Any

import pytest

from kairo.errors import BadRequestData
from tests.context.model.rule_samples import (
    NEWER,
    NULL,
    S1,
    T1,
    TEMPERATURE,
    doc_of,
    merge,
    state,
)


def test_merge_example_1() -> None:
    assert doc_of(merge(t=NEWER).apply(state(t=TEMPERATURE), T1)) == {"t": {**TEMPERATURE, **NEWER}}


def test_merge_example_2() -> None:
    address = {"type": "Property", "value": {"street": "Straße des 17. Juni", "city": "Berlin", "country": "Germany"}}
    patch = {"type": "Property", "value": {"street": "Pariser Platz", "country": NULL}}
    outcome = merge(address=patch).apply(state(address=address), T1)
    assert doc_of(outcome)["address"]["value"] == {"street": "Pariser Platz", "city": "Berlin"}
    outcome = merge(new=patch).apply(state(), T1)
    assert doc_of(outcome)["new"]["value"] == {"street": "Pariser Platz"}


def test_merge_into_the_depth() -> None:
    before = state(x={"value": 1, "s": {"value": 2, "deep": {"value": {"a": 1, "b": 2}}, "gone": 3}})
    outcome = merge(
        x={"type": "Property", "s": {"type": "Property", "deep": {"value": {"b": NULL}}, "gone": NULL, "new": 4}}
    ).apply(before, T1)
    assert doc_of(outcome)["x"] == {
        "type": "Property",
        "value": 1,
        "s": {
            "type": "Property",
            "value": 2,
            "deep": {"type": "Property", "value": {"a": 1}},
            "new": {"type": "Property", "value": 4},
        },
    }


def test_merge_of_languages() -> None:
    before = state(n={"languageMap": {"ja": "山口", "en": "Yamaguchi"}})
    outcome = merge(n={"languageMap": {"ja": "やまぐち", "en": NULL}}).apply(before, T1)
    assert doc_of(outcome)["n"]["languageMap"] == {"ja": "やまぐち"}
    outcome = merge(lang="en", n="Yamaguchi City").apply(before, T1)
    assert doc_of(outcome)["n"]["languageMap"] == {"ja": "山口", "en": "Yamaguchi City"}
    assert doc_of(merge(n={"languageMap": {"@none": NULL}}).apply(before, T1)) == {}
    with pytest.raises(BadRequestData, match="lang"):
        merge(n="x").apply(before, T1)
    with pytest.raises(BadRequestData, match="language"):
        merge(n={"languageMap": {"ja": NULL, "en": NULL}}).apply(before, T1)


def test_merge_with_a_common_observed_at() -> None:
    before = state(t=TEMPERATURE, x=1)
    outcome = merge(observed_at=S1, t=30, x=2, y=3).apply(before, T1)
    assert doc_of(outcome)["t"]["observedAt"] == S1
    assert "observedAt" not in doc_of(outcome)["x"]
    assert "observedAt" not in doc_of(outcome)["y"]
    outcome = merge(observed_at=S1, t=NEWER).apply(before, T1)
    assert doc_of(outcome)["t"]["observedAt"] == NEWER["observedAt"]


@pytest.mark.parametrize(
    ("old", "raw", "value"),
    [
        ({"object": "urn:a:b"}, "urn:a:c", {"object": "urn:a:c"}),
        ({"vocab": "open"}, "closed", {"vocab": "closed"}),
        ({"json": {"a": 1, "b": 2}}, {"a": NULL, "c": 3}, {"json": {"b": 2, "c": 3}}),
        ({"valueList": [1]}, [2, 3], {"valueList": [2, 3]}),
        ({"objectList": ["urn:a:b"]}, ["urn:a:c"], {"objectList": [{"object": "urn:a:c"}]}),
        (
            {"type": "Point", "coordinates": [1, 2]},
            {"type": "Point", "coordinates": [3, 4]},
            {"value": {"type": "Point", "coordinates": [3, 4]}},
        ),
        (5, 6, {"value": 6}),
        ({"languageMap": {"ja": "a"}}, {"languageMap": {"en": "b"}}, {"languageMap": {"ja": "a", "en": "b"}}),
    ],
)
def test_simplified_merge_keeps_the_kind(old: Any, raw: Any, value: dict[str, Any]) -> None:
    before = state(x=old)
    outcome = merge(simplified=True, x=raw).apply(before, T1)
    assert doc_of(outcome)["x"] == {"type": before.doc["x"]["type"], **value}


def test_merge_changes_the_kind_when_told() -> None:
    outcome = merge(t={"type": "Relationship", "object": "urn:a:b"}).apply(state(t=TEMPERATURE), T1)
    assert doc_of(outcome)["t"] == {"type": "Relationship", "object": "urn:a:b", "observedAt": TEMPERATURE["observedAt"]}
    with pytest.raises(BadRequestData):
        merge(t={"type": "Relationship", "by": 1}).apply(state(t=TEMPERATURE), T1)
    with pytest.raises(BadRequestData, match="not there yet"):
        merge(t={"unitCode": "CEL"}).apply(state(), T1)
