"""How do clients keep @contexts here? Add, list, serve and delete (CIM 009 5.13, 6.29 and 6.30)."""

import secrets
from typing import Any

from kairo.context.api.exchange import Desk, flag
from kairo.context.api.negotiation import LD_JSON
from kairo.context.contexts import ContextKind, StoredContext
from kairo.context.contexts.store import PATH, PostgresContextStore
from kairo.context.model.jsontext import dumps
from kairo.errors import BadRequestData, InvalidRequest, ResourceNotFound, Unauthenticated
from kairo.platform.clock import iso
from kairo.platform.http import Request, Response

_KINDS = {kind.value.lower(): kind for kind in ContextKind}


class Contexts:
    """Handlers of the operations on @contexts."""

    def __init__(self, desk: Desk, store: PostgresContextStore) -> None:
        self._desk = desk
        self._store = store

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
        url = PATH + secrets.token_hex(8)
        document = {"@context": value["@context"]}
        await self._store.put(StoredContext(url, document, ContextKind.HOSTED, self._desk.graph.clock()))
        location = _absolute(request, url)
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
        found = await self._store.all(kind)
        if not flag(request.query, "details"):
            return Response(200, dumps([_absolute(request, context.url) for context in found]))
        return Response(200, dumps([_details(request, context) for context in found]))

    async def serve(self, request: Request) -> Response:
        """GET /jsonldContexts/{id}: the context itself, or with details=true what is known of it."""
        await self._desk.scope(request)
        found = await self._store.get(_named(request))
        if found is None:
            raise ResourceNotFound("there is no such @context here", detail_ja="この @context はありません。")
        if flag(request.query, "details"):
            return Response(200, dumps(_details(request, found)))
        return Response(200, dumps(found.document), LD_JSON.encode())

    async def delete(self, request: Request) -> Response:
        """DELETE /jsonldContexts/{id}."""
        await self._may_change(request)
        url = _named(request)
        if not await self._store.delete(url):
            raise ResourceNotFound("there is no such @context here", detail_ja="この @context はありません。")
        self._desk.contexts.forget(url)
        self._desk.contexts.forget(_absolute(request, url))
        return Response(204)


def _named(request: Request) -> str:
    """A context by its id here, or by its whole URL (6.30.1)."""
    name = request.path_values["context"]
    return name if ":" in name else PATH + name


def _absolute(request: Request, url: str) -> str:
    if not url.startswith("/"):
        return url
    return f"{request.scope.get('scheme', 'http')}://{request.headers.get('host', 'localhost')}{url}"


def _details(request: Request, context: StoredContext) -> dict[str, Any]:
    return {
        "url": _absolute(request, context.url),
        "localId": context.url.rsplit("/", 1)[-1],
        "kind": context.kind.value,
        "timestamp": iso(context.stored_at),
    }
