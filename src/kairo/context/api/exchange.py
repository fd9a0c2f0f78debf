"""What do all operations of the API need first? The tenant, the scope, the names of the request's @context, its parsed body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairo.context.api.negotiation import GEO_JSON, JSON, body_context, body_type, embeds_context
from kairo.context.contexts import ContextResolver, TermMap, link_header, parse_link_context
from kairo.context.gate import Gate, Scope
from kairo.context.graph import Graph
from kairo.context.model.amount import may_be_many, require_few_attributes
from kairo.context.model.jsontext import loads
from kairo.context.quotas import Quotas
from kairo.errors import BadRequestData, InvalidRequest
from kairo.platform.db import checked_tenant
from kairo.platform.http import Request, Response, Route
from kairo.settings import Settings

_SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What handlers work with: one for the API of a process."""

    graph: Graph
    gate: Gate
    contexts: ContextResolver
    settings: Settings
    quotas: Quotas | None = None

    async def scope(self, request: Request) -> Scope:
        """Who asks, in which tenant (6.3.14). For a read the tenant must exist; a write finds out in its commit."""
        name = request.headers.get("ngsild-tenant")
        tenant = self.settings.tenant if name is None else checked_tenant(name)
        reads = request.method in _SAFE or request.path.endswith("/query")
        scope = await self.gate.scope(request.headers, tenant, cookies=request.method in _SAFE)
        if reads:
            await self.graph.require_tenant(tenant)
        if self.quotas is not None:
            await self.quotas.admit(scope, request.client)
        return scope

    def max_batch(self, scope: Scope) -> int:
        """The most members of one batch operation of this asker."""
        return self.settings.max_batch if self.quotas is None else self.quotas.max_batch(scope)

    async def require_room(self, scope: Scope, ids: Sequence[str]) -> None:
        """Raises TooManyRequests where the tenant's quota has no room for those of these entities that are new."""
        if self.quotas is not None:
            await self.quotas.require_room(scope.tenant, ids)

    async def terms(self, request: Request) -> TermMap:
        """The names of a request without body: from the Link header, or the core context."""
        header = request.headers.get("link")
        return await self.contexts.resolve(None, parse_link_context(header) if header else None)

    async def json(self, request: Request, *, patch: bool = False) -> tuple[Any, str]:
        """The parsed body and its media type."""
        media_type = body_type(request, patch=patch)
        return loads(await request.body()), media_type

    async def payload(self, request: Request, *, patch: bool = False) -> tuple[dict[str, Any], TermMap]:
        """A body that is one object, without its @context, and the names it is written in (6.3.5)."""
        media_type = body_type(request, patch=patch)
        body = await request.body()
        value = loads(body)
        header = request.headers.get("link")
        link = parse_link_context(header) if header else None
        context = body_context(value, media_type, link)
        if may_be_many(body, self.settings.max_attributes):
            require_few_attributes([value], self.settings.max_attributes)
        return value, await self.contexts.resolve(context, link)

    async def batch(self, request: Request, most: int) -> list[tuple[Any, TermMap | BadRequestData]]:
        """The members of a batch, at most so many, with the names each is written in; a member whose @context is wrong fails by
        itself."""
        value, media_type = await self.json(request)
        if not isinstance(value, list) or not value:
            raise BadRequestData(
                "the body of a batch operation is a JSON array of at least one entity",
                detail_ja="一括操作の本文は、1件以上のエンティティのJSON配列です。",
            )
        if len(value) > most:
            raise BadRequestData(
                f"the batch has {len(value)} members; at most {most} are taken",
                detail_ja=f"一括操作は最大{most}件です（{len(value)}件ありました）。",
                mend="Send it in smaller parts; nothing was changed.",
            )
        require_few_attributes(value, self.settings.max_attributes)
        header = request.headers.get("link")
        link = parse_link_context(header) if header else None
        shared = await self.contexts.resolve(None, link) if media_type == JSON else None
        members: list[tuple[Any, TermMap | BadRequestData]] = []
        for item in value:
            if shared is not None and isinstance(item, dict) and "@context" not in item:
                members.append((item, shared))
                continue
            try:
                context = body_context(item, media_type, link)
                members.append((item, await self.contexts.resolve(context, link)))
            except BadRequestData as error:
                members.append((item, error))
        return members


def options_of(query: Mapping[str, str]) -> frozenset[str]:
    """The values of the parameter `options`."""
    return frozenset(part.strip() for part in query.get("options", "").split(",") if part.strip())


def refuse_unknown(query: Mapping[str, str], route: Route) -> None:
    """Raises InvalidRequest for a parameter or option that the operation does not have: a misspelt filter must not be passed
    over."""
    for name in query:
        if name not in route.parameters:
            raise InvalidRequest(
                f"there is no query parameter {name[:80]!r} here; known are {', '.join(sorted(route.parameters)) or 'none'}",
                detail_ja=f"パラメーター「{name[:80]}」はこの操作にはありません。",
            )
    unknown = sorted(options_of(query) - route.options)
    if unknown:
        raise InvalidRequest(
            f"options has {unknown[0][:80]!r}; this operation takes {', '.join(sorted(route.options)) or 'none'}",
            detail_ja=f"options に使えない値「{unknown[0][:80]}」があります。",
        )


def absolute(request: Request, url: str) -> str:
    """The address of what stands here under this path, as this client reaches it."""
    if not url.startswith("/"):
        return url
    return f"{request.scope.get('scheme', 'http')}://{request.headers.get('host', 'localhost')}{url}"


def flag(query: Mapping[str, str], name: str) -> bool:
    """A Boolean parameter. Raises InvalidRequest for anything but true and false."""
    text = query.get(name, "false")
    if text not in {"true", "false"}:
        raise InvalidRequest(f"{name} is true or false, not {text[:40]!r}", detail_ja=f"{name} は true か false です。")
    return text == "true"


def answer_headers(terms: TermMap, media_type: str, scope: Scope, request: Request) -> list[tuple[bytes, bytes]]:
    """Link to the @context where the body does not hold it (6.3.6), and the tenant where the request named one (6.3.14)."""
    headers: list[tuple[bytes, bytes]] = []
    if terms.link is not None and not embeds_context(media_type, request):
        headers.append((b"link", link_header(terms.link).encode()))
        if media_type == GEO_JSON:
            headers.append((b"preference-applied", b"body=json"))
    if "ngsild-tenant" in request.headers:
        headers.append((b"ngsild-tenant", scope.tenant.encode()))
    return headers


def done(scope: Scope, request: Request, status: int = 204, headers: list[tuple[bytes, bytes]] | None = None) -> Response:
    """An answer without a body."""
    found = list(headers or [])
    if "ngsild-tenant" in request.headers:
        found.append((b"ngsild-tenant", scope.tenant.encode()))
    return Response(status, b"", headers=found)
