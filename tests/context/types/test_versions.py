"""Does an upcast happen at most once a version, for each type of an entity, and leave what it does not concern?"""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import Declarations
from kairo.context.model.draft import State
from kairo.context.types.versions import Rewrite, Versions, versions_in
from kairo.platform.manifests import EntityType, FormerVersion
from tests.context.types.gauges import SINCE, SUNSET, declared, first_documents, to_second

BORN, CHANGED = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
KEYS = st.lists(st.sampled_from(["Gauge", "Paint", "Plain", "Alien"]), min_size=1, unique=True).map(
    lambda names: " ".join(sorted(names))
)


def state(doc: dict[str, Any], **stamps: Any) -> State:
    """A stored state."""
    return State(doc, stamps, BORN, CHANGED)


@given(KEYS)
def test_the_number_holds_the_version_of_each_type(type_key: str) -> None:
    newest = {"Gauge": 3, "Paint": 2}
    number = Versions(declared(3)).number_of(type_key, {})
    assert versions_in(type_key, number) == {name: newest.get(name, 1) for name in type_key.split(" ")}


def test_an_entity_of_one_type_has_its_version_and_of_first_versions_one() -> None:
    versions = Versions(declared(3))
    assert [versions.number_of(key, {}) for key in ("Gauge", "Paint", "Plain", "Alien", "Alien Plain")] == [3, 2, 1, 1, 1]
    assert versions.number_of("Gauge Paint", {}) == 103
    assert Versions(declared(1)).number_of("Gauge Paint", {}) == 1


def test_five_types_fit_the_column_and_the_fifth_is_not_counted() -> None:
    former = tuple(FormerVersion((), SINCE) for _ in range(98))
    many = Declarations.of(EntityType(name, "open", {"en": name}, former=former) for name in "ABCDE")
    number = Versions(many).number_of("A B C D E", {})
    assert number < 2**31
    assert versions_in("A B C D E", number) == dict.fromkeys("ABCD", 99)


def test_only_an_upcast_makes_old() -> None:
    versions = Versions(declared(3))
    assert [versions.is_old("Gauge", number) for number in (1, 2, 3, 4)] == [True, False, False, False], "the third only adds"
    assert [versions.is_newer("Gauge", number) for number in (1, 2, 3, 4)] == [False, False, False, True]
    assert versions.is_newer("Plain", 2)
    assert versions.is_newer("Alien", 2)
    assert not Versions(declared(1)).any_upcasts


def test_a_newer_programs_version_is_kept() -> None:
    assert Versions(declared(1)).number_of("Gauge", {"Gauge": 2}) == 2
    assert Versions(declared(3)).number_of("Gauge", {"Gauge": 2}) == 3
    assert Versions(declared(1)).number_of("Gauge Paint", versions_in("Gauge", 3)) == 3


@given(first_documents())
def test_an_upcast_happens_once(doc: dict[str, Any]) -> None:
    versions = Versions(declared(3))
    before = repr(doc)
    once = versions.upcast(doc, "Gauge", 1)
    assert once == to_second(doc)
    assert versions.upcast(once, "Gauge", versions.number_of("Gauge", {})) is once
    assert repr(doc) == before, "what is given is not changed"


def test_each_type_is_upcast_by_its_own_version() -> None:
    versions = Versions(declared(3))
    doc = {
        "id": "urn:x:1",
        "type": ["Paint", "Gauge"],
        "level": {"type": "Property", "value": 150},
        "shade": {"type": "Property", "value": "red"},
    }
    first = versions.upcast(doc, "Gauge Paint", 1)
    assert (first["height"]["value"], first["colour"]["value"]) == (1.5, "red")
    second = versions.upcast(doc, "Gauge Paint", 2)
    assert set(second) == {"id", "type", "level", "colour"}
    third = versions.upcast(doc, "Gauge Paint", 101)
    assert set(third) == {"id", "type", "height", "shade"}


def test_times_follow_the_attributes() -> None:
    kept, moved = {"@none": ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"]}, {"@none": ["2026-01-04T00:00:00Z"] * 2}
    doc = {
        "id": "urn:x:1",
        "type": "Paint",
        "shade": {"type": "Property", "value": 1},
        "other": {"type": "Property", "value": 2},
    }
    found = Versions(declared(2)).state(state(doc, shade=moved, other=kept), "Paint", 1)
    assert found.stamps == {"colour": moved, "other": kept}
    assert (found.created_at, found.modified_at) == (BORN, CHANGED)
    doc = {"id": "urn:x:1", "type": "Gauge", "level": {"type": "Property", "value": 1}}
    found = Versions(declared(2)).state(state(doc, level=moved), "Gauge", 1)
    assert found.stamps == {"height": {"@none": ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"]}}, (
        "new content: the entity's own"
    )


def test_what_cannot_be_upcast_stays_as_it_is() -> None:
    doc = {"id": "urn:x:1", "type": "Gauge", "level": {"type": "Property", "value": "deep"}}
    assert Versions(declared(2)).upcast(doc, "Gauge", 1) is doc


def test_an_upcast_changes_neither_id_nor_type() -> None:
    former = FormerVersion((), SINCE, SUNSET, lambda doc: {"id": "urn:other", "type": "Other", "a": doc["a"]})
    versions = Versions(Declarations.of([EntityType("T", "open", {"en": "T"}, former=(former,))]))
    assert versions.upcast({"id": "urn:x", "type": "T", "a": 1}, "T", 1) == {"id": "urn:x", "type": "T", "a": 1}


def test_what_became_personal_is_hidden_from_others_at_once() -> None:
    doc = {"id": "urn:x:1", "type": "Gauge", "name": {"type": "Property", "value": "x"}}
    strict = Versions(declared(2, personal=frozenset({"name"})))
    shown = strict.shown(state(doc), "Gauge", 1, personal=False)
    assert shown is not None
    assert set(shown.doc) == {"id", "type"}
    assert set(strict.shown(state(doc), "Gauge", 1, personal=True).doc) == {"id", "type", "name"}  # type: ignore[union-attr]
    closed = Versions(declared(2, data_class="personal"))
    assert closed.shown(state(doc), "Gauge", 1, personal=False) is None
    assert closed.shown(state(doc), "Gauge", 1, personal=True) is not None


@pytest.mark.parametrize("given", [None, state({"id": "urn:x:1", "type": "T"})])
def test_rewriting_reports_no_change(given: State | None) -> None:
    outcome = Rewrite().apply(given, CHANGED)
    assert outcome.changes == ()
    assert outcome.is_nothing is (given is None)
