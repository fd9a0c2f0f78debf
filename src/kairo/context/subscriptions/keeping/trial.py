"""Would a notification arrive? Sends one now, at a button's press, and tells what came of it. It counts nowhere and is tried once."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from kairo.context.contexts import ContextResolver
from kairo.context.entities.finding import Row
from kairo.context.gate import Gate, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions.definition import Definition, queries
from kairo.context.subscriptions.keeping.book import Book
from kairo.context.subscriptions.rendering import message, periodic
from kairo.context.subscriptions.transport import Post, Undelivered


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: `error` is empty where the receiver took it. `entities` is how many the notification held (0 or 1)."""

    error: str
    milliseconds: int
    entities: int


class Trials:
    """Sends single notifications for the API and for pages."""

    def __init__(
        self, book: Book, graph: Graph, gate: Gate, contexts: ContextResolver, new_post: Callable[[], Post], home: str
    ) -> None:
        self._book = book
        self._graph = graph
        self._gate = gate
        self._contexts = contexts
        self._new_post = new_post
        self._home = home

    async def fire(self, scope: Scope, id: str) -> Trial:
        """Sends the first entity that the subscription selects, as its subscriber may read it, or none where there is none."""
        kept = await self._book.get(scope, id)
        definition = Definition.of(kept.id, kept.body)
        terms = await self._contexts.resolve(definition.context)
        subscriber = await self._gate.standing(kept.principal, scope.tenant, kept.purpose)
        rows: list[Row] = []
        if subscriber is not None:
            for query in queries(definition):
                rows = rows or (await self._graph.search(subscriber, query, limit=1)).rows
        named = scope.tenant if scope.tenant != self._home else None
        letter = message(
            definition,
            periodic(rows, definition, terms),
            terms,
            id=f"urn:ngsi-ld:Notification:{uuid.uuid4()}",
            at=self._graph.clock(),
            tenant=named,
        )
        began, error, post = time.monotonic(), "", self._new_post()
        try:
            await post.send(definition.endpoint, letter)
        except Undelivered as undelivered:
            error = str(undelivered)
        finally:
            await post.close()
        return Trial(error, round((time.monotonic() - began) * 1000), len(rows))
