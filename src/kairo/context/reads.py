"""How is the graph read? Under a scope, each entity in the newest version of its types, and before a witness where it is about people.

Whatever is handed to someone who asks passes here, or `temporal/evolution/past.py`: where any of it is personal, the record of the look
is committed first.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from kairo.context.contexts import CORE
from kairo.context.entities.finding import Found, Row, find, how_many
from kairo.context.gate import Declarations, Scope, Witness
from kairo.context.granting.few import Few
from kairo.context.indexing.narrowing import Narrower
from kairo.context.query import EntityQuery, Order, read_query
from kairo.context.query.lookups import DOCUMENT, ROW, look_up, look_up_all
from kairo.context.temporal import store as temporal_store
from kairo.context.temporal.evolution.past import Past
from kairo.context.types import Versions
from kairo.context.witnessing import EVERYTHING, Shows, Watching
from kairo.platform.clock import Clock
from kairo.platform.db import Coalescer, Database

Doc = dict[str, Any]
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result: documents in order of id, and where the next page begins (None: this was the last)."""

    docs: list[Doc]
    after: str | None


class Reads:
    """The reading half of `Graph`. `shows` says which members of an entity are handed on: what is cut off later was not looked at."""

    def __init__(self, database: Database, declarations: Declarations, clock: Clock, witness: Witness | None) -> None:
        self.database = database
        self.declarations = declarations
        self.clock = clock
        self.versions = Versions(declarations)
        self._reads = Coalescer(database)
        self.narrower = Narrower(database, declarations, clock)
        self.few = Few(database, declarations, clock)
        self.watching = Watching(witness, declarations, self._reads)
        self.past = Past(database, self._reads, declarations, clock, self.watching, self.few)

    async def document(self, scope: Scope, id: str) -> bytes | None:
        """The stored bytes of an entity, as the scope may read it; None where it is not there or not to be seen."""
        record = await look_up(self._reads, DOCUMENT, scope, id, self.clock)
        if record is None or self._expired(record["expires_at"]):
            return None
        if self.versions.any_upcasts and self.versions.is_old(record["type_key"], record["type_version"]):
            row = await self.row(scope, id)
            return row.raw if row is not None else None
        doc: bytes = record["doc"]
        if self.watching.is_personal(record["type_key"]):
            await self.watching.see(scope, [(id, record["type_key"], doc)])
        return doc

    async def row(self, scope: Scope, id: str, shows: Shows = EVERYTHING) -> Row | None:
        """The entity with its times and stamps."""
        record = await look_up(self._reads, ROW, scope, id, self.clock)
        if record is None or self._expired(record["expires_at"]):
            return None
        rows = self._in_newest_version(scope, [Row(record)])
        await self.watching.see_rows(scope, rows, shows)
        return next(iter(rows), None)

    def _in_newest_version(self, scope: Scope, rows: list[Row]) -> list[Row]:
        """The rows as the newest versions of their types have them; a comparison, while there is nothing to upcast."""
        if not self.versions.any_upcasts:
            return rows
        shown = []
        for row in rows:
            if self.versions.is_old(row.type_key, row.type_version):
                state = self.versions.shown(row.state, row.type_key, row.type_version, personal=scope.reads_personal)
                if state is None:
                    continue
                row.state = state
            shown.append(row)
        return shown

    def _expired(self, expires_at: Any) -> bool:
        return expires_at is not None and expires_at <= self.clock()

    async def get(self, scope: Scope, id: str) -> Doc | None:
        """See `GraphInterface`."""
        row = await self.row(scope, id)
        return row.doc if row else None

    async def rows(self, scope: Scope, ids: Sequence[str], shows: Shows = EVERYTHING) -> dict[str, Row]:
        """Those of the entities that are there and may be seen, by id, with their times and stamps."""
        records = await look_up_all(self.database, ROW, scope, ids, self.clock())
        rows = [Row(record) for record in records if not self._expired(record["expires_at"])]
        rows = self._in_newest_version(scope, rows)
        await self.watching.see_rows(scope, rows, shows)
        return {row.id: row for row in rows}

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        """See `GraphInterface`."""
        return {id: row.doc for id, row in (await self.rows(scope, ids)).items()}

    async def search(
        self,
        scope: Scope,
        query: EntityQuery,
        *,
        order: Order | None = None,
        limit: int,
        after: str | None = None,
        offset: int = 0,
        shows: Shows = EVERYTHING,
    ) -> Found:
        """A page of rows for a query that is parsed already: what the HTTP API asks. Attributes that it asks about were looked at,
        shown or not."""
        asked = (self.database, self._reads, self.narrower, self.few, scope, query, self.clock())
        found = await find(*asked, order=order, limit=limit, after=after, offset=offset)
        rows = self._in_newest_version(scope, found.rows)
        await self.watching.see_rows(scope, rows, shows, query, order)
        return Found(rows, found.after)

    async def number(self, scope: Scope, query: EntityQuery) -> int:
        """How many entities a query finds. A number about few persons is a look at them."""
        asked = (self.database, self._reads, self.narrower, self.few, scope, query, self.clock())
        number = await how_many(*asked)
        if number and await self.watching.counts(scope, query):
            most = self.watching.most_counted
            rows = (await find(*asked, limit=most, after=None, offset=0)).rows if number <= most else []
            await self.watching.see_number(scope, rows, query)
        return number

    async def find(
        self, scope: Scope, type: str, q: str = "", *, limit: int = 100, after: str | None = None, **more: str
    ) -> Page:
        """See `GraphInterface`."""
        query = read_query({"type": type, **({"q": q} if q else {}), **more}, CORE)
        found = await self.search(scope, query, limit=limit, after=after)
        return Page([row.doc for row in found.rows], found.after)

    async def every(self, scope: Scope, type: str, q: str = "") -> AsyncIterator[Doc]:
        """See `GraphInterface`."""
        after: str | None = None
        while True:
            page = await self.find(scope, type, q, limit=_PAGE, after=after)
            for doc in page.docs:
                yield doc
            if page.after is None:
                return
            after = page.after

    async def count(self, scope: Scope, type: str, q: str = "") -> int:
        """See `GraphInterface`."""
        return await self.number(scope, read_query({"type": type, **({"q": q} if q else {})}, CORE))

    async def history(self, scope: Scope, id: str, attribute: str, *, limit: int = 100) -> list[Doc]:
        """See `GraphInterface`. Nothing for an attribute that the scope may not read, or an entity that is gone."""
        row = await self.row(scope, id, lambda name: name == attribute)
        if row is None or (attribute not in row.doc and not scope.reads_personal):
            return []
        target = await self.past.target(scope, id)  # what it was before may have been closed to the asker
        if target is None or attribute in target.hidden.split(" "):
            return []
        return await temporal_store.latest(self.database, scope.tenant, id, attribute, limit, target.forbidden)

    async def close_reads(self) -> None:
        """Answers all that waits."""
        await self.narrower.uses.close()
        await self._reads.close()


__all__ = ["Doc", "Page", "Reads"]
