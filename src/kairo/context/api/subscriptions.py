"""How do programs subscribe over HTTP? Subscriptions (CIM 009 6.10, 6.11), and beside them, of our own, dead letters and trials."""

from functools import cached_property
from typing import Any
from urllib.parse import quote

from kairo.context.api.exchange import Desk, answer_headers, done, options_of
from kairo.context.api.negotiation import LD_JSON, answer_type
from kairo.context.api.paging import counts, page_links, read_paging
from kairo.context.contexts import TermMap
from kairo.context.model.jsontext import dumps
from kairo.context.model.parse import parse_id
from kairo.context.model.render import context_of
from kairo.context.subscriptions.keeping import Book, Kept
from kairo.context.subscriptions.keeping.trial import Trials
from kairo.context.subscriptions.showing import shown
from kairo.context.subscriptions.transport import Doors, Post
from kairo.platform.clock import iso
from kairo.platform.http import Request, Response


def book_of(desk: Desk) -> Book:
    """The subscriptions behind a desk."""
    doors = Doors(desk.settings.notification_networks)
    limits = desk.settings.max_subscriptions, desk.settings.max_join_level
    return Book(desk.graph.database, desk.contexts, desk.graph.clock, doors, *limits)


def trials_of(desk: Desk, book: Book) -> Trials:
    """Trials with the program's own way of sending."""
    settings = desk.settings

    def new_post() -> Post:
        return Post(Doors(settings.notification_networks), settings.notification_timeout_seconds)

    return Trials(book, desk.graph, desk.gate, desk.contexts, new_post, settings.tenant)


class Subscriptions:
    """Handlers of the operations on subscriptions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @cached_property
    def _book(self) -> Book:
        return book_of(self._desk)

    @cached_property
    def _trials(self) -> Trials:
        return trials_of(self._desk, self._book)

    async def create(self, request: Request) -> Response:
        """POST /subscriptions: 201 with its address."""
        payload, terms = await self._desk.payload(request)
        scope = await self._desk.scope(request)
        id = await self._book.create(scope, payload, terms)
        location = f"{request.path.rstrip('/')}/{quote(id, safe=':')}"
        return done(scope, request, 201, [(b"location", location.encode())])

    async def update(self, request: Request) -> Response:
        """PATCH /subscriptions/{subscription}."""
        payload, terms = await self._desk.payload(request, patch=True)
        scope = await self._desk.scope(request)
        await self._book.update(scope, _named(request), payload, terms)
        return done(scope, request)

    async def delete(self, request: Request) -> Response:
        """DELETE /subscriptions/{subscription}."""
        scope = await self._desk.scope(request)
        await self._book.delete(scope, _named(request))
        return done(scope, request)

    async def retrieve(self, request: Request) -> Response:
        """GET /subscriptions/{subscription}."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        kept = await self._book.get(scope, _named(request))
        body = self._shown(kept, terms, media_type, request)
        return Response(200, dumps(body), media_type.encode(), answer_headers(terms, media_type, scope, request))

    async def list(self, request: Request) -> Response:
        """GET /subscriptions, by pages in order of id."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        limit, offset = read_paging(request.query, self._desk.settings.max_limit)
        headers = answer_headers(terms, media_type, scope, request)
        if counts(request.query):
            headers.append((b"ngsild-results-count", str(await self._book.count(scope)).encode()))
        after = request.query.get("after", "")
        found = await self._book.page(scope, after=after, offset=offset, limit=limit + 1) if limit else []
        last = found[limit - 1].id if len(found) > limit else None
        headers += page_links(request, request.query, media_type, last, offset, limit)
        body = [self._shown(kept, terms, media_type, request) for kept in found[:limit]]
        return Response(200, dumps(body), media_type.encode(), headers)

    def _shown(self, kept: Kept, terms: TermMap, media_type: str, request: Request) -> dict[str, Any]:
        sys_attrs = "sysAttrs" in options_of(request.query)
        body = shown(kept, terms, self._desk.graph.clock(), sys_attrs=sys_attrs)
        return {**body, "@context": context_of(terms)} if media_type == LD_JSON else body

    # Of our own

    async def dead_letters(self, request: Request) -> Response:
        """GET /subscriptions/{subscription}/deadLetters: what could not be delivered."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        found = await self._book.dead_letters(scope, _named(request))
        body = [
            {
                "change": letter.seq,
                "entity": letter.entity,
                "happenedAt": iso(letter.happened_at),
                "givenUpAt": iso(letter.at),
                "attempts": letter.attempts,
                "error": letter.error,
            }
            for letter in found
        ]
        return Response(200, dumps(body), media_type.encode(), done(scope, request).headers)

    async def replay(self, request: Request) -> Response:
        """POST /subscriptions/{subscription}/deadLetters/replay: sends them again."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        number = await self._book.replay(scope, _named(request))
        return Response(200, dumps({"replayed": number}), media_type.encode(), done(scope, request).headers)

    async def discard(self, request: Request) -> Response:
        """DELETE /subscriptions/{subscription}/deadLetters."""
        scope = await self._desk.scope(request)
        await self._book.discard(scope, _named(request))
        return done(scope, request)

    async def fire(self, request: Request) -> Response:
        """POST /subscriptions/{subscription}/trial: one notification, now, and what came of it."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        trial = await self._trials.fire(scope, _named(request))
        body: dict[str, Any] = {"delivered": not trial.error, "entities": trial.entities, "milliseconds": trial.milliseconds}
        if trial.error:
            body["error"] = trial.error
        return Response(200, dumps(body), media_type.encode(), done(scope, request).headers)


def _named(request: Request) -> str:
    return parse_id(request.path_values["subscription"])
