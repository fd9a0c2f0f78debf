"""Is this payload an entity, a fragment or an attribute, and what is it in stored form? The entrance of every write.

Clauses 4.5.1, 5.2.4, 5.4, 5.5.4. Everything wrong ends as BadRequestData that names the place.
"""

from enum import Enum
from typing import Any

from kairo.context.model.attributes import attribute_name, read_attribute, read_body, read_simplified
from kairo.context.model.faults import Fault, show
from kairo.context.model.names import (
    MAX_TYPE_KEY_BYTES,
    NULL,
    RESERVED,
    check_language,
    check_name,
    check_scope,
    check_uri,
    utc,
)
from kairo.context.model.reading import DEEP, MEMBERS, NOWHERE, Reading
from kairo.context.model.stored import Fragment, ParsedEntity, Stored
from kairo.context.model.terms import TermMap
from kairo.errors import BadRequestData
from kairo.platform.personal_numbers import said_to_be_personal_number

_MAX_ATTRIBUTES = 1000
_KNOWN_TYPES = 256
_READ_ONLY = ("createdAt", "modifiedAt", "deletedAt")


class Purpose(Enum):
    """What the payload is for: where NGSI-LD Nulls may stand in it, and whether attributes may lack their value."""

    WHOLE = (NOWHERE, False)  # create, append, replace, upsert
    UPDATE = (MEMBERS, False)  # update attributes (5.6.2)
    PARTIAL = (MEMBERS, True)  # partial attribute update (5.6.4)
    MERGE = (DEEP, True)  # merge entity (5.6.17)

    def reading(self, terms: TermMap) -> Reading:
        """The rules of this purpose for the terms of one request."""
        nulls, is_partial = self._value_  # `value` is a property that costs more than all else here
        return Reading(terms.expand, nulls, is_partial, terms.attributes, terms.types)


def parse_entity(payload: Any, terms: TermMap, *, simplified: bool = False) -> ParsedEntity:
    """A whole entity (5.2.4)."""
    try:
        return _entity(_object(payload), Purpose.WHOLE.reading(terms), simplified)
    except Fault as fault:
        raise fault.report() from None
    except RecursionError:
        raise _too_deep() from None


def parse_attributes(
    payload: Any, terms: TermMap, purpose: Purpose, *, simplified: bool = False, entity_id: str | None = None
) -> Fragment:
    """An entity fragment (5.4). If it carries an id, the id must be that of the target."""
    try:
        return _fragment(_object(payload), purpose, terms, simplified, entity_id)
    except Fault as fault:
        raise fault.report() from None
    except RecursionError:
        raise _too_deep() from None


def parse_instance(name: str, payload: Any, terms: TermMap, purpose: Purpose = Purpose.WHOLE) -> tuple[str, Stored]:
    """One attribute, as `…/attrs/{name}` receives it: its stored name and its stored form."""
    try:
        reading = purpose.reading(terms)
        stored_name = parse_attribute_name(name, terms)
        raw = {key: value for key, value in payload.items() if key != "@context"} if type(payload) is dict else payload
        stored = read_body(raw, reading)
        refuse_personal_number(stored_name, stored)
        return stored_name, stored
    except Fault as fault:
        raise fault.report() from None
    except RecursionError:
        raise _too_deep() from None


def parse_attribute_name(name: str, terms: TermMap) -> str:
    """The stored name of an attribute in a path or a parameter."""
    try:
        return attribute_name(name, Purpose.WHOLE.reading(terms))
    except Fault as fault:
        raise fault.report() from None


def parse_id(value: Any) -> str:
    """The id of an entity in a path or a parameter."""
    try:
        return check_uri(value)
    except Fault as fault:
        raise fault.report() from None


def parse_time(value: Any) -> str:
    """A DateTime in a parameter (observedAt of a merge), in UTC with Z."""
    try:
        return utc(value)
    except Fault as fault:
        raise fault.report() from None


def parse_language(value: Any) -> str:
    """One language tag in a parameter (lang of a merge)."""
    try:
        check_language(value)
    except Fault as fault:
        raise fault.report() from None
    return str(value)


def _too_deep() -> BadRequestData:
    return BadRequestData("The payload nests too deeply.", detail_ja="入れ子が深すぎます。")


def _object(payload: Any) -> dict[str, Any]:
    if type(payload) is not dict:
        raise Fault("an object", "オブジェクト", payload)
    return payload


def _entity(payload: dict[str, Any], reading: Reading, simplified: bool) -> ParsedEntity:
    identifier: str = ""
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    expires_at = None
    attributes: dict[str, Stored] = {}
    read = read_simplified if simplified else read_attribute
    known = reading.known
    key = ""
    try:
        for key, raw in payload.items():
            name = known.get(key)
            if name is not None and name not in attributes:
                attributes[name] = read(raw, reading)
            elif key not in RESERVED and key != "@context":
                name = attribute_name(key, reading)
                if name in attributes:
                    raise Fault(f"one attribute {show(name)}; two terms mean the same", "同じ名前の属性は一つ", key)
                attributes[name] = read(raw, reading)
            elif key == "id":
                identifier = check_uri(raw)
            elif key == "type":
                types = _types(raw, reading)
            elif key == "scope":
                scopes = _scopes(raw)
            elif key == "expiresAt":
                expires_at = utc(raw)
            elif key not in _READ_ONLY and key != "@context":
                raise _reserved()
    except Fault as fault:
        raise fault.at(key) from None
    _require(identifier, "id", "an id: a URI such as urn:ngsi-ld:Shelter:001", "id（URI）")
    _require(types, "type", "a type, or an array of types", "type（型）")
    _accept(attributes)
    return ParsedEntity(identifier, types, scopes, attributes, expires_at)


def _require(found: object, member: str, expected: str, expected_ja: str) -> None:
    if not found:
        raise Fault(f"the entity lacks {expected}", f"エンティティに {expected_ja} がありません").at(member)


def refuse_personal_number(name: str, stored: Stored) -> None:
    """Raises BadRequestData for an attribute that is said to hold a 個人番号: it is never stored, nor repeated in the answer."""
    if said_to_be_personal_number(name, stored):
        raise BadRequestData(
            "an attribute holds an individual number (個人番号), which is never stored here",
            detail_ja="個人番号（マイナンバー）が含まれています。個人番号は保存できません。",
            mend="Take the number out, wherever it stands, and send it again; nothing was changed.",
            mend_ja="個人番号を取り除いて、もう一度送ってください。何も変更されていません。",
        )


def _accept(attributes: dict[str, Stored]) -> None:
    if len(attributes) > _MAX_ATTRIBUTES:
        raise Fault(f"at most {_MAX_ATTRIBUTES} attributes", f"{_MAX_ATTRIBUTES}個以内の属性", len(attributes))
    for name, stored in attributes.items():
        refuse_personal_number(name, stored)


def _reserved() -> Fault:
    return Fault(
        "this name is reserved by the core @context and cannot be an attribute of an entity (4.5.1)",
        "この名前はコアの @context が予約しており、属性名に使えません",
    )


def _types(raw: Any, reading: Reading) -> tuple[str, ...]:
    """The types in their order, without duplicates."""
    if type(raw) is str and raw in reading.types:
        return reading.types[raw]
    found = _read_types(raw, reading)
    if type(raw) is str and len(reading.types) < _KNOWN_TYPES:
        reading.types[raw] = found
    return found


def _read_types(raw: Any, reading: Reading) -> tuple[str, ...]:
    written = raw if type(raw) is list else [raw]
    stored = []
    for term in written:
        if type(term) is not str or term == NULL:
            raise Fault("the name of an entity type, or an array of them", "エンティティ型の名前", term)
        check_name(term)
        name = reading.expand(term)
        check_name(name)
        stored.append(name)
    if not stored or len(set(stored)) != len(stored):
        raise Fault("at least one type, each once", "1つ以上の重複しない型", raw)
    if len(" ".join(stored).encode("utf-8", "surrogatepass")) > MAX_TYPE_KEY_BYTES:
        raise Fault(f"types of at most {MAX_TYPE_KEY_BYTES} bytes together", f"合計{MAX_TYPE_KEY_BYTES}バイト以内の型", raw)
    return tuple(stored)


def _scopes(raw: Any) -> tuple[str, ...]:
    """The scopes in their order; one that stands twice is kept once."""
    written = raw if type(raw) is list else [raw]
    if not written:
        raise Fault("at least one scope, or no member scope at all", "1つ以上のスコープ（不要なら scope を省く）", raw)
    return tuple(dict.fromkeys(check_scope(item) for item in written))


def _fragment(payload: dict[str, Any], purpose: Purpose, terms: TermMap, simplified: bool, entity_id: str | None) -> Fragment:
    reading = purpose.reading(terms)
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] | None = None
    expires_at = None
    attributes: dict[str, Stored] = {}
    bare: set[str] = set()
    read = read_simplified if simplified else read_attribute
    key = ""
    try:
        for key, raw in payload.items():
            if key not in RESERVED and key != "@context":
                name = attribute_name(key, reading)
                if name in attributes:
                    raise Fault(f"one attribute {show(name)}; two terms mean the same", "同じ名前の属性は一つ", key)
                stored = attributes[name] = read(raw, reading)
                if simplified or _is_bare(raw, stored):
                    bare.add(name)
            elif key == "id":
                _same_id(raw, entity_id)
            elif key == "type":
                types = _types(raw, reading)
            elif key == "scope":
                scopes = () if reading.nulls and raw in (NULL, [NULL]) else _scopes(raw)
            elif key == "expiresAt":
                expires_at = NULL if reading.nulls and raw == NULL else utc(raw)
            elif key not in _READ_ONLY and key != "@context":
                raise _reserved()
    except Fault as fault:
        raise fault.at(key) from None
    _accept(attributes)
    return Fragment(types, scopes, attributes, frozenset(bare), expires_at, terms.expand)


def _same_id(raw: Any, entity_id: str | None) -> None:
    if check_uri(raw) != entity_id and entity_id is not None:
        raise Fault(f"the id of the target, {show(entity_id)}", f"対象のid {show(entity_id)}", raw)


def _is_bare(raw: Any, stored: Stored) -> bool:
    """Whether an attribute was written as nothing but its value."""
    return type(stored) is dict and stored.get("value") is raw
