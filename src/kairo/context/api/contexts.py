"""How do clients keep @contexts here? Add, list, serve and delete (CIM 009 5.13, 6.29 and 6.30)."""

import secrets
from collections.abc import Iterable
from typing import Any

from kairo.context.api.exchange import Desk, absolute, flag
from kairo.context.api.negotiation import LD_JSON
from kairo.context.contexts import ContextKind, StoredContext
from kairo.context.contexts.store import PATH, PostgresContextStore, local_id
from kairo.context.model.jsontext import dumps
from kairo.errors import (
    BadRequestData,
    InvalidRequest,
    OperationNotSupported,
    ResourceNotFound,
    TooManyRequests,
    Unauthenticated,
)
from kairo.platform.clock import iso
from kairo.platform.http import Request, Response

_KINDS = {kind.value.lower(): kind for kind in ContextKind}


class Contexts:
    """Handlers of the operations on @contexts."""

    def __init__(self, desk: Desk, store: PostgresContextStore) -> None:
        self._desk = desk
        self._store = store
        if desk is not None:  # the table of routes is also made without one, to be read
            desk.contexts.on_use = self._count

    def _count(self, urls: Iterable[str]) -> None:
        self._store.count(urls, self._desk.graph.clock())

    async def _may_change(self, request: Request) -> None:
        scope = await self._desk.scope(request)
        if not scope.write_classes:
            raise Unauthenticated(
                "storing and deleting @contexts needs credentials", headers={"WWW-Authenticate": 'Bearer realm="kairo"'}
            )

    async def add(self, request: Request) -> Response:
        """POST /jsonldContexts: an object with @context; 201 with its address."""
        await self._may_change(request)
        value, _ = await self._desk.json(request)
        if not isinstance(value, dict) or "@context" not in value:
            raise BadRequestData(
                "the body is an object with a member @context", detail_ja="@context を持つオブジェクトを送ってください。"
            )
        await self._desk.contexts.resolve(value["@context"])  # raises what is wrong with it
        if await self._store.number() >= self._desk.settings.max_contexts:
            raise TooManyRequests(
                f"{self._desk.settings.max_contexts} @contexts are stored; no more are taken",
                detail_ja=f"保存できる @context は {self._desk.settings.max_contexts} 件までです。",
                mend="Delete those that nobody uses (list them with details=true).",
                mend_ja="使われていないものを削除してください（details=true で一覧できます）。",
            )
        url = PATH + secrets.token_hex(8)
        document = {"@context": value["@context"]}
        await self._store.put(StoredContext(url, document, ContextKind.HOSTED, self._desk.graph.clock()))
        location = absolute(request, url)
        return Response(201, dumps({"url": location}), headers=[(b"location", location.encode())])

    async def list(self, request: Request) -> Response:
        """GET /jsonldContexts: addresses, or with details=true what is known of each; `kind` restricts."""
        await self._desk.scope(request)
        kind = None
        if "kind" in request.query:
            kind = _KINDS.get(request.query["kind"].lower())
            if kind is None:
                raise InvalidRequest(
                    "kind is one of Hosted, Cached, ImplicitlyCreated", detail_ja="kind の値が正しくありません。"
                )
        await self._store.flush()
        found = await self._store.all(kind)
        if not flag(request.query, "details"):
            return Response(200, dumps([absolute(request, context.url) for context in found]))
        return Response(200, dumps([_details(request, context) for context in found]))

    async def serve(self, request: Request) -> Response:
        """GET /jsonldContexts/{id}: the context itself, or with details=true what is known of it. One that is kept from
        elsewhere is not served (5.13.4.4)."""
        await self._desk.scope(request)
        detailed = flag(request.query, "details")
        if detailed:
            await self._store.flush()
        found = await self._found(request)
        if detailed:
            return Response(200, dumps(_details(request, found)))
        if found.kind is ContextKind.CACHED:
            raise OperationNotSupported(
                "this @context is only kept here for this broker's own use",
                detail_ja="この @context は内部用の控えのため、配信していません。",
                mend=f"Get it from {found.url}, or add details=true.",
            )
        return Response(200, dumps(found.document), LD_JSON.encode())

    async def delete(self, request: Request) -> Response:
        """DELETE /jsonldContexts/{id}; with reload=true one that is kept from elsewhere is fetched anew instead (5.13.5)."""
        await self._may_change(request)
        reload = flag(request.query, "reload")
        found = await self._found(request)
        if reload and found.kind is not ContextKind.CACHED:
            raise BadRequestData(
                f"only an @context of kind Cached can be reloaded; this one is {found.kind.value}",
                detail_ja="再取得できるのは種類が Cached の @context だけです。",
                mend="Leave reload out to delete it.",
            )
        if reload:
            await self._desk.contexts.reload(found.url)
            return Response(204)
        await self._store.delete(found.url)
        self._desk.contexts.forget(found.url)
        self._desk.contexts.forget(absolute(request, found.url))
        return Response(204)

    async def _found(self, request: Request) -> StoredContext:
        found = await self._store.named(request.path_values["context"])
        if found is None:
            raise ResourceNotFound("there is no such @context here", detail_ja="この @context はありません。")
        return found


def _details(request: Request, context: StoredContext) -> dict[str, Any]:
    """What is known of a context (5.13.3.5)."""
    details: dict[str, Any] = {
        "URL": absolute(request, context.url),
        "localId": local_id(context.url),
        "kind": context.kind.value,
        "createdAt": iso(context.stored_at),
        "numberOfHits": context.hits,
    }
    for name, moment in (("lastUsage", context.last_used_at), ("expiresAt", context.expires_at)):
        if moment is not None:
            details[name] = iso(moment)
    return details
