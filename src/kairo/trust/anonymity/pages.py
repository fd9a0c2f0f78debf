"""Which pages does anonymity have? For staff: tables, numbers with noise and their budget. For everybody: the tables that were published."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.datastructures import FormMultiDict, State
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from kairo.context.gate import Scope
from kairo.context.graph import GraphInterface
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.manifests import Attribute, EntityType
from kairo.platform.web import Kit, Link, Page
from kairo.settings import Settings
from kairo.trust.anonymity.noise import within
from kairo.trust.anonymity.noisy import NoisyCounts
from kairo.trust.anonymity.permissions import EXTRACTS, STATISTICS, check_make, may_make
from kairo.trust.anonymity.rules import NUMBERS, TIMES
from kairo.trust.anonymity.service import Statistics
from kairo.trust.anonymity.showing import Words, names_of, shown
from kairo.trust.anonymity.sources import Sources
from kairo.trust.anonymity.tables import Answer, Release
from kairo.trust.identity.pages import same_site

CONSOLE, OPEN, API = "/console/statistics", "/statistics", "/api/statistics"
SHOWN = 50

Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Graph = NamedDependency[SkipValidation[GraphInterface]]
Tables = NamedDependency[SkipValidation[Statistics]]
Noisy = NamedDependency[SkipValidation[NoisyCounts]]
Limits = NamedDependency[SkipValidation[Settings]]
Asked = Request[Any, Any, State]


@get(CONSOLE, media_type=MediaType.HTML, permission="staff whose duty includes statistics")
async def show_console(
    access: Access, kit: Drawing, page: Frame, graph: Graph, statistics: Tables, noisy: Noisy, settings: Limits,
    id: FromQuery[str] = "", type: FromQuery[str] = "",
) -> str:  # fmt: skip
    """Tables of persons, numbers with noise and their budget; one table; or the form for one type."""
    await check_make(access, statistics.offices, STATISTICS)
    if id:
        return await _table(access, kit, page, graph, statistics.sources, await statistics.one(access, id))
    return await _home(access, kit, page, statistics, noisy, settings, type)


@post(CONSOLE, status_code=200, media_type=MediaType.HTML, permission="staff whose duty includes statistics")
async def act_on_console(
    request: Asked, access: Access, kit: Drawing, page: Frame, graph: Graph, statistics: Tables, noisy: Noisy
) -> str:
    """Makes a table or numbers with noise, publishes a table or closes it."""
    same_site(request)
    form = await request.form()
    action, id = said(form, "action"), said(form, "id")
    dimensions = [str(one) for one in form.getall("dimension", []) if one]
    where = [line.strip() for line in said(form, "where").splitlines() if line.strip()]
    if action == "table":
        k = whole(said(form, "k"), "k") if said(form, "k") else None
        asked = (access, said(form, "type"), dimensions, where, said(form, "measure"), k, said(form, "title"))
        return await _table(access, kit, page, graph, statistics.sources, await statistics.ask(*asked))
    if action == "noise":
        epsilon = _thousandths(said(form, "epsilon"))
        answer = await noisy.ask(access, said(form, "type"), dimensions, where, epsilon)
        return await _table(access, kit, page, graph, statistics.sources, answer)
    if action == "publish":
        done = await statistics.publish(access, id, said(form, "title"))
    elif action == "unpublish":
        done = await statistics.unpublish(access, id)
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return await _table(access, kit, page, graph, statistics.sources, done, did=action)


@get(OPEN, media_type=MediaType.HTML, permission="anyone: tables that were published")
async def show_published(access: Access, kit: Drawing, page: Frame, statistics: Tables) -> str:
    """The tables that everybody may see."""
    found = await statistics.latest(access.tenant, all=False, limit=SHOWN)
    shown_page = replace(
        page, title=kit.t(page.language, "anonymity.open.title"), lead=kit.t(page.language, "anonymity.open.lead")
    )
    return kit.render(
        "anonymity/published.html", replace(shown_page, synthetic=any(one.synthetic for one in found)), tables=found
    )


@get(OPEN + "/{id:str}", media_type=MediaType.HTML, permission="anyone: a table that was published")
async def show_one(access: Access, kit: Drawing, page: Frame, graph: Graph, statistics: Tables, id: FromPath[str]) -> str:
    """One published table, with its picture and its numbers."""
    one = await statistics.published(access.tenant, id)
    words = await words_of(kit, page, graph, statistics.sources, access.tenant, one)
    table = shown(one, words, csv_href=f"{API}/{one.id}?format=csv")
    crumbs = (Link(kit.t(page.language, "anonymity.open.title"), OPEN),)
    frame = replace(page, title=table.title, crumbs=crumbs, synthetic=one.synthetic)
    return kit.render("anonymity/one.html", frame, one=one, table=table, api=f"{API}/{one.id}")


async def words_of(kit: Kit, page: Page, graph: GraphInterface, sources: Sources, tenant: str, one: Release | Answer) -> Words:
    """The words in which a table is shown to this reader."""
    return Words(kit, page.language, kind_of(sources, one.population), await names_of(graph, tenant, one.axes))


def kind_of(sources: Sources, type: str) -> EntityType | None:
    """The type, where it is still declared."""
    try:
        return sources.kind(type)
    except ResourceNotFound:
        return None


async def _home(
    access: Scope, kit: Kit, page: Page, statistics: Statistics, noisy: NoisyCounts, settings: Settings, type: str
) -> str:
    kind = statistics.sources.kind(type) if type else None
    words = Words(kit, page.language, kind, {})
    return kit.render(
        "anonymity/console.html",
        replace(
            page, title=kit.t(page.language, "anonymity.title"), lead=kit.t(page.language, "anonymity.lead"), robots="noindex"
        ),
        kinds=statistics.sources.kinds(),
        kind=kind,
        dimensions=dimensions_of(kind, words) if kind else [],
        measures=[(one.name, words.attribute(one.name)) for one in kind.attributes if one.value in NUMBERS] if kind else [],
        k=settings.statistics_k,
        tables=await statistics.latest(access.tenant, all=True, limit=SHOWN),
        answers=await noisy.latest(access.tenant, SHOWN),
        budgets=await noisy.budgets(access.tenant),
        may_extract=await may_make(access, statistics.offices, EXTRACTS),
        path=CONSOLE,
        words=words,
    )


async def _table(
    access: Scope, kit: Kit, page: Page, graph: GraphInterface, sources: Sources, one: Release | Answer, did: str = ""
) -> str:
    words = await words_of(kit, page, graph, sources, access.tenant, one)
    table = shown(one, words)
    path = f"{CONSOLE}?id={one.id}" if isinstance(one, Release) else CONSOLE
    crumbs = (Link(kit.t(page.language, "anonymity.title"), CONSOLE),)
    frame = replace(page, title=table.title, crumbs=crumbs, robots="noindex", synthetic=one.synthetic, path=path)
    about = within(Fraction(one.epsilon, 1000)) if isinstance(one, Answer) else 0
    return kit.render("anonymity/table.html", frame, one=one, table=table, did=did, about=about, path=CONSOLE)


def dimensions_of(kind: EntityType, words: Words) -> list[tuple[str, str]]:
    """What can be chosen to divide by, as it is written and in words."""
    found = []
    for one in kind.attributes:
        name = words.attribute(one.name)
        if widths := _widths(one):
            found += [(f"{one.name}/{width}", words.t("by_band", name=name, width=f"{width:,}")) for width in widths]
        elif one.kind in {"Relationship", "VocabProperty"} or one.value in {"text", "boolean"}:
            found.append((one.name, name))
    return found


def _widths(one: Attribute) -> Sequence[int]:
    return (
        (5, 10, 20) if one.value in TIMES else (1, 5, 10, 100, 1000, 10_000, 100_000, 1_000_000) if one.value in NUMBERS else ()
    )


def said(form: FormMultiDict, name: str) -> str:
    """What the form says there."""
    return str(form.get(name, "")).strip()


def whole(text: str, name: str) -> int:
    """A whole number; raises BadRequestData."""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise BadRequestData(f"{name} is a whole number", detail_ja=f"{name} には整数を入力してください。")
    return int(text)


def _thousandths(text: str) -> int:
    before, _, after = text.partition(".")
    return whole((before or "0") + (after + "000")[:3], "epsilon")
