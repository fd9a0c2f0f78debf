"""How does the local administrator come in and go out? A one-time link asks for a click, so that a preview does not use it up."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import Cookie, State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Redirect

from kairo.errors import Forbidden, Unauthenticated
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Page
from kairo.trust.gate import SESSION_COOKIE
from kairo.trust.identity.credentials import Credentials

Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Keys = NamedDependency[SkipValidation[Credentials]]
Asked = Request[Any, Any, State]
KEPT_NOWHERE = {"cache-control": "no-store"}  # a page that holds a secret, shown to who is not signed in yet


def session_cookie(request: Asked, secret: str, lives: timedelta) -> Cookie:
    """The cookie of a session; with an empty secret it goes. Scripts do not see it, and no other site makes a browser send it."""
    secure, seconds = request.scope["scheme"] == "https", int(lives.total_seconds())
    return Cookie(SESSION_COOKIE, value=secret, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)


def same_site(request: Asked) -> None:
    """Raises Forbidden for a form that another site sent (Sec-Fetch-Site, or Origin where the browser is older)."""
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    foreign = fetched not in {None, "same-origin", "none"}
    if fetched is None and origin is not None:
        foreign = origin.partition("://")[2] != request.headers.get("host")
    if foreign:
        raise Forbidden("this form came from another site", detail_ja="他のサイトから送られたため受け付けられません。")


@get("/enter", media_type=MediaType.HTML, permission="anyone: shows a form")
async def show_enter(kit: Drawing, page: Frame, link: FromQuery[str] = "") -> Response[str]:
    """The page that a one-time link opens."""
    shown = replace(page, title=kit.catalogue.translate(page.language, "identity.enter_title"), robots="noindex", lean=True)
    kept = KEPT_NOWHERE if link else None
    return Response(kit.render("identity/enter.html", shown, link=link), media_type=MediaType.HTML, headers=kept)


@post("/enter", status_code=303, permission="whoever holds an unused link")
async def enter(request: Asked, credentials: Keys, page: Frame) -> Response[Any]:
    """Uses the link up and opens a session."""
    same_site(request)
    form = await request.form()
    secret = await credentials.enter(str(form.get("link", "")), request.headers.get("user-agent", ""))
    if secret is None:
        raise Unauthenticated(
            "this link has been used or has expired",
            detail_ja="このリンクは使用済みか、期限が切れています。",
            mend="Start Kairo again, or run `kairo link`, for a new one.",
            mend_ja="Kairo を再起動するか `kairo link` を実行して、新しいリンクを取得してください。",
        )
    cookie = session_cookie(request, secret, credentials.sessions.lives.absolute)
    return Redirect(with_language("/", page.language), status_code=303, cookies=[cookie])


@post("/leave", status_code=303, permission="anyone: ends their own session")
async def leave(request: Asked, credentials: Keys, page: Frame) -> Response[Any]:
    """Ends the session."""
    same_site(request)
    secret = request.cookies.get(SESSION_COOKIE)
    if secret:
        await credentials.leave(secret)
    return Redirect(with_language("/", page.language), status_code=303, cookies=[session_cookie(request, "", timedelta())])
