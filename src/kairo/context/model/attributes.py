"""How is an attribute read, however it is written? Normalized, concise and simplified input become the stored form.

Clauses 4.5.2 to 4.5.5, 4.5.18 to 4.5.24, 4.7.3. A reader never changes the payload; untouched parts of it are shared.
"""

from math import isfinite
from typing import Any

from kairo.context.model.faults import Fault, show
from kairo.context.model.geometry import is_geometry
from kairo.context.model.kinds import BY_MEMBER, GEO_PROPERTY, HINTS, KINDS, PROPERTY, SKIP, UNKNOWN, Kind
from kairo.context.model.names import NONE, NULL, RESERVED, check_name, check_uri
from kairo.context.model.reading import NOWHERE, Reading, is_null, no_null
from kairo.context.model.stored import VALUE_NAMES, Instance, Stored, dataset_of, deletion, rejoin
from kairo.context.model.values import read_value

_MISSING = object()
_KNOWN_NAMES = 1024
_LONGEST_KNOWN = 256
_LARGEST_PLAIN = 2**63


def attribute_name(term: str, reading: Reading) -> str:
    """The stored name of an attribute. Refuses what is no name and what the core context reserves."""
    name = reading.known.get(term)
    if name is None:
        name = _checked_name(term, reading)
        if len(reading.known) >= _KNOWN_NAMES:
            reading.known.clear()
        if len(term) <= _LONGEST_KNOWN:
            reading.known[term] = name
    return name


def _checked_name(term: str, reading: Reading) -> str:
    if term[:1] == "@":
        raise Fault("no JSON-LD keyword as an attribute", "JSON-LDのキーワードは属性名に使えません")
    check_name(term)
    name = reading.expand(term)
    if name is not term:
        check_name(name)
    if name in RESERVED:
        raise Fault(
            "an attribute name that the core @context does not reserve",
            "コアの @context が予約していない属性名",
            term,
        )
    return name


def read_attribute(raw: Any, reading: Reading) -> Stored:
    """An attribute in normalized or concise form."""
    kind = type(raw)
    if kind is dict:
        # Most attributes are Properties of nothing but a value: they are stored as they were written.
        if len(raw) == 2 and raw.get("type") == "Property":
            value = raw.get("value")
            if value != NULL if type(value) is str else _is_plain(value):
                return raw  # type: ignore[no-any-return]
        return _one(raw, reading)
    if kind is list:
        return _many(raw, reading)
    return _bare(raw, reading)


def _is_plain(value: Any) -> bool:
    """Whether this is a truth value or a number that a Property may hold as it is."""
    kind = type(value)
    return kind is bool or (kind is int and 0 <= value <= _LARGEST_PLAIN) or (kind is float and isfinite(value))


def read_body(raw: Any, reading: Reading) -> Stored:
    """An attribute that is the whole body of a request: in a partial one an object is always members, never a bare value."""
    if type(raw) is dict and reading.is_partial and "type" not in raw and VALUE_NAMES.isdisjoint(raw):
        return _instance(raw, UNKNOWN, reading)
    return read_attribute(raw, reading)


def read_simplified(raw: Any, reading: Reading) -> Stored:
    """An attribute in simplified form (4.5.4), where only the wrappers of that form have a meaning of their own."""
    if type(raw) is dict:
        if len(raw) == 1:
            (member,) = raw
            if member == "dataset" and type(raw[member]) is dict and raw[member]:
                return _simplified_datasets(raw[member], reading)
            if member == "languageMap" or member == "vocab" or member == "json":
                return _instance(raw, BY_MEMBER[member], reading)
        if is_geometry(raw):
            return _instance({"value": raw}, GEO_PROPERTY, reading)
    return _bare(raw, reading)


def _simplified_datasets(raw: dict[str, Any], reading: Reading) -> Stored:
    found = []
    for dataset, value in raw.items():
        try:
            instance = read_simplified(value, reading)
            if type(instance) is not dict:
                raise Fault("one value for each datasetId", "datasetIdごとに一つの値", value)
            found.append(instance if dataset == NONE else {**instance, "datasetId": check_uri(dataset)})
        except Fault as fault:
            raise fault.at(dataset).at("dataset") from None
    return rejoin(found)


def _bare(raw: Any, reading: Reading) -> Instance:
    """A bare value: a Property of which nothing but the value is known."""
    if type(raw) is str and raw == NULL and reading.nulls != NOWHERE:
        return deletion(NONE)
    return {"type": "Property", "value": read_value(raw, reading)}


def _one(raw: dict[str, Any], reading: Reading) -> Instance:
    written = raw.get("type", _MISSING)
    if written is not _MISSING:
        kind = KINDS.get(written) if type(written) is str else None
        if kind is None:
            if is_geometry(raw):
                return _instance({"value": raw}, GEO_PROPERTY, reading)
            kind = _kind_by_term(written, reading)
        return _instance(raw, kind, reading)
    for member, value in raw.items():
        if member in VALUE_NAMES:
            kind = BY_MEMBER[member]
            if kind is PROPERTY and is_geometry(value):
                kind = GEO_PROPERTY
            return _instance(raw, kind, reading)
    if HINTS.isdisjoint(raw):
        return _bare(raw, reading)
    if reading.is_partial:
        return _instance(raw, UNKNOWN, reading)
    raise Fault("a member value (or object, languageMap, vocab, json, valueList, objectList)", "value などの値の項目", raw)


def _kind_by_term(written: Any, reading: Reading) -> Kind:
    """The kind of attribute when it is not written as its core term: an IRI, or an alias of the user @context."""
    if type(written) is str and written and written != NULL:
        kind = KINDS.get(reading.expand(written))
        if kind is not None:
            return kind
    raise Fault(
        "a kind of attribute: " + ", ".join(KINDS) + ' (a value that has a type of its own is written as {"value": …})',
        "属性の種類（" + "、".join(KINDS) + "）",
        written,
    ).at("type")


def _many(raw: list[Any], reading: Reading) -> Stored:
    """An array: several instances (4.5.5), or a bare value that is an array."""
    shaped = [_is_instance(item) for item in raw]
    if not any(shaped):
        return _bare(raw, reading)
    found: dict[str, Instance] = {}
    for index, item in enumerate(raw):
        try:
            if not shaped[index]:
                raise Fault("an attribute instance, as the others of this array", "他と同じ属性インスタンス", item)
            instance = _one(item, reading)
            if found.setdefault(dataset_of(instance), instance) is not instance:
                raise Fault(
                    "another datasetId for each instance, and one without at most (4.5.5)",
                    "インスタンスごとに異なる datasetId（省略は一つまで）",
                    dataset_of(instance),
                )
        except Fault as fault:
            raise fault.at(index) from None
    return rejoin(list(found.values()))


def _is_instance(item: Any) -> bool:
    if type(item) is not dict:
        return False
    written = item.get("type")
    return (type(written) is str and written in KINDS) or not (VALUE_NAMES.isdisjoint(item) and "datasetId" not in item)


def _instance(raw: dict[str, Any], kind: Kind, reading: Reading) -> Instance:
    """One instance of a known kind, member by member."""
    if kind.member not in raw:
        if not reading.is_partial:
            raise Fault(f"a member {kind.member} in this {kind.name}", f"{kind.name} の {kind.member}", raw)
    elif reading.nulls != NOWHERE and is_null(kind.member, raw[kind.member]):
        return deletion(_dataset_of_null(raw))
    elif len(raw) == 2 and "type" in raw:  # most attributes are nothing but a value
        try:
            return {"type": kind.name, kind.member: kind.read(raw[kind.member], reading)}
        except Fault as fault:
            raise fault.at(kind.member) from None
    out: Instance = {} if kind is UNKNOWN else {"type": kind.name}
    members = kind.members
    key = ""
    try:
        for key, item in raw.items():
            read = members.get(key)
            if read is None:
                _sub_attribute(out, key, item, reading)
                continue
            stored = read(item, reading)
            if stored is not SKIP:
                out[key] = stored
    except Fault as fault:
        raise fault.at(key) from None
    return out


def _dataset_of_null(raw: dict[str, Any]) -> str:
    dataset = raw.get("datasetId", NONE)
    try:
        return NONE if dataset == NONE else check_uri(dataset)
    except Fault as fault:
        raise fault.at("datasetId") from None


def _sub_attribute(out: Instance, key: str, item: Any, reading: Reading) -> None:
    if key == "ngsildproof" and type(item) is dict:
        item = {member: value for member, value in item.items() if member not in ("entityIdSealed", "entityTypeSealed")}
    name = attribute_name(key, reading)
    if name in out:
        raise Fault(f"one sub-attribute {show(name)}; two terms mean the same", "同じ名前の副属性は一つ", key)
    out[name] = read_attribute(item, reading)


def require_whole(instance: Instance) -> None:
    """Refuses an instance without its value: what a fragment may leave out, an entity must have."""
    kind = KINDS.get(instance.get("type", ""))
    if kind is None or kind.member not in instance:
        raise Fault("a value: the attribute (or this instance of it) is not there yet", "値（この属性はまだありません）")
    if kind.member == "languageMap" and not instance[kind.member]:
        raise Fault("at least one language; delete the attribute instead", "1つ以上の言語（不要なら属性を削除）")
    if instance[kind.member] == NULL:
        raise no_null()
