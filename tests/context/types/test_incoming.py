"""Is a writer who still speaks a former version understood until its date, refused from then on, and nobody else bothered?"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given

from kairo.context.contexts import CORE
from kairo.context.entities.rules import (
    Append,
    Create,
    Delete,
    Merge,
    Operation,
    ReplaceEntity,
    UpdateAttributes,
    Upsert,
)
from kairo.context.gate import Declarations
from kairo.context.model.draft import State
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity
from kairo.context.types.incoming import gives_all, in_newest_version, sunset_of, version_said
from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from tests.context.types.gauges import SUNSET, declared, first_documents, gauge, to_second

END = datetime(2027, 4, 1, tzinfo=TOKYO)
BEFORE = END - timedelta(microseconds=1)
ID = "urn:ngsi-ld:Gauge:1"
OLD = {"level": {"type": "Property", "value": 150, "unitCode": "CMT"}}
NEW = {"height": {"type": "Property", "value": 1.5, "unitCode": "MTR"}}
STORED = State({"id": ID, "type": "Gauge", **NEW}, {}, BEFORE, BEFORE)
GAUGES = declared(3)


def whole(attributes: dict[str, Any], type: Any = "Gauge") -> Any:
    """A parsed entity."""
    return parse_entity({"id": ID, "type": type, **attributes}, CORE)


def part(attributes: dict[str, Any], purpose: Purpose = Purpose.WHOLE) -> Any:
    """A parsed fragment."""
    return parse_attributes(attributes, CORE, purpose, entity_id=ID)


def written(operation: Operation, now: datetime = BEFORE, declarations: Declarations = GAUGES) -> dict[str, Any]:
    """The attributes that an operation writes once it is in the newest version."""
    found: Any = in_newest_version(operation, STORED, declarations, now)
    assert found.name == operation.name
    return dict(found.entity.attributes if hasattr(found, "entity") else found.fragment.attributes)


WAYS: list[Callable[[dict[str, Any]], Operation]] = [
    lambda given: Create(whole(given)),
    lambda given: ReplaceEntity(whole(given)),
    lambda given: Upsert(whole(given)),
    lambda given: Upsert(whole(given), update=True),
    lambda given: Append(part(given)),
    lambda given: UpdateAttributes(part(given, Purpose.UPDATE)),
]


@pytest.mark.parametrize("way", WAYS)
def test_the_old_shape_is_upcast_until_its_date(way: Any) -> None:
    assert sunset_of(SUNSET) == END
    assert written(way(OLD)) == NEW
    assert written(way(NEW)) == NEW
    assert written(way(NEW), END) == NEW
    with pytest.raises(BadRequestData, match="version 1 of Gauge, which is no longer taken since 2027-04-01") as refused:
        written(way(OLD), END)
    assert "/schemas/Gauge/v3.json" in refused.value.mend


def test_an_upsert_that_updates_writes_the_same_both_ways() -> None:
    found: Any = in_newest_version(Upsert(whole(OLD), update=True), None, GAUGES, BEFORE)
    assert found.fragment.attributes == found.entity.attributes == NEW


@given(first_documents())
def test_any_stored_document_of_the_first_version_is_read_as_one(doc: dict[str, Any]) -> None:
    given = {name: stored for name, stored in doc.items() if name not in ("id", "type")}
    assert version_said(gauge(3), given) == 1
    expected = {name: stored for name, stored in to_second(doc).items() if name not in ("id", "type")}
    assert written(Create(whole(given))) == expected


@pytest.mark.parametrize(
    ("attributes", "version"),
    [
        ({}, 3),
        ({"unheard": {"type": "Property", "value": 1}}, 3),
        ({"remarks": {"type": "Property", "value": "a"}}, 3),
        ({"name": {"type": "LanguageProperty", "languageMap": {"ja": "a"}}}, 3),
        ({"name": {"type": "Property", "value": "a"}}, 1),
        (OLD, 1),
        ({"height": {"type": "Property", "value": 1}}, 3),
        ({"height": {"type": "Property", "value": 1, "unitCode": "CMT"}}, 3),  # of no version: taken as it is
        ({**OLD, **NEW}, 3),
        ({"phone": {"type": "Property", "value": "1"}}, 3),
        ({"level": {"type": "urn:ngsi-ld:null"}}, 1),
    ],
)
def test_which_version_a_shape_says(attributes: dict[str, Any], version: int) -> None:
    assert version_said(gauge(3), attributes) == version


def test_removing_by_the_old_name_removes_by_the_new_one() -> None:
    paint = State({"id": ID, "type": "Paint", "colour": {"type": "Property", "value": 1}}, {}, BEFORE, BEFORE)
    gone: Any = in_newest_version(UpdateAttributes(part({"shade": "urn:ngsi-ld:null"}, Purpose.UPDATE)), paint, GAUGES, BEFORE)
    assert set(gone.fragment.attributes) == {"colour"}
    assert "colour" not in gone.apply(paint, BEFORE).state.doc


def test_a_merge_in_the_old_shape_is_refused_and_says_why() -> None:
    with pytest.raises(BadRequestData, match="a merge is written in the newest version"):
        written(Merge(part(OLD, Purpose.MERGE)))
    assert written(Merge(part(NEW, Purpose.MERGE))) == NEW


def test_what_only_looks_like_the_old_version_is_refused_and_says_why() -> None:
    odd = {"level": {"type": "Property", "value": "deep"}}
    with pytest.raises(BadRequestData, match="looks like version 1 of Gauge"):
        written(Create(whole(odd)))


def test_other_types_and_other_programs_are_left_alone() -> None:
    for operation in (Create(whole(OLD, "Plain")), Create(whole(OLD, "Alien")), Delete(), Create(whole(NEW))):
        assert in_newest_version(operation, None, GAUGES, END) is operation
    create = Create(whole(OLD))
    assert in_newest_version(create, None, declared(1), END) is create


def test_what_replaces_everything_does_so() -> None:
    assert [gives_all(way({})) for way in WAYS] == [True, True, True, False, False, False]
    assert not gives_all(Delete())
