"""Which entities does a query find, page by page? Type selection to type keys, SQL for the rest, geometry exactly in Python.

Pages go by id, or by the values of the order and the id (keyset): while others write, nothing that stays as it is is shown twice
or passed over.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import orjson

from kairo.context.entities.selecting import Round, rounds
from kairo.context.gate import Scope
from kairo.context.granting.few import Few
from kairo.context.indexing.narrowing import MOST, Narrower, Narrowing, most_for
from kairo.context.model.draft import State
from kairo.context.model.render import Facts
from kairo.context.query import EntityQuery, GeoQuery, Order
from kairo.context.query.geo import shape_of_stored
from kairo.context.query.positions import Position, read_position, write_position
from kairo.context.query.sphere import shape_distance_metres
from kairo.context.query.statements import Question, Reading
from kairo.errors import TooManyResults
from kairo.platform.db import Coalescer

MAX_MEASURED = 10_000  # geometries that are no points, whose distances an order asks for
_LED_AT_ONCE = 32  # entities of an asker with few grants that one statement looks at
_CANDIDATES = 500  # rows fetched at a time where geometry still has to be compared exactly


class Row:
    """One entity found: its stored bytes, parsed when asked for, with its times and stamps."""

    __slots__ = ("_doc", "created_at", "id", "modified_at", "raw", "raw_stamps", "type_key", "type_version")

    def __init__(self, record: Any) -> None:
        """From a record of the store."""
        self.id: str = record["id"]
        self.raw: bytes = record["doc"]
        self.raw_stamps: bytes = record["stamps"]
        self.created_at: datetime = record["created_at"]
        self.modified_at: datetime = record["modified_at"]
        self.type_key: str = record["type_key"]
        self.type_version: int = record["type_version"]
        self._doc: dict[str, Any] | None = None

    @property
    def state(self) -> State:
        """All of it, as the versions of its types look at it."""
        return State(self.doc, self.stamps, self.created_at, self.modified_at)

    @state.setter
    def state(self, new: State) -> None:
        self._doc = new.doc
        self.raw, self.raw_stamps = orjson.dumps(new.doc), orjson.dumps(new.stamps)

    @property
    def doc(self) -> dict[str, Any]:
        """The stored form."""
        if self._doc is None:
            self._doc = orjson.loads(self.raw)
        return self._doc

    @property
    def stamps(self) -> dict[str, dict[str, list[str]]]:
        """The times of the attributes."""
        found: dict[str, dict[str, list[str]]] = orjson.loads(self.raw_stamps)
        return found

    @property
    def facts(self) -> Facts:
        """The times of the entity."""
        return Facts(self.created_at, self.modified_at)


@dataclass(frozen=True, slots=True)
class Found:
    """A page: rows in the order asked for, or in order of id; `after` is where the next page begins, None when this is the last."""

    rows: list[Row]
    after: str | None


async def find(
    database: Reading,
    reads: Coalescer,
    narrower: Narrower,
    few: Few,
    scope: Scope,
    query: EntityQuery,
    now: datetime,
    *,
    order: Order | None = None,
    limit: int,
    after: str | None,
    offset: int,
) -> Found:
    """One page of at most `limit` rows. Raises BadRequestData for an `after` that no page in this order gave."""
    led = await few.lead(scope, query)
    if led is None:
        return Found([], None)
    asked = (database, reads, narrower, scope)
    if led is query or order is not None or offset:
        return await _find(*asked, led, now, order, limit, after, offset)
    # Of those few a part at a time, in order of id: PostgreSQL would find out of each what is hidden before it fills the page.
    rows: list[Row] = []
    ids = tuple(id for id in led.ids if after is None or id > after)
    at_once = max(limit + 1, _LED_AT_ONCE)
    for start in range(0, len(ids), at_once):
        part = replace(led, ids=ids[start : start + at_once])
        rows += (await _find(*asked, part, now, None, limit + 1 - len(rows), None, 0)).rows
        if len(rows) > limit:
            break
    return Found(rows[:limit], rows[limit - 1].id if len(rows) > limit and limit else None)


async def _find(
    database: Reading,
    reads: Coalescer,
    narrower: Narrower,
    scope: Scope,
    query: EntityQuery,
    now: datetime,
    order: Order | None,
    limit: int,
    after: str | None,
    offset: int,
) -> Found:
    found = Found([], None)
    async for this in rounds(reads, scope.tenant, query):
        if this.finds_nothing:
            continue

        async def put(narrowing: Narrowing | None, this: Round = this) -> tuple[Found, int | None]:
            asked = _question(scope, query, this, now, narrowing)
            pages = _Pages(database, asked) if order is None else _OrderedPages(database, asked, order)
            page = await _page(pages, asked.compiled.exact, limit, after, offset)
            this.seen = pages.seen
            return page, len(page.rows) if page.after is None else None

        most = MOST if order is not None else most_for(limit + offset)
        found = await narrower.ask(scope, query.q, this.selected, most, put)
    return found


def _question(scope: Scope, query: EntityQuery, this: Round, now: datetime, narrowing: Narrowing | None) -> Question:
    narrowed = narrowing.condition if narrowing is not None else None
    return Question.of(scope, query, this.keys[0], this.keys[1:], now, narrowed)


async def _page(pages: "_Pages", exact: GeoQuery | None, limit: int, after: str | None, offset: int) -> Found:
    position = pages.read(after)
    if exact is None:
        found = await pages.page(position, limit + 1, offset)
    else:
        found = []
        async for row, place in _exact(pages, exact, position):
            if offset:
                offset -= 1
                continue
            found.append((row, place))
            if len(found) > limit:
                break
    more = len(found) > limit
    rows = [row for row, _ in found[:limit]]
    return Found(rows, pages.write(found[limit - 1][1]) if more and rows else None)


async def how_many(
    database: Reading, reads: Coalescer, narrower: Narrower, few: Few, scope: Scope, query: EntityQuery, now: datetime
) -> int:
    """The number of all entities that the query finds."""
    number = 0
    led = await few.lead(scope, query)
    if led is None:
        return number
    query = led
    async for this in rounds(reads, scope.tenant, query):
        if this.finds_nothing:
            continue

        async def put(narrowing: Narrowing | None, this: Round = this) -> tuple[int, int]:
            counted = await _count(database, _question(scope, query, this, now, narrowing))
            return counted, counted

        number = await narrower.ask(scope, query.q, this.selected, MOST, put)
    return number


async def _count(database: Reading, asked: Question) -> int:
    if asked.compiled.exact is None:
        return await asked.count(database)
    number = 0
    async for _ in _exact(_Pages(database, asked), asked.compiled.exact, None):
        number += 1
    return number


class _Pages:
    """The rows that a question finds, in order of id. `seen`: how many sets of types there were at the last page, if it tells."""

    def __init__(self, database: Reading, asked: Question) -> None:
        self._database = database
        self._asked = asked
        self.seen: int | None = None

    async def page(self, after: Position | None, limit: int, offset: int) -> list[tuple[Row, Position]]:
        """At most `limit` rows behind a position, each with its own."""
        start = str(after[0]) if after is not None else ""
        records = await self._asked.page(self._database, after=start, limit=limit, offset=offset)
        self.seen = records[0]["sets"] if records else None
        return [(Row(record), (record["id"],)) for record in records]

    def read(self, after: str | None) -> Position | None:
        """The position that the parameter `after` names."""
        return None if after is None else (after,)

    def write(self, position: Position) -> str:
        """The parameter `after` for a position."""
        return str(position[0])


class _OrderedPages(_Pages):
    """The rows that a question finds, in an order of the asker's."""

    def __init__(self, database: Reading, asked: Question, order: Order) -> None:
        super().__init__(database, asked)
        self._order = order
        self._metres: dict[int, dict[str, float]] | None = None

    async def page(self, after: Position | None, limit: int, offset: int) -> list[tuple[Row, Position]]:
        if self._metres is None:
            self._metres = await self._measure()
        records, positions = await self._asked.ordered_page(
            self._database, self._order, self._metres, after=after, limit=limit, offset=offset
        )
        return [(Row(record), position) for record, position in zip(records, positions, strict=True)]

    async def _measure(self) -> dict[int, dict[str, float]]:
        """The distances of what is no point, by term and id."""
        metres: dict[int, dict[str, float]] = {}
        for number, term in enumerate(self._order.terms):
            if not term.direction.by_distance:
                continue
            records = await self._asked.geometries(self._database, self._order, number, MAX_MEASURED + 1)
            if len(records) > MAX_MEASURED:
                raise TooManyResults(
                    f"the query finds more than {MAX_MEASURED} geometries whose distance has to be measured one by one",
                    detail_ja=f"距離を個別に計算する図形が {MAX_MEASURED} 件を超えています",
                    mend="Narrow the query: another condition, or a smaller area by georel.",
                    mend_ja="条件を加えるか、georel で範囲を狭めてください。",
                )
            metres[number] = await asyncio.to_thread(_distances, self._order, records)
        return metres

    def read(self, after: str | None) -> Position | None:
        return None if after is None else read_position(self._order, after)

    def write(self, position: Position) -> str:
        return write_position(self._order, position)


def _distances(order: Order, records: list[Any]) -> dict[str, float]:
    assert order.origin is not None
    shapes = ((record["id"], shape_of_stored(orjson.loads(record["geometry"]))) for record in records)
    return {id: shape_distance_metres(order.origin, shape) for id, shape in shapes if shape is not None}


async def _exact(pages: _Pages, exact: GeoQuery, after: Position | None) -> AsyncIterator[tuple[Row, Position]]:
    """Candidates of the SQL condition that also match exactly."""
    while True:
        found = await pages.page(after, _CANDIDATES, 0)
        for row, position in found:
            if exact.matches_entity(row.doc):
                yield row, position
        if len(found) < _CANDIDATES:
            return
        after = found[-1][1]
