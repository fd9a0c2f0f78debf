"""How does PostgreSQL gather the values of periods? One statement; only what the methods need is computed.

Numbers count as they are, true and false as 1 and 0, arrays with their sizes (table 4.5.19.1-1); texts and times have a first
and a last one; of all else, relationships among it, only numbers of instances are told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kairo.context.gate import Scope
from kairo.context.temporal.asking import Method
from kairo.context.temporal.evolution.filter import Filter
from kairo.context.temporal.evolution.store import OPEN, TARGETS, Reading, Target, target_parameters

_VALUE = (
    "coalesce(i -> 'value', i -> 'json', i -> 'valueList', i -> 'object', i -> 'objectList', i -> 'languageMap', i -> 'vocab')"
)
_COUNTED = "'{Property,JsonProperty,ListProperty}'::text[]"
_NUMBER = """
CASE jsonb_typeof(v) WHEN 'number' THEN v::float8 WHEN 'boolean' THEN v::boolean::int::float8
                     WHEN 'array' THEN jsonb_array_length(v)::float8 END
"""
# `p`: of a Property, whose typed values were looked at when they came; those of a JsonProperty may say anything.
_TEXT = "CASE WHEN jsonb_typeof(v) = 'string' THEN v #>> '{}' WHEN p AND v ->> '@type' = 'Date' THEN v ->> '@value' END"
_MOMENT = "CASE WHEN p AND v ->> '@type' = 'DateTime' THEN (v ->> '@value')::timestamptz END"
_CLOCK = "CASE WHEN p AND v ->> '@type' = 'Time' THEN extract(epoch FROM rtrim(v ->> '@value', 'Z')::time)::float8 END"

# Of each method: the columns that may answer it. Sizes of arrays have no stddev and sumsq in the table, numbers have all.
COLUMNS = {
    Method.TOTAL_COUNT: {"total_count": "count(*)"},
    Method.DISTINCT_COUNT: {"distinct_count": "count(DISTINCT v)"},
    Method.SUM: {"n_sum": "sum(n)"},
    Method.AVG: {"n_avg": "avg(n)", "k_avg": "avg(k)"},
    Method.MIN: {"n_min": "min(n)", "t_min": "min(t)", "m_min": "min(m)", "k_min": "min(k)"},
    Method.MAX: {"n_max": "max(n)", "t_max": "max(t)", "m_max": "max(m)", "k_max": "max(k)"},
    Method.STDDEV: {"n_stddev": "stddev_pop(n) FILTER (WHERE NOT a)"},
    Method.SUMSQ: {"n_sumsq": "sum(n * n) FILTER (WHERE NOT a)"},
}


async def bounds(
    database: Reading, scope: Scope, targets: Sequence[Target], asked: Filter
) -> dict[str, tuple[datetime, datetime]]:
    """The first and the last time of what is asked for, by entity."""
    statement = f"""
        SELECT e.id, h.first, h.last FROM {TARGETS} CROSS JOIN LATERAL (
            SELECT min({asked.time}) AS first, max({asked.time}) AS last FROM attribute_history h WHERE h.tenant = $1 AND {OPEN} AND {asked.sql}
        ) AS h WHERE h.first IS NOT NULL
    """
    rows = await database.fetch(scope.tenant, statement, *target_parameters(scope, targets), *asked.values)
    return {row["id"]: (row["first"], row["last"]) for row in rows}


async def gather(
    database: Reading,
    scope: Scope,
    targets: Sequence[Target],
    asked: Filter,
    methods: Sequence[Method],
    origin: datetime,
    period: timedelta | Sequence[datetime] | None,
    last_n: int | None,
    limit: int,
) -> list[Any]:
    """Rows of (entity, attribute, dataset, kind, periods, the columns of the methods), the last ones arrays in order of period;
    together they are at most `limit` long.

    `period` is a length, or the beginnings of all periods, or None for a single one; `periods` holds the beginnings, or the places
    of the periods from 1 on.
    """
    if period is None:
        bucket = "1"
    elif isinstance(period, timedelta):
        bucket = f"date_bin({asked.parameter(period)}::interval, time, {asked.parameter(origin)}::timestamptz)"
    else:
        bucket = f"width_bucket(time, {asked.parameter(list(period))}::timestamptz[])"
    place = "1"
    if last_n is not None:
        place = "row_number() OVER (PARTITION BY entity, attribute, dataset ORDER BY time DESC, change DESC, number DESC)"
    columns = {name: made for method in methods for name, made in COLUMNS[method].items()}
    made = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
    listed = ", ".join(f"array_agg({name} ORDER BY period) AS {name}" for name in columns)
    # OFFSET 0 keeps what a value is from being worked out anew for every method.
    statement = f"""
        SELECT entity, attribute, dataset, max(kind) AS kind, array_agg(period ORDER BY period) AS periods, {listed}
        FROM (SELECT entity, attribute, dataset, max(kind) AS kind, period, {made}
              FROM (SELECT entity, attribute, dataset, kind, {bucket} AS period, v, jsonb_typeof(v) = 'array' AS a,
                           CASE WHEN c THEN {_NUMBER} END AS n, CASE WHEN c THEN {_TEXT} END AS t,
                           CASE WHEN c THEN {_MOMENT} END AS m, CASE WHEN c THEN {_CLOCK} END AS k
                    FROM (SELECT entity, attribute, dataset, time, kind, {_VALUE} AS v, kind = ANY({_COUNTED}) AS c, kind = 'Property' AS p, {place} AS place
                          FROM (SELECT e.id AS entity, h.*, h.i ->> 'type' AS kind FROM {TARGETS} CROSS JOIN LATERAL (
                                    SELECT h.attribute, h.dataset, h.change, h.number, h.instance AS i, {asked.time} AS time
                                    FROM attribute_history h
                                    WHERE h.tenant = $1 AND {OPEN} AND {asked.sql} AND h.instance IS NOT NULL
                                      AND h.attribute <> 'scope' OFFSET 0
                                ) AS h OFFSET 0) AS rows OFFSET 0) AS valued
                    WHERE place <= {asked.parameter(last_n or 1)}::bigint OFFSET 0) AS classed
              GROUP BY entity, attribute, dataset, period LIMIT {asked.parameter(limit)}::bigint) AS periods
        GROUP BY entity, attribute, dataset ORDER BY entity, attribute, dataset
    """
    return await database.fetch(scope.tenant, statement, *target_parameters(scope, targets), *asked.values)
