"""Which entities does a query find, page by page? Type selection to type keys, SQL for the rest, geometry exactly in Python.

Pages go by id (keyset): while others write, nothing that stays is shown twice or passed over.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from kairo.context.entities import store
from kairo.context.gate import Scope
from kairo.context.model.render import Facts
from kairo.context.query import Compiled, EntityQuery, compile_query
from kairo.context.query.types import AnyType
from kairo.platform.db import Coalescer

_CANDIDATES = 500  # rows fetched at a time where geometry still has to be compared exactly


class Row:
    """One entity found: its stored bytes, parsed when asked for, with its times and stamps."""

    __slots__ = ("_doc", "created_at", "id", "modified_at", "raw", "raw_stamps")

    def __init__(self, id: str, raw: bytes, raw_stamps: bytes, created_at: datetime, modified_at: datetime) -> None:
        self.id = id
        self.raw = raw
        self.raw_stamps = raw_stamps
        self.created_at = created_at
        self.modified_at = modified_at
        self._doc: dict[str, Any] | None = None

    @staticmethod
    def of(record: Any) -> "Row":
        """From a record of the store."""
        return Row(record["id"], record["doc"], record["stamps"], record["created_at"], record["modified_at"])

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
    """A page: rows in order of id; `after` is where the next page begins, None when this is the last."""

    rows: list[Row]
    after: str | None


async def _type_keys(reads: Coalescer, scope: Scope, query: EntityQuery) -> list[str] | None:
    """The type keys that the query's type selection fits; None where types do not matter."""
    if query.types is None or isinstance(query.types, AnyType):
        return None
    sets = await store.type_sets(reads, scope.tenant)
    selection = query.types
    return [key for key, types in sets.items() if selection.matches(types)]


async def find(
    database: store.Reading,
    reads: Coalescer,
    scope: Scope,
    query: EntityQuery,
    now: datetime,
    *,
    limit: int,
    after: str | None,
    offset: int,
) -> Found:
    """One page of at most `limit` rows."""
    keys = await _type_keys(reads, scope, query)
    if keys is not None and not keys:
        return Found([], None)
    compiled = compile_query(query, store.FIRST_QUERY_PARAMETER, doc=store.readable(scope))
    if compiled.exact is None:
        records = await store.page(
            database, scope, keys, compiled.where, compiled.parameters, now, after=after or "", limit=limit + 1, offset=offset
        )
        rows = [Row.of(record) for record in records]
    else:
        rows = []
        async for row in _exact(database, scope, keys, compiled, now, after or ""):
            if offset:
                offset -= 1
                continue
            rows.append(row)
            if len(rows) > limit:
                break
    more = len(rows) > limit
    rows = rows[:limit]
    return Found(rows, rows[-1].id if more and rows else None)


async def how_many(database: store.Reading, reads: Coalescer, scope: Scope, query: EntityQuery, now: datetime) -> int:
    """The number of all entities that the query finds."""
    keys = await _type_keys(reads, scope, query)
    if keys is not None and not keys:
        return 0
    compiled = compile_query(query, store.FIRST_QUERY_PARAMETER, doc=store.readable(scope))
    if compiled.exact is None:
        return await store.count(database, scope, keys, compiled.where, compiled.parameters, now)
    number = 0
    async for _ in _exact(database, scope, keys, compiled, now, ""):
        number += 1
    return number


async def _exact(
    database: store.Reading, scope: Scope, keys: list[str] | None, compiled: Compiled, now: datetime, after: str
) -> AsyncIterator[Row]:
    """Candidates of the SQL condition that also match exactly."""
    exact = compiled.exact
    assert exact is not None
    while True:
        records = await store.page(
            database, scope, keys, compiled.where, compiled.parameters, now, after=after, limit=_CANDIDATES, offset=0
        )
        for record in records:
            row = Row.of(record)
            if exact.matches_entity(row.doc):
                yield row
        if len(records) < _CANDIDATES:
            return
        after = records[-1]["id"]
