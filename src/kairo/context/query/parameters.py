"""How do the parameters of a GET, or the body of a POST query, become one `EntityQuery`? (CIM 009 6.4.3.2, 5.2.23)"""

from collections.abc import Mapping
from typing import Any

from kairo.context.query.entity_query import EntityQuery, parse_id_pattern, parse_ids
from kairo.context.query.geo import parse_geo_query
from kairo.context.query.language import parse_q
from kairo.context.query.projection import Projection, parse_projection
from kairo.context.query.scopes import parse_scope_q
from kairo.context.query.tree import Terms
from kairo.context.query.types import parse_type_selection
from kairo.errors import BadRequestData, OperationNotSupported

QUERY_PARAMETERS = frozenset(
    {"id", "idPattern", "type", "attrs", "q", "georel", "geometry", "coordinates", "geoproperty", "scopeQ"}
)
_BODY_MEMBERS = frozenset({"type", "entities", "attrs", "q", "geoQ", "scopeQ", "lang", "pick", "omit", "geometryProperty"})


def read_query(given: Mapping[str, Any], terms: Terms) -> EntityQuery:
    """The query that these parameters make. `coordinates` may be JSON text or an array, `attrs` a text or a list."""
    attrs = parse_projection(given.get("attrs"), None, None, terms).attrs or ()
    return EntityQuery(
        ids=parse_ids(given["id"]) if given.get("id") else (),
        id_pattern=parse_id_pattern(given["idPattern"]) if given.get("idPattern") else None,
        types=parse_type_selection(given["type"], terms) if given.get("type") is not None else None,
        attrs=attrs,
        q=parse_q(given["q"], terms) if given.get("q") is not None else None,
        geo=parse_geo_query(
            given.get("georel"), given.get("geometry"), given.get("coordinates"), given.get("geoproperty"), terms
        ),
        scope_q=parse_scope_q(given["scopeQ"]) if given.get("scopeQ") is not None else None,
    )


def read_projection(given: Mapping[str, Any], terms: Terms) -> Projection:
    """What of the entities is shown."""
    return parse_projection(given.get("attrs"), given.get("pick"), given.get("omit"), terms)


def flatten_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """A Query data structure (5.2.23) as the parameters of a GET. Raises BadRequestData for members of the wrong kind."""
    if body.get("type") != "Query":
        raise BadRequestData('the body needs "type": "Query"', detail_ja='本文には "type": "Query" が必要です。')
    for name in body:
        if name not in _BODY_MEMBERS:
            raise BadRequestData(
                f"a query has no member {name!r} here; known are {', '.join(sorted(_BODY_MEMBERS))}",
                detail_ja=f"検索条件に「{name}」はありません。",
            )
    flat: dict[str, Any] = {name: _text(body, name) for name in ("q", "scopeQ", "lang", "geometryProperty") if name in body}
    for name in ("attrs", "pick", "omit"):
        if name in body:
            flat[name] = _names(body, name)
    flat |= _entities(body.get("entities"))
    geo = body.get("geoQ")
    if geo is not None:
        if not isinstance(geo, dict):
            raise BadRequestData(
                "geoQ is an object with georel, geometry and coordinates", detail_ja="geoQ はオブジェクトです。"
            )
        flat |= {name: _text(geo, name) for name in ("georel", "geometry", "geoproperty") if name in geo}
        if "coordinates" in geo:
            flat["coordinates"] = geo["coordinates"]
    return flat


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str):
        raise BadRequestData(f"{name} is a text", detail_ja=f"{name} は文字列です。")
    return value


def _names(body: Mapping[str, Any], name: str) -> list[str]:
    value = body[name]
    if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
        raise BadRequestData(f"{name} is a list of names", detail_ja=f"{name} は名前の配列です。")
    return value


def _entities(selectors: Any) -> dict[str, Any]:
    """The selectors `entities`. Several may differ in type and id; joint answers of differing ones are not offered."""
    if selectors is None:
        return {}
    if not isinstance(selectors, list) or not selectors or not all(isinstance(item, dict) for item in selectors):
        raise BadRequestData("entities is a list of objects with type, id or idPattern", detail_ja="entities は配列です。")
    if len(selectors) == 1:
        (only,) = selectors
        flat: dict[str, Any] = {name: _text(only, name) for name in ("type", "idPattern") if name in only}
        if "id" in only:
            flat["id"] = _names(only, "id") if isinstance(only["id"], list) else [_text(only, "id")]
        return flat
    if all(set(item) == {"type"} for item in selectors):
        return {"type": ",".join(f"({_text(item, 'type')})" for item in selectors)}
    raise OperationNotSupported(
        "several entity selectors that name ids or patterns are not offered in one query",
        detail_ja="IDや型の異なる複数の条件を一度に指定することはできません。",
        mend="Send one query for each.",
    )
