"""Which pages do people have? Staff: applications, their keys, shown once. Residents: the applications that they signed in to; the way out."""

from dataclasses import replace
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from kairo.context.gate import Scope
from kairo.errors import BadRequestData
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Link, Page
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity import Credentials
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.sessions.session import Session
from kairo.trust.oauth.browser import onward, signed_in_of
from kairo.trust.oauth.known import Asking
from kairo.trust.oauth.provider import Provider, parameters
from kairo.trust.oauth.records import Authentication
from kairo.trust.oauth.records import State as Standing
from kairo.trust.oauth.service import Wish

CONSOLE: Final = "/console/applications"
MINE: Final = "/me/applications"
LOGOUT: Final = "/oauth/logout"
SHOWN: Final = 100
Asked = Request[Any, Any, State]
Access = NamedDependency[SkipValidation[Scope]]
Visitor = NamedDependency[SkipValidation[Session | None]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
OAuth = NamedDependency[SkipValidation[Provider]]
Secrets = NamedDependency[SkipValidation[Credentials]]


@get(CONSOLE, media_type=MediaType.HTML, permission="the power applications")
async def show_applications(
    access: Access, oauth: OAuth, kit: Drawing, page: Frame, name: FromQuery[str] = "", offset: FromQuery[int] = 0
) -> str:
    """The applications of partners, or one of them with its keys."""
    await oauth.applications.check(access)
    if name:
        return await _one(access, oauth, kit, page, name)
    offset = max(0, min(offset, 1_000_000))
    found = await oauth.applications.all(access, limit=SHOWN + 1, offset=offset)
    return kit.render(
        "oauth/applications.html", _framed(kit, page, "applications", CONSOLE), applications=found[:SHOWN], path=CONSOLE,
        ways=list(Authentication), following=offset + SHOWN if len(found) > SHOWN else None,
        previous=max(0, offset - SHOWN) if offset else None,
    )  # fmt: skip


@post(CONSOLE, status_code=200, media_type=MediaType.HTML, permission="the power applications; approval by somebody else")
async def act_on_application(request: Asked, access: Access, oauth: OAuth, kit: Drawing, page: Frame) -> str:
    """Registers, approves or stops an application; makes a key, which is shown this once, or ends one."""
    await oauth.applications.check(access)
    same_site(request)
    form = {name: str(value) for name, value in (await request.form()).items()}
    action, name = form.get("action", ""), form.get("name", "")
    secret = ""
    if action == "register":
        given = {field: form.get(field, "") for field in ("title", "organisation", "description", "words", "redirect_uris")}
        more = {field: form[field] for field in ("purpose", "authentication", "logout_uris", "jwks") if form.get(field)}
        name = (await oauth.applications.register(access, Wish(name=name, **given, **more))).name
    elif action == "approve":
        await oauth.applications.decide(access, name, Standing.APPROVED)
    elif action == "stop":
        await oauth.applications.decide(access, name, Standing.STOPPED)
    elif action == "key":
        days = int(form["days"]) if form.get("days", "").isascii() and form.get("days", "").isdigit() else 0
        secret = await oauth.applications.new_key(
            access, name, label=form.get("label", ""), words=form.get("words", ""), days=min(days, 100_000)
        )
    elif action == "end-key":
        await oauth.applications.end_key(access, name, form.get("key", ""))
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return await _one(access, oauth, kit, page, name, did=action, secret=secret)


async def _one(access: Scope, oauth: Provider, kit: Kit, page: Page, name: str, *, did: str = "", secret: str = "") -> str:
    found, keys = await oauth.applications.one(access, name)
    list_title = kit.catalogue.translate(page.language, "oauth.applications.title")
    shown = replace(
        page, title=found.title, robots="noindex", crumbs=(Link(list_title, CONSOLE),), path=f"{CONSOLE}?name={name}"
    )
    return kit.render(
        "oauth/application.html", shown, application=found, keys=keys, path=CONSOLE, did=did, secret=secret, issuer=oauth.issuer,
        now=oauth.clock(), may_approve=found.state is not Standing.APPROVED and await oauth.applications.may_approve(access, found),
        may_stop=found.state is not Standing.STOPPED, has_keys=found.authentication is Authentication.SECRET,
    )  # fmt: skip


@get(MINE, media_type=MediaType.HTML, permission="a resident: their own")
async def show_my_applications(access: Access, oauth: OAuth, kit: Drawing, page: Frame) -> str:
    """The applications that a resident signed in to."""
    found = await oauth.applications.connections(access)
    return kit.render("oauth/my_applications.html", _framed(kit, page, "mine", MINE), connections=found, path=MINE, did=False)


@post(MINE, status_code=200, media_type=MediaType.HTML, permission="a resident: their own")
async def disconnect(request: Asked, access: Access, oauth: OAuth, kit: Drawing, page: Frame) -> str:
    """Ends what an application may do and know, at once."""
    same_site(request)
    form = await request.form()
    await oauth.applications.disconnect(access, str(form.get("application", "")))
    found = await oauth.applications.connections(access)
    return kit.render("oauth/my_applications.html", _framed(kit, page, "mine", MINE), connections=found, path=MINE, did=True)


@get(LOGOUT, media_type=MediaType.HTML, permission="anyone: asks whether to end their own session")
async def show_logout(request: Asked, oauth: OAuth, session: Visitor, kit: Drawing, page: Frame) -> Response[Any]:
    """An application sends its user here to sign out of Kairo as well (OpenID Connect RP-Initiated Logout 1.0)."""
    query = bytes(request.scope["query_string"])
    if session is None and request.headers.get("sec-fetch-site") == "cross-site":
        return onward(kit, page, f"{with_language(LOGOUT, page.language)}?{query.decode('ascii', 'replace')}")
    address = await _after_logout(oauth, query)
    if signed_in_of(session) is None:
        return onward(kit, page, address or with_language("/", page.language))
    shown = _framed(kit, page, "logout", LOGOUT)
    html = kit.render("oauth/logout.html", shown, request=query.decode("ascii", "replace"), path=LOGOUT)
    return Response(html, media_type=MediaType.HTML)


@post(LOGOUT, status_code=200, media_type=MediaType.HTML, permission="anyone: ends their own session")
async def logout(request: Asked, oauth: OAuth, credentials: Secrets, kit: Drawing, page: Frame) -> Response[Any]:
    """Ends the session, and leads back to the application where that is registered for it."""
    same_site(request)
    form = await request.form()
    address = await _after_logout(oauth, str(form.get("request", "")).encode("ascii", "replace"))
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        await credentials.leave(secret)
    answer = onward(kit, page, address or with_language("/", page.language))
    answer.delete_cookie(SESSION_COOKIE, path="/")
    return answer


async def _after_logout(oauth: Provider, query: bytes) -> str:
    """Where to lead on to; empty where nothing registered was asked for. Raises BadRequestData for a hint that is not ours."""
    try:
        return await oauth.issuing.after_logout(Asking("GET", parameters(query)))
    except (ValueError, OAuth2Error) as error:
        raise BadRequestData(
            "the application asks to sign out in a way that cannot be answered",
            detail_ja="アプリからのログアウトの要求に誤りがあります。",
            mend="Sign out by the button at the top of the page.",
            mend_ja="ページ上部のボタンからログアウトしてください。",
        ) from error


def _framed(kit: Kit, page: Page, name: str, path: str) -> Page:
    title = kit.catalogue.translate(page.language, f"oauth.{name}.title")
    return replace(
        page, title=title, lead=kit.catalogue.translate(page.language, f"oauth.{name}.lead"), robots="noindex", path=path
    )
