"""How do the parts of this program look at the past? The same way as everyone: with a scope (docs/adr/0014)."""

from collections.abc import Sequence
from dataclasses import dataclass

from kairo.context.gate import Declarations, Scope
from kairo.context.granting.few import Few
from kairo.context.query import EntityQuery
from kairo.context.temporal.asking import TimeQuery
from kairo.context.temporal.evolution import reading, store
from kairo.context.temporal.evolution.finding import Finder, Selected
from kairo.context.temporal.evolution.reading import Ask, Shown
from kairo.context.temporal.evolution.store import Target
from kairo.context.temporal.parts import Part
from kairo.context.temporal.represent import attributes
from kairo.context.witnessing import Watching, asked_about
from kairo.platform.clock import Clock
from kairo.platform.db import Coalescer, Database


@dataclass(frozen=True, slots=True)
class Page:
    """Entities in their order, and after which one the next page begins (None: this was the last)."""

    found: list[Selected]
    after: str | None


class Past:
    """The evolutions of this installation."""

    def __init__(
        self, database: Database, reads: Coalescer, declarations: Declarations, clock: Clock, watching: Watching, few: Few
    ) -> None:
        self._database = database
        self._reads = reads
        self._declarations = declarations
        self._clock = clock
        self._watching = watching
        self._few = few

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
        led = await self._few.lead(scope, query, ever=True)
        if led is None:
            return Page([], None)
        finder = self._finder(scope, led, times, descending, between)
        found, next_after = await finder.page(limit, after, offset)
        return Page(found, next_after)

    async def number(self, scope: Scope, query: EntityQuery, times: TimeQuery) -> int:
        """How many such entities there are. A number about few persons is a look at them."""
        led = await self._few.lead(scope, query, ever=True)
        number = await self._finder(scope, led, times).number() if led is not None else 0
        if number and await self._watching.counts(scope, query):
            most = self._watching.most_counted
            found = (await self.find(scope, query, times, limit=most)).found if number <= most else []
            asked = asked_about(query, None)
            await self._watching.see_past(scope, {item.target.id: (item.target.types, asked) for item in found})
        return number

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
        types = {target.id: target.types for target in targets}
        await self._watching.see_past(scope, {id: (types[id], names) for id, names in shown.members.items() if id in types})
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
