"""How are entities read over HTTP? Retrieve and query (CIM 009 6.5.3.1, 6.4.3.2, 6.23)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from kairo.context.api.exchange import Desk, answer_headers, flag, options_of
from kairo.context.api.negotiation import GEO_JSON, LD_JSON, WITH_GEO, answer_type
from kairo.context.contexts import TermMap
from kairo.context.entities.finding import Row
from kairo.context.model.jsontext import dumps
from kairo.context.model.parse import parse_id
from kairo.context.model.render import Format, Representation, is_stored_form, render, render_all
from kairo.context.query import Projection, flatten_body, read_projection, read_query
from kairo.errors import BadRequestData, InvalidRequest, ResourceNotFound
from kairo.platform.http import Request, Response

FORMATS = {
    "normalized": Format.NORMALIZED,
    "concise": Format.CONCISE,
    "simplified": Format.SIMPLIFIED,
    "keyValues": Format.SIMPLIFIED,
}
DEFAULT_LIMIT = 20
_PLAIN: Mapping[str, str] = {}


class Consumption:
    """Handlers of the operations that read entities."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

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
        projection = read_projection(query, terms)
        wanted = representation(query, projection, media_type, terms)
        row = await self._desk.graph.row(scope, id)
        if row is None or not _has_one_of(row, projection):
            raise _not_found(id)
        body = dumps(render(row.doc, row.stamps if wanted.sys_attrs else None, row.facts, terms, wanted))
        return Response(200, body, media_type.encode(), headers)

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
        asked = read_query(conditions, terms)
        asked.validate(local=flag(paging, "local"))
        both = {**paging, **conditions}
        wanted = representation(both, read_projection(both, terms), media_type, terms)
        limit, offset = self._paging(paging)
        headers = answer_headers(terms, media_type, scope, request)
        if _counts(paging):
            number = await self._desk.graph.number(scope, asked)
            headers.append((b"ngsild-results-count", str(number).encode()))
        if limit == 0:
            return Response(200, _body([], terms, wanted), media_type.encode(), headers)
        found = await self._desk.graph.search(scope, asked, limit=limit, after=paging.get("after"), offset=offset)
        if request.method == "GET":
            headers += _links(request, paging, found.after, offset, limit)
        elif found.after is not None:
            headers.append((b"ngsild-next-after", quote(found.after, safe=":/").encode()))
        return Response(200, _body(found.rows, terms, wanted), media_type.encode(), headers)

    def _paging(self, paging: Mapping[str, str]) -> tuple[int, int]:
        limit = _whole(paging, "limit", DEFAULT_LIMIT)
        offset = _whole(paging, "offset", 0)
        if limit == 0 and not _counts(paging):
            raise BadRequestData(
                "limit=0 is for counting: it needs count=true (6.3.13)", detail_ja="limit=0 は count=true と使います。"
            )
        most = self._desk.settings.max_limit
        if limit > most:
            raise BadRequestData(
                f"limit is at most {most}, not {limit}",
                detail_ja=f"limit は{most}以下です。",
                mend="Follow the next link instead.",
            )
        if offset and "after" in paging:
            raise BadRequestData("offset and after exclude each other", detail_ja="offset と after は同時に使えません。")
        return limit, offset


def representation(query: Mapping[str, Any], projection: Projection, media_type: str, terms: TermMap) -> Representation:
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
        embed_context=media_type == LD_JSON,
    )


def _body(rows: list[Row], terms: TermMap, wanted: Representation) -> bytes:
    if is_stored_form(terms, wanted):
        return b"[" + b",".join(row.raw for row in rows) + b"]"
    return render_all(((row.doc, row.stamps if wanted.sys_attrs else None, row.facts) for row in rows), terms, wanted)


def _has_one_of(row: Row, projection: Projection) -> bool:
    """With attrs or pick, an entity that has none of the attributes is not found (5.7.1.4)."""
    names = projection.attrs if projection.attrs is not None else [part.name for part in projection.pick or ()]
    return not names or any(name in row.doc for name in names)


def _not_found(id: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no entity {id[:200]}", detail_ja=f"エンティティ {id[:200]} は見つかりません。")


def _whole(paging: Mapping[str, str], name: str, default: int) -> int:
    text = paging.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise BadRequestData(f"{name} is a whole number, not {text[:40]!r}", detail_ja=f"{name} は0以上の整数です。")
    return int(text)


def _counts(paging: Mapping[str, str]) -> bool:
    return flag(paging, "count") or "count" in options_of(paging)


def _links(
    request: Request, paging: Mapping[str, str], after: str | None, offset: int, limit: int
) -> list[tuple[bytes, bytes]]:
    """Links to the next and, with offset, the previous page (6.3.10)."""
    links: list[tuple[bytes, bytes]] = []
    kept = {name: value for name, value in paging.items() if name not in {"offset", "after"}}
    pages: list[tuple[str, dict[str, str]]] = []
    if after is not None:
        pages.append(("next", {"offset": str(offset + limit)} if "offset" in paging else {"after": after}))
    if offset:
        pages.append(("prev", {"offset": str(max(0, offset - limit))}))
    for relation, position in pages:
        target = f"{request.path}?{urlencode({**kept, **position})}"
        links.append((b"link", f'<{target}>;rel="{relation}";type="application/ld+json"'.encode()))
    return links
