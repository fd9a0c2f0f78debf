"""How do the parts of this program read and change the graph? The same way as everyone: with a scope, through one committer.

Services and capabilities are handed a `Graph`; the HTTP API (`context/api`) stands on the same one. Documents are in stored
form (docs/architecture.md); `kairo.context.reading` helps to read them.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from kairo.context.contexts import CORE
from kairo.context.entities import store
from kairo.context.entities.commits import Applier, Command, Result, Submission, Watchers
from kairo.context.entities.parts import committer, submit
from kairo.context.entities.rules import Append, Delete, Upsert
from kairo.context.gate import Declarations, Scope, Witness
from kairo.context.model.jsontext import as_body
from kairo.context.model.parse import Purpose, parse_attributes, parse_entity
from kairo.context.reads import Doc, Page, Reads
from kairo.context.subscriptions.delivery.noticing import Noticing
from kairo.context.temporal.writing.commits import Evolutions
from kairo.context.types import Rewrite
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.db import Database


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


class Graph(Reads):
    """The graph of this installation (implements `GraphInterface`). One for a process; `close()` before the database."""

    def __init__(
        self,
        database: Database,
        declarations: Declarations,
        watchers: Watchers,
        clock: Clock,
        *,
        most_linked: int = 1000,
        witness: Witness | None = None,
    ) -> None:
        """`witness`: keeps the record of looks at personal data; only tests go without one."""
        super().__init__(database, declarations, clock, witness)
        applier = Applier(declarations, watchers, Noticing(most_linked), clock)
        self._commit = committer(database, applier)
        self.evolutions = Evolutions(database, declarations, applier, clock)
        self._known_tenants: set[str] = set()
        self.on_change: Callable[[str, list[str]], None] | None = None

    async def close(self) -> None:
        """Answers all that waits."""
        await self._commit.close()
        await self.evolutions.close()
        await self.close_reads()

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
