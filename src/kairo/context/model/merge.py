"""What comes out when a fragment meets what is stored? Partial update (5.5.8) and merge patch (5.5.12, RFC 7396), pure.

All functions take and give stored form; nothing is changed in place.
"""

from collections.abc import Callable
from typing import Any

from kairo.context.model.attributes import require_whole
from kairo.context.model.faults import Fault
from kairo.context.model.geometry import check_geometry
from kairo.context.model.names import MAX_TEXT_URI_BYTES, NONE, NULL, check_uri
from kairo.context.model.stored import VALUE_MEMBERS, VALUE_NAMES, Instance, Stored, dataset_of, instances, is_deletion, rejoin

_PLAIN_MEMBERS = frozenset(("type", "datasetId", "observedAt", "unitCode", "objectType", "valueType", "expiresAt"))


def patch_value(old: Any, new: Any) -> Any:
    """JSON Merge Patch (RFC 7396) where the NGSI-LD Null stands for null. Typed values are replaced as a whole."""
    if type(new) is not dict:
        return new
    if "@value" in new or type(old) is not dict or "@value" in old:
        old = {}
    out = dict(old)
    for key, item in new.items():
        if type(item) is str and item == NULL:
            out.pop(key, None)
        else:
            out[key] = patch_value(out.get(key), item)
    return out


def update_instance(old: Instance, new: Instance) -> Instance:
    """Partial attribute update (5.6.4): the members that are given replace those that are there, the others stay."""
    kind = new.get("type", old["type"])
    if kind == "GeoProperty" and old["type"] == "Property":  # only inferred from the shape of the value: see kinds
        kind = "Property"
    if kind != old["type"]:
        raise Fault(
            f"the type that the attribute has, {old['type']}: it cannot change here (5.6.4)",
            f"今の種類 {old['type']}（部分更新では変えられません）",
            kind,
        ).at("type")
    out = dict(old)
    for key, value in new.items():
        if key in ("type", "datasetId"):
            continue
        if _is_removal(value):
            out.pop(key, None)
        else:
            out[key] = _without_deletions(value) if key not in _PLAIN_MEMBERS and key not in VALUE_NAMES else value
    return out


def _is_removal(value: Any) -> bool:
    return (type(value) is str and value == NULL) or (
        type(value) is dict and is_deletion(value) and value.keys() <= {"type", "datasetId"}
    )


def _without_deletions(stored: Stored) -> Stored:
    """A sub-attribute that is taken over as a whole: marks of deletion in it have nothing to delete."""
    kept = [cleaned(instance) for instance in instances(stored) if not is_deletion(instance)]
    return rejoin(kept)


def cleaned(instance: Instance) -> Instance:
    """An instance of a fragment as it is stored where nothing was: without nulls and marks of deletion."""
    return merge_instance({}, instance)


def merge_instance(old: Instance, new: Instance) -> Instance:
    """Merge of one instance with another (`old` may be empty), to any depth."""
    out = dict(old)
    member = VALUE_MEMBERS.get(new.get("type", ""))
    if member is not None and old.get("type", member) != new["type"]:
        _drop_old_value(out, old, new["type"], member)
    for key, value in new.items():
        if _is_removal(value):
            out.pop(key, None)
        elif key in VALUE_NAMES:
            out[key] = value if new.get("type") == "GeoProperty" else _merge_value(out.get(key), value)
        elif key in _PLAIN_MEMBERS:
            out[key] = value
        else:
            merged = merge_stored(out.get(key), value)
            if merged is None:
                out.pop(key, None)
            else:
                out[key] = merged
    return out


def _drop_old_value(out: Instance, old: Instance, kind: str, member: str) -> None:
    """The attribute changes its kind: what belongs to the old one goes."""
    out.pop(VALUE_MEMBERS.get(old.get("type", ""), member), None)
    if kind not in ("Property", "GeoProperty", "ListProperty"):
        out.pop("unitCode", None)
    if kind not in ("Relationship", "ListRelationship"):
        out.pop("objectType", None)
    else:
        out.pop("valueType", None)


def _merge_value(old: Any, new: Any) -> Any:
    return patch_value(old, new) if type(new) is dict else new


def merge_stored(old: Stored | None, new: Stored) -> Stored | None:
    """Merge of a sub-attribute with all its instances; None when nothing is left."""
    found = {dataset_of(instance): instance for instance in instances(old)}
    for instance in instances(new):
        dataset = dataset_of(instance)
        if is_deletion(instance):
            found.pop(dataset, None)
            continue
        merged = merge_instance(found.get(dataset, {}), instance)
        require_whole(merged)
        found[dataset] = merged
    return rejoin(list(found.values())) if found else None


def fit_bare(old: Instance, new: Instance, lang: str | None, expand: Callable[[str], str] | None) -> Instance:
    """A bare or simplified value takes on the kind that the attribute has (5.6.17: "the type … shall be preserved")."""
    kind = old["type"]
    if new.get("type") == kind or is_deletion(new):
        return new
    value = new.get(VALUE_MEMBERS[new["type"]])
    fitted: Instance = {"type": kind, VALUE_MEMBERS[kind]: _fit(kind, value, lang, expand)}
    if "datasetId" in new:
        fitted["datasetId"] = new["datasetId"]
    return fitted


def _fit(kind: str, value: Any, lang: str | None, expand: Callable[[str], str] | None) -> Any:
    match kind:
        case "Property":
            return value
        case "JsonProperty":
            return value
        case "GeoProperty":
            return check_geometry(value)
        case "Relationship":
            return [_uri(item) for item in value] if type(value) is list and value else _uri(value)
        case "LanguageProperty" if type(value) is str and lang is not None:
            return {lang: value}
        case "LanguageProperty" if type(value) is dict:
            return value
        case "VocabProperty" if expand is not None and type(value) is str:
            return expand(value)
        case "VocabProperty" if expand is not None and type(value) is list and all(type(item) is str for item in value):
            return [expand(item) for item in value]
        case "ListProperty" if type(value) is list:
            return value
        case "ListRelationship" if type(value) is list:
            return [{"object": _uri(item)} for item in value]
    hint = " (say which language with lang)" if kind == "LanguageProperty" else ""
    raise Fault(f"a value for the {kind} that is there{hint}", f"今ある {kind} に合う値", value)


def _uri(value: Any) -> str:
    return check_uri(value, MAX_TEXT_URI_BYTES)


def merge_attribute(
    old: Instance | None,
    new: Instance,
    *,
    is_bare: bool = False,
    observed_at: str | None = None,
    lang: str | None = None,
    expand: Callable[[str], str] | None = None,
) -> Instance:
    """Merge Entity (5.6.17) for one instance: `old` is None when the target has none with this datasetId."""
    if old is None:
        merged = cleaned(new)
    else:
        merged = merge_instance(old, fit_bare(old, new, lang, expand) if is_bare else new)
        if observed_at is not None and "observedAt" in old and "observedAt" not in new:
            merged["observedAt"] = observed_at
    require_whole(merged)
    if merged.get("datasetId") == NONE:
        del merged["datasetId"]
    return merged
