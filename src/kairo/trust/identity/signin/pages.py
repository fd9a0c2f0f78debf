"""How does someone sign in on a page? One page with every way: by passkey, staff also by password, and in the demo by one click."""

from datetime import timedelta
from typing import Any

from litestar import MediaType, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery
from litestar.response import Redirect

from kairo.errors import KairoError, TooManyRequests, Unauthenticated
from kairo.platform.i18n import Language, with_language
from kairo.platform.web import Kit, Page
from kairo.trust.identity.accounts import demo, rules
from kairo.trust.identity.handling import (
    Asked,
    Drawing,
    Frame,
    Known,
    Visitor,
    device_of,
    form_of,
    framed,
    json_of,
    leave_before,
    source_of,
)
from kairo.trust.identity.pages import session_cookie
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.session import Session
from kairo.trust.identity.signin.passwords.service import DEVICE_KNOWN
from kairo.trust.identity.signin.paths import home_of, own_path

DEVICE_COOKIE = "kairo_device"


@get("/sign-in", media_type=MediaType.HTML, permission="anyone")
async def show_sign_in(
    kit: Drawing, page: Frame, identity: Known, session: Visitor, back: FromQuery[str] = "", aal: FromQuery[int] = 1
) -> str:
    """Every way to sign in, and why one is asked to."""
    return await _drawn(kit, page, identity, session, own_path(back, ""), again=session is not None and session.aal < aal)


@post("/sign-in/demo", status_code=303, permission="anyone, in the demo only")
async def sign_in_demo(request: Asked, page: Frame, identity: Known) -> Response[Any]:
    """One click: signs in as one of the demo's synthetic people."""
    form = await form_of(request)
    secret = await identity.sign_in_demo(form.get("key", ""), device_of(request))
    return await _led_on(request, identity, secret, page, form.get("back", ""))


@post("/sign-in/password", status_code=303, media_type=MediaType.HTML, permission="staff with password and one-time code")
async def sign_in_by_password(request: Asked, kit: Drawing, page: Frame, identity: Known, session: Visitor) -> Response[Any]:
    """Signs staff in by name, password and one-time code."""
    form = await form_of(request)
    try:
        secret, known = await identity.sign_in_by_password(
            form.get("login", ""), form.get("password", ""), form.get("code", ""),
            source=source_of(request), known=request.cookies.get(DEVICE_COOKIE, ""), device=device_of(request),
        )  # fmt: skip
    except (Unauthenticated, TooManyRequests) as error:
        back = own_path(form.get("back", ""), "")
        html = await _drawn(kit, page, identity, session, back, refused=error, login=form.get("login", ""))
        return Response(html, status_code=error.status, media_type=MediaType.HTML, headers=error.headers)
    answer = await _led_on(request, identity, secret, page, form.get("back", ""))
    answer.cookies = [*answer.cookies, _device_cookie(request, known)]
    return answer


@post("/sign-in/passkey/options", status_code=200, permission="anyone: asks for a challenge")
async def ask_for_passkey(request: Asked, identity: Known) -> dict[str, Any]:
    """What a browser is to ask its authenticator for."""
    await json_of(request)
    return await identity.passkeys.begin(source_of(request))


@post("/sign-in/passkey", status_code=200, permission="whoever answers a challenge with a passkey")
async def sign_in_by_passkey(request: Asked, page: Frame, identity: Known) -> Response[Any]:
    """Signs in by the answer of an authenticator; where the browser goes then."""
    body = await json_of(request)
    answer = body.get("credential")
    secret = await identity.sign_in_by_passkey(answer if isinstance(answer, dict) else {}, device_of(request))
    return await entered(request, identity, secret, page.language, str(body.get("back", "")))


async def entered(request: Asked, identity: Identity, secret: str, language: Language, back: str) -> Response[Any]:
    """Tells a script where the browser goes, now that it is signed in."""
    await leave_before(request, identity)
    cookie = session_cookie(request, secret, identity.sessions.lives.absolute)
    home = home_of(await identity.sessions.find(secret))
    return Response({"to": with_language(own_path(back, home), language)}, cookies=[cookie])


async def _led_on(request: Asked, identity: Identity, secret: str, page: Page, back: str) -> Response[Any]:
    await leave_before(request, identity)
    cookie = session_cookie(request, secret, identity.sessions.lives.absolute)
    home = home_of(await identity.sessions.find(secret))
    return Redirect(with_language(own_path(back, home), page.language), status_code=303, cookies=[cookie])


def _device_cookie(request: Asked, secret: str) -> Cookie:
    """By this a device on which someone signed in is known: wrong passwords elsewhere do not hold it up."""
    lives: timedelta = DEVICE_KNOWN
    secure, seconds = request.scope["scheme"] == "https", int(lives.total_seconds())
    return Cookie(DEVICE_COOKIE, value=secret, max_age=seconds, path="/", httponly=True, samesite="strict", secure=secure)


async def _drawn(
    kit: Kit,
    page: Page,
    identity: Identity,
    session: Session | None,
    back: str,
    *,
    again: bool = False,
    refused: KairoError | None = None,
    login: str = "",
) -> str:
    people = await _demo_people(identity) if identity.settings.demo else []
    return kit.render(
        "identity/sign_in.html", framed(kit, page, "sign_in"), back=back, people=people, again=again, session=session,
        refused=refused, login=login[:200], party=identity.passkeys.party,
        elsewhere=identity.elsewhere,
    )  # fmt: skip


async def _demo_people(identity: Identity) -> list[dict[str, Any]]:
    """The demo's people who are there, as buttons show them: residents with their age, staff with their department."""
    now = identity.clock()
    found = await identity.accounts.many(demo.key_of(role.slug) for role in demo.ROLES if role.has_card)
    return [
        {"account": account, "about": role.about, "age": rules.age(account.born_on, now) if account.born_on else None}
        for role in demo.ROLES
        if (account := found.get(demo.key_of(role.slug))) is not None and rules.may_sign_in(account.kind, account.status)
    ]
