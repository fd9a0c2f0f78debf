"""Which entities have a past that a query selects, page by page? (CIM 009 5.7.4.4)

Types, ids, instances within the time and `q` over them are SQL; geometries are compared exactly and scopes by the time in which
they were valid (4.18), both in Python over what SQL lets through. Entities that are gone are found like those that are there.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from typing import Any

import orjson

from kairo.context.entities.selecting import Round, rounds
from kairo.context.gate import Declarations, Scope
from kairo.context.model.stored import as_tuple
from kairo.context.query import EntityQuery, ScopeQ, compile_query, paths
from kairo.context.query.entity_query import SYSTEM_ATTRIBUTES
from kairo.context.temporal.asking import TimeQuery
from kairo.context.temporal.evolution import store
from kairo.context.temporal.evolution.filter import Filter
from kairo.context.temporal.evolution.reading import valid_times
from kairo.context.temporal.evolution.store import FIRST_CANDIDATE_PARAMETER, FIRST_FILTER_PARAMETER, Reading, Target
from kairo.errors import TooComplexQuery
from kairo.platform.db import Coalescer

_BATCH = 100
_MOST_GEOMETRIES = 200_000
_BEHIND_ALL = "\U0010ffff"  # no id begins with it


@dataclass(frozen=True, slots=True)
class Selected:
    """An entity found; `scopes` are the instances of its scope that a scope query asked for, as rows."""

    target: Target
    scopes: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Finder:
    """One query over the pasts that a scope may see."""

    database: Reading
    reads: Coalescer
    declarations: Declarations
    now: datetime
    scope: Scope
    query: EntityQuery
    times: TimeQuery
    descending: bool = False
    between: tuple[str, str] | None = None  # only ids from the one to the other, both included

    async def page(self, limit: int, after: str, offset: int) -> tuple[list[Selected], str | None]:
        """A page in order of id, and after which id the next one begins (None: this is the last)."""
        found: tuple[list[Selected], str | None] = ([], None)
        async for this in rounds(self.reads, self.scope.tenant, self.query):
            found = await self._page(this, limit, after, offset)
        return found

    async def _page(self, this: Round, limit: int, after: str, offset: int) -> tuple[list[Selected], str | None]:
        found: list[Selected] = []
        async for item in self._every(this, after, min(_BATCH, limit + offset + 1)):
            if offset:
                offset -= 1
                continue
            found.append(item)
            if len(found) > limit:
                return found[:limit], found[limit - 1].target.id
        return found, None

    async def number(self) -> int:
        """How many there are."""
        count = 0
        async for this in rounds(self.reads, self.scope.tenant, self.query):
            count = 0
            async for _ in self._every(this, "", _BATCH * 10):
                count += 1
        return count

    async def _every(self, this: Round, after: str, batch: int) -> AsyncIterator[Selected]:
        if this.finds_nothing:
            return
        if self.descending:
            after = after or _BEHIND_ALL
        while True:
            there = await self._candidates(this.keys, after, batch, gone=False)
            gone = await self._candidates(this.keys, after, batch, gone=True)
            targets = list(merge(there, gone, key=lambda target: target.id, reverse=self.descending))[:batch]
            for item in await self._selected(targets):
                yield item
            if len(targets) < batch:
                return
            after = targets[-1].id

    async def _candidates(self, keys: Sequence[list[str] | None], after: str, batch: int, *, gone: bool) -> list[Target]:
        query = self.query
        chosen = EntityQuery(ids=query.ids, id_pattern=query.id_pattern, selectors=query.selectors, q=query.q)
        asked = Filter.of(FIRST_CANDIDATE_PARAMETER, self.times).only(query.attrs or None, (), None)
        compiled = compile_query(chosen, asked.first + len(asked.values), doc="d.doc", selected=keys[1:])
        where, parameters = compiled.where, compiled.parameters
        if self.between is not None:
            first = asked.first + len(asked.values) + len(parameters)
            where = f"({where}) AND e.id BETWEEN ${first}::text AND ${first + 1}::text"
            parameters = [*parameters, min(self.between), max(self.between)]
        valued = sorted({path.names[0] for path in paths(query.q)} - SYSTEM_ATTRIBUTES) if query.q is not None else []
        return await store.candidates(
            self.database,
            self.scope,
            self.declarations,
            self.now,
            keys[0],
            asked,
            where,
            parameters,
            valued,
            gone=gone,
            after=after,
            limit=batch,
            descending=self.descending,
        )

    async def _selected(self, targets: list[Target]) -> list[Selected]:
        """Those whose geometries and scopes within the time are asked for, too."""
        if self.query.geo is not None and targets:
            times = replace(self.times, last_n=None)
            places = Filter.of(FIRST_FILTER_PARAMETER, times).only([self.query.geo.attribute], (), None)
            rows = await store.rows(self.database, self.scope, targets, times, places, _MOST_GEOMETRIES + 1)
            if len(rows) > _MOST_GEOMETRIES:
                raise TooComplexQuery(
                    f"more than {_MOST_GEOMETRIES} places were to be compared",
                    detail_ja="比較する位置が多すぎます。",
                    mend="Ask for a shorter time or fewer entities.",
                )
            near = {row["entity"] for row in rows if row["instance"] is not None and self._matches(row["instance"])}
            targets = [item for item in targets if item.id in near]
        if self.query.scope_q is None or not targets:
            return [Selected(item) for item in targets]
        found: dict[str, list[Any]] = {}
        for row in await store.scopes(self.database, self.scope, targets):
            found.setdefault(row["entity"], []).append(row)
        chosen = []
        for item in targets:
            valid, rows = scope_validity(found.get(item.id, []), self.query.scope_q, self.times)
            if valid:
                chosen.append(Selected(valid_times(item, valid), tuple(rows)))
        return chosen

    def _matches(self, instance: bytes) -> bool:
        assert self.query.geo is not None
        found = orjson.loads(instance)
        return found["type"] == "GeoProperty" and self.query.geo.matches(found["value"])


def scope_validity(
    rows: Sequence[Any], wanted: ScopeQ, times: TimeQuery
) -> tuple[list[tuple[datetime, datetime | None]], list[Any]]:
    """When, within the time asked for, a scope that matches was valid, and the rows that set it: each is valid from its moment
    until the next row (4.18)."""
    intervals: list[tuple[datetime, datetime | None]] = []
    chosen = []
    for place, row in enumerate(rows):
        start = _moment(row)
        end = _moment(rows[place + 1]) if place + 1 < len(rows) else None
        if times.start is not None:
            start = max(start, times.start)
        if times.end is not None:
            end = min(end, times.end) if end is not None else times.end
        if row["instance"] is None or (end is not None and start >= end):
            continue
        if wanted.matches(as_tuple(orjson.loads(row["instance"])["value"])):
            intervals.append((start, end))
            chosen.append(row)
    return intervals, chosen


def _moment(row: Any) -> datetime:
    moment: datetime = row["observed_at"] or row["at"]
    return moment
