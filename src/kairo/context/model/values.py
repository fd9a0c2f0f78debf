"""What may stand as the value of each kind of attribute, and how is it stored? One function a kind (CIM 009 4.5, 4.6)."""

from collections.abc import Callable
from math import isfinite
from typing import Any

from kairo.context.model.faults import Fault
from kairo.context.model.geometry import check_geometry
from kairo.context.model.names import (
    MAX_TEXT_URI_BYTES,
    NULL,
    check_language,
    check_name,
    check_uri,
    date,
    time,
    utc,
)
from kairo.context.model.reading import DEEP, Reading, no_null

_SMALLEST_INTEGER = -(2**63)
_LARGEST_INTEGER = 2**64 - 1


def read_value(value: Any, reading: Reading) -> Any:
    """The value of a Property: any JSON but null."""
    kind = type(value)
    if kind is str:
        if value == NULL:
            raise no_null()
        return value
    if kind is float or kind is int:
        return _number(value)
    if kind is bool:
        return value
    if kind is dict or kind is list:
        return _tree(value, reading)
    if value is None:
        raise Fault(
            "a value: null cannot be stored in NGSI-LD (leave the attribute out, or use a JsonProperty)",
            "値（NGSI-LDではnullを保存できません。属性を省くか JsonProperty を使ってください）",
            value,
        )
    raise Fault("a JSON value", "JSONの値", value)


def _number(value: float) -> float:
    if type(value) is float and not isfinite(value):
        raise Fault("a finite number", "有限の数値", str(value))
    if type(value) is int and not _SMALLEST_INTEGER <= value <= _LARGEST_INTEGER:
        raise Fault("an integer of at most 64 bits", "64ビット以内の整数", value)
    return value


def _tree(value: Any, reading: Reading) -> Any:
    """An object or array within a value: itself, or rebuilt where an `@type` had to be expanded."""
    if type(value) is list:
        return _items(value, reading)
    if "@type" in value:
        return _typed(value, reading)
    rebuilt: dict[str, Any] | None = None
    for key, item in value.items():
        try:
            new = _member(key, item, reading)
        except Fault as fault:
            raise fault.at(key) from None
        if new is not item:
            rebuilt = rebuilt or dict(value)
            rebuilt[key] = new
    return value if rebuilt is None else rebuilt


def _member(key: str, item: Any, reading: Reading) -> Any:
    if key == "@context":
        raise Fault("no @context within an attribute (5.5.7)", "属性の外の @context（属性内には置けません）", item)
    if item == NULL and reading.nulls == DEEP:
        return item
    return read_value(item, reading)


def _items(value: list[Any], reading: Reading) -> list[Any]:
    rebuilt: list[Any] | None = None
    reading = reading.whole()
    for index, item in enumerate(value):
        try:
            new = read_value(item, reading)
        except Fault as fault:
            raise fault.at(index) from None
        if new is not item:
            rebuilt = list(value) if rebuilt is None else rebuilt
            rebuilt[index] = new
    return value if rebuilt is None else rebuilt


def _typed(value: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """A typed value ({"@type": "Date", "@value": …}) or a structured one that names its type."""
    written = value["@type"]
    if written == "@json":  # a JSON literal: whatever it holds is not looked into
        return value
    if "@value" in value:
        reading = reading.whole()
    try:
        stored = _types(written, reading)
    except Fault as fault:
        raise fault.at("@type") from None
    out: dict[str, Any] = {"@type": stored}
    check = _TYPED.get(stored) if type(stored) is str else None
    for key, item in value.items():
        if key == "@type":
            continue
        try:
            out[key] = check(item) if check is not None and key == "@value" else _member(key, item, reading)
        except Fault as fault:
            raise fault.at(key) from None
    return out


def _types(written: Any, reading: Reading) -> Any:
    if type(written) is list and written:
        return _each(written, lambda item: read_type(item, reading))
    if written == NULL and reading.nulls == DEEP:
        return written
    return read_type(written, reading)


def read_type(written: Any, reading: Reading) -> str:
    """The name of a type of a value or of an object, as stored name."""
    if type(written) is not str or written == NULL:
        raise Fault("the name of a type", "型の名前", written)
    check_name(written)
    return reading.expand(written)


_TYPED: dict[str, Callable[[Any], str]] = {"DateTime": utc, "Date": date, "Time": time}
for _short, _check in list(_TYPED.items()):
    for _prefix in ("https://uri.etsi.org/ngsi-ld/", "ngsi-ld:"):
        _TYPED[_prefix + _short] = _check


def read_object(value: Any, reading: Reading) -> str | list[str]:
    """The object of a Relationship: a URI or an array of URIs."""
    if type(value) is not list:
        return check_uri(value, MAX_TEXT_URI_BYTES)
    if not value:
        raise Fault("at least one URI", "1個以上のURI", value)
    return _each(value, _uri)


def _uri(value: Any) -> str:
    return check_uri(value, MAX_TEXT_URI_BYTES)


def _each(value: list[Any], check: Callable[[Any], Any]) -> list[Any]:
    out = []
    for index, item in enumerate(value):
        try:
            out.append(check(item))
        except Fault as fault:
            raise fault.at(index) from None
    return out


def read_language_map(value: Any, reading: Reading) -> dict[str, Any]:
    """The languageMap of a LanguageProperty: language tags to a text or an array of texts."""
    if type(value) is not dict or not value:
        raise Fault(
            'an object of at least one language, such as {"ja": "…", "en": "…"}', '言語ごとの文（例 {"ja": "…"}）', value
        )
    for tag, text in value.items():
        try:
            check_language(tag)
            _language_text(text, reading)
        except Fault as fault:
            raise fault.at(tag) from None
    return value


def _language_text(text: Any, reading: Reading) -> None:
    if type(text) is str:
        if text == NULL and reading.nulls != DEEP:
            raise no_null()
        return
    if type(text) is not list or not all(type(item) is str and item != NULL for item in text):
        raise Fault("a text or an array of texts", "文字列または文字列の配列", text)


def read_vocab(value: Any, reading: Reading) -> str | list[str]:
    """The vocab of a VocabProperty: a term or an array of terms, stored as names."""
    if type(value) is list and value:
        return _each(value, lambda item: _vocab(item, reading))
    return _vocab(value, reading)


def _vocab(value: Any, reading: Reading) -> str:
    if type(value) is not str or not value or value[0] == "@":
        raise Fault("a term or an array of terms", "用語または用語の配列", value)
    if value == NULL:
        raise no_null()
    return reading.expand(value)


def read_json(value: Any, reading: Reading) -> Any:
    """The json of a JsonProperty: any JSON, kept as it is and never looked into."""
    if value is None:
        raise Fault("JSON other than null", "null以外のJSON", value)
    if value == NULL:
        raise no_null()
    return value


def read_value_list(value: Any, reading: Reading) -> list[Any]:
    """The valueList of a ListProperty: an ordered array of values."""
    if type(value) is not list:
        raise Fault("an array of values", "値の配列", value)
    return _items(value, reading)


def read_object_list(value: Any, reading: Reading) -> list[dict[str, str]]:
    """The objectList of a ListRelationship: an ordered array, each {"object": URI}; bare URIs are accepted."""
    if type(value) is not list:
        raise Fault("an array of URIs", "URIの配列", value)
    return _each(value, _listed_object)


def _listed_object(item: Any) -> dict[str, str]:
    if type(item) is dict and len(item) == 1 and "object" in item:
        item = item["object"]
    return {"object": check_uri(item, MAX_TEXT_URI_BYTES)}


def read_geometry(value: Any, reading: Reading) -> dict[str, Any]:
    """The value of a GeoProperty: a GeoJSON geometry."""
    if value == NULL:
        raise no_null()
    return check_geometry(value)
