"""How is a page of a query read from PostgreSQL, and how is it counted? The statements around a compiled condition.

Every one joins the scope (seeing.py): what the asker may not read is cut off before any condition or order looks at the document.
`$1` is the tenant, `$2` the type keys, `$3` to `$6` the scope, `$7` the time (what has expired is not seen), `$8` to `$10` the
page; what the query itself brings begins with `$11`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

from kairo.context.gate import Scope
from kairo.context.query.compile import Access, Compiled, Parameters, compile_query
from kairo.context.query.entity_query import EntityQuery
from kairo.context.query.order import Order
from kairo.context.query.order_sql import OrderSql, compile_order, geometry_of
from kairo.context.query.positions import Position
from kairo.context.query.seeing import Seeing, seeing_of

_FIRST: Final = 11
_BY_TYPE: Final = {0: "$2::text[] IS NULL", 1: "e.type_key = ($2::text[])[1]", 2: "e.type_key = ANY($2::text[])"}
_COLUMNS: Final = "e.expires_at, e.stamps, e.created_at, e.type_key, e.type_version"


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


def alive(alias: str = "e") -> str:
    """The condition that a row has not expired at `$7`."""
    return f"({alias}.expires_at IS NULL OR {alias}.expires_at > $7)"


@dataclass(frozen=True, slots=True)
class Question:
    """A query of one asker at one moment, ready to be put. `keys`: the type keys that its types select, None for all."""

    scope: Scope
    seeing: Seeing
    keys: Sequence[str] | None
    compiled: Compiled
    now: datetime
    access: Access

    @staticmethod
    def of(
        scope: Scope,
        query: EntityQuery,
        keys: Sequence[str] | None,
        selected: Sequence[Sequence[str] | None],
        now: datetime,
        narrowed: Callable[[Callable[[object], str]], str] | None = None,
    ) -> "Question":
        """`selected`: the type keys of each of the query's selectors. `narrowed`: see `compile_query`."""
        seeing, personal = seeing_of(scope), scope.reads_personal

        def doc(alias: str) -> str:
            return f"{alias}.doc" if personal else seeing.doc(alias)

        access = Access(doc, lambda alias: f"{seeing.seen(alias)} AND {alive(alias)}", seeing.source, seeing.modified_at)
        compiled = compile_query(query, _FIRST, doc=doc("e"), selected=selected, access=access, narrowed=narrowed)
        return Question(scope, seeing, keys, compiled, now, access)

    @property
    def where(self) -> str:
        """The condition beside the tenant."""
        kinds = 0 if self.keys is None else min(len(self.keys), 2)
        return f"{_BY_TYPE[kinds]} AND {self.seeing.seen()} AND {alive()} AND ({self.compiled.where})"

    def arguments(self, after: str | None, limit: int | None, offset: int | None) -> tuple[Any, ...]:
        """The first ten parameters."""
        keys = None if self.keys is None else list(self.keys)
        return (self.scope.tenant, keys, *self.seeing.arguments(self.scope), self.now, after, limit, offset)

    async def page(self, database: Reading, *, after: str, limit: int, offset: int) -> list[Any]:
        """Rows in order of id, beginning after an id; `sets` is how many sets of types there were at this moment."""
        sets = "(SELECT count(*) FROM type_set s WHERE s.tenant = $1)" if self.keys is not None else "NULL"
        statement = (
            f"{self.seeing.hint}SELECT e.id, {self.seeing.doc()} AS doc, {self.seeing.modified_at()} AS modified_at, {_COLUMNS}, {sets} AS sets FROM {self.seeing.source()}"
            f" WHERE e.tenant = $1 AND {self.where} AND e.id > $8 ORDER BY e.id LIMIT $9 OFFSET $10"
        )
        arguments = self.arguments(after, limit, offset)
        return await database.fetch(self.scope.tenant, statement, *arguments, *self.compiled.parameters)

    async def count(self, database: Reading) -> int:
        """How many rows there are, exact geometry aside."""
        statement = (
            f"{self.seeing.hint}SELECT count(*) AS number FROM {self.seeing.source()} WHERE e.tenant = $1 AND {self.where}"
            f" AND $6::{self.seeing.last_type} IS NOT NULL AND $8::text IS NULL AND $9::int IS NULL AND $10::int IS NULL"
        )
        rows = await database.fetch(self.scope.tenant, statement, *self.arguments(None, None, None), *self.compiled.parameters)
        return int(rows[0]["number"])

    async def geometries(self, database: Reading, order: Order, number: int, limit: int) -> list[Any]:
        """Rows (id, geometry) of those whose distance, for the order's term of this number, PostgreSQL cannot measure: the
        geometry or the place where distances begin is no point."""
        parameter = Parameters(_FIRST + len(self.compiled.parameters))
        geometry = geometry_of(order.terms[number].path, self.seeing.doc(), parameter)
        assert order.origin is not None
        which = "->> 'type' <> 'Point'" if order.origin.geom_type == "Point" else "IS NOT NULL"
        statement = (
            f"{self.seeing.hint}SELECT e.id, g.geometry FROM {self.seeing.source()} CROSS JOIN LATERAL (SELECT {geometry} AS geometry OFFSET 0) AS g"
            f" WHERE e.tenant = $1 AND {self.where} AND g.geometry {which} AND $8::text IS NULL AND $10::int IS NULL LIMIT $9"
        )
        arguments = (*self.arguments(None, limit, None), *self.compiled.parameters, *parameter.values)
        return await database.fetch(self.scope.tenant, statement, *arguments)

    async def ordered_page(
        self,
        database: Reading,
        order: Order,
        metres: Mapping[int, Mapping[str, float]],
        *,
        after: Position | None,
        limit: int,
        offset: int,
    ) -> tuple[list[Any], list[Position]]:
        """Rows in this order, beginning after a position, and the position of each. `metres`: by term and id the distances that
        PostgreSQL cannot measure."""
        parameter = Parameters(_FIRST + len(self.compiled.parameters))
        sql = compile_order(order, self.seeing.doc(), parameter, self.access)
        onward = f" AND {sql.goes_on(after, parameter)}" if after is not None else ""
        names = ", ".join(column.name for column in sql.columns)
        by = ", ".join(f"{column.name} DESC" if column.descends else column.name for column in sql.columns)
        statement = (
            f"{self.seeing.hint}SELECT e.id, {self.seeing.doc()} AS doc, {self.seeing.modified_at()} AS modified_at, {_COLUMNS}, {names} FROM {self.seeing.source()}"
            f"{_measured(sql, metres, parameter)}{sql.laterals} WHERE e.tenant = $1 AND {self.where}{onward} AND $8::text IS NULL"
            f" ORDER BY {by}, e.id LIMIT $9 OFFSET $10"
        )
        arguments = (*self.arguments(None, limit, offset), *self.compiled.parameters, *parameter.values)
        rows = await database.fetch(self.scope.tenant, statement, *arguments)
        fields = [column.name.partition(".")[2] for column in sql.columns]
        return rows, [(*(row[name] for name in fields), row["id"]) for row in rows]


def _measured(sql: OrderSql, metres: Mapping[int, Mapping[str, float]], parameter: Parameters) -> str:
    joins = []
    for number in sql.measured:
        found = metres.get(number, {})
        given = f"{parameter(list(found))}::text[], {parameter(list(found.values()))}::float8[]"
        joins.append(
            f" LEFT JOIN (SELECT d.id, round(d.metres::numeric, 3) AS metres FROM unnest({given}) AS d(id, metres)) AS d{number}"
            f" ON d{number}.id = e.id"
        )
    return "".join(joins)
