"""How does the index follow the graph? After changes, for the entities that changed; or for everything, after a large load.

An entity is read as everyone may read it: a scope with the open class only. What is personal, undeclared or withheld cannot
get in, because it is not seen here. Writers of one tenant take turns, and read again what they write once it is their turn:
so the last writer has seen the last change, however many workers react.
"""

import asyncio
from collections.abc import Callable, Sequence

from kairo.capabilities.search import store
from kairo.capabilities.search.entries import Entry, entries_of
from kairo.context.contexts import CORE
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.query import read_query
from kairo.platform.db import Database, lock_in_unit
from kairo.platform.manifests import Change

Progress = Callable[[int, int, str], None]
BATCH = 500
LOCK = "search"


def system_scope(tenant: str) -> Scope:
    """Reads what is open, and nothing else."""
    return Scope(tenant, "system:search", "search", frozenset({DataClass.OPEN}))


class Indexer:
    """Keeps the index of every tenant. Doing something twice changes nothing."""

    def __init__(self, database: Database, declarations: Declarations, graph: Graph) -> None:
        self._database = database
        self._declarations = declarations
        self._graph = graph

    async def reindex(self, changes: Sequence[Change]) -> int:
        """The reaction to changes. Returns how many entities were written; where no text changed, that is none."""
        by_tenant: dict[str, dict[str, None]] = {}
        for change in changes:
            by_tenant.setdefault(change.tenant, {})[change.entity] = None
        written = 0
        for tenant, entities in by_tenant.items():
            written += await self.refresh(tenant, list(entities))
        return written

    async def refresh(self, tenant: str, entities: Sequence[str]) -> int:
        """Compares these entities with the index, without any lock, and writes those that differ."""
        now, known = await asyncio.gather(self._read(tenant, entities), store.digests(self._database, tenant, entities))
        differing = _differing(entities, now, known)
        return await self._write(tenant, differing) if differing else 0

    async def rebuild(self, tenant: str, progress: Progress) -> int:
        """Every searchable entity, then what the index knows and the graph does not. `progress(done, all, what)`."""
        scope = system_scope(tenant)
        kinds = [kind for kind in self._declarations.by_type.values() if kind.searchable and kind.data_class == "open"]
        total = sum([await self._graph.count(scope, kind.type) for kind in kinds])
        done = written = 0
        for kind in kinds:
            query = read_query({"type": kind.type}, CORE)
            after: str | None = None
            while True:
                found = await self._graph.search(scope, query, limit=BATCH, after=after)
                written += await self._write(tenant, [row.id for row in found.rows])
                done += len(found.rows)
                progress(done, max(done, total), kind.type)
                if found.after is None:
                    break
                after = found.after
        return written + await self._sweep(tenant)

    async def _sweep(self, tenant: str) -> int:
        written, after = 0, ""
        while entities := await store.entities_after(self._database, tenant, after, BATCH):
            written += await self.refresh(tenant, entities)
            after = entities[-1]
        return written

    async def _read(self, tenant: str, entities: Sequence[str]) -> dict[str, list[Entry]]:
        scope = system_scope(tenant)
        rows = await asyncio.gather(*(self._graph.row(scope, id) for id in entities))
        return {row.id: entries_of(row.doc, row.modified_at, self._declarations) for row in rows if row is not None}

    async def _write(self, tenant: str, entities: Sequence[str]) -> int:
        if not entities:
            return 0
        async with self._database.unit(tenant) as unit:
            await lock_in_unit(unit, LOCK)
            now = await self._read(tenant, entities)
            rows: dict[str, list[store.Record]] = {}
            for row in await store.rows(unit.connection, tenant, entities):
                rows.setdefault(row["entity"], []).append(row)
            known = {id: {row["language"]: row["digest"] for row in found} for id, found in rows.items()}
            differing = _differing(entities, now, known)
            if differing:
                entries = [entry for id in differing for entry in now.get(id, [])]
                await store.write(unit.connection, tenant, entries, [row for id in differing for row in rows.get(id, [])])
        return len(differing)


def _differing(entities: Sequence[str], now: dict[str, list[Entry]], known: dict[str, dict[str, str]]) -> list[str]:
    """The entities of which the index does not hold exactly what they say now."""
    said = {id: {entry.language: entry.digest for entry in now.get(id, [])} for id in entities}
    return [id for id in said if said[id] != known.get(id, {})]
