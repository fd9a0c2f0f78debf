"""Which members has each kind of attribute, and who reads them? Tables built once, so that reading is a lookup a member."""

from collections.abc import Callable
from typing import Any

from kairo.context.model import values
from kairo.context.model.faults import Fault
from kairo.context.model.names import MAX_URI_BYTES, NONE, NULL, check_uri, utc
from kairo.context.model.reading import NOWHERE, Reading
from kairo.context.model.stored import VALUE_MEMBERS, VALUE_NAMES

Reader = Callable[[Any, Reading], Any]
_MAX_TEXT_CHARACTERS = 256

SKIP = object()  # what a reader answers when the member is not stored


def _ignore(value: Any, reading: Reading) -> Any:
    """System attributes in the input are ignored (5.2.2), as are members that only answers have."""
    return SKIP


def _forbid(value: Any, reading: Reading) -> Any:
    raise Fault("no such member in this kind of attribute", "この種類の属性にはこの項目は置けません")


def _lang(value: Any, reading: Reading) -> Any:
    raise Fault(
        "no lang: it is what the language filter answers; send a LanguageProperty with languageMap",
        "lang は言語指定の応答用です。LanguageProperty と languageMap で送ってください",
    )


def _moment(value: Any, reading: Reading) -> str:
    return NULL if value == NULL and reading.nulls != NOWHERE else utc(value)


def _text(value: Any, reading: Reading) -> str:
    if value == NULL and reading.nulls != NOWHERE:
        return NULL
    if type(value) is not str or not 0 < len(value) <= _MAX_TEXT_CHARACTERS or value == NULL:
        raise Fault(f"a text of 1 to {_MAX_TEXT_CHARACTERS} characters", f"1〜{_MAX_TEXT_CHARACTERS}文字の文字列", value)
    return value


def _dataset(value: Any, reading: Reading) -> Any:
    return SKIP if value == NONE else check_uri(value, MAX_URI_BYTES)


def _object_type(value: Any, reading: Reading) -> Any:
    """The types of the entities that a relationship points to: stored names."""
    if value == NULL and reading.nulls != NOWHERE:
        return NULL
    if type(value) is list and value:
        return [values.read_type(item, reading) for item in value]
    return values.read_type(value, reading)


class Kind:
    """One kind of attribute: its name, the member that holds its value, and a reader for each member that it knows.

    What is not in `members` is a sub-attribute.
    """

    __slots__ = ("member", "members", "name", "read")

    def __init__(self, name: str, member: str, read: Reader, *, has_unit: bool = False, has_object: bool = False) -> None:
        self.name = name
        self.member = member
        self.read = read
        self.members = {**_COMMON, "unitCode": _text if has_unit else _forbid}
        self.members["objectType"] = _object_type if has_object else _forbid
        self.members["valueType"] = _forbid if has_object else _text
        for output in ("entity", "entityList"):
            self.members[output] = _ignore if has_object else _forbid
        self.members[member] = read


_PREVIOUS = ("Value", "Object", "LanguageMap", "Vocab", "Json", "ValueList", "ObjectList")
_COMMON: dict[str, Reader] = {
    **dict.fromkeys(("type", "createdAt", "modifiedAt", "deletedAt", "instanceId"), _ignore),
    **dict.fromkeys(("previous" + name for name in _PREVIOUS), _ignore),
    **dict.fromkeys(VALUE_NAMES, _forbid),
    "observedAt": _moment,
    "expiresAt": _moment,
    "datasetId": _dataset,
    "lang": _lang,
    "scope": _forbid,
    "id": _forbid,
    "@context": _forbid,
}

PROPERTY = Kind("Property", "value", values.read_value, has_unit=True)
GEO_PROPERTY = Kind("GeoProperty", "value", values.read_geometry, has_unit=True)
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        PROPERTY,
        GEO_PROPERTY,
        Kind("Relationship", "object", values.read_object, has_object=True),
        Kind("LanguageProperty", "languageMap", values.read_language_map),
        Kind("VocabProperty", "vocab", values.read_vocab),
        Kind("JsonProperty", "json", values.read_json),
        Kind("ListProperty", "valueList", values.read_value_list, has_unit=True),
        Kind("ListRelationship", "objectList", values.read_object_list, has_object=True),
    )
}
assert {name: kind.member for name, kind in KINDS.items()} == VALUE_MEMBERS

# A fragment without type and value: it only touches sub-attributes of whatever is there.
UNKNOWN = Kind("", "@value", _forbid, has_unit=True, has_object=True)
UNKNOWN.members["valueType"] = _text

BY_MEMBER: dict[str, Kind] = {kind.member: kind for kind in KINDS.values() if kind is not GEO_PROPERTY}

# Members that show that an object is an attribute and not a bare value.
HINTS = frozenset(("observedAt", "unitCode", "datasetId", "objectType", "valueType"))
