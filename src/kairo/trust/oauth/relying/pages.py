"""How does somebody sign in by an account elsewhere, and look after such logins? Buttons that lead away, and the way back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from kairo.errors import BadRequestData
from kairo.platform.i18n import pick, with_language
from kairo.platform.web import Kit, Page
from kairo.trust.identity.handling import device_of, leave_before
from kairo.trust.identity.pages import same_site, session_cookie
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.session import Session, require
from kairo.trust.identity.signin.paths import own_path
from kairo.trust.oauth.browser import onward
from kairo.trust.oauth.provider import parameters
from kairo.trust.oauth.relying.service import LIVES, Begun, Relying

MINE: Final = "/me/logins"
BROWSER_COOKIE: Final = "kairo_login"
Asked = Request[Any, Any, State]
Visitor = NamedDependency[SkipValidation[Session | None]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Known = NamedDependency[SkipValidation[Identity]]
Others = NamedDependency[SkipValidation[Relying]]


@post("/sign-in/with/{name:str}", status_code=200, media_type=MediaType.HTML, permission="anyone")
async def begin(request: Asked, name: FromPath[str], relying: Others, kit: Drawing, page: Frame) -> Response[Any]:
    """Leads to another provider to sign in there."""
    same_site(request)
    form = await request.form()
    begun = await relying.begin(name, own_path(str(form.get("back", ""))))
    return _led(request, kit, page, begun)


@get("/sign-in/with/{name:str}/back", media_type=MediaType.HTML, permission="whoever began to sign in, in the same browser")
async def come_back(
    request: Asked, name: FromPath[str], relying: Others, identity: Known, kit: Drawing, page: Frame
) -> Response[Any]:
    """Comes back from another provider: signs in, or links the account there."""
    try:
        said = {key: values[0] for key, values in parameters(bytes(request.scope["query_string"])).items()}
    except ValueError as error:
        raise BadRequestData("the answer of the other provider cannot be read", detail_ja="応答を読み取れません。") from error
    browser = request.cookies.get(BROWSER_COOKIE, "")
    back = await relying.come_back(name, said, browser, device_of(request))
    if back.is_unknown:
        title = kit.catalogue.translate(page.language, "oauth.elsewhere.unknown")
        shown = replace(page, title=title, robots="noindex", path="/sign-in")
        answer: Response[Any] = Response(kit.render("oauth/unknown.html", shown), media_type=MediaType.HTML)
    else:
        answer = onward(kit, page, with_language(back.onward, page.language))
    if back.session:
        await leave_before(request, identity)
        answer.set_cookie(session_cookie(request, back.session, identity.sessions.lives.absolute))
    answer.set_cookie(_cookie(request, "", timedelta()))
    return answer


@get(MINE, media_type=MediaType.HTML, permission="who is signed in: their own")
async def show_logins(relying: Others, session: Visitor, kit: Drawing, page: Frame) -> str:
    """The accounts elsewhere by which one may sign in here."""
    return await _mine(relying, require(session), kit, page, did="")


@post(MINE, status_code=200, media_type=MediaType.HTML, permission="who is signed in: their own; linking asks for AAL 2")
async def act_on_logins(request: Asked, relying: Others, session: Visitor, kit: Drawing, page: Frame) -> Response[Any]:
    """Links an account elsewhere, after signing in there; or says until when one is good."""
    same_site(request)
    form = await request.form()
    provider = str(form.get("provider", ""))
    if form.get("action") == "link":
        mine = require(session, aal=2)
        return _led(request, kit, page, await relying.begin(provider, MINE, links=mine.principal.id))
    mine = require(session)
    days = str(form.get("days", "0"))
    if form.get("action") != "end" or not days.isascii() or not days.isdigit() or len(days) > 3:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    await relying.end(mine.principal.id, provider, str(form.get("since", "")), int(days))
    return Response(await _mine(relying, mine, kit, page, did="ended"), media_type=MediaType.HTML)


async def _mine(relying: Relying, session: Session, kit: Kit, page: Page, *, did: str) -> str:
    title = kit.catalogue.translate(page.language, "oauth.elsewhere.title")
    lead = kit.catalogue.translate(page.language, "oauth.elsewhere.lead")
    titles = {one.name: pick(one.title, page.language) for one in relying.providers}
    logins = await relying.logins(session.principal.id)
    shown = replace(page, title=title, lead=lead, robots="noindex", path=MINE)
    return kit.render("oauth/logins.html", shown, logins=logins, titles=titles, path=MINE, did=did)


def _led(request: Asked, kit: Kit, page: Page, begun: Begun) -> Response[Any]:
    answer = onward(kit, page, begun.address)
    answer.set_cookie(_cookie(request, begun.browser, LIVES))
    return answer


def _cookie(request: Asked, value: str, lives: timedelta) -> Cookie:
    """Comes along when the other provider sends the browser back (Lax), as the session's cookie would not."""
    secure, seconds = request.scope["scheme"] == "https", int(lives.total_seconds())
    return Cookie(BROWSER_COOKIE, value=value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=secure)
