"""Which laws hold for every entity and every operation? Drawn by hypothesis."""

import copy
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.entities.rules import (
    Append,
    Create,
    DeleteAttribute,
    Merge,
    Operation,
    Outcome,
    PartialUpdate,
    ReplaceAttribute,
    ReplaceEntity,
    State,
    UpdateAttributes,
)
from kairo.context.model.jsontext import canonical
from kairo.context.model.merge import merge_instance, patch_value
from kairo.context.model.names import NULL
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity, parse_instance
from kairo.context.model.stored import attributes_of, dataset_of, instances
from kairo.errors import KairoError
from tests.context.model.model_samples import CORE, any_json, attribute, entity, names

T0 = datetime(2026, 4, 1, tzinfo=UTC)
T1 = datetime(2026, 4, 2, tzinfo=UTC)
fragments = st.dictionaries(names, st.one_of(attribute(), st.just(NULL), any_json), max_size=3)


def create(doc: dict[str, Any]) -> State:
    found = Create(parse_entity(doc, CORE)).apply(None, T0).state
    assert found is not None
    return found


def is_sound(outcome: Outcome) -> None:
    """The document is one that could have been sent, the stamps match it, and the changes tell the difference."""
    state = outcome.state
    assert state is not None
    assert canonical(parse_entity(orjson.loads(orjson.dumps(state.doc)), CORE).document()) == canonical(state.doc)
    assert b'"urn:ngsi-ld:null"' not in orjson.dumps({k: v for k, v in state.doc.items() if b'"json"' not in orjson.dumps(v)})
    expected = {name: {dataset_of(item) for item in instances(stored)} for name, stored in attributes_of(state.doc).items()}
    assert {name: set(stamps) for name, stamps in state.stamps.items()} == expected


def replay(doc: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """The attributes after the changes were applied to those before."""
    found = {(name, dataset_of(item)): item for name, stored in attributes_of(doc).items() for item in instances(stored)}
    for change in outcome.changes:
        if change.attribute in ("scope", "type", "expiresAt"):
            continue
        if change.instance is None:
            del found[change.attribute, change.dataset]
        else:
            found[change.attribute, change.dataset] = change.instance
    return {f"{name} {dataset}": item for (name, dataset), item in found.items()}


def by_dataset(doc: dict[str, Any]) -> dict[str, Any]:
    """A document whose instances are in one order: their order has no meaning (4.5.1)."""
    attributes = {name: sorted(instances(stored), key=dataset_of) for name, stored in attributes_of(doc).items()}
    return {**doc, **attributes}


def operations(payload: dict[str, Any]) -> list[Operation]:
    """Every operation that this payload can be."""
    found: list[Operation] = []
    for purpose, make in ((Purpose.WHOLE, Append), (Purpose.UPDATE, UpdateAttributes), (Purpose.MERGE, Merge)):
        with suppress(KairoError):
            found.append(make(parse_attributes(payload, CORE, purpose)))
    for name, raw in payload.items():
        found.append(DeleteAttribute(name))
        for kind, purpose in ((PartialUpdate, Purpose.PARTIAL), (ReplaceAttribute, Purpose.WHOLE)):
            with suppress(KairoError):
                found.append(kind(*parse_instance(name, raw, CORE, purpose)))
    return found


@given(entity(), fragments)
def test_every_operation_is_sound_and_changes_nothing_in_place(doc: dict[str, Any], payload: dict[str, Any]) -> None:
    before = create(doc)
    kept = copy.deepcopy(before)
    payload_before = copy.deepcopy(payload)
    for operation in operations(payload):
        try:
            outcome = operation.apply(before, T1)
        except KairoError:
            continue
        is_sound(outcome)
        assert outcome.state is not None
        after = {
            f"{name} {dataset_of(item)}": item
            for name, stored in attributes_of(outcome.state.doc).items()
            for item in instances(stored)
        }
        assert canonical(replay(before.doc, outcome)) == canonical(after)
        assert outcome.is_nothing == (canonical(outcome.state.doc) == canonical(before.doc))
        assert before == kept
        assert orjson.dumps(payload) == orjson.dumps(payload_before)


@given(entity(), entity())
def test_replace_gives_the_new_content(old: dict[str, Any], new: dict[str, Any]) -> None:
    before = create(old)
    outcome = ReplaceEntity(parse_entity(new, CORE)).apply(before, T1)
    is_sound(outcome)
    assert outcome.state is not None
    assert by_dataset(outcome.state.doc) == by_dataset({**new, "id": old["id"]})
    assert outcome.state.created_at == T0
    again = ReplaceEntity(parse_entity(new, CORE)).apply(outcome.state, T1)
    assert again.is_nothing


@given(entity(), fragments)
def test_update_and_merge_are_idempotent(doc: dict[str, Any], payload: dict[str, Any]) -> None:
    before = create(doc)
    for purpose, make in ((Purpose.UPDATE, UpdateAttributes), (Purpose.MERGE, Merge)):
        try:
            operation = make(parse_attributes(payload, CORE, purpose))
            once = operation.apply(before, T1)
            twice = operation.apply(once.state, T1)
        except KairoError:
            continue
        assert twice.is_nothing


@given(entity(), st.data())
def test_merge_with_null_removes(doc: dict[str, Any], data: st.DataObject) -> None:
    before = create(doc)
    attributes = attributes_of(before.doc)
    if not attributes:
        return
    name = data.draw(st.sampled_from(sorted(attributes)))
    victim = data.draw(st.sampled_from(instances(attributes[name])))
    raw = {"value": NULL} | ({"datasetId": victim["datasetId"]} if "datasetId" in victim else {})
    for make, purpose in ((Merge, Purpose.MERGE), (UpdateAttributes, Purpose.UPDATE)):
        outcome = make(parse_attributes({name: raw}, CORE, purpose)).apply(before, T1)
        assert outcome.state is not None
        left = [dataset_of(item) for item in instances(outcome.state.doc.get(name))]
        assert left == [dataset_of(item) for item in instances(attributes[name]) if item is not victim]
        assert len(outcome.changes) == 1


@given(entity(), entity())
def test_update_then_nothing_of_the_old_instance_is_left(doc: dict[str, Any], other: dict[str, Any]) -> None:
    payload = {name: value for name, value in other.items() if name not in ("id", "type", "scope")}
    outcome = UpdateAttributes(parse_attributes(payload, CORE, Purpose.UPDATE)).apply(create(doc), T1)
    assert outcome.state is not None
    for name, stored in payload.items():
        found = {dataset_of(item): item for item in instances(outcome.state.doc[name])}
        for item in instances(stored):
            assert canonical(found[dataset_of(item)]) == canonical(item)
    for name in doc.keys() - payload.keys():
        assert outcome.state.doc[name] == doc[name]


def _rfc_7396(target: Any, patch: Any) -> Any:
    """The pseudo-code of RFC 7396, with the NGSI-LD Null for null."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value == NULL:
            out.pop(name, None)
        else:
            out[name] = _rfc_7396(out.get(name), value)
    return out


def _has_typed(value: Any) -> bool:
    return b'"@value"' in orjson.dumps(value)


@given(any_json.filter(lambda v: not _has_typed(v)), any_json.filter(lambda v: not _has_typed(v)))
def test_values_merge_as_rfc_7396_says(target: Any, patch: Any) -> None:
    assert canonical(patch_value(target, patch)) == canonical(_rfc_7396(target, patch))


@given(attribute())
def test_merging_with_itself_changes_nothing(stored: Any) -> None:
    for item in instances(stored):
        if b"urn:ngsi-ld:null" not in orjson.dumps(item):
            assert canonical(merge_instance(item, item)) == canonical(item)
