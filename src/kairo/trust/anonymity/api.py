"""What does everybody get of statistics? The tables that staff published, as JSON or CSV, and nothing else."""

from typing import Any

import orjson
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from kairo.context.gate import Scope
from kairo.context.graph import GraphInterface
from kairo.errors import NotAcceptable
from kairo.platform.i18n import LANGUAGES
from kairo.platform.web import Kit, Page
from kairo.trust.anonymity.pages import API, kind_of
from kairo.trust.anonymity.service import Statistics, label_of
from kairo.trust.anonymity.showing import Words, as_csv, as_data, names_of

Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Graph = NamedDependency[SkipValidation[GraphInterface]]
Tables = NamedDependency[SkipValidation[Statistics]]
MOST = 1000


@get(API, permission="anyone: tables that were published")
async def list_published(access: Access, statistics: Tables) -> Response[Any]:
    """The tables that everybody may see: their ids, titles and addresses."""
    found = await statistics.latest(access.tenant, all=False, limit=MOST)
    rows = [
        {"id": one.id, "title": label_of(one, one.population), "publishedAt": one.published_at, "href": f"{API}/{one.id}"}
        for one in found
    ]
    return Response(orjson.dumps(rows), media_type="application/json")


@get(API + "/{id:str}", permission="anyone: a table that was published")
async def get_published(
    access: Access,
    kit: Drawing,
    page: Frame,
    graph: Graph,
    statistics: Tables,
    id: FromPath[str],
    format: FromQuery[str] = "json",
) -> Response[Any]:
    """One published table as JSON, or with format=csv as Excel in Japan opens it."""
    one = await statistics.published(access.tenant, id)
    names, kind = await names_of(graph, access.tenant, one.axes), kind_of(statistics.sources, one.population)
    if format == "csv":
        file = as_csv(one, Words(kit, page.language, kind, names))
        return Response(
            file, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{one.id}.csv"'}
        )
    if format != "json":
        raise NotAcceptable(f"there is no format {format[:50]!r}: json or csv", detail_ja="形式は json か csv です。")
    data = as_data(one, {tag: Words(kit, tag, kind, names) for tag in LANGUAGES})
    return Response(orjson.dumps(data), media_type="application/json")
