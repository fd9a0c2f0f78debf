"""Does each operation do what CIM 009 5.6 says? The examples of the clauses, and what history and answers hear of it."""

from typing import Any

import pytest

from kairo.context.entities.rules import (
    Create,
    Delete,
    DeleteAttribute,
    Operation,
    PartialUpdate,
    ReplaceAttribute,
    ReplaceEntity,
    Upsert,
)
from kairo.context.model.parse import (
    parse_entity,
    parse_instance,
)
from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from tests.context.model.model_samples import CORE
from tests.context.model.rule_samples import (
    ID,
    NEWER,
    NULL,
    S0,
    S1,
    T0,
    T1,
    TEMPERATURE,
    A,
    append,
    doc_of,
    entity,
    merge,
    partial,
    rows,
    state,
    update,
)


def test_create() -> None:
    outcome = Create(entity(scope="/a", t=TEMPERATURE, n=[{"value": 1}, {"value": 2, "datasetId": A}])).apply(None, T0)
    assert outcome.created
    assert outcome.state is not None
    assert outcome.state.stamps == {"t": {"@none": [S0, S0]}, "n": {"@none": [S0, S0], A: [S0, S0]}}
    assert rows(outcome) == [
        ("t", "@none", "created"),
        ("n", "@none", "created"),
        ("n", A, "created"),
        ("scope", "@none", "created"),
    ]
    with pytest.raises(AlreadyExists):
        Create(entity()).apply(outcome.state, T1)


@pytest.mark.parametrize(
    "operation",
    [
        append(x=1),
        update(x=1),
        partial("x", 1),
        merge(x=1),
        ReplaceEntity(entity()),
        ReplaceAttribute("x", {"type": "Property", "value": 1}),
        DeleteAttribute("x"),
        Delete(),
    ],
)
def test_what_is_not_there_is_not_found(operation: Operation) -> None:
    with pytest.raises(ResourceNotFound):
        operation.apply(None, T0)
    assert operation.name


def test_append() -> None:
    before = state(x=1, scope="/a")
    outcome = append(x=2, y=3, type="Hall", scope="/b").apply(before, T1)
    assert outcome.state is not None
    assert outcome.state.doc == {
        "id": ID,
        "type": ["Room", "Hall"],
        "scope": "/b",
        "x": {"type": "Property", "value": 2},
        "y": {"type": "Property", "value": 3},
    }
    assert outcome.state.stamps == {"x": {"@none": [S0, S1]}, "y": {"@none": [S1, S1]}}
    assert (outcome.state.created_at, outcome.state.modified_at) == (T0, T1)
    assert set(rows(outcome)) == {
        ("x", "@none", "updated"),
        ("y", "@none", "created"),
        ("type", "@none", "updated"),
        ("scope", "@none", "updated"),
    }
    assert before.doc["x"] == {"type": "Property", "value": 1}


def test_append_without_overwriting() -> None:
    outcome = append(False, x=[{"value": 2}, {"value": 5, "datasetId": A}], y=3, scope=["/a", "/b"]).apply(
        state(x=1, scope="/a"), T1
    )
    assert doc_of(outcome)["x"] == [{"type": "Property", "value": 1}, {"type": "Property", "value": 5, "datasetId": A}]
    assert doc_of(outcome)["scope"] == ["/a", "/b"]
    assert [name for name, _ in outcome.not_updated] == ["x"]
    assert outcome.updated == ("x", "y", "scope")


def test_update_replaces_the_whole_attribute() -> None:
    """5.5.8 example 2."""
    assert doc_of(update(t=NEWER).apply(state(t=TEMPERATURE), T1)) == {"t": NEWER}


def test_update_removes_by_null() -> None:
    """5.5.8 example 3."""
    outcome = update(t={"type": "Property", "value": NULL}, gone=NULL).apply(state(t=TEMPERATURE, x=1), T1)
    assert doc_of(outcome) == {"x": {"type": "Property", "value": 1}}
    assert outcome.updated == ("t",)
    assert rows(outcome) == [("t", "@none", "deleted")]
    assert outcome.state is not None
    assert "t" not in outcome.state.stamps


def test_update_goes_by_dataset() -> None:
    before = state(x=[{"value": 1}, {"value": 2, "datasetId": A}])
    outcome = update(x={"value": 3, "datasetId": A}).apply(before, T1)
    assert doc_of(outcome)["x"] == [{"type": "Property", "value": 1}, {"type": "Property", "value": 3, "datasetId": A}]
    outcome = update(x={"value": NULL}).apply(before, T1)
    assert doc_of(outcome)["x"] == {"type": "Property", "value": 2, "datasetId": A}
    outcome = update(x={"value": 9}).apply(outcome.state, T1)
    assert [item["value"] for item in doc_of(outcome)["x"]] == [9, 2]


def test_update_takes_a_scope_only_where_there_is_one() -> None:
    assert "scope" not in doc_of(update(scope="/b").apply(state(), T1))
    assert doc_of(update(scope="/b").apply(state(scope="/a"), T1)) == {"scope": "/b"}
    assert doc_of(update(scope=NULL).apply(state(scope="/a"), T1)) == {}


def test_update_strips_nulls_of_sub_attributes() -> None:
    outcome = update(x={"value": 1, "unitCode": NULL, "s": {"value": NULL}}).apply(state(), T1)
    assert doc_of(outcome) == {"x": {"type": "Property", "value": 1}}


def test_partial_update_leaves_the_rest() -> None:
    """5.5.8 example 1."""
    outcome = partial("t", NEWER).apply(state(t=TEMPERATURE), T1)
    assert doc_of(outcome) == {"t": {**TEMPERATURE, **NEWER}}
    before = state(t={**TEMPERATURE, "by": {"object": "urn:a:b"}})
    outcome = partial("t", {"by": NULL, "unitCode": NULL}).apply(before, T1)
    assert doc_of(outcome)["t"] == {"type": "Property", "value": 25, "observedAt": TEMPERATURE["observedAt"]}


def test_partial_update_of_sub_attributes_goes_by_dataset() -> None:
    before = state(t={"value": 1, "s": [{"value": 1}, {"value": 2, "datasetId": A}]})
    outcome = partial("t", {"s": {"value": NULL, "datasetId": A}}).apply(before, T1)
    assert doc_of(outcome)["t"]["s"] == {"type": "Property", "value": 1}
    outcome = partial("t", {"s": [{"value": NULL}, {"value": NULL, "datasetId": A}]}).apply(before, T1)
    assert doc_of(outcome)["t"] == {"type": "Property", "value": 1}
    with pytest.raises(BadRequestData, match="not there yet"):
        partial("t", {"s": {"unitCode": "C"}}).apply(before, T1)


def test_json_is_never_looked_into() -> None:
    raw = {"type": "JsonProperty", "json": {"type": NULL, "a": {"b": NULL}, "@context": 1}}
    for operation in (append(x=raw), update(x=raw)):
        assert doc_of(operation.apply(state(), T1)) == {"x": raw}
    assert Create(entity(x=raw)).apply(None, T0).state == state(x=raw)


def test_partial_update_refuses() -> None:
    before = state(t=TEMPERATURE)
    wrong: list[Any] = [{"type": "Relationship", "object": "urn:a:b"}, NULL, {"value": NULL}]
    for payload in wrong:
        with pytest.raises(BadRequestData):
            partial("t", payload).apply(before, T1)
    missing: list[tuple[str, Any]] = [("no", {"value": 1}), ("t", {"value": 1, "datasetId": A})]
    for name, payload in missing:
        with pytest.raises(ResourceNotFound):
            partial(name, payload).apply(before, T1)
    with pytest.raises(BadRequestData):
        PartialUpdate("scope", {"type": "Property", "value": "/a"}).apply(before, T1)


def test_replace_entity() -> None:
    before = state(x=1, y=[{"value": 1}, {"value": 2, "datasetId": A}], z=3, scope="/a")
    outcome = ReplaceEntity(parse_entity({"id": ID, "type": "Hall", "y": 5, "z": 3}, CORE)).apply(before, T1)
    assert outcome.state is not None
    assert outcome.state.doc == {
        "id": ID,
        "type": "Hall",
        "y": {"type": "Property", "value": 5},
        "z": {"type": "Property", "value": 3},
    }
    assert outcome.state.stamps == {"y": {"@none": [S0, S1]}, "z": {"@none": [S0, S0]}}
    assert outcome.state.created_at == T0
    assert set(rows(outcome)) == {
        ("x", "@none", "deleted"),
        ("y", A, "deleted"),
        ("y", "@none", "updated"),
        ("type", "@none", "updated"),
        ("scope", "@none", "deleted"),
    }
    assert outcome.updated == ("y", "z", "scope")


def test_replace_attribute() -> None:
    outcome = ReplaceAttribute(*parse_instance("t", {"value": 1}, CORE)).apply(state(t=TEMPERATURE), T1)
    assert doc_of(outcome) == {"t": {"type": "Property", "value": 1}}
    with pytest.raises(ResourceNotFound):
        ReplaceAttribute(*parse_instance("t", {"value": 1, "datasetId": A}, CORE)).apply(state(t=TEMPERATURE), T1)


def test_delete_attribute() -> None:
    before = state(x=[{"value": 1}, {"value": 2, "datasetId": A}], scope="/a")
    assert doc_of(DeleteAttribute("x").apply(before, T1))["x"]["datasetId"] == A
    assert doc_of(DeleteAttribute("x", A).apply(before, T1))["x"] == {"type": "Property", "value": 1}
    everything = DeleteAttribute("x", delete_all=True).apply(before, T1)
    assert "x" not in doc_of(everything)
    assert len(everything.changes) == 2
    assert "scope" not in doc_of(DeleteAttribute("scope").apply(before, T1))
    for operation in (DeleteAttribute("no"), DeleteAttribute("no", delete_all=True), DeleteAttribute("x", "urn:x:y")):
        with pytest.raises(ResourceNotFound):
            operation.apply(before, T1)
    with pytest.raises(ResourceNotFound):
        DeleteAttribute("scope").apply(state(), T1)
    with pytest.raises(BadRequestData):
        DeleteAttribute("type").apply(before, T1)


def test_delete() -> None:
    outcome = Delete().apply(state(x=[{"value": 1}, {"value": 2, "datasetId": A}], scope="/a"), T1)
    assert outcome.state is None
    assert rows(outcome) == [("x", "@none", "deleted"), ("x", A, "deleted"), ("scope", "@none", "deleted")]


def test_upsert() -> None:
    assert Upsert(entity(x=1)).apply(None, T0).created
    before = state(x=1, y=2)
    assert doc_of(Upsert(entity(x=3)).apply(before, T1)) == {"x": {"type": "Property", "value": 3}}
    outcome = Upsert(entity(x=3), update=True).apply(before, T1)
    assert doc_of(outcome) == {"x": {"type": "Property", "value": 3}, "y": {"type": "Property", "value": 2}}
    assert not outcome.created


@pytest.mark.parametrize(
    "operation",
    [append(t=TEMPERATURE), update(t=TEMPERATURE, gone=NULL), merge(t={"value": 25}), partial("t", {"unitCode": "CEL"}),
     ReplaceEntity(entity(t=TEMPERATURE)), Upsert(entity(t=TEMPERATURE), update=True)],
)  # fmt: skip
def test_what_changes_nothing_writes_nothing(operation: Operation) -> None:
    before = state(t=TEMPERATURE)
    outcome = operation.apply(before, T1)
    assert outcome.is_nothing
    assert outcome.state is before
    assert outcome.changes == ()
    assert outcome.updated == ("t",)


def test_true_is_not_one() -> None:
    outcome = update(x=True).apply(state(x=1), T1)
    assert doc_of(outcome)["x"]["value"] is True
    assert not outcome.is_nothing


def test_expiry_of_the_entity() -> None:
    before = state(expiresAt=S1)
    assert before.doc["expiresAt"] == S1
    assert rows(merge(expiresAt=NULL).apply(before, T1)) == [("expiresAt", "@none", "deleted")]
    assert doc_of(update(expiresAt=S0).apply(before, T1)) == {"expiresAt": S0}
