"""What do the tests of the operations share? One room, two moments, and short ways to write an operation."""

from datetime import UTC, datetime
from typing import Any

from kairo.context.entities.rules import Append, Create, Merge, Outcome, PartialUpdate, State, UpdateAttributes
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity, parse_instance
from tests.context.model.model_samples import CORE

T0 = datetime(2026, 4, 1, tzinfo=UTC)
T1 = datetime(2026, 4, 2, tzinfo=UTC)
S0, S1 = "2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"
NULL = "urn:ngsi-ld:null"
ID = "urn:ngsi-ld:Room:1"
A = "urn:ngsi-ld:Dataset:a"
TEMPERATURE = {"type": "Property", "value": 25, "unitCode": "CEL", "observedAt": "2022-03-14T01:59:26.535Z"}
NEWER = {"type": "Property", "value": 100, "observedAt": "2022-03-14T13:00:00.000Z"}


def entity(**attributes: Any) -> Any:
    return parse_entity({"id": ID, "type": "Room", **attributes}, CORE)


def state(**attributes: Any) -> State:
    found = Create(entity(**attributes)).apply(None, T0).state
    assert found is not None
    return found


def update(**payload: Any) -> UpdateAttributes:
    return UpdateAttributes(parse_attributes(payload, CORE, Purpose.UPDATE))


def append(overwrite: bool = True, **payload: Any) -> Append:
    return Append(parse_attributes(payload, CORE, Purpose.WHOLE), overwrite)


def merge(observed_at: str | None = None, lang: str | None = None, simplified: bool = False, **payload: Any) -> Merge:
    return Merge(parse_attributes(payload, CORE, Purpose.MERGE, simplified=simplified), observed_at, lang)


def partial(name: str, payload: Any) -> PartialUpdate:
    return PartialUpdate(*parse_instance(name, payload, CORE, Purpose.PARTIAL))


def doc_of(outcome: Outcome) -> dict[str, Any]:
    assert outcome.state is not None
    return {key: value for key, value in outcome.state.doc.items() if key not in ("id", "type")}


def rows(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(change.attribute, change.dataset, change.operation) for change in outcome.changes]
