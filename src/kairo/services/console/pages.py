"""Which pages does the console have? The subscriptions, one of them with its dead letters, and what its buttons do."""

from dataclasses import replace
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from kairo.context.gate import Scope
from kairo.context.model.parse import parse_id
from kairo.context.subscriptions.keeping import Book
from kairo.context.subscriptions.keeping.trial import Trials
from kairo.errors import BadRequestData
from kairo.platform.clock import system_clock
from kairo.platform.web import Kit, Link, Page
from kairo.services.console.permissions import check_administer, may_administer
from kairo.trust.identity.pages import same_site

PATH = "/console/subscriptions"
SHOWN = 100
LETTERS = 50

Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Subscriptions = NamedDependency[SkipValidation[Book]]
Firing = NamedDependency[SkipValidation[Trials]]


@get(PATH, media_type=MediaType.HTML, permission="the administrator; others are told to sign in")
async def show_subscriptions(
    access: Access, kit: Drawing, page: Frame, subscriptions: Subscriptions, id: FromQuery[str] = "", offset: FromQuery[int] = 0
) -> str:
    """All subscriptions, or one of them with its dead letters."""
    if not may_administer(access):
        return kit.render("console/sign_in.html", _frame(kit, page))
    if id:
        return await _one(access, kit, page, subscriptions, parse_id(id))
    offset = max(0, min(offset, 1_000_000))
    known = await subscriptions.known(access, offset=offset, limit=SHOWN)
    total = await subscriptions.count(access)
    return kit.render(
        "console/subscriptions.html", _frame(kit, page), known=known, now=system_clock(), path=PATH, total=total, offset=offset,
        following=offset + SHOWN if offset + SHOWN < total else None, previous=max(0, offset - SHOWN) if offset else None,
    )  # fmt: skip


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="the administrator")
async def act_on_subscription(
    request: Request[Any, Any, State], access: Access, kit: Drawing, page: Frame, subscriptions: Subscriptions, trials: Firing
) -> str:
    """Sends one notification now, sends what was given up again, or forgets it."""
    check_administer(access)
    same_site(request)
    form = await request.form()
    id = parse_id(str(form.get("id", "")))
    action = str(form.get("action", ""))
    if action == "trial":
        trial = await trials.fire(access, id)
        notice = (
            ("error", "failed", {"error": trial.error})
            if trial.error
            else ("success", "arrived", {"number": trial.milliseconds})
        )
    elif action == "replay":
        notice = ("success", "replayed", {"count": await subscriptions.replay(access, id)})
    elif action == "discard":
        notice = ("success", "discarded", {"count": await subscriptions.discard(access, id)})
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return await _one(access, kit, page, subscriptions, id, notice)


async def _one(
    access: Scope, kit: Kit, page: Page, subscriptions: Book, id: str, notice: tuple[str, str, dict[str, Any]] | None = None
) -> str:
    (known,) = await subscriptions.known(access, only=id)
    letters = await subscriptions.dead_letters(access, id, LETTERS) if known.dead else []
    list_title = kit.catalogue.translate(page.language, "console.title")
    shown = replace(
        _frame(kit, page), title=_name(known.kept.body, id), crumbs=(Link(list_title, PATH),), path=f"{PATH}?id={id}"
    )
    return kit.render(
        "console/subscription.html", shown, known=known, letters=letters, notice=notice, now=system_clock(), path=PATH
    )


def _name(body: dict[str, Any], id: str) -> str:
    return str(body.get("subscriptionName") or body.get("description") or id)[:200]


def _frame(kit: Kit, page: Page) -> Page:
    title = kit.catalogue.translate(page.language, "console.title")
    return replace(page, title=title, lead=kit.catalogue.translate(page.language, "console.lead"), robots="noindex")
