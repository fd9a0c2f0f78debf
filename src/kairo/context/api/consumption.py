"""How are entities read over HTTP? Retrieve and query (CIM 009 6.5.3.1, 6.4.3.2, 6.23)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from kairo.context.api.exchange import Desk, absolute, answer_headers, flag, options_of
from kairo.context.api.joining import Linked, View, read_join
from kairo.context.api.negotiation import GEO_JSON, LD_JSON, WITH_GEO, answer_type, embeds_context
from kairo.context.api.paging import counts, page_links, read_paging
from kairo.context.contexts import TermMap
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.entities.finding import Row
from kairo.context.gate import Scope
from kairo.context.model.parse import parse_id
from kairo.context.model.render import Format, Representation
from kairo.context.query import (
    EntityQuery,
    Projection,
    flatten_body,
    parse_type_selection,
    read_order,
    read_projection,
    read_query,
)
from kairo.context.reading import types_of
from kairo.errors import BadRequestData, InvalidRequest, ResourceNotFound
from kairo.platform.http import Request, Response

FORMATS = {
    "normalized": Format.NORMALIZED,
    "concise": Format.CONCISE,
    "simplified": Format.SIMPLIFIED,
    "keyValues": Format.SIMPLIFIED,
}


class Consumption:
    """Handlers of the operations that read entities."""

    def __init__(self, desk: Desk, contexts: PostgresContextStore) -> None:
        self._desk = desk
        self._contexts = contexts

    async def retrieve(self, request: Request) -> Response:
        """GET /entities/{id}. Stored bytes as they are where nothing else is asked for."""
        query = request.query
        media_type = answer_type(request.headers.get("accept", ""), WITH_GEO)
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        id = parse_id(request.path_values["id"])
        headers = answer_headers(terms, media_type, scope, request)
        if not query and terms.is_core and media_type not in {LD_JSON, GEO_JSON}:
            raw = await self._desk.graph.document(scope, id)
            if raw is None:
                raise _not_found(id)
            return Response(200, raw, headers=headers)
        view = self._view(query, terms, media_type, request)
        types = parse_type_selection(query["type"], terms) if "type" in query else None
        row = await self._desk.graph.row(scope, id, view.projection.shows)
        if row is None or not _has_one_of(row, view.projection) or not (types is None or types.matches(types_of(row.doc))):
            raise _not_found(id)
        return Response(200, view.one(row, await self._linked(scope, [row], view)), media_type.encode(), headers)

    async def query(self, request: Request) -> Response:
        """GET /entities."""
        query = request.query
        return await self._answer(request, query, query)

    async def query_by_post(self, request: Request) -> Response:
        """POST /entityOperations/query: the conditions in the body, paging and representation in the address."""
        payload, terms = await self._desk.payload(request)
        return await self._answer(request, flatten_body(payload), request.query, terms)

    async def _answer(
        self, request: Request, conditions: Mapping[str, Any], paging: Mapping[str, str], terms: TermMap | None = None
    ) -> Response:
        media_type = answer_type(request.headers.get("accept", ""), WITH_GEO)
        scope = await self._desk.scope(request)
        terms = terms or await self._desk.terms(request)
        both = {**paging, **conditions}
        view = self._view(both, terms, media_type, request)
        asked = read_query(conditions, terms, join_level=view.join.level if view.join else 0)
        local = _local(asked, paging)
        asked.validate(local=local)
        order = read_order(both, terms, local=local)
        limit, offset = read_paging(paging, self._desk.settings.max_limit)
        headers = answer_headers(await self._addressed(terms, media_type, scope, request), media_type, scope, request)
        if counts(paging):
            number = await self._desk.graph.number(scope, asked)
            headers.append((b"ngsild-results-count", str(number).encode()))
        if limit == 0:
            return Response(200, view.many([], None), media_type.encode(), headers)
        found = await self._desk.graph.search(
            scope, asked, order=order, limit=limit, after=paging.get("after"), offset=offset, shows=view.projection.shows
        )
        if request.method != "POST":
            headers += page_links(request, paging, media_type, found.after, offset, limit)
        elif found.after is not None:
            headers.append((b"ngsild-next-after", quote(found.after, safe=":/").encode()))
        linked = await self._linked(scope, found.rows, view)
        return Response(200, view.many(found.rows, linked), media_type.encode(), headers)

    async def _addressed(self, terms: TermMap, media_type: str, scope: Scope, request: Request) -> TermMap:
        """The names with an address for the Link header: an @context that came in the body, and is not to stand in the answer,
        is served from here from now on (5.13.1, ImplicitlyCreated). Not for those who may write nothing else either."""
        if terms.link is not None or embeds_context(media_type, request) or not scope.may_write_anything:
            return terms
        if await self._contexts.number() >= self._desk.settings.max_contexts:
            return terms
        path = await self._contexts.implicit(terms.document, self._desk.graph.clock())
        return terms.shown_as(terms.document, absolute(request, path))

    def _view(self, query: Mapping[str, Any], terms: TermMap, media_type: str, request: Request) -> View:
        join = read_join(query, self._desk.settings.max_join_level)
        projection = read_projection(query, terms, join_level=join.level if join else 0)
        return View(terms, representation(query, projection, media_type, terms, request), projection, join)

    async def _linked(self, scope: Scope, rows: list[Row], view: View) -> Linked | None:
        if view.join is None:
            return None
        return await Linked(view.join, self._desk.settings.max_linked).gather(self._desk.graph, scope, rows, view)


def representation(
    query: Mapping[str, Any], projection: Projection, media_type: str, terms: TermMap, request: Request
) -> Representation:
    """What the answer shows of each entity."""
    options = options_of(query)
    formats = [name for name in FORMATS if name in options]
    if "format" in query:
        if query["format"] not in FORMATS:
            raise InvalidRequest(
                f"format is one of {', '.join(FORMATS)}, not {str(query['format'])[:40]!r}",
                detail_ja=f"format は {'、'.join(FORMATS)} のいずれかです。",
            )
        formats = [query["format"]]
    if "geometryProperty" in query and media_type != GEO_JSON:
        raise BadRequestData(
            "geometryProperty belongs to answers in GeoJSON (5.7.1.4)",
            detail_ja="geometryProperty は GeoJSON の応答でだけ使えます。",
            mend=f"Send Accept: {GEO_JSON}, or leave it out.",
        )
    pick = None if projection.pick is None else frozenset(part.name for part in projection.pick)
    datasets = query.get("datasetId")
    return Representation(
        format=FORMATS[formats[0]] if formats else Format.NORMALIZED,
        sys_attrs="sysAttrs" in options,
        lang=query.get("lang"),
        geojson=media_type == GEO_JSON,
        geometry_property=terms.expand(query["geometryProperty"]) if query.get("geometryProperty") else "location",
        pick=pick,
        omit=projection.removed,
        attrs=None if projection.attrs is None else frozenset(projection.attrs),
        datasets=frozenset(datasets.split(",")) if datasets else None,
        embed_context=embeds_context(media_type, request),
    )


def _local(asked: EntityQuery, paging: Mapping[str, str]) -> bool:
    """Whether only this broker is asked: because the request says so, or by `type=*`, which implies it (6.4.3.2)."""
    local = flag(paging, "local")
    if asked.is_local and "local" in paging and not local:
        raise BadRequestData(
            "type=* asks this broker alone, so local=false cannot be",
            detail_ja="type=* はこのブローカーだけへの問い合わせのため、local=false は指定できません。",
            mend="Leave local=false out, or name the types.",
        )
    return local or asked.is_local


def _has_one_of(row: Row, projection: Projection) -> bool:
    """With attrs or pick, an entity that has none of the attributes is not found (5.7.1.4)."""
    names = projection.attrs if projection.attrs is not None else [part.name for part in projection.pick or ()]
    return not names or any(name in row.doc for name in names)


def _not_found(id: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no entity {id[:200]}", detail_ja=f"エンティティ {id[:200]} は見つかりません。")
