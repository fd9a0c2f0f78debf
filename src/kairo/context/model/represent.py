"""How does one attribute look in an answer? Normalized, concise and simplified (4.5.2 to 4.5.5), in the asker's terms."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kairo.context.model.geometry import is_geometry
from kairo.context.model.kinds import HINTS, KINDS
from kairo.context.model.language import choose
from kairo.context.model.names import NONE
from kairo.context.model.stored import VALUE_MEMBERS, VALUE_NAMES, Instance, Stored, dataset_of
from kairo.context.model.terms import TermMap

_KEPT_MEMBERS = frozenset(
    ("type", "datasetId", "observedAt", "unitCode", "valueType", "expiresAt", "lang", "createdAt", "modifiedAt")
)


def in_language(instance: Instance, wanted: tuple[str, ...]) -> Instance:
    """A LanguageProperty as a Property in one language, with `lang` saying which (4.15); sub-attributes likewise."""
    out: Instance = {}
    for key, value in instance.items():
        if key == "languageMap":
            out["lang"], out["value"] = choose(value, wanted)
        elif key in _KEPT_MEMBERS or key in VALUE_NAMES or key == "objectType":
            out[key] = value
        else:
            out[key] = [in_language(item, wanted) for item in value] if type(value) is list else in_language(value, wanted)
    if "languageMap" in instance:
        out["type"] = "Property"
    return out


def in_terms(instance: Instance, terms: TermMap) -> Instance:
    """An instance in the asker's terms."""
    compact = terms.compact
    out: Instance = {}
    kind = instance.get("type")
    for key, value in instance.items():
        if key in _KEPT_MEMBERS:
            out[key] = value
        elif key == "vocab" or key == "objectType":
            out[key] = [compact(item) for item in value] if type(value) is list else compact(value)
        elif key in VALUE_NAMES:
            out[key] = value if kind == "GeoProperty" or key == "json" else _types_in_terms(value, compact)
        else:
            name = compact(key)
            out[name] = [in_terms(item, terms) for item in value] if type(value) is list else in_terms(value, terms)
    return out


def _types_in_terms(value: Any, compact: Callable[[str], str]) -> Any:
    """A value whose `@type`s are written in the asker's terms; the same object where there are none."""
    if type(value) is list:
        items = [_types_in_terms(item, compact) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if type(value) is not dict or value.get("@type") == "@json":
        return value
    out = {key: _types_in_terms(item, compact) for key, item in value.items() if key != "@type"}
    if "@type" in value:
        types = value["@type"]
        out["@type"] = [compact(item) for item in types] if type(types) is list else compact(types)
    elif all(out[key] is item for key, item in value.items()):
        return value
    return out


def concise(instance: Instance) -> Any:
    """The shortest form that reads back the same: without type, and a bare value where nothing else is said (4.5.2.3)."""
    kind = instance["type"]
    member = VALUE_MEMBERS[kind]
    value = instance[member]
    if len(instance) == 2 and _is_bare(kind, value):
        return value
    out: Instance = {}
    for key, item in instance.items():
        if key in _KEPT_MEMBERS or key in VALUE_NAMES or key == "objectType":
            if key != "type" or (kind == "Property" and is_geometry(value)):
                out[key] = item
        else:
            out[key] = [concise_instance(each) for each in item] if type(item) is list else concise(item)
    return out


def concise_instance(instance: Instance) -> Instance:
    """The concise form of one instance among several: always an object."""
    short = concise(instance)
    member = VALUE_MEMBERS[instance["type"]]
    if len(instance) == 2 and member == "value":
        return instance if instance["type"] == "Property" and is_geometry(instance["value"]) else {"value": instance["value"]}
    return dict(short)


def _is_bare(kind: str, value: Any) -> bool:
    """Whether a value that stands alone is read back as a value of this kind."""
    if kind == "GeoProperty":
        return True
    if kind != "Property":
        return False
    if type(value) is dict:
        return "type" not in value and VALUE_NAMES.isdisjoint(value) and HINTS.isdisjoint(value)
    return type(value) is not list or not any(_looks_like_instance(item) for item in value)


def _looks_like_instance(item: Any) -> bool:
    return type(item) is dict and (
        (type(item.get("type")) is str and item["type"] in KINDS) or not VALUE_NAMES.isdisjoint(item) or "datasetId" in item
    )


def simplified(found: Sequence[Instance]) -> Any:
    """The value alone; several instances under `dataset`, by datasetId (4.5.4)."""
    if len(found) == 1:
        return _simplified(found[0])
    return {"dataset": {dataset_of(instance): _simplified(instance) for instance in found}}


def _simplified(instance: Instance) -> Any:
    kind = instance["type"]
    value = instance[VALUE_MEMBERS[kind]]
    match kind:
        case "LanguageProperty" | "VocabProperty" | "JsonProperty":
            return {VALUE_MEMBERS[kind]: value}
        case "ListRelationship":
            return [item["object"] for item in value]
    return value


def with_stamps(instance: Instance, stamps: Mapping[str, Sequence[str]]) -> Instance:
    """An instance with its createdAt and modifiedAt (4.8)."""
    stamp = stamps.get(dataset_of(instance))
    return instance if stamp is None else {**instance, "createdAt": stamp[0], "modifiedAt": stamp[1]}


def default_first(stored: Stored, datasets: frozenset[str] | None) -> list[Instance]:
    """The instances that are asked for, in their order; `@none` names the default one."""
    found: list[Instance] = stored if type(stored) is list else [stored]  # type: ignore[list-item]
    if datasets is None:
        return found
    return [instance for instance in found if instance.get("datasetId", NONE) in datasets]
