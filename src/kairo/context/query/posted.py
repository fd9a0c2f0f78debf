"""How does the body of a POST query read as the parameters of a GET? (the Query data structure, CIM 009 5.2.23 and 5.2.33)"""

from collections.abc import Mapping
from typing import Any

from kairo.errors import BadRequestData

_TEXTS = ("q", "scopeQ", "lang", "geometryProperty", "csf", "expandValues", "jsonKeys", "join")
_LISTS = ("attrs", "pick", "omit")
_BODY_MEMBERS = frozenset(
    {"type", "entities", "geoQ", "ordering", "joinLevel", "containedBy", "datasetId", "splitEntities", *_TEXTS, *_LISTS}
)
_ORDERING = {"orderBy": "orderBy", "coordinates": "orderFrom", "geometry": "orderGeometry", "collation": "collation"}
MAX_SELECTORS = 100


def flatten_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """A Query data structure as the parameters of a GET. Raises BadRequestData for members of the wrong kind, and for those
    that belong to queries of temporal evolutions."""
    if body.get("type") != "Query":
        raise BadRequestData('the body needs "type": "Query"', detail_ja='本文には "type": "Query" が必要です。')
    for name in body:
        if name in {"temporalQ", "aggrParams"}:
            raise BadRequestData(
                f"{name} belongs to queries of temporal evolutions (5.2.23)",
                detail_ja=f"{name} は履歴の検索でだけ使えます。",
                mend="Send the query to /ngsi-ld/v1/temporal/entityOperations/query.",
                mend_ja="/ngsi-ld/v1/temporal/entityOperations/query へ送ってください。",
            )
        if name not in _BODY_MEMBERS:
            raise BadRequestData(
                f"a query has no member {name[:80]!r} here; known are {', '.join(sorted(_BODY_MEMBERS))}",
                detail_ja=f"検索条件に「{name[:80]}」はありません。",
            )
    flat: dict[str, Any] = {name: _text(body, name) for name in _TEXTS if name in body}
    for name in _LISTS:
        if name in body:
            flat[name] = _names(body, name)
    for name in ("containedBy", "datasetId"):
        if name in body:
            flat[name] = ",".join(_names(body, name))
    if "joinLevel" in body:
        flat["joinLevel"] = _whole(body, "joinLevel")
    if "splitEntities" in body:
        flat["splitEntities"] = _flag(body, "splitEntities")
    flat |= _entities(body.get("entities"))
    if body.get("geoQ") is not None:
        geo = _object(body, "geoQ")
        flat |= {name: _text(geo, name) for name in ("georel", "geometry", "geoproperty") if name in geo}
        if "coordinates" in geo:
            flat["coordinates"] = geo["coordinates"]
    if body.get("ordering") is not None:
        flat |= _order(_object(body, "ordering"))
    return flat


def _order(ordering: Mapping[str, Any]) -> dict[str, Any]:
    """OrderingParams (5.2.43)."""
    for name in ordering:
        if name not in _ORDERING:
            raise BadRequestData(
                f"ordering has no member {name[:80]!r}; known are {', '.join(_ORDERING)}",
                detail_ja=f"ordering に「{name[:80]}」はありません。",
            )
    if isinstance(ordering.get("coordinates"), str):
        raise BadRequestData("ordering: coordinates is an array", detail_ja="ordering の coordinates は配列です。")
    flat: dict[str, Any] = {"orderBy": _names(ordering, "orderBy")} if "orderBy" in ordering else {}
    flat |= {_ORDERING[name]: _text(ordering, name) for name in ("geometry", "collation") if name in ordering}
    if "coordinates" in ordering:
        flat["orderFrom"] = ordering["coordinates"]
    if "orderBy" not in flat:
        raise BadRequestData("ordering needs orderBy, a list of names", detail_ja="ordering には orderBy が必要です。")
    return flat


def _object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body[name]
    if not isinstance(value, dict):
        raise BadRequestData(f"{name} is an object", detail_ja=f"{name} はオブジェクトです。")
    return value


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise BadRequestData(f"{name} is a text", detail_ja=f"{name} は文字列です。")
    return value


def _whole(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if type(value) is not int:
        raise BadRequestData(f"{name} is a whole number", detail_ja=f"{name} は整数です。")
    return str(value)


def _flag(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, bool):
        raise BadRequestData(f"{name} is true or false", detail_ja=f"{name} は true か false です。")
    return str(value).lower()


def _names(body: Mapping[str, Any], name: str) -> list[str]:
    value = body[name]
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise BadRequestData(f"{name} is a list of texts", detail_ja=f"{name} は文字列の配列です。")
    return value


def _entities(selectors: Any) -> dict[str, Any]:
    """The selectors `entities`: an entity is in the answer if any of them selects it."""
    if selectors is None:
        return {}
    if not isinstance(selectors, list) or not selectors or not all(isinstance(item, dict) for item in selectors):
        raise BadRequestData("entities is a list of objects with type, id or idPattern", detail_ja="entities は配列です。")
    if len(selectors) > MAX_SELECTORS:
        raise BadRequestData(
            f"entities has {len(selectors)} selectors; at most {MAX_SELECTORS} are taken",
            detail_ja=f"entities は最大{MAX_SELECTORS}件です（{len(selectors)}件ありました）。",
            mend="Name several ids or types in one selector, or send several queries.",
        )
    found = [_selector(one) for one in selectors]
    return found[0] if len(found) == 1 else {"selectors": found}


def _selector(given: Mapping[str, Any]) -> dict[str, Any]:
    """One EntitySelector (5.2.33): it needs a type, `*` for any; an id takes precedence over a pattern."""
    for name in given:
        if name not in {"type", "id", "idPattern"}:
            raise BadRequestData(
                f"an entity selector has no member {name[:80]!r}; known are id, idPattern, type",
                detail_ja=f"entities の条件に「{name[:80]}」はありません。",
            )
    if "type" not in given:
        raise BadRequestData(
            "an entity selector needs a type (5.2.33)",
            detail_ja="entities の各条件には type が必要です。",
            mend='Add "type"; "*" stands for any.',
        )
    flat: dict[str, Any] = {"type": _text(given, "type")}
    if "id" in given:
        flat["id"] = _names(given, "id") if isinstance(given["id"], list) else [_text(given, "id")]
    elif "idPattern" in given:
        flat["idPattern"] = _text(given, "idPattern")
    return flat
