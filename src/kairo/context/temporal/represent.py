"""How does the past of an entity look in an answer? Normalized, concise and simplified temporal representation (CIM 009 4.5.6 to 4.5.9).

An attribute is always an array of its instances, so that a reader need not look how many there are; in the simplified form it is
an object for each dataset. Moments are written last, by `dumps`: formatting them one by one cost more than all the rest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kairo.context.model import represent
from kairo.context.model.names import NONE, NULL
from kairo.context.model.stored import VALUE_MEMBERS, Instance
from kairo.context.model.terms import TermMap
from kairo.context.temporal.asking import TimeFormat, TimeProperty, TimeQuery
from kairo.context.temporal.instance_ids import instance_id

_PLURALS = {
    "Property": "values",
    "GeoProperty": "values",
    "Relationship": "objects",
    "LanguageProperty": "languageMaps",
    "VocabProperty": "vocabs",
    "JsonProperty": "jsons",
    "ListProperty": "valueLists",
    "ListRelationship": "objectLists",
}
_DELETED: Mapping[str, Any] = {
    "LanguageProperty": {NONE: NULL},
    "ListProperty": [NULL],
    "ListRelationship": [{"object": NULL}],
}
_WRAPPED = ("LanguageProperty", "VocabProperty", "JsonProperty")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an asker wants to see of each instance."""

    form: TimeFormat
    query: TimeQuery
    sys_attrs: bool
    languages: tuple[str, ...] | None
    terms: TermMap


def attributes(rows: Iterable[Any], wanted: Wanted) -> dict[str, dict[str, Any]]:
    """The attributes of each entity by stored name, from rows of the store in order of time."""
    if wanted.form is TimeFormat.VALUES:
        return _simplified(rows, wanted)
    found: dict[str, dict[str, list[Any]]] = {}
    for row in rows:
        found.setdefault(row["entity"], {}).setdefault(row["attribute"], []).append(_instance(row, wanted))
    return found


def _instance(row: Any, wanted: Wanted) -> Instance:
    """One instance; what the broker knows of it comes last."""
    instance = _prepared(row, wanted)
    if wanted.form is TimeFormat.CONCISE:
        instance = represent.concise_instance(instance)
    out = {**instance, "instanceId": instance_id(row["at"], row["number"], row["dataset"])}
    if row["dataset"] != NONE and "datasetId" not in out:
        out["datasetId"] = row["dataset"]
    if row["observed_at"] is not None and "observedAt" not in out:
        out["observedAt"] = row["observed_at"]
    named = wanted.query.property if wanted.query.is_named else None
    if row["instance"] is None:
        out["deletedAt"] = row["at"]
    if (wanted.sys_attrs and row["instance"] is not None) or named is TimeProperty.CREATED:
        out["createdAt"] = row["at"]
    if wanted.sys_attrs or named is TimeProperty.MODIFIED:
        out["modifiedAt"] = row["modified_at"] or row["at"]
    return out


def _prepared(row: Any, wanted: Wanted) -> Instance:
    """The instance as it was entered, in the language and the terms of the asker."""
    instance: Instance = deleted(row["kind"] or "Property") if row["instance"] is None else orjson.loads(row["instance"])
    if wanted.languages is not None:
        instance = represent.in_language(instance, wanted.languages)
    return instance if wanted.terms.is_core else represent.in_terms(instance, wanted.terms)


def deleted(kind: str) -> Instance:
    """What stands for a deleted instance of this kind: the NGSI-LD Null in the form of its kind (4.5.0, 4.5.7)."""
    return {"type": kind, VALUE_MEMBERS[kind]: _DELETED.get(kind, NULL)}


def _simplified(rows: Iterable[Any], wanted: Wanted) -> dict[str, dict[str, Any]]:
    """Pairs of value and time, an object for each dataset; one alone stands by itself."""
    found: dict[str, dict[str, dict[tuple[str, str], Any]]] = {}
    for row in rows:
        instance = _prepared(row, wanted)
        kind = instance["type"]
        series = found.setdefault(row["entity"], {}).setdefault(row["attribute"], {})
        one = series.get((row["dataset"], kind))
        if one is None:
            dataset = {} if row["dataset"] == NONE else {"datasetId": row["dataset"]}
            one = series[row["dataset"], kind] = {"type": kind, **dataset, _PLURALS[kind]: []}
        one[_PLURALS[kind]].append([_value(instance, kind), row["time"]])
    return {
        entity: {
            name: next(iter(series.values())) if len(series) == 1 else list(series.values()) for name, series in members.items()
        }
        for entity, members in found.items()
    }


def _value(instance: Instance, kind: str) -> Any:
    member = VALUE_MEMBERS[kind]
    value = instance[member]
    if kind in _WRAPPED:
        return {member: value}
    return [item["object"] for item in value] if kind == "ListRelationship" else value


def entity(
    id: str, types: Iterable[str], members: Mapping[str, Any], terms: TermMap, shows: Callable[[str], bool]
) -> dict[str, Any]:
    """One entity with its attributes by stored name."""
    names = [terms.compact(name) for name in types]
    out: dict[str, Any] = {"id": id, "type": names[0] if len(names) == 1 else names}
    out = {name: value for name, value in out.items() if shows(name)}
    out.update((name if name == "scope" else terms.compact(name), value) for name, value in members.items())
    return out


def dumps(body: Any) -> bytes:
    """Writes an answer: moments as `kairo.platform.clock.iso` does."""
    return orjson.dumps(body, option=orjson.OPT_UTC_Z)
