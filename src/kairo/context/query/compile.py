"""Which SQL condition selects the entities that a query asks for?

The condition stands in a statement of the caller: `entity` has the alias `e`, the tenant is `$1`, and every subquery repeats
it. What a stranger wrote is only ever in parameters. Types are not compiled: the caller resolves `EntityQuery.types` to type keys,
and those of its selectors.

`doc` is the SQL expression of the document as this asker may read it. Every condition looks at it, those on geometries and
times too, so that nothing withheld can be found out by asking whether it matches. Conditions on linked entities look at
entities that the asker may read, as `Access` says, and at nothing else.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kairo.context.query.entity_query import EntityQuery, Selector
from kairo.context.query.geo import GeoQuery
from kairo.context.query.geo_sql import geo_condition
from kairo.context.query.jsonpath import document_predicate, stamps_predicate
from kairo.context.query.jsonpath_literals import quote
from kairo.context.query.tree import Absent, And, Compares, Equals, Exists, Instant, Linked, Or, Q, Range, Term

COLUMNS = {"createdAt": "created_at", "modifiedAt": "modified_at", "expiresAt": "expires_at"}


@dataclass(frozen=True, slots=True)
class Compiled:
    """`where` is a boolean expression, never NULL; `parameters` are its values from the first placeholder on, in order.

    `exact`, there if a geometry is asked for, must still be asked of every entity found (`exact.matches_entity(doc)`): the
    condition lets through all that match and some whose box does. Of points near a point it lets through those that match alone.
    """

    where: str
    parameters: list[object]
    exact: GeoQuery | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """How the caller's statement sees entities under another alias: `doc` is the readable document, `seen` the condition that
    the asker may read the row at all, `source` what stands behind FROM, `modified_at` when it was modified as far as they may know."""

    doc: Callable[[str], str]
    seen: Callable[[str], str]
    source: Callable[[str], str]
    modified_at: Callable[[str], str] = "{}.modified_at".format


@dataclass(slots=True)
class Parameters:
    """Hands out placeholders, one for each distinct value."""

    first: int
    values: list[object] = field(default_factory=list)

    def __call__(self, value: object) -> str:
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}"


def compile_query(
    query: EntityQuery,
    first_parameter: int,
    *,
    doc: str = "e.doc",
    selected: Sequence[Sequence[str] | None] = (),
    access: Access | None = None,
    narrowed: Callable[[Callable[[object], str]], str] | None = None,
) -> Compiled:
    """The condition for all of the query but its types. The first placeholder is `$first_parameter`.

    `selected`: for each of the query's selectors the type keys that it fits (None: any). `access` is needed where q asks for
    linked entities. `narrowed` makes a condition that all entities found meet anyway, for which there is an index.
    """
    parameter = Parameters(first_parameter)
    conditions = _selection(query, parameter)
    if narrowed is not None:
        conditions.append(narrowed(parameter))
    if query.selectors:
        choices = []
        for one, keys in zip(query.selectors, selected, strict=True):
            of_type = [] if keys is None else [f"e.type_key = any({parameter(list(keys))}::text[])"]
            choices.append(" AND ".join([*of_type, *_selection(one, parameter)]) or "true")
        conditions.append(f"(({') OR ('.join(choices)}))")
    if query.attrs:
        conditions.append(f"{doc} ?| {parameter(list(query.attrs))}::text[]")
    if query.scope_q is not None:
        conditions.append(f"({doc} ? 'scope' AND coalesce({query.scope_q.sql('e.scopes', parameter)}, false))")
    if query.q is not None:
        conditions.append(_Conditions(parameter, access).of(query.q, "e", doc))
    if query.geo is not None:
        conditions.append(geo_condition(query.geo, doc, parameter))
    return Compiled(" AND ".join(conditions) or "true", parameter.values, query.geo)


def moment_of(name: str, alias: str, doc: str, access: Access | None) -> str:
    """The time of an entity that a q or an order names, as the asker may know it."""
    if name == "modifiedAt" and access is not None:
        return access.modified_at(alias)
    column = f"{alias}.{COLUMNS[name]}"
    return f"(CASE WHEN {doc} ? 'expiresAt' THEN {column} END)" if name == "expiresAt" else column


def _selection(by: Selector | EntityQuery, parameter: Parameters) -> list[str]:
    conditions = []
    if by.ids:
        conditions.append(f"e.id = any({parameter(list(by.ids))}::text[])")
    if by.id_pattern is not None:
        conditions.append(f"e.id ~ {parameter(by.id_pattern.sql)}::text")
    return conditions


class _Conditions:
    """Makes the conditions of a q, on the entity of the statement and on those it leads to."""

    def __init__(self, parameter: Parameters, access: Access | None) -> None:
        self._parameter = parameter
        self._access = access
        self._linked = 0

    def of(self, q: Q, alias: str, doc: str) -> str:
        """One jsonpath for all that the document can answer; SQL joins it with what columns and other rows answer."""
        predicate = document_predicate(q)
        if predicate is not None:
            return f"{doc} @? {self._parameter(f'$ ? ({predicate})')}::jsonpath"
        if isinstance(q, And | Or):
            joined = (" AND " if isinstance(q, And) else " OR ").join(self.of(part, alias, doc) for part in q.parts)
            return f"({joined})"
        if isinstance(q, Linked):
            return self._linked_condition(q, doc)
        if q.path.entity_stamp:
            name = q.path.names[0]
            column = moment_of(name, alias, doc, self._access)
            return _entity_stamp(q, column, self._parameter)
        return _attribute_stamp(q, doc, f"{alias}.stamps", self._parameter)

    def _linked_condition(self, q: Linked, doc: str) -> str:
        assert self._access is not None
        self._linked += 1
        alias = f"l{self._linked}"
        relation = f"$.{quote(q.relation)}[*]"
        single, listed = self._parameter(f"{relation}.object[*]"), self._parameter(f"{relation}.objectList[*].object")
        targets = f"jsonb_path_query_array({doc}, {single}::jsonpath) || jsonb_path_query_array({doc}, {listed}::jsonpath)"
        conditions = [
            f"{alias}.tenant = $1",
            f"{alias}.id = any(ARRAY(SELECT t.id FROM jsonb_array_elements_text({targets}) AS t(id)))",  # a look-up by the key
            self._access.seen(alias),
        ]
        if q.types:
            conditions.append(f"string_to_array({alias}.type_key, ' ') && {self._parameter(list(q.types))}::text[]")
        conditions.append(self.of(q.inner, alias, self._access.doc(alias)))
        # OFFSET 0 keeps it a look-up for each candidate: as a join it would go through all entities for each.
        found = f"EXISTS (SELECT 1 FROM {self._access.source(alias)} WHERE {' AND '.join(conditions)} OFFSET 0)"
        return f"(NOT {found})" if q.negated else found


def _entity_stamp(q: Term, column: str, parameter: Parameters) -> str:
    """A condition on a time of the entity itself. Only a DateTime compares with it; it is no text for a pattern."""
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


def _attribute_stamp(q: Term, doc: str, stamps: str, parameter: Parameters) -> str:
    """A condition on a time of an attribute. The attribute must be in the readable document: a withheld one has no times."""
    there = f"{doc} @? {parameter(f'$.{quote(q.path.names[0])}')}::jsonpath"
    if isinstance(q, Absent):
        exists = stamps_predicate(Exists(q.path))
        return f"NOT ({there} AND coalesce({stamps} @? {parameter(f'$ ? ({exists})')}::jsonpath, false))"
    return f"({there} AND coalesce({stamps} @? {parameter(f'$ ? ({stamps_predicate(q)})')}::jsonpath, false))"
