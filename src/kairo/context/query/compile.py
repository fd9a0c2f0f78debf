"""Which SQL condition selects the entities that a query asks for?

The condition stands in a statement of the caller: `entity` has the alias `e`, the tenant is `$1`, and every subquery repeats
it. What a stranger wrote is only ever in parameters. Types are not compiled: the caller resolves `EntityQuery.types` to type keys.

`doc` is the SQL expression of the document as this asker may read it. Every condition looks at it, those on geometries and
times too, so that nothing withheld can be found out by asking whether it matches.
"""

from dataclasses import dataclass, field

from kairo.context.query.entity_query import EntityQuery
from kairo.context.query.geo import GeoQuery
from kairo.context.query.geo_sql import geo_condition
from kairo.context.query.jsonpath import document_predicate, stamps_predicate
from kairo.context.query.jsonpath_literals import quote
from kairo.context.query.tree import Absent, And, Compares, Equals, Exists, Instant, Or, Q, Range, Term

_COLUMNS = {"createdAt": "e.created_at", "modifiedAt": "e.modified_at", "expiresAt": "e.expires_at"}


@dataclass(frozen=True, slots=True)
class Compiled:
    """`where` is a boolean expression, never NULL; `parameters` are its values from the first placeholder on, in order.

    `exact`, there if a geometry is asked for, must still be asked of every entity found (`exact.matches_entity(doc)`): the
    condition lets through all that match and some whose box does. Of points near a point it lets through those that match alone.
    """

    where: str
    parameters: list[object]
    exact: GeoQuery | None = None


@dataclass(slots=True)
class _Parameters:
    """Hands out placeholders, one for each distinct value."""

    first: int
    values: list[object] = field(default_factory=list)

    def __call__(self, value: object) -> str:
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}"


def compile_query(query: EntityQuery, first_parameter: int, *, doc: str = "e.doc") -> Compiled:
    """The condition for all of the query but its types. The first placeholder is `$first_parameter`."""
    parameter = _Parameters(first_parameter)
    conditions: list[str] = []
    if query.ids:
        conditions.append(f"e.id = any({parameter(list(query.ids))}::text[])")
    if query.id_pattern is not None:
        conditions.append(f"e.id ~ {parameter(query.id_pattern.sql)}::text")
    if query.attrs:
        conditions.append(f"{doc} ?| {parameter(list(query.attrs))}::text[]")
    if query.scope_q is not None:
        conditions.append(f"coalesce({query.scope_q.sql('e.scopes', parameter)}, false)")
    if query.q is not None:
        conditions.append(_q_condition(query.q, doc, parameter))
    if query.geo is not None:
        conditions.append(geo_condition(query.geo, doc, parameter))
    return Compiled(" AND ".join(conditions) or "true", parameter.values, query.geo)


def _q_condition(q: Q, doc: str, parameter: _Parameters) -> str:
    """One jsonpath for all that the document can answer; SQL joins it with what columns answer."""
    predicate = document_predicate(q)
    if predicate is not None:
        return f"{doc} @? {parameter(f'$ ? ({predicate})')}::jsonpath"
    if isinstance(q, And | Or):
        joined = (" AND " if isinstance(q, And) else " OR ").join(_q_condition(part, doc, parameter) for part in q.parts)
        return f"({joined})"
    return _entity_stamp(q, parameter) if q.path.entity_stamp else _attribute_stamp(q, doc, parameter)


def _entity_stamp(q: Term, parameter: _Parameters) -> str:
    """A condition on a time of the entity itself. Only a DateTime compares with it; it is no text for a pattern."""
    column = _COLUMNS[q.path.names[0]]
    if isinstance(q, Exists):
        return f"{column} IS NOT NULL"
    if isinstance(q, Absent):
        return f"{column} IS NULL"
    if isinstance(q, Equals):
        tests = []
        for choice in q.choices:
            if isinstance(choice, Range) and isinstance(choice.low, Instant):
                low, high = parameter(choice.low.value), parameter(choice.high.value)
                tests.append(f"{column} BETWEEN {low}::timestamptz AND {high}::timestamptz")
            elif isinstance(choice, Instant):
                tests.append(f"{column} = {parameter(choice.value)}::timestamptz")
        equal = f"coalesce({' OR '.join(tests) or 'false'}, false)"
        return f"({column} IS NOT NULL AND NOT {equal})" if q.negated else equal
    if isinstance(q, Compares) and isinstance(q.literal, Instant):
        return f"coalesce({column} {q.order.value} {parameter(q.literal.value)}::timestamptz, false)"
    return "false"


def _attribute_stamp(q: Term, doc: str, parameter: _Parameters) -> str:
    """A condition on a time of an attribute. The attribute must be in the readable document: a withheld one has no times."""
    there = f"{doc} @? {parameter(f'$.{quote(q.path.names[0])}')}::jsonpath"
    if isinstance(q, Absent):
        exists = stamps_predicate(Exists(q.path))
        return f"NOT ({there} AND coalesce(e.stamps @? {parameter(f'$ ? ({exists})')}::jsonpath, false))"
    return f"({there} AND coalesce(e.stamps @? {parameter(f'$ ? ({stamps_predicate(q)})')}::jsonpath, false))"
