"""How do the parts of this program read and change the graph? The same way as everyone: with a scope, through one committer.

Services and capabilities are handed a `Graph`; the HTTP API (`context/api`) stands on the same one. Documents are in stored
form (docs/architecture.md); `kairo.context.reading` helps to read them.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from kairo.context.gate import Scope
from kairo.errors import KairoError

Doc = dict[str, Any]


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


class GraphInterface:
    """Signatures that services build against (the class below implements them)."""

    async def get(self, scope: Scope, id: str) -> Doc | None:
        """The entity, or None where it is not there or not to be seen."""
        raise NotImplementedError

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        """Those of the entities that are there and may be seen, by id."""
        raise NotImplementedError

    async def find(
        self, scope: Scope, type: str, q: str = "", *, limit: int = 100, after: str | None = None, **more: str
    ) -> Page:
        """A page of entities by type selection and query language (`more`: georel, geometry, coordinates, scopeQ, …)."""
        raise NotImplementedError

    def every(self, scope: Scope, type: str, q: str = "") -> AsyncIterator[Doc]:
        """All entities of a type selection, page by page."""
        raise NotImplementedError

    async def count(self, scope: Scope, type: str, q: str = "") -> int:
        """How many entities there are."""
        raise NotImplementedError

    async def upsert(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """Creates or replaces entities given in normalized or concise form with core names. Same data again: unchanged."""
        raise NotImplementedError

    async def update(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        """Appends or overwrites the given attributes of existing entities; others stay. Missing entities are created."""
        raise NotImplementedError

    async def delete(self, scope: Scope, ids: Sequence[str], *, request: str = "") -> list[KairoError | None]:
        """Deletes entities; an error for each that could not be."""
        raise NotImplementedError

    async def history(self, scope: Scope, id: str, attribute: str, *, limit: int = 100) -> list[Doc]:
        """The latest instances of an attribute, newest first: {"at", "operation", "observed_at", "instance"}."""
        raise NotImplementedError
