"""How is the past of entities read over HTTP? Retrieve and query temporal evolutions (CIM 009 6.18.3.2, 6.19.3.1, 6.24)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from kairo.context.api.exchange import Desk, answer_headers, flag, options_of
from kairo.context.api.negotiation import LD_JSON, answer_type
from kairo.context.api.paging import counts, page_links, read_paging
from kairo.context.contexts import TermMap
from kairo.context.gate import Scope
from kairo.context.graph import Graph
from kairo.context.model.language import wishes
from kairo.context.model.parse import parse_id
from kairo.context.model.render import context_of
from kairo.context.query import Projection, flatten_body, read_projection, read_query
from kairo.context.temporal.asking import read_aggregation, read_format, read_times
from kairo.context.temporal.evolution.finding import Selected
from kairo.context.temporal.evolution.reading import Ask, Shown
from kairo.context.temporal.represent import Wanted, dumps, entity
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.http import Request, Response

_TIME_MEMBERS = ("timerel", "timeAt", "endTimeAt", "timeproperty", "lastN", "aggrMethods", "aggrPeriodDuration")
_AGGREGATION_MEMBERS = ("aggrMethods", "aggrPeriodDuration")


class Temporal:
    """Handlers of the operations that read the past."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def _graph(self) -> Graph:
        return self._desk.graph

    async def retrieve(self, request: Request) -> Response:
        """GET /temporal/entities/{id}."""
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        terms = await self._desk.terms(request)
        id = parse_id(request.path_values["id"])
        projection = read_projection(request.query, terms)
        ask = _ask(request.query, projection, terms, required=False)
        target = await self._graph.past.target(scope, id)
        if target is None:
            raise ResourceNotFound(
                f"nothing is known of an entity {id[:200]}", detail_ja=f"エンティティ {id[:200]} は見つかりません。"
            )
        chosen = Selected(target)
        shown = await self._graph.past.show(scope, [chosen], ask, self._desk.settings.max_instances)
        body = _entity(chosen, shown, ask, projection)
        if media_type == LD_JSON:
            body["@context"] = context_of(terms)
        return _answer(dumps(body), shown, media_type, answer_headers(terms, media_type, scope, request))

    async def query(self, request: Request) -> Response:
        """GET /temporal/entities."""
        return await self._query(request, request.query, request.query)

    async def query_by_post(self, request: Request) -> Response:
        """POST /temporal/entityOperations/query: the conditions in the body, paging and representation in the address."""
        payload, terms = await self._desk.payload(request)
        return await self._query(request, _flattened(payload), request.query, terms)

    async def _query(
        self, request: Request, conditions: Mapping[str, Any], paging: Mapping[str, str], given: TermMap | None = None
    ) -> Response:
        media_type = answer_type(request.headers.get("accept", ""))
        scope = await self._desk.scope(request)
        terms = given or await self._desk.terms(request)
        asked = read_query(conditions, terms)
        asked.validate(local=flag(paging, "local"))
        both = {**paging, **conditions}
        projection = read_projection(both, terms)
        ask = _ask(both, projection, terms, required=True)
        limit, offset = read_paging(paging, self._desk.settings.max_limit)
        headers = answer_headers(terms, media_type, scope, request)
        past = self._graph.past
        if counts(paging):
            number = await past.number(scope, asked, ask.query)
            headers.append((b"ngsild-results-count", str(number).encode()))
        if limit == 0:
            return _answer(b"[]", Shown(), media_type, headers)
        page = await past.find(scope, asked, ask.query, limit=limit, after=paging.get("after", ""), offset=offset)
        if request.method == "GET":
            headers += page_links(request, paging, media_type, page.after, offset, limit)
        elif page.after is not None:
            headers.append((b"ngsild-next-after", quote(page.after, safe=":/").encode()))
        return await self._page(scope, page.found, ask, projection, media_type, headers, by_scope=asked.scope_q is not None)

    async def _page(
        self,
        scope: Scope,
        found: list[Selected],
        ask: Ask,
        projection: Projection,
        media_type: str,
        headers: list[tuple[bytes, bytes]],
        *,
        by_scope: bool,
    ) -> Response:
        shown = await self._graph.past.show(scope, found, ask, self._desk.settings.max_instances, by_scope=by_scope)
        body = [_entity(item, shown, ask, projection) for item in found]
        if media_type == LD_JSON:
            for one in body:
                one["@context"] = context_of(ask.wanted.terms)
        return _answer(dumps(body), shown, media_type, headers)


def _answer(body: bytes, shown: Shown, media_type: str, headers: list[tuple[bytes, bytes]]) -> Response:
    """200, or 206 with the time in which the answer is whole."""
    if shown.content_range is None:
        return Response(200, body, media_type.encode(), headers)
    return Response(206, body, media_type.encode(), [*headers, (b"content-range", shown.content_range.encode())])


def _entity(chosen: Selected, shown: Shown, ask: Ask, projection: Projection) -> dict[str, Any]:
    target, shows = chosen.target, _shows(projection)
    out = entity(target.id, target.types, shown.members.get(target.id, {}), ask.wanted.terms, shows)
    if ask.wanted.sys_attrs:
        out["createdAt"], out["modifiedAt"] = target.created_at, target.modified_at
        if target.deleted_at is not None:
            out["deletedAt"] = target.deleted_at
    return out


def _shows(projection: Projection) -> Callable[[str], bool]:
    """Whether a member of the entity is shown; `type` and `id` only where a projection leaves them."""
    return projection.shows


def _ask(given: Mapping[str, Any], projection: Projection, terms: TermMap, *, required: bool) -> Ask:
    """What of the past is asked for, and in which form."""
    options = options_of(given)
    form = read_format(given, options)
    times = read_times(given, form, required=required)
    languages = wishes(given["lang"]) if given.get("lang") else None
    kept = projection.kept
    datasets = given.get("datasetId")
    named = frozenset(kept or ()) - {"id", "type", "scope"}
    return Ask(
        Wanted(form, times, "sysAttrs" in options, languages, terms),
        read_aggregation(given, form),
        None if kept is None else tuple(sorted(kept)),
        tuple(sorted(projection.removed)),
        tuple(datasets.split(",")) if datasets else None,
        named,
    )


def _flattened(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A Query data structure with temporalQ and aggrParams (5.2.21, 5.2.23, 5.2.44) as the parameters of a GET."""
    rest = {name: value for name, value in payload.items() if name not in {"temporalQ", "aggrParams"}}
    found = flatten_body(rest)
    for name, members in (("temporalQ", _TIME_MEMBERS), ("aggrParams", _AGGREGATION_MEMBERS)):
        given = payload.get(name, {})
        if not isinstance(given, dict):
            raise BadRequestData(f"{name} is an object", detail_ja=f"{name} はオブジェクトです。")
        for member, value in given.items():
            if member not in members:
                raise BadRequestData(
                    f"{name} has no member {str(member)[:80]!r}; known are {', '.join(members)}",
                    detail_ja=f"{name} に「{str(member)[:80]}」はありません。",
                )
            found[member] = value
    return found
