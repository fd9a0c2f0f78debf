"""What does a query say, and which entities does it select? (CIM 009 4.9, 4.10, 4.17, 4.19, 4.21, 5.7.2)

Every parameter has a parser that gives an immutable value or raises an error that says where and how; `EntityQuery` joins the values;
`compile_query` makes SQL of it and `selects`/`matches` decide in memory, by the same rules.
"""

from kairo.context.query.compile import Compiled, compile_query
from kairo.context.query.entity_query import EntityQuery, Selector, parse_id_pattern, parse_ids
from kairo.context.query.evaluate import Stamps, matches, selects
from kairo.context.query.geo import GeoQuery, Relation, parse_geo_query
from kairo.context.query.language import parse_q
from kairo.context.query.order import Order, parse_order
from kairo.context.query.parameters import ORDER_PARAMETERS, QUERY_PARAMETERS, read_order, read_projection, read_query
from kairo.context.query.pattern import Pattern, PatternError
from kairo.context.query.posted import flatten_body
from kairo.context.query.projection import Projected, Projection, parse_projection
from kairo.context.query.scopes import ScopeQ, parse_scope_q
from kairo.context.query.tree import Path, Q, Terms, paths
from kairo.context.query.types import TypeSelection, parse_type_selection

__all__ = [
    "ORDER_PARAMETERS",
    "QUERY_PARAMETERS",
    "Compiled",
    "EntityQuery",
    "GeoQuery",
    "Order",
    "Path",
    "Pattern",
    "PatternError",
    "Projected",
    "Projection",
    "Q",
    "Relation",
    "ScopeQ",
    "Selector",
    "Stamps",
    "Terms",
    "TypeSelection",
    "compile_query",
    "flatten_body",
    "matches",
    "parse_geo_query",
    "parse_id_pattern",
    "parse_ids",
    "parse_order",
    "parse_projection",
    "parse_q",
    "parse_scope_q",
    "parse_type_selection",
    "paths",
    "read_order",
    "read_projection",
    "read_query",
    "selects",
]
