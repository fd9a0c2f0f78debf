"""Which past may this scope see, and what is in it? The only SQL that reads evolutions (docs/adr/0014).

A *target* is an entity whose present (or, where it is gone, whose last state) the scope may read, with what of its past is closed:
`hidden` attributes, which were personal by declaration of any types that it ever had, and `forbidden` changes, made while it was
of a class, or of a writer, that the scope may not read. Every statement on history takes both and looks at nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from kairo.context.gate import Declarations, Scope
from kairo.context.query.seeing import hidden_of_the_past, of_types_if_limited, seeing_of
from kairo.context.temporal.asking import TimeQuery
from kairo.context.temporal.evolution.filter import Filter
from kairo.context.temporal.parts import Part
from kairo.platform.db import PLANNED_ONCE


class Reading(Protocol):
    """The part of the database that runs one reading statement."""

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Any]: ...


@dataclass(frozen=True, slots=True)
class Target:
    """An entity whose past may be read. `forbidden` is an int8multirange of change numbers, as text; `valid` a tstzmultirange:
    the times that are asked for, where a query by scope leaves some out."""

    id: str
    types: tuple[str, ...]
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None
    hidden: str
    forbidden: str
    valid: str = "{(,)}"

    @staticmethod
    def of(row: Any) -> "Target":
        """From a record of the store."""
        types = tuple(row["type_key"].split(" "))
        return Target(
            row["id"], types, row["created_at"], row["modified_at"], row["deleted_at"], row["hidden"], row["forbidden"]
        )


# The present entities; and, of those that are not there, the last of what they were. The same columns.
_PRESENT = """
SELECT c.id, c.type_key, c.scopes, c.data_class, c.writer, c.withheld, c.created_at, c.modified_at, c.expires_at,
       CASE WHEN c.expires_at <= $7::timestamptz THEN c.expires_at END AS deleted_at, NULL::bigint AS last_change, c.stamps
FROM entity c WHERE c.tenant = $1
"""
_GONE = """
SELECT p.entity AS id, p.type_key, '{}'::text[] AS scopes, p.data_class, p.writer, p.personal AS withheld, p.created_at,
       p.modified_at, NULL::timestamptz AS expires_at,
       CASE WHEN $7::timestamptz IS NOT NULL THEN p.deleted_at END AS deleted_at, p.last_change, '{}'::jsonb AS stamps
FROM entity_past p
WHERE p.tenant = $1 AND NOT EXISTS (SELECT 1 FROM entity c WHERE c.tenant = $1 AND c.id = p.entity)
  AND NOT EXISTS (SELECT 1 FROM entity_past n WHERE n.tenant = $1 AND n.entity = p.entity AND n.last_change > p.last_change)
"""


def _readable(alias: str) -> str:
    """`SCOPED` of entities/store.py for a row of the past too: the class is the scope's, or it is undeclared and the asker's."""
    by_class = f"{alias}.data_class = ANY($3::text[]) OR ($4 AND {alias}.data_class = 'undeclared' AND {alias}.writer = $5)"
    return f"(({by_class}) AND {of_types_if_limited(alias)})"


# What was personal by declaration of any types that the entity ever had.
_DECLARED = """
    e.withheld || coalesce((SELECT array_agg(d.attribute) FROM unnest($8::text[], $9::text[]) AS d(type, attribute)
                            WHERE d.type = ANY(string_to_array(e.type_key, ' '))), '{}')
               || coalesce((SELECT array_agg(a.name) FROM entity_past p, unnest(p.personal) AS a(name)
                            WHERE p.tenant = $1 AND p.entity = e.id), '{}')
"""


def _forbidden(seen_then: str, more: str = "") -> str:
    """The changes that are closed: a change at which the types changed belongs to what the entity was and to what it became, and
    both must be open to the asker."""
    return f"""
        coalesce((SELECT range_agg(int8range(x.first_change, x.last_change, '[]'))
                  FROM (SELECT p.last_change, {seen_then} AS is_readable,
                               lag(p.last_change + (p.deleted_at IS NOT NULL)::int, 1, 0::bigint)
                                   OVER (ORDER BY p.last_change) AS first_change
                        FROM entity_past p WHERE p.tenant = $1 AND p.entity = e.id) AS x WHERE NOT x.is_readable), '{{}}')
            + CASE WHEN e.last_change IS NULL THEN '{{}}' ELSE int8multirange(int8range(e.last_change, NULL, '()')) END{more}
    """


# Which attributes an entity has a past of, found by leaps through the key: there are few, and may be millions of rows.
_KEYS = """
WITH RECURSIVE leaps AS (
    (SELECT h.attribute, h.dataset FROM history h WHERE h.tenant = $1 AND h.entity = e.id ORDER BY h.attribute, h.dataset LIMIT 1)
    UNION ALL
    SELECT n.attribute, n.dataset FROM leaps l CROSS JOIN LATERAL (
        SELECT h.attribute, h.dataset FROM history h
        WHERE h.tenant = $1 AND h.entity = e.id AND (h.attribute, h.dataset) > (l.attribute, l.dataset)
        ORDER BY h.attribute, h.dataset LIMIT 1) AS n
)
SELECT l.attribute, l.dataset FROM leaps l WHERE l.attribute <> '*'
UNION SELECT h.attribute, h.dataset FROM creation_history h WHERE h.tenant = $1 AND h.entity = e.id
"""

_CLOSED_BY_CLASS = f"""
CROSS JOIN LATERAL (
    SELECT CASE WHEN $6 THEN '{{}}'::text[] ELSE {_DECLARED} END AS hidden, {_forbidden(_readable("p"))} AS forbidden
) AS closed
"""
# By grants: of a personal entity the past in which it was of the same types, and of that what is released of everyone whom it has ever
# been about (query/seeing.py). What is written after this statement was not asked for: whom it is about is not known here.
_CLOSED_BY_GRANTS = f"""
CROSS JOIN LATERAL (
    SELECT CASE WHEN e.data_class = 'personal' THEN ARRAY(SELECT k.attribute FROM ({_KEYS}) AS k) ELSE {
    _DECLARED
} END AS names OFFSET 0
) AS c CROSS JOIN LATERAL (
    SELECT CASE WHEN c.names = '{{}}' THEN c.names ELSE {hidden_of_the_past("e")} END AS hidden,
           {
    _forbidden(
        f"({_readable('p')} OR (p.data_class = 'personal' AND e.data_class = 'personal' AND p.type_key = e.type_key))",
        " + (SELECT int8multirange(int8range(n.last_change, NULL, '()')) FROM change_counter n WHERE n.tenant = $1)",
    )
} AS forbidden OFFSET 0
) AS closed
"""
_SEEN_BY_GRANTS = f"({_readable('e')} OR (e.data_class = 'personal' AND {of_types_if_limited('e')} AND EXISTS (SELECT FROM unnest(c.names) AS k(name) WHERE k.name <> ALL(closed.hidden))))"
_TARGET = (
    "e.id, e.type_key, e.created_at, e.deleted_at,"
    " CASE WHEN closed.hidden = '{}' THEN e.modified_at ELSE greatest(e.created_at, e.deleted_at, ("
    "SELECT max((i.value ->> 1)::timestamptz) FROM jsonb_each(e.stamps) AS a CROSS JOIN LATERAL jsonb_each(a.value) AS i"
    " WHERE a.key <> ALL (closed.hidden))) END AS modified_at, array_to_string(closed.hidden, ' ') AS hidden,"
    " closed.forbidden::text AS forbidden"
)


def _closed_and_seen(scope: Scope) -> tuple[str, str, str]:
    """What statements begin with, what is closed in the past of `e`, and the condition that it may be seen at all."""
    if seeing_of(scope).by_grants:
        return PLANNED_ONCE, _CLOSED_BY_GRANTS, _SEEN_BY_GRANTS
    return "", _CLOSED_BY_CLASS, _readable("e")


def _parameters(scope: Scope, declarations: Declarations, now: datetime, second: object) -> list[Any]:
    """$1 to $9: tenant, what is looked up, the scope, now, and which attributes are personal by which type."""
    pairs = [(kind.type, name) for kind in declarations.by_type.values() for name in sorted(kind.personal_attributes)]
    types, attributes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return [scope.tenant, second, *seeing_of(scope).arguments(scope), now, types, attributes]


async def target(database: Reading, scope: Scope, declarations: Declarations, now: datetime, id: str) -> Target | None:
    """The entity with this id, there or gone; None where there is none or the scope may not see it."""
    hint, closed, seen = _closed_and_seen(scope)
    statement = f"""{hint}
        SELECT {_TARGET} FROM ((SELECT * FROM ({_PRESENT} AND c.id = $2) AS a) UNION ALL (SELECT * FROM ({_GONE} AND p.entity = $2) AS b))
               AS e {closed} WHERE {seen}
    """
    rows = await database.fetch(scope.tenant, statement, *_parameters(scope, declarations, now, id))
    return Target.of(rows[0]) if rows else None


TARGETS = (
    "(SELECT u.id, string_to_array(u.hidden, ' ') AS hidden, u.forbidden::int8multirange AS forbidden"
    ", u.valid::tstzmultirange AS valid"
    " FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS u(id, hidden, forbidden, valid)) AS e"
)


# That a row h is of the entity e, and of no attribute and no change that is closed to the asker.
OPEN = "h.tenant = $1 AND h.entity = e.id AND h.attribute <> ALL(e.hidden) AND NOT h.change <@ e.forbidden"
_OPEN_CLOSED = "h.tenant = $1 AND h.entity = e.id AND h.attribute <> ALL(closed.hidden) AND NOT h.change <@ closed.forbidden"
FIRST_FILTER_PARAMETER = 6


def target_parameters(scope: Scope, targets: Sequence[Target]) -> list[Any]:
    """$1 to $5 of statements on rows."""
    columns = [[item.id, item.hidden, item.forbidden, item.valid] for item in targets]
    return [scope.tenant, *([column[place] for column in columns] for place in range(4))]


# What kind of attribute a deleted instance was: the one of the instance before it.
_KIND = """
CASE WHEN h.instance IS NULL THEN (
    SELECT b.instance ->> 'type' FROM attribute_history b
    WHERE b.tenant = $1 AND b.entity = e.id AND b.attribute = h.attribute AND b.dataset = h.dataset AND b.instance IS NOT NULL
      AND b.change <= h.change ORDER BY b.change DESC LIMIT 1) END
"""


async def rows(
    database: Reading,
    scope: Scope,
    targets: Sequence[Target],
    query: TimeQuery,
    asked: Filter,
    limit: int,
    after: Part | None = None,
) -> list[Any]:
    """Rows of (entity, attribute, dataset, at, number, observed_at, modified_at, instance, kind, time) in order of time, at most
    `limit`, behind those that were shown; with `last_n` the newest come first."""
    order = "DESC" if query.last_n is not None else "ASC"
    columns = "h.attribute, h.dataset, h.at, h.change, h.number, h.observed_at, h.modified_at, h.instance"
    selected = f"{columns}, {asked.time} AS time"
    if after is not None and query.last_n is None:
        asked.moments.append(f"{asked.time} >= {asked.parameter(after.time)}::timestamptz")
    inner = f"SELECT {selected} FROM attribute_history h WHERE {OPEN} AND {asked.sql}"
    if query.last_n is not None:  # asked of both parts of the view by themselves: see temporal/store.py
        mine = f"{OPEN} AND h.attribute = k.attribute AND h.dataset = k.dataset AND {asked.sql}"
        newest = f"ORDER BY time DESC, change DESC, number DESC LIMIT {asked.parameter(query.last_n)}::bigint"
        both = (
            f"(SELECT {selected} FROM history h WHERE {mine} {newest})"
            f" UNION ALL (SELECT {selected} FROM creation_history h WHERE {mine})"
        )
        each = f"(SELECT * FROM ({both}) AS b {newest}) AS h"
        inner = f"SELECT h.* FROM ({_KEYS}) AS k CROSS JOIN LATERAL {each}"
    passed, onward = 0, ""
    if after is not None:
        passed = after.alike
        kinds = ("timestamptz", "timestamptz", "int", "text", "text", "text")
        place = ", ".join(f"{asked.parameter(value)}::{kind}" for value, kind in zip(after.place, kinds, strict=True))
        behind = "<=" if query.last_n is not None else ">="
        onward = f"WHERE (i.time, i.at, i.number, i.attribute, i.dataset, e.id) {behind} ({place})"
    of_one = ", ".join(f"{name} {order}" for name in ("time", "at", "number", "attribute", "dataset", "change"))
    of_all = ", ".join(
        f"{name} {order}" for name in ("h.time", "h.at", "h.number", "h.attribute", "h.dataset", "e.id", "h.change")
    )
    statement = f"""
        SELECT e.id AS entity, h.attribute, h.dataset, h.at, h.number, h.observed_at, h.modified_at, h.instance, h.time, {_KIND} AS kind
        FROM {TARGETS} CROSS JOIN LATERAL (
            SELECT i.* FROM ({inner}) AS i {onward} ORDER BY {of_one} LIMIT {asked.parameter(limit + passed)}::bigint) AS h
        ORDER BY {of_all} LIMIT {asked.parameter(limit)}::bigint OFFSET {asked.parameter(passed)}::bigint
    """
    return await database.fetch(scope.tenant, statement, *target_parameters(scope, targets), *asked.values)


async def names(database: Reading, scope: Scope, targets: Sequence[Target], asked: Filter) -> list[Any]:
    """Rows of (entity, attribute): which attributes have any instance among what is asked for."""
    statement = f"""
        SELECT e.id AS entity, h.attribute FROM {TARGETS}
        CROSS JOIN LATERAL (SELECT DISTINCT h.attribute FROM attribute_history h WHERE {OPEN} AND {asked.sql}) AS h
    """
    return await database.fetch(scope.tenant, statement, *target_parameters(scope, targets), *asked.values)


async def scopes(database: Reading, scope: Scope, targets: Sequence[Target]) -> list[Any]:
    """Rows as those of `rows`: all scopes that the entities ever had and lost, in order of time."""
    statement = f"""
        SELECT e.id AS entity, h.attribute, h.dataset, h.at, h.number, h.observed_at, h.modified_at, h.instance,
               coalesce(h.observed_at, h.at) AS time, 'Property' AS kind
        FROM {TARGETS}
        CROSS JOIN LATERAL (SELECT h.* FROM attribute_history h WHERE {OPEN} AND h.attribute = 'scope' OFFSET 0) AS h
        ORDER BY coalesce(h.observed_at, h.at), h.change, h.number
    """
    return await database.fetch(scope.tenant, statement, *target_parameters(scope, targets))


FIRST_CANDIDATE_PARAMETER = 13


async def candidates(
    database: Reading,
    scope: Scope,
    declarations: Declarations,
    now: datetime,
    type_keys: Sequence[str] | None,
    asked: Filter,
    where: str,
    parameters: Sequence[Any],
    valued: Sequence[str],
    *,
    gone: bool,
    after: str,
    limit: int,
    descending: bool = False,
) -> list[Target]:
    """Entities in order of id, those that are there or those that are `gone`, that have an instance among what is asked for and
    fulfil `where`. It may look at the entity `e` and at `d.doc`: all instances of the attributes `valued` within the time. Its
    parameters follow those of `asked`."""
    document = f"""
        CROSS JOIN LATERAL (
            SELECT coalesce(jsonb_object_agg(i.attribute, i.found), '{{}}') AS doc
            FROM (SELECT h.attribute, jsonb_agg(h.instance) AS found FROM attribute_history h
                  WHERE {_OPEN_CLOSED} AND {asked.times} AND h.instance IS NOT NULL AND h.attribute = ANY($12::text[])
                  GROUP BY h.attribute) AS i) AS d
    """
    hint, closed, seen = _closed_and_seen(scope)
    statement = f"""{hint}
        SELECT {_TARGET} FROM ({_GONE if gone else _PRESENT}) AS e {closed} {document if valued else ""}
        WHERE {seen} AND ($2::text[] IS NULL OR e.type_key = ANY($2::text[])) AND e.id {"<" if descending else ">"} $10 AND ({where})
          AND cardinality($12::text[]) >= 0
          AND (SELECT true FROM attribute_history h
               WHERE {_OPEN_CLOSED} AND h.attribute <> 'scope' AND {asked.sql} LIMIT 1)
        ORDER BY e.id {"DESC" if descending else "ASC"} LIMIT $11
    """
    keys = None if type_keys is None else list(type_keys)
    given = [*_parameters(scope, declarations, now, keys), after, limit, list(valued), *asked.values, *parameters]
    return [Target.of(row) for row in await database.fetch(scope.tenant, statement, *given)]
