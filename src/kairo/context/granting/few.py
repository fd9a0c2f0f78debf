"""Which personal entities can an asker with few grants see at all? A query that asks for such types alone is led by them.

Without this, a page looks at the persons and grants of each entity of the type, in order of id, until it is full: a daughter with
one grant would wait for all residents of the city. That an asker has many grants, or one of an area or a role, is remembered for
some seconds; that there are few is asked anew each time, so what was granted a moment ago is found.
"""

import time
from dataclasses import replace

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting import store
from kairo.context.query import EntityQuery
from kairo.context.query.statements import Reading
from kairo.platform.clock import Clock

FEW = 500  # grants, and entities: more than that are looked at in the order of the query
_REMEMBERED_SECONDS = 10.0
_REMEMBERED_MOST = 10_000


class Few:
    """One for a graph."""

    def __init__(self, database: Reading, declarations: Declarations, clock: Clock) -> None:
        self._database = database
        self._declarations = declarations
        self._clock = clock
        self.most = FEW
        self._many: dict[Scope, float] = {}  # until when it is believed

    async def lead(self, scope: Scope, query: EntityQuery, *, ever: bool = False) -> EntityQuery | None:
        """The query, with the ids that the asker can see at the most where those are few, in order; None where that is nothing.
        `ever`: for a query of the past."""
        if not scope.by_grants or scope.reads_personal or not self._is_about_persons(query):
            return query
        now = time.monotonic()
        if self._many.get(scope, 0.0) > now:
            return query
        ids = await store.entities_granted(self._database, scope, self._clock(), self.most, ever=ever)
        if ids is None:
            if len(self._many) >= _REMEMBERED_MOST:
                self._many.clear()
            self._many[scope] = now + _REMEMBERED_SECONDS
            return query
        wanted = tuple(sorted(ids.intersection(query.ids) if query.ids else ids))
        return replace(query, ids=wanted) if wanted else None

    def _is_about_persons(self, query: EntityQuery) -> bool:
        """Whether all that it can find is personal: each type that it names is."""
        if query.types is None or not query.types.names:
            return False
        return all(self._declarations.class_of((name,)) is DataClass.PERSONAL for name in query.types.names)
