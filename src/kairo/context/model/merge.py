"""What comes out when a fragment meets what is stored? Partial update (5.5.8) and merge patch (5.5.12, RFC 7396), pure.

All functions take and give stored form; nothing is changed in place.
"""

from collections.abc import Callable
from typing import Any

from kairo.context.model.attributes import require_whole
from kairo.context.model.faults import Fault
from kairo.context.model.kinds import KINDS
from kairo.context.model.names import NONE, NULL
from kairo.context.model.reading import DEEP, Reading
from kairo.context.model.stored import VALUE_MEMBERS, VALUE_NAMES, Instance, Stored, dataset_of, instances, is_deletion, rejoin

_PLAIN_MEMBERS = frozenset(("type", "datasetId", "observedAt", "unitCode", "objectType", "valueType", "expiresAt"))


def patch_value(old: Any, new: Any) -> Any:
    """JSON Merge Patch (RFC 7396) where the NGSI-LD Null stands for null. Typed values are replaced as a whole."""
    if type(new) is not dict or "@value" in new:
        return new
    if type(old) is not dict or "@value" in old:
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
        if key in VALUE_NAMES:
            out[key] = value
        elif value == NULL:
            out.pop(key, None)
        elif key in _PLAIN_MEMBERS:
            out[key] = value
        else:
            _put(out, key, _replace_stored(out.get(key), value))
    out["type"] = old["type"]
    return out


def _put(out: Instance, key: str, stored: Stored | None) -> None:
    if stored is None:
        out.pop(key, None)
    else:
        out[key] = stored


def _replace_stored(old: Stored | None, new: Stored) -> Stored | None:
    """A sub-attribute, instance by instance; None when nothing is left."""
    found = {dataset_of(instance): instance for instance in instances(old)}
    for instance in instances(new):
        if is_deletion(instance):
            found.pop(dataset_of(instance), None)
        else:
            found[dataset_of(instance)] = cleaned(instance)
            require_whole(found[dataset_of(instance)])
    return rejoin(list(found.values())) if found else None


def cleaned(instance: Instance) -> Instance:
    """An instance of a fragment of append or update as it is stored: marks of deletion in it have nothing to delete."""
    return update_instance({"type": instance.get("type", "")}, instance)


def merge_instance(old: Instance, new: Instance) -> Instance:
    """Merge of one instance with another (`old` may be empty), to any depth."""
    out = dict(old)
    member = VALUE_MEMBERS.get(new.get("type", ""))
    if member is not None and old.get("type", member) != new["type"]:
        _drop_old_value(out, old, new["type"], member)
    for key, value in new.items():
        if key in VALUE_NAMES:
            out[key] = value if new.get("type") == "GeoProperty" else patch_value(out.get(key), value)
        elif value == NULL:
            out.pop(key, None)
        elif key in _PLAIN_MEMBERS:
            out[key] = value
        else:
            _put(out, key, merge_stored(out.get(key), value))
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
    kind = KINDS[old["type"]]
    if new.get("type") == kind.name or is_deletion(new):
        return new
    value = new.get(VALUE_MEMBERS[new["type"]])
    if kind.name == "LanguageProperty" and type(value) is str:
        if lang is None:
            raise Fault("the parameter lang, to say which language this text is", "どの言語の文かを示す lang", value)
        value = {lang: value}
    if kind.name not in ("Property", "JsonProperty"):  # these take any value, and it was read already
        value = kind.read(value, Reading(expand or str, DEEP))
    fitted: Instance = {"type": kind.name, kind.member: value}
    if "datasetId" in new:
        fitted["datasetId"] = new["datasetId"]
    return fitted


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
        merged = merge_instance({}, new)
    else:
        merged = merge_instance(old, fit_bare(old, new, lang, expand) if is_bare else new)
        if observed_at is not None and "observedAt" in old and "observedAt" not in new:
            merged["observedAt"] = observed_at
    require_whole(merged)
    if merged.get("datasetId") == NONE:
        del merged["datasetId"]
    return merged
