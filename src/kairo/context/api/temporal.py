"""How is the past of entities read over HTTP? Retrieve and query temporal evolutions (CIM 009 6.18.3.2, 6.19.3.1, 6.24)."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from kairo.context.api.exchange import Desk, answer_headers, flag, options_of
from kairo.context.api.negotiation import LD_JSON, answer_type
from kairo.context.api.paging import counts, next_part, page_links, read_paging
from kairo.context.contexts import TermMap
from kairo.context.graph import Graph
from kairo.context.model.language import wishes
from kairo.context.model.parse import parse_id
from kairo.context.model.render import context_of
from kairo.context.query import Order, Path, Projection, flatten_body, read_order, read_projection, read_query
from kairo.context.temporal.asking import read_aggregation, read_format, read_times
from kairo.context.temporal.evolution.finding import Selected
from kairo.context.temporal.evolution.past import Page
from kairo.context.temporal.evolution.reading import Ask, Shown
from kairo.context.temporal.parts import Part, read_part
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
        after = _part(request.query, ask)
        target = await self._graph.past.target(scope, id)
        if target is None:
            raise ResourceNotFound(
                f"nothing is known of an entity {id[:200]}", detail_ja=f"エンティティ {id[:200]} は見つかりません。"
            )
        chosen = Selected(target)
        shown = await self._graph.past.show(scope, [chosen], ask, self._desk.settings.max_instances, after=after)
        body = _entity(chosen, shown, ask, projection)
        if media_type == LD_JSON:
            body["@context"] = context_of(terms)
        headers = answer_headers(terms, media_type, scope, request)
        if shown.part is not None:
            headers.append(next_part(request, request.query, media_type, shown.part.written()))
        return _answer(dumps(body), shown, media_type, headers)

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
        local = flag(paging, "local")
        asked.validate(local=local)
        both = {**paging, **conditions}
        descending = _descends(read_order(both, terms, local=local or asked.is_local))
        projection = read_projection(both, terms)
        ask = _ask(both, projection, terms, required=True)
        limit, offset = read_paging(paging, self._desk.settings.max_limit)
        headers = answer_headers(terms, media_type, scope, request)
        past = self._graph.past
        after = _part(paging, ask)
        if counts(paging):
            number = await past.number(scope, asked, ask.query)
            headers.append((b"ngsild-results-count", str(number).encode()))
        if limit == 0:
            return _answer(b"[]", Shown(), media_type, headers)
        if after is None:
            page = await past.find(
                scope, asked, ask.query, limit=limit, after=paging.get("after", ""), offset=offset, descending=descending
            )
        else:  # the same page once more; entities that are new in it must not push others out
            between = (after.first, after.last)
            page = await past.find(scope, asked, ask.query, limit=2 * limit, descending=descending, between=between)
            page = Page(page.found, page.after or (after.last if after.more else None))
        most, by_scope = self._desk.settings.max_instances, asked.scope_q is not None
        shown = await past.show(scope, page.found, ask, most, by_scope=by_scope, after=after)
        headers += _onward(request, paging, media_type, page, shown, offset, limit)
        body = [_entity(item, shown, ask, projection) for item in page.found]
        if media_type == LD_JSON:
            for one in body:
                one["@context"] = context_of(terms)
        return _answer(dumps(body), shown, media_type, headers)


def _onward(
    request: Request, paging: Mapping[str, str], media_type: str, page: Page, shown: Shown, offset: int, limit: int
) -> list[tuple[bytes, bytes]]:
    """Where a query goes on: with the rest of a page that was cut, then with the next page. Whoever follows gets everything."""
    part = None
    if shown.part is not None:
        first, last = page.found[0].target.id, page.found[-1].target.id
        part = shown.part.of_page(first, last, more=page.after is not None).written()
    if request.method != "POST":
        given = {name: value for name, value in paging.items() if name != "afterInstance"}
        links = page_links(request, given, media_type, page.after if part is None else None, offset, limit)
        return links if part is None else [next_part(request, given, media_type, part), *links]
    if part is not None:
        return [(b"ngsild-next-instance", part.encode())]
    return [] if page.after is None else [(b"ngsild-next-after", quote(page.after, safe=":/").encode())]


def _part(given: Mapping[str, str], ask: Ask) -> Part | None:
    """Behind which instance the answer begins. Periods are never cut, so they have no such place."""
    if "afterInstance" not in given:
        return None
    if ask.aggregation is not None:
        raise BadRequestData(
            "afterInstance belongs to answers with instances, not with periods",
            detail_ja="afterInstance は集計では使えません。",
            parameter="afterInstance",
        )
    return read_part(given["afterInstance"])


def _descends(order: Order | None) -> bool:
    """Whether entities come in descending order. By their id alone may they be ordered (5.7.4.4)."""
    if order is None:
        return False
    term = order.terms[0]
    if len(order.terms) > 1 or term.path != Path(("id",)) or term.direction.by_distance or order.origin is not None:
        raise BadRequestData(
            "the past is ordered by id alone (5.7.4.4). Right form: orderBy=id or orderBy=id;desc",
            detail_ja="履歴の検索で並べ替えに使えるのは id だけです。正しい例：orderBy=id;desc",
            parameter="orderBy",
        )
    return term.direction.descends


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
