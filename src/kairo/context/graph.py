"""How do the parts of this program read and change the graph? The same way as everyone: with a scope, through one committer.

Services and capabilities are handed a `Graph`; the HTTP API (`context/api`) stands on the same one. Documents are in stored
form (docs/architecture.md); `kairo.context.reading` helps to read them.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from kairo.context.contexts import CORE
from kairo.context.entities import store
from kairo.context.entities.commits import Applier, Command, Result, Submission, Watchers
from kairo.context.entities.finding import Found, Row, find, how_many
from kairo.context.entities.parts import committer, submit
from kairo.context.entities.rules import Append, Delete, Upsert
from kairo.context.gate import Declarations, Scope
from kairo.context.granting.few import Few
from kairo.context.indexing.narrowing import Narrower
from kairo.context.model.jsontext import as_body
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity
from kairo.context.query import EntityQuery, Order, read_query
from kairo.context.query.lookups import DOCUMENT, ROW, look_up, look_up_all
from kairo.context.subscriptions.delivery.noticing import Noticing
from kairo.context.temporal import store as temporal_store
from kairo.context.temporal.evolution.past import Past
from kairo.context.temporal.writing.commits import Evolutions
from kairo.context.types import Rewrite, Versions
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.db import Coalescer, Database

Doc = dict[str, Any]
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a result: documents in order of id, and where the next page begins (None: this was the last)."""

    docs: list[Doc]
    after: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one entity of an upsert."""

    id: str
    outcome: Literal["created", "changed", "unchanged", "refused"]
    error: KairoError | None = None


class GraphInterface(Protocol):
    """What services build against; tests may hand them something smaller than a `Graph`."""

    async def get(self, scope: Scope, id: str) -> Doc | None:
        """The entity, or None where it is not there or not to be seen."""
        ...

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        """Those of the entities that are there and may be seen, by id."""
        ...

    async def find(
        self, scope: Scope, type: str, q: str = "", *, limit: int = 100, after: str | None = None, **more: str
    ) -> Page:
        """A page of entities by type selection and query language (`more`: georel, geometry, coordinates, scopeQ, …)."""
        ...

    def every(self, scope: Scope, type: str, q: str = "") -> AsyncIterator[Doc]:
        """All entities of a type selection, page by page."""
        ...

    async def count(self, scope: Scope, type: str, q: str = "") -> int:
        """How many entities there are."""
        ...

    async def upsert(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """Creates or replaces entities given in normalized or concise form with core names. Same data again: unchanged."""
        ...

    async def update(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """Adds or overwrites the given attributes of existing entities; others stay. A missing entity is refused."""
        ...

    async def delete(self, scope: Scope, ids: Sequence[str], *, request: str = "") -> list[KairoError | None]:
        """Deletes entities; an error for each that could not be."""
        ...

    async def history(self, scope: Scope, id: str, attribute: str, *, limit: int = 100) -> list[Doc]:
        """The latest instances of an attribute, newest first: {"at", "operation", "observed_at", "instance"}."""
        ...


class Graph:
    """The graph of this installation (implements `GraphInterface`). One for a process; `close()` before the database."""

    def __init__(
        self, database: Database, declarations: Declarations, watchers: Watchers, clock: Clock, *, most_linked: int = 1000
    ) -> None:
        self.database = database
        self.declarations = declarations
        self.clock = clock
        self.versions = Versions(declarations)
        self._reads = Coalescer(database)
        self.narrower = Narrower(database, declarations, clock)
        self.few = Few(database, declarations, clock)
        applier = Applier(declarations, watchers, Noticing(most_linked), clock)
        self._commit = committer(database, applier)
        self.past = Past(database, self._reads, declarations, clock)
        self.evolutions = Evolutions(database, declarations, applier, clock)
        self._known_tenants: set[str] = set()
        self.on_change: Callable[[str, list[str]], None] | None = None

    async def close(self) -> None:
        """Answers all that waits."""
        await self._commit.close()
        await self.evolutions.close()
        await self.narrower.uses.close()
        await self._reads.close()

    # Reading

    async def document(self, scope: Scope, id: str) -> bytes | None:
        """The stored bytes of an entity, as the scope may read it; None where it is not there or not to be seen."""
        record = await look_up(self._reads, DOCUMENT, scope, id, self.clock)
        if record is None or self._expired(record["expires_at"]):
            return None
        if self.versions.any_upcasts and self.versions.is_old(record["type_key"], record["type_version"]):
            row = await self.row(scope, id)
            return row.raw if row is not None else None
        doc: bytes = record["doc"]
        return doc

    async def row(self, scope: Scope, id: str) -> Row | None:
        """The entity with its times and stamps."""
        record = await look_up(self._reads, ROW, scope, id, self.clock)
        if record is None or self._expired(record["expires_at"]):
            return None
        return next(iter(self._in_newest_version(scope, [Row(record)])), None)

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

    async def rows(self, scope: Scope, ids: Sequence[str]) -> dict[str, Row]:
        """Those of the entities that are there and may be seen, by id, with their times and stamps."""
        records = await look_up_all(self.database, ROW, scope, ids, self.clock())
        rows = [Row(record) for record in records if not self._expired(record["expires_at"])]
        return {row.id: row for row in self._in_newest_version(scope, rows)}

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
    ) -> Found:
        """A page of rows for a query that is parsed already: what the HTTP API asks."""
        asked = (self.database, self._reads, self.narrower, self.few, scope, query, self.clock())
        found = await find(*asked, order=order, limit=limit, after=after, offset=offset)
        return Found(self._in_newest_version(scope, found.rows), found.after)

    async def number(self, scope: Scope, query: EntityQuery) -> int:
        """How many entities a query finds."""
        return await how_many(self.database, self._reads, self.narrower, self.few, scope, query, self.clock())

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
        doc = await self.get(scope, id)
        if doc is None or (attribute not in doc and not scope.reads_personal):
            return []
        target = await self.past.target(scope, id)  # what it was before may have been closed to the asker
        if target is None or attribute in target.hidden.split(" "):
            return []
        return await temporal_store.latest(self.database, scope.tenant, id, attribute, limit, target.forbidden)

    # Changing

    async def submit(
        self, scope: Scope, commands: Sequence[Command], *, request: str = "", size: int | None = None
    ) -> list[Result]:
        """Applies commands of one request, each by itself; the answers come after the commits that hold them (entities/parts.py)."""
        results = await submit(self._commit, scope, commands, request, size)
        if self.on_change is not None:
            changed = [
                command.entity
                for command, result in zip(commands, results, strict=True)
                if not isinstance(result, KairoError) and not result.is_nothing
            ]
            if changed:
                self.on_change(scope.tenant, changed)
        return results

    async def upsert(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """See `GraphInterface`."""
        parsed = [parse_entity(as_body(entity), CORE) for entity in entities]
        commands = [Command(entity.id, Upsert(entity)) for entity in parsed]
        return _written(commands, await self.submit(scope, commands, request=request))

    async def update(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """See `GraphInterface`."""
        commands = [
            Command(entity["id"], Append(parse_attributes(entity, CORE, Purpose.WHOLE, entity_id=entity["id"])))
            for entity in map(as_body, entities)
        ]
        return _written(commands, await self.submit(scope, commands, request=request))

    async def delete(self, scope: Scope, ids: Sequence[str], *, request: str = "") -> list[KairoError | None]:
        """See `GraphInterface`."""
        results = await self.submit(scope, [Command(id, Delete()) for id in ids], request=request)
        return [result if isinstance(result, KairoError) else None for result in results]

    async def rewrite(self, scope: Scope, ids: Sequence[str]) -> int:
        """Stores these entities in the newest version of their types, in one commit; how many were still to be rewritten.
        For the world nothing changed: nobody is told, and history stays as it is."""
        commands = tuple(Command(id, Rewrite()) for id in ids)
        results = await self._commit.submit(scope.tenant, Submission(scope, commands))
        return sum(not isinstance(result, KairoError) and not result.is_nothing for result in results)

    # Tenants

    async def require_tenant(self, tenant: str) -> None:
        """Raises NonexistentTenant (5.5.10) where nobody has made this tenant."""
        if tenant in self._known_tenants:
            return
        async with self.database.reading(tenant) as connection:
            if not await store.tenant_exists(connection, tenant):
                raise NonexistentTenant(f"there is no tenant {tenant!r}", detail_ja=f"テナント「{tenant}」はありません。")
        self._known_tenants.add(tenant)

    async def create_tenant(self, tenant: str, by: str) -> None:
        """Makes a tenant; one that is there already stays as it is."""
        async with self.database.unit(tenant) as unit:
            await store.create_tenant(unit.connection, tenant, self.clock(), by)


def _written(commands: Sequence[Command], results: Sequence[Result]) -> list[Written]:
    written = []
    for command, result in zip(commands, results, strict=True):
        if isinstance(result, KairoError):
            written.append(Written(command.entity, "refused", result))
        else:
            outcome: Literal["created", "changed", "unchanged"] = (
                "created" if result.created else "unchanged" if result.is_nothing else "changed"
            )
            written.append(Written(command.entity, outcome))
    return written


__all__ = ["Doc", "Graph", "GraphInterface", "Page", "Written"]
