"""Which pages do reports of leaks have? The form that states what happened, and the prepared report, to print. Nothing is sent."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Final

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import FormMultiDict, State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.response import Redirect

from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO
from kairo.platform.i18n import pick, with_language
from kairo.platform.manifests import EntityType
from kairo.platform.web import Kit, Link, Page
from kairo.trust.identity.pages import same_site
from kairo.trust.rights.breaches.rules import ARTICLES, Ground
from kairo.trust.rights.breaches.service import Breaches
from kairo.trust.rights.permissions import check_report
from kairo.trust.roles.pages import INBOX, Access, Drawing, Frame, Named, labels_of

PATH: Final = "/console/breaches"
_WHO: Final = "staff whose duty includes breaches; the administrator"
Service = NamedDependency[SkipValidation[Breaches]]
Types = NamedDependency[SkipValidation[Mapping[str, EntityType]]]


@get(PATH, media_type=MediaType.HTML, permission=_WHO)
async def show_breaches(access: Access, kit: Drawing, page: Frame, breaches: Service, entity_types: Types) -> str:
    """Leaks that were noticed, and the form that prepares a report."""
    found = await breaches.latest(access)
    personal = sorted((kind for kind in entity_types.values() if kind.filing is not None), key=lambda kind: kind.type)
    types = [(kind.type, pick(kind.title, page.language)) for kind in personal]
    return kit.render("rights/breaches.html", _frame(kit, page, "breaches"), found=found, types=types, path=PATH)


@post(PATH, status_code=303, permission=_WHO)
async def prepare_report(request: Request[Any, Any, State], access: Access, page: Frame, breaches: Service) -> Response[Any]:
    """Prepares a report."""
    check_report(await breaches.powers.standing(access))
    same_site(request)
    form = await request.form()
    id = await breaches.prepare(
        access,
        noticed_at=_day(form, "noticed"),
        since=_day(form, "since"),
        until=_day(form, "until") + timedelta(days=1),
        principal=str(form.get("principal", "")),
        type=str(form.get("type", "")),
        text=str(form.get("text", "")),
        **{f"is_{name}": form.get(name) == "yes" for name in ("malicious", "property", "protected")},
    )
    return Redirect(with_language(f"{PATH}/{id}", page.language), status_code=303)


@get(f"{PATH}/{{id:str}}", media_type=MediaType.HTML, permission=_WHO)
async def show_report(
    access: Access, kit: Drawing, page: Frame, breaches: Service, directory: Named, entity_types: Types, id: FromPath[str]
) -> str:
    """The prepared report: whom it concerns, whether it has to be reported, and until when."""
    report = await breaches.report(access, id)
    principals = {one: one.replace("urn:ngsi-ld:Resident:", "resident:") for one in report.persons}
    names = await directory.names({*principals.values(), report.breach.principal, report.breach.made_by})
    titles = {kind: pick(one.title, page.language) for kind, one in entity_types.items()}
    frame = _frame(kit, page, "breach", Link(kit.catalogue.translate(page.language, "rights.breaches.title"), PATH))
    return kit.render(
        "rights/breach.html", frame, report=report, one=report.breach, names=names, titles=titles, persons=principals,
        labels=labels_of(kit, page, {name for _, many in report.items for name in many}),
        all_grounds=[(ground, ARTICLES[report.controller][ground]) for ground in Ground],
    )  # fmt: skip


def _day(form: FormMultiDict, name: str) -> datetime:
    """The beginning of a day in Japan. Raises BadRequestData."""
    try:
        day = datetime.strptime(str(form.get(name, "")), "%Y-%m-%d").replace(tzinfo=TOKYO).date()
        if not 2000 <= day.year < 9999:
            raise ValueError(day)
    except ValueError:
        raise BadRequestData(
            f"{name}: write a day as 2026-04-01", detail_ja="日付は 2026-04-01 のように入力してください。"
        ) from None
    return datetime.combine(day, time(), TOKYO)


def _frame(kit: Kit, page: Page, key: str, *crumbs: Link) -> Page:
    t = kit.catalogue.translate
    title, lead = (t(page.language, f"rights.{key}.{part}") for part in ("title", "lead"))
    inbox = Link(t(page.language, "roles.inbox.title"), INBOX)
    return replace(page, title=title, lead=lead, crumbs=(inbox, *crumbs), robots="noindex")


ROUTES = (show_breaches, prepare_report, show_report)
