"""A graph in memory with the signatures of GraphInterface, for tests of whoever reads and writes it. Counts its writes."""

import copy
from collections.abc import AsyncIterator, Iterable, Sequence

from kairo.context.gate import DataClass, Scope
from kairo.context.graph import Doc, Page, Written
from kairo.context.reading import value_of
from kairo.errors import BadRequestData, KairoError

TENANT = "352039"
SCOPE = Scope(TENANT, "test", read_classes=frozenset(DataClass), write_classes=frozenset(DataClass))


class FakeGraph:
    """Keeps documents as they are given. `refuses` names ids that it will not take, `unreadable` those
    with which it takes nothing of a batch."""

    def __init__(self) -> None:
        self.docs: dict[str, Doc] = {}
        self.writes = 0
        self.refuses: set[str] = set()
        self.unreadable: set[str] = set()

    async def get(self, scope: Scope, id: str) -> Doc | None:
        return copy.deepcopy(self.docs.get(id))

    async def find(
        self, scope: Scope, type: str, q: str = "", *, limit: int = 100, after: str | None = None, **more: str
    ) -> Page:
        raise NotImplementedError

    async def count(self, scope: Scope, type: str, q: str = "") -> int:
        return len([doc async for doc in self.every(scope, type, q)])

    async def delete(self, scope: Scope, ids: Sequence[str], *, request: str = "") -> list[KairoError | None]:
        raise NotImplementedError

    async def history(self, scope: Scope, id: str, attribute: str, *, limit: int = 100) -> list[Doc]:
        raise NotImplementedError

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        return {id: copy.deepcopy(self.docs[id]) for id in ids if id in self.docs}

    async def every(self, scope: Scope, type: str, q: str = "") -> AsyncIterator[Doc]:
        name, _, value = q.partition("==")
        for doc in list(self.docs.values()):
            if doc["type"] == type and (not q or value_of(doc, name) == value.strip('"')):
                yield copy.deepcopy(doc)

    async def upsert(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        docs = list(entities)
        if self.unreadable.intersection(doc["id"] for doc in docs):
            raise BadRequestData("the fake cannot read one of them")
        return [self._put(doc["id"], doc) for doc in docs]

    async def update(self, scope: Scope, entities: Iterable[Doc], *, request: str = "") -> list[Written]:
        return [self._put(doc["id"], {**self.docs.get(doc["id"], {}), **doc}) for doc in entities]

    def _put(self, id: str, doc: Doc) -> Written:
        if id in self.refuses:
            return Written(id, "refused", BadRequestData("the fake does not take it"))
        before = self.docs.get(id)
        if before == doc:
            return Written(id, "unchanged")
        self.writes += 1
        self.docs[id] = copy.deepcopy(doc)
        return Written(id, "created" if before is None else "changed")
