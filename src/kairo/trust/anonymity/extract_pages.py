"""Which page do extracts have? The form with its preview, what waits for a second person, the file, and what was handed out."""

from dataclasses import replace
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import FormMultiDict, State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from kairo.context.gate import Scope
from kairo.errors import BadRequestData
from kairo.platform.web import Kit, Link, Page
from kairo.settings import Settings
from kairo.trust.anonymity.extracting import Extracts, Preview, Wish
from kairo.trust.anonymity.extracts import KINDS
from kairo.trust.anonymity.pages import CONSOLE, Access, Drawing, Frame, Limits, Tables, dimensions_of, said, whole
from kairo.trust.anonymity.permissions import EXTRACTS, check_make
from kairo.trust.anonymity.service import Statistics
from kairo.trust.anonymity.showing import Words
from kairo.trust.identity.pages import same_site

PATH = "/console/extracts"
Making = NamedDependency[SkipValidation[Extracts]]


@get(PATH, media_type=MediaType.HTML, permission="staff whose duty includes extracts")
async def show_extracts(
    access: Access, kit: Drawing, page: Frame, statistics: Tables, extracts: Making, settings: Limits, type: FromQuery[str] = ""
) -> str:
    """What was extracted and what waits for a second person; the form for one type."""
    await check_make(access, statistics.offices, EXTRACTS)
    return await _page(access, kit, page, statistics, extracts, settings, type)


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="staff whose duty includes extracts")
async def act_on_extracts(
    request: Request[Any, Any, State],
    access: Access,
    kit: Drawing,
    page: Frame,
    statistics: Tables,
    extracts: Making,
    settings: Limits,
) -> Any:
    """Looks at an extract beforehand, asks a second person, agrees as that person, or hands the file out."""
    same_site(request)
    form = await request.form()
    action, id = said(form, "action"), said(form, "id")
    if action == "make":
        made, file = await extracts.make(access, id)
        media = "text/csv; charset=utf-8" if made.format == "csv" else "application/json"
        name = f'attachment; filename="{made.id}.{made.format}"'
        return Response(file, media_type=media, headers={"Content-Disposition": name, "Cache-Control": "no-store"})
    if action == "agree":
        await extracts.agree(access, id)
        return await _page(access, kit, page, statistics, extracts, settings, "", did="agreed")
    wish = _wish(form)
    if action == "request":
        await extracts.request(access, wish)
        return await _page(access, kit, page, statistics, extracts, settings, "", did="requested")
    if action != "preview":
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    preview = await extracts.preview(access, wish)
    return await _page(access, kit, page, statistics, extracts, settings, wish.type, wish, preview)


def _wish(form: FormMultiDict) -> Wish:
    return Wish(
        type=said(form, "type"),
        kind=said(form, "kind"),
        recipient=said(form, "recipient"),
        third_party=said(form, "third_party") == "yes",
        series=said(form, "series"),
        basis=said(form, "basis"),
        columns=tuple(str(one) for one in form.getall("column", []) if one),
        sensitive=tuple(str(one) for one in form.getall("sensitive", []) if one),
        k=whole(said(form, "k"), "k"),
        l=whole(said(form, "l"), "l"),
        leave_out=said(form, "leave_out") == "yes",
        format=said(form, "format"),
    )


async def _page(
    access: Scope, kit: Kit, page: Page, statistics: Statistics, extracts: Extracts, settings: Settings, type: str,
    wish: Wish | None = None, preview: Preview | None = None, did: str = "",
) -> str:  # fmt: skip
    kind = statistics.sources.kind(type) if type else None
    words = Words(kit, page.language, kind, {})
    title, lead = (kit.t(page.language, f"anonymity.extract.{name}") for name in ("title", "lead"))
    crumbs = (Link(kit.t(page.language, "anonymity.title"), CONSOLE),)
    synthetic = preview is not None and preview.synthetic
    return kit.render(
        "anonymity/extracts.html",
        replace(page, title=title, lead=lead, crumbs=crumbs, robots="noindex", synthetic=synthetic, path=PATH),
        kinds=statistics.sources.kinds(),
        kind=kind,
        columns=dimensions_of(kind, words) if kind else [],
        law=KINDS,
        wish=wish,
        preview=preview,
        did=did,
        waiting=await extracts.waiting(access.tenant),
        made=await extracts.latest(access.tenant),
        me=access.principal,
        k=settings.statistics_k,
        l=settings.statistics_l,
        path=PATH,
        words=words,
    )
