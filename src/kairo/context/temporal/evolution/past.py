"""How do the parts of this program look at the past? The same way as everyone: with a scope (docs/adr/0014)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kairo.context.gate import Declarations, Scope
from kairo.context.query import EntityQuery
from kairo.context.temporal.asking import TimeQuery
from kairo.context.temporal.evolution import reading, store
from kairo.context.temporal.evolution.finding import Finder, Selected
from kairo.context.temporal.evolution.reading import Ask, Shown
from kairo.context.temporal.evolution.store import Target
from kairo.context.temporal.parts import Part
from kairo.context.temporal.represent import attributes
from kairo.platform.clock import Clock
from kairo.platform.db import Coalescer, Database


@dataclass(frozen=True, slots=True)
class Page:
    """Entities in their order, and after which one the next page begins (None: this was the last)."""

    found: list[Selected]
    after: str | None


class Past:
    """The evolutions of this installation."""

    def __init__(self, database: Database, reads: Coalescer, declarations: Declarations, clock: Clock) -> None:
        self._database = database
        self._reads = reads
        self._declarations = declarations
        self._clock = clock

    async def target(self, scope: Scope, id: str) -> Target | None:
        """The entity, there or gone; None where there is none or its past is not to be seen."""
        return await store.target(self._database, scope, self._declarations, self._clock(), id)

    async def find(
        self,
        scope: Scope,
        query: EntityQuery,
        times: TimeQuery,
        *,
        limit: int,
        after: str = "",
        offset: int = 0,
        descending: bool = False,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """A page of entities that have what is asked for in their past, by id, those from the one to the other where two ids are
        given."""
        finder = self._finder(scope, query, times, descending, between)
        found, next_after = await finder.page(limit, after, offset)
        return Page(found, next_after)

    async def number(self, scope: Scope, query: EntityQuery, times: TimeQuery) -> int:
        """How many such entities there are."""
        return await self._finder(scope, query, times).number()

    async def show(
        self, scope: Scope, found: Sequence[Selected], ask: Ask, most: int, *, by_scope: bool = False, after: Part | None = None
    ) -> Shown:
        """What is asked for of them, at most `most` instances, behind those that were shown before. `by_scope`: a query by scope
        chose the times that count; the scopes themselves stand in the first part."""
        targets = [item.target for item in found]
        shown = await reading.show(self._database, scope, targets, ask, most, by_scope=by_scope, after=after)
        asked_for = "scope" not in ask.omitted and (ask.shown is None or "scope" in ask.shown)
        if by_scope and asked_for and ask.aggregation is None and after is None:
            for entity, members in attributes((row for item in found for row in item.scopes), ask.wanted).items():
                shown.members.setdefault(entity, {}).update(members)
        return shown

    def _finder(
        self,
        scope: Scope,
        query: EntityQuery,
        times: TimeQuery,
        descending: bool = False,
        between: tuple[str, str] | None = None,
    ) -> Finder:
        return Finder(self._database, self._reads, self._declarations, self._clock(), scope, query, times, descending, between)
