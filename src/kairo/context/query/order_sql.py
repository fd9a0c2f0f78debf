"""How does PostgreSQL order entities, and go on after the last one of a page?

Each term becomes three columns: what kind of value (`rank`), its number, its text; so any two entities can be told apart whatever
they hold, and a page goes on where the last one ended by comparing the same columns. Numbers are exact; of texts the first
hundred characters count, which keeps the position short enough for an address. Everything is taken from the document as the
asker may read it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from kairo.context.query.compile import Access, moment_of
from kairo.context.query.geo_sql import distance_metres
from kairo.context.query.jsonpath_literals import quote
from kairo.context.query.order import Order, OrderTerm
from kairo.context.query.tree import Path

Parameter = Callable[[object], str]

_TEXT_LENGTH: Final = 100
_MEMBERS: Final = ("id", "type", "scope")
_TIMES: Final = ("observedAt", "expiresAt")
_CONTENT: Final = " || ".join(
    f'@.key == "{name}"' for name in ("value", "object", "languageMap", "vocab", "json", "valueList", "objectList")
)
_MISSING: Final = 8  # null has this rank, no attribute at all the next: they come last in either direction
_PLACED: Final = -100  # the rank of what has a distance: it comes first
_MOMENT: Final = 7
_RANKS: Final = (
    "CASE jsonb_typeof({v}) WHEN 'number' THEN 0 WHEN 'string' THEN 1 WHEN 'object' THEN 2 WHEN 'array' THEN 3"
    " WHEN 'boolean' THEN 4 WHEN 'null' THEN 8 ELSE 9 END"
)


@dataclass(frozen=True, slots=True)
class Column:
    """One of the columns that decide the order: its expression, its type, and whether greater values come first."""

    name: str
    type: str
    descends: bool = False


@dataclass(slots=True)
class OrderSql:
    """Lists of expressions, each of which may use what the ones before it named: `found` (as `v`) looks into the document,
    `opened` (`t`) into typed values, `kinds` (`c`) says what they are, `keys` (`k`) are the columns of the order.

    `measured`: the numbers of the terms whose distances the caller puts into tables `d0`, `d1`, … (id, metres) where PostgreSQL
    cannot measure them: those of what is no point.
    """

    found: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    measured: list[int] = field(default_factory=list)

    @property
    def laterals(self) -> str:
        """The expressions as subqueries behind `FROM entity AS e`. OFFSET 0: each is evaluated once."""
        stages = (("v", self.found), ("t", self.opened), ("c", self.kinds), ("k", self.keys))
        return "".join(f" CROSS JOIN LATERAL (SELECT {', '.join(items or ['1'])} OFFSET 0) AS {name}" for name, items in stages)

    def goes_on(self, position: Sequence[object], parameter: Parameter) -> str:
        """The condition that an entity stands behind this position: the values of the columns, then the id."""
        equal: list[str] = []
        behind: list[str] = []
        for column, value in zip([*self.columns, Column("e.id", "text")], position, strict=True):
            given = f"{parameter(value)}::{column.type}"
            behind.append(" AND ".join([*equal, f"{column.name} {'<' if column.descends else '>'} {given}"]))
            equal.append(f"{column.name} = {given}")
        return f"(({') OR ('.join(behind)}))"


def compile_order(order: Order, doc: str, parameter: Parameter, access: Access | None = None) -> OrderSql:
    """The expressions for an order. `doc` is the document as the asker may read it, `access` says what they may know of its times."""
    sql = OrderSql()
    for number, term in enumerate(order.terms):
        _add(sql, number, term, order, doc, parameter, access)
    return sql


def geometry_of(path: Path, doc: str, parameter: Parameter) -> str:
    """The geometry by whose distance is ordered: that of the default instance; NULL where it is no GeoProperty."""
    steps = "".join(f".{quote(name)}[0]" for name in path.names)
    return _query(doc, f'${steps} ? (@.type == "GeoProperty").value', parameter)


def _add(
    sql: OrderSql, number: int, term: OrderTerm, order: Order, doc: str, parameter: Parameter, access: Access | None
) -> None:
    path, descends = term.path, term.direction.descends
    rank, figure, text = f"rank{number}", f"figure{number}", f"text{number}"
    sql.columns += [
        Column(f"k.{rank}", "int"),
        Column(f"k.{figure}", "numeric", descends),
        Column(f"k.{text}", "text", descends),
    ]
    if path.entity_stamp:
        column = moment_of(path.entity_stamp, "e", doc, access)
        sql.keys.append(f"CASE WHEN {column} IS NULL THEN {_MISSING + 1} ELSE {_MOMENT} END AS {rank}")
        sql.keys.append(f"coalesce(extract(epoch FROM {column}), 0)::numeric AS {figure}")
        sql.keys.append(f"'' COLLATE \"C\" AS {text}")
        return
    found, value, kind = f"v.v{number}", f"t.t{number}", f"c.c{number}"
    sql.found.append(f"{_value(path, doc, parameter)} AS v{number}")
    typed = f"jsonb_typeof({found}) = 'object' AND {found} ? '@value'"
    sql.opened.append(f"CASE WHEN {typed} THEN {found} -> '@value' ELSE {found} END AS t{number}")
    kinds = _RANKS.format(v=value)
    if path.attribute_stamp or path.metadata in _TIMES:
        kinds = f"CASE WHEN {value} IS NULL THEN {_MISSING + 1} ELSE {_MOMENT} END"
    elif not path.metadata:
        times = " ".join(f"WHEN '{name}' THEN {place}" for place, name in enumerate(("Time", "Date", "DateTime"), _MOMENT - 2))
        kinds = f"CASE CASE WHEN {typed} THEN {found} ->> '@type' END {times} ELSE {kinds} END"
    sql.kinds.append(f"{kinds} AS c{number}")
    ranks = f"CASE WHEN {kind} >= {_MISSING} THEN {kind} ELSE -{kind} END" if descends else kind
    numbers = f"CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value} #>> '{{}}')::numeric ELSE 0 END"
    texts = f"left(coalesce({value} #>> '{{}}', ''), {_TEXT_LENGTH})"
    # A moment in UTC is kept as its text; without the Z the fractions of a second sort where they belong.
    texts = f"CASE WHEN jsonb_typeof({value}) = 'number' THEN '' WHEN {kind} BETWEEN 5 AND 7 THEN rtrim({texts}, 'Z') ELSE {texts} END"
    if term.direction.by_distance:
        metres = _metres(sql, number, path, order, doc, parameter)
        ranks = f"CASE WHEN {metres} IS NULL THEN {ranks} ELSE {_PLACED} END"
        numbers = f"coalesce({metres}, {numbers})"
        texts = f"CASE WHEN {metres} IS NULL THEN {texts} ELSE '' END"
    sql.keys += [f"{ranks} AS {rank}", f"{numbers} AS {figure}", f'{texts} COLLATE "C" AS {text}']


def _metres(sql: OrderSql, number: int, path: Path, order: Order, doc: str, parameter: Parameter) -> str:
    """The distance in metres, to a millimetre: measured by the caller, or of a point from a point by PostgreSQL."""
    assert order.origin is not None
    sql.measured.append(number)
    if order.origin.geom_type != "Point":
        return f"d{number}.metres"
    sql.found.append(f"{geometry_of(path, doc, parameter)} AS g{number}")
    place = f"v.g{number}"
    x, y = (f"({place} #>> '{{coordinates,{axis}}}')::float8" for axis in (0, 1))
    haversine = distance_metres(order.origin.x, order.origin.y, x, y, parameter)
    measured = f"CASE WHEN {place} ->> 'type' = 'Point' THEN round(({haversine})::numeric, 3) ELSE d{number}.metres END"
    sql.opened.append(f"{measured} AS m{number}")
    return f"t.m{number}"


def _value(path: Path, doc: str, parameter: Parameter) -> str:
    """What the path leads to, in the default instance of each attribute on its way."""
    if path.attribute_stamp:
        index = 0 if path.attribute_stamp == "createdAt" else 1
        stamp = _query("e.stamps", f'$.{quote(path.names[0])}."@none"[{index}]', parameter)
        return f"CASE WHEN {doc} ? {parameter(path.names[0])}::text THEN {stamp} END"
    names = path.names[:-1] if path.metadata else path.names
    steps = "".join(f".{quote(name)}[0]" for name in names)
    if path.metadata:
        return _query(doc, f"${steps}.{quote(path.metadata)}", parameter)
    if names[0] in _MEMBERS:
        return _query(doc, f"$.{quote(names[0])}", parameter)
    members = "".join(f".{quote(name)}" for name in path.trail)
    return _query(doc, f"${steps}.keyvalue() ? ({_CONTENT}).value{members}", parameter)


def _query(doc: str, path: str, parameter: Parameter) -> str:
    return f"jsonb_path_query_first({doc}, {parameter(path)}::jsonpath, '{{}}', true)"
