"""How do the parameters of a GET become one `EntityQuery`? (CIM 009 6.4.3.2; posted.py makes the same of a body)"""

from collections.abc import Mapping
from typing import Any

from kairo.context.query.entity_query import EntityQuery, Selector, parse_id_pattern, parse_ids
from kairo.context.query.geo import parse_geo_query
from kairo.context.query.language import parse_q
from kairo.context.query.order import Order, parse_order
from kairo.context.query.projection import Projection, parse_projection
from kairo.context.query.scopes import parse_scope_q
from kairo.context.query.tree import Terms
from kairo.context.query.types import parse_type_selection
from kairo.errors import BadRequestData

# What selects entities. `csf`, `jsonKeys` and `splitEntities` are read and change nothing: they are for what other brokers hold,
# and values of JsonProperties are never expanded here.
QUERY_PARAMETERS = frozenset(
    {"id", "idPattern", "type", "attrs", "q", "georel", "geometry", "coordinates", "geoproperty", "scopeQ", "csf"}
    | {"expandValues", "jsonKeys", "splitEntities"}
)
ORDER_PARAMETERS = frozenset({"orderBy", "orderFrom", "orderGeometry", "collation"})


def read_query(given: Mapping[str, Any], terms: Terms, *, join_level: int = 0) -> EntityQuery:
    """The query that these parameters make. `coordinates` may be JSON text or an array, `attrs` a text or a list.

    `join_level`: how deep the request joins linked entities; so deep may q ask about them.
    """
    attrs = parse_projection(given.get("attrs"), None, None, terms).attrs or ()
    if given.get("csf") is not None:
        parse_q(given["csf"], terms)
    if str(given.get("splitEntities", "false")).lower() not in {"true", "false"}:
        raise BadRequestData("splitEntities is true or false", detail_ja="splitEntities は true か false です。")
    expanded = [name.strip() for name in given.get("expandValues", "").split(",")]
    return EntityQuery(
        ids=parse_ids(given["id"]) if given.get("id") else (),
        id_pattern=parse_id_pattern(given["idPattern"]) if given.get("idPattern") else None,
        types=parse_type_selection(given["type"], terms) if given.get("type") is not None else None,
        selectors=tuple(_selector(one, terms) for one in given.get("selectors", ())),
        attrs=attrs,
        q=parse_q(given["q"], terms, expand_values=expanded, join_level=join_level) if given.get("q") is not None else None,
        geo=parse_geo_query(
            given.get("georel"), given.get("geometry"), given.get("coordinates"), given.get("geoproperty"), terms
        ),
        scope_q=parse_scope_q(given["scopeQ"]) if given.get("scopeQ") is not None else None,
    )


def _selector(given: Mapping[str, Any], terms: Terms) -> Selector:
    return Selector(
        types=parse_type_selection(given["type"], terms),
        ids=parse_ids(given["id"]) if "id" in given else (),
        id_pattern=parse_id_pattern(given["idPattern"]) if "idPattern" in given else None,
    )


def read_projection(given: Mapping[str, Any], terms: Terms, *, join_level: int = 0) -> Projection:
    """What of the entities is shown."""
    return parse_projection(given.get("attrs"), given.get("pick"), given.get("omit"), terms, join_level=join_level)


def read_order(given: Mapping[str, Any], terms: Terms, *, local: bool) -> Order | None:
    """In which order they come. Only a request that is limited to this broker has one (5.7.2.4)."""
    order = parse_order(given.get("orderBy"), given.get("orderFrom"), given.get("orderGeometry"), given.get("collation"), terms)
    if order is not None and not local:
        raise BadRequestData(
            "an order needs local=true (or type=*): what other brokers hold cannot be ordered (4.23.1)",
            detail_ja="並べ替えには local=true（または type=*）が必要です",
            mend="Add local=true.",
            mend_ja="local=true を加えてください。",
            parameter="orderBy",
        )
    return order
