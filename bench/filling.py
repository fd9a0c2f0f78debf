"""How are a million things and ten million values stored within minutes? The API makes some, then their rows are multiplied in SQL.

A row that is multiplied is the API's row but for what belongs to the thing: id, document, change number, place. Its document is what
the API would have been sent (entities.py), which for these is the stored form. `check` asks whether both answer alike.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson

from bench import entities, residents
from bench.database import connected
from bench.entities import TENANT
from kairo.context.query.cells import cell_of

if TYPE_CHECKING:
    from bench.sides import Sides

BY_API = 1000  # things that the API makes
_CHUNK = 5000
_AT_ONCE = 2  # connections that multiply values

# $1 the tenant, $2 what the API made, $3 documents, $4 the cells of their places, $5 the number before the first change.
_ROWS = """
WITH given AS (
    SELECT u.doc ->> 'id' AS id, u.doc, u.cell, $5 + u.number AS change
    FROM ROWS FROM (jsonb_array_elements($3::jsonb), unnest($4::bigint[])) WITH ORDINALITY AS u(doc, cell, number)
), placed AS (
    INSERT INTO entity_geo SELECT r.* FROM entity_geo t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
        'entity', g.id, 'cell', g.cell, 'geometry', g.doc -> 'location' -> 'value',
        'bounds', format('(%1$s,%2$s),(%1$s,%2$s)', g.doc #> '{location,value,coordinates,0}', g.doc #> '{location,value,coordinates,1}')
    )) AS r WHERE t.tenant = $1 AND t.entity = $2
), remembered AS (
    INSERT INTO history SELECT r.* FROM history t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
        'entity', g.id, 'change', g.change, 'instance', g.doc - '{id,type}'::text[]
    )) AS r WHERE t.tenant = $1 AND t.entity = $2
), concerned AS (
    INSERT INTO entity_subject SELECT r.* FROM entity_subject t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(
        t, jsonb_build_object('entity', g.id, 'subject', CASE t.subject WHEN t.entity THEN g.id ELSE t.subject END)
    ) AS r WHERE t.tenant = $1 AND t.entity = $2
), audited AS (
    INSERT INTO change SELECT r.* FROM change t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
        'seq', g.change, 'entity', g.id
    )) AS r WHERE t.tenant = $1 AND t.entity = $2
)
INSERT INTO entity SELECT r.* FROM entity t CROSS JOIN given g CROSS JOIN LATERAL jsonb_populate_record(t, jsonb_build_object(
    'id', g.id, 'doc', g.doc, 'change', g.change
)) AS r WHERE t.tenant = $1 AND t.id = $2
"""
# $1 the tenant, $2 the sensor whose value the API changed, $3 the one to fill, $4 its number among $5, $6 and $7 from when until
# when, $8 the step, $9 the number before the first change. Each value was written a second after it was observed.
_VALUES = """
INSERT INTO history (tenant, entity, attribute, dataset, at, change, number, operation, observed_at, instance)
SELECT t.tenant, $3, t.attribute, t.dataset, m.at + interval '1 second', $9 + (m.nth - 1) * $5 + $4 + 1, t.number, t.operation, m.at,
       t.instance || jsonb_build_object('value', round(((m.nth * 7919 + $4 * 31) % 400) / 10.0, 1),
                                        'observedAt', to_char(m.at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
FROM (SELECT * FROM history WHERE tenant = $1 AND entity = $2 AND attribute = 'temperature' ORDER BY at DESC LIMIT 1) AS t
CROSS JOIN generate_series($6::timestamptz, $7::timestamptz - interval '1 second', $8::interval) WITH ORDINALITY AS m(at, nth)
"""
COUNT = "UPDATE change_counter SET last_change = last_change + $2 WHERE tenant = $1 RETURNING last_change - $2"


def by_api(sides: "Sides") -> None:
    """The first things and resident, and all sensors; the first sensor gets a second value, which is the pattern of all values."""
    sides.say(f"storing {BY_API:,} things, a resident and all sensors by the API")
    sides.ask(sides.kairo, "upsert_1000", most=BY_API // 1000, first=0)
    sides.ask(sides.kairo, "upsert_others")
    sides.ask(sides.kairo, "observe", most=1)


async def multiply(sides: "Sides", things: int, *, is_first: bool) -> None:
    """So many things, and with the first of them all residents and the past of sensors."""
    async with connected(sides.kairo.postgres.url) as connection:
        begin = max(sides.stored, BY_API)
        said = Progress(sides.say, "things", begin, things)
        base = await connection.fetchval(COUNT, TENANT, things - begin)
        for start in range(begin, things, _CHUNK):
            await _things(connection, start, min(start + _CHUNK, things), base + start - begin)
            said(min(start + _CHUNK, things))
        if is_first:
            await _residents(sides, connection)
            await _pasts(sides, connection)


async def _residents(sides: "Sides", connection: Any) -> None:
    """The residents but the first, in no place."""
    numbers = range(1, sides.sizes.residents)
    if numbers:
        base = await connection.fetchval(COUNT, TENANT, len(numbers))
        docs = orjson.dumps([residents.resident(number) for number in numbers]).decode()
        await connection.execute(_ROWS, TENANT, residents.resident_id(0), docs, [None] * len(numbers), base)


async def _things(connection: Any, start: int, end: int, base: int) -> None:
    docs = orjson.dumps([entities.entity(number) for number in range(start, end)]).decode()
    cells = [cell_of((*place, *place)) for place in map(entities.place_of, range(start, end))]
    await connection.execute(_ROWS, TENANT, entities.id_of(0), docs, cells, base)


async def _pasts(sides: "Sides", connection: Any) -> None:
    """The values of all sensors, some at once."""
    instances = sides.sizes.instances
    numbers = {minutes: entities.sensors_for(instances, minutes) for minutes in entities.MINUTES}
    values = {minutes: entities.DAYS * 24 * 60 // minutes for minutes in entities.MINUTES}
    said = Progress(sides.say, "values of sensors", 0, sum(numbers[minutes] * values[minutes] for minutes in numbers))
    waiting = [(minutes, number) for minutes in entities.MINUTES for number in range(numbers[minutes])]
    bases = {minutes: await connection.fetchval(COUNT, TENANT, numbers[minutes] * values[minutes]) for minutes in numbers}

    async def work() -> None:
        async with connected(sides.kairo.postgres.url) as mine:
            while waiting:
                minutes, number = waiting.pop(0)
                named = (entities.sensor_id(entities.MINUTES[0], 0), entities.sensor_id(minutes, number))
                step = timedelta(minutes=minutes)
                when = (number, numbers[minutes], sides.past, sides.until, step, bases[minutes])
                await mine.execute(_VALUES, TENANT, *named, *when)
                said.add(values[minutes])

    await asyncio.gather(*[work() for _ in range(_AT_ONCE)])


class Progress:
    """Says ten times how far it has come."""

    def __init__(self, say: Callable[[str], None], what: str, done: int, all: int) -> None:
        self._say = say
        self._what = what
        self._done = done
        self._all = all
        self._next = done + (all - done) / 10

    def __call__(self, done: int) -> None:
        """So much is done by now."""
        self._done = done
        if done >= self._next:
            self._say(f"filled in {done:,} of {self._all:,} {self._what}")
            self._next = done + self._all / 10

    def add(self, number: int) -> None:
        """So much more is done."""
        self(self._done + number)
