"""Who acts for me, and for whom do I act? The resident's page: mandates are seen, given and ended there."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from litestar import MediaType, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.errors import BadRequestData, Forbidden, KairoError, ResourceNotFound
from kairo.platform.clock import TOKYO
from kairo.platform.i18n import Language, pick
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Page
from kairo.trust.identity.handling import Asked, Drawing, Frame, Known, Visitor, chosen, form_of, framed
from kairo.trust.identity.mandates.rules import BY_LAW, Kind
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.session import Session, require

PATH = "/me/mandates"
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]


@get(PATH, media_type=MediaType.HTML, permission="a resident who is signed in: their own")
async def show_mandates(kit: Drawing, page: Frame, identity: Known, session: Visitor, manifests: Parts) -> str:
    """Who acts for me, and for whom I act."""
    return await _drawn(kit, page, identity, _resident(session), manifests)


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="a resident who is signed in strongly: their own")
async def act_on_mandates(
    request: Asked, kit: Drawing, page: Frame, identity: Known, session: Visitor, manifests: Parts
) -> Response[Any]:
    """Gives a mandate, or ends one."""
    form, mine = await form_of(request), _resident(session)
    refused: KairoError | None = None
    notice = ""
    try:
        if form.get("action") == "end":
            await identity.mandates.end(form.get("id", ""), by=mine.principal.id, reason="by their own wish")
            notice = "ended"
        elif form.get("action") == "make":
            _resident(session, aal=2)
            await identity.mandates.make(
                kind_of(form.get("kind", ""), *(kind for kind in Kind if kind not in BY_LAW)),
                person=mine.key, proxy=number_of(form.get("proxy", "")), by=mine.principal.id, until=until_of(form),
                types=await chosen(request, "types"),
            )  # fmt: skip
            notice = "made"
        else:
            raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    except (BadRequestData, ResourceNotFound) as error:
        refused = error
    html = await _drawn(kit, page, identity, mine, manifests, notice=notice, refused=refused, given=form)
    return Response(html, status_code=refused.status if refused else 200, media_type=MediaType.HTML)


def kind_of(said: str, *allowed: Kind) -> Kind:
    """The kind of a form. Raises BadRequestData for one that is not among these."""
    if said not in allowed:
        raise BadRequestData("choose a kind of mandate", detail_ja="代理の種類を選んでください。")
    return Kind(said)


def until_of(form: dict[str, str]) -> datetime | None:
    """The end of the last day that a form names, in Japan; None where it names none. Raises BadRequestData."""
    parts = [form.get(f"until_{part}", "").strip() for part in ("year", "month", "day")]
    if not any(parts):
        return None
    try:
        return datetime.combine(date(*(int(part) for part in parts)) + timedelta(days=1), time(), TOKYO)
    except (ValueError, OverflowError):
        raise BadRequestData(
            "the last day is no day", detail_ja="終わりの日をご確認ください。", mend="Give year, month and day in numbers."
        ) from None


def number_of(said: str) -> str:
    """The key behind the number that a resident's page shows: without spaces and dashes."""
    return "".join(sign for sign in said.casefold() if sign.isalnum())[:64]


def titles_of(types: Sequence[str], manifests: Sequence[Manifest], language: Language) -> dict[str, str]:
    """What kinds of data are called, by type."""
    titles = {one.type: pick(one.title, language) for manifest in manifests for one in manifest.entity_types}
    return {name: titles.get(name, name) for name in types}


def _resident(session: Session | None, aal: int = 1) -> Session:
    found = require(session, aal=aal)
    if found.principal.kind is not PrincipalKind.RESIDENT:
        raise Forbidden("this page is for residents", detail_ja="市民の方のページです。")
    return found


async def _drawn(
    kit: Kit,
    page: Page,
    identity: Identity,
    mine: Session,
    manifests: Sequence[Manifest],
    *,
    notice: str = "",
    refused: KairoError | None = None,
    given: dict[str, str] | None = None,
) -> str:
    """Of ended mandates no names are shown, and to former proxies nothing: a name may have become one that reveals someone."""
    now = identity.clock()
    found = await identity.mandates.of(mine.key)
    in_force = [one for one in found if one.in_force(now)]
    accounts = await identity.accounts.many({key for one in in_force for key in (one.person, one.proxy)})
    return kit.render(
        "identity/mandates.html", framed(kit, page, "mandates", "me"), path=PATH, mine=mine, notice=notice, given=given or {},
        names={key: account.name for key, account in accounts.items()}, by_law=BY_LAW,
        over_me=[one for one in in_force if one.person == mine.key], by_me=[one for one in in_force if one.proxy == mine.key],
        past=[one for one in found if one.person == mine.key and one not in in_force],
        titles=titles_of(identity.mandates.types, manifests, page.language),
        refused=refused, number="-".join(mine.key[at : at + 4] for at in range(0, len(mine.key), 4)),
    )  # fmt: skip
