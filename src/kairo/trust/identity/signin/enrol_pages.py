"""Where does the one-time link of the counter lead? To a page that keeps a passkey, or for staff a password with one-time codes."""

from typing import Any

import segno
from litestar import MediaType, Response, get, post
from litestar.params import FromQuery
from markupsafe import Markup

from kairo.errors import BadRequestData, KairoError
from kairo.platform.web import Kit, Page
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.handling import (
    Asked,
    Drawing,
    Frame,
    Known,
    device_of,
    form_of,
    framed,
    json_of,
    leave_before,
    source_of,
)
from kairo.trust.identity.pages import KEPT_NOWHERE, session_cookie
from kairo.trust.identity.service import Identity
from kairo.trust.identity.signin.pages import entered


def picture(text: str, title: str = "") -> Markup:
    """A QR code as inline SVG."""
    return Markup(segno.make(text, micro=False).svg_inline(scale=4, border=4, dark="#000", light="#fff", title=title or None))  # noqa: S704 - it is drawn here


@get("/enrol", media_type=MediaType.HTML, permission="whoever holds an unused link of the counter")
async def show_enrol(kit: Drawing, page: Frame, identity: Known, code: FromQuery[str] = "") -> Response[str]:
    """The page that a link of the counter opens."""
    html = _drawn(kit, page, identity, await identity.enrolment.of(code), code)
    return Response(html, media_type=MediaType.HTML, headers=KEPT_NOWHERE)


@post("/enrol/passkey/options", status_code=200, permission="whoever holds an unused link of the counter")
async def ask_to_enrol(request: Asked, identity: Known) -> dict[str, Any]:
    """What a browser is to ask its authenticator for, to make the passkey that the link allows."""
    body = await json_of(request)
    account = await identity.enrolment.of(str(body.get("code", "")))
    return await identity.passkeys.begin_registration(account, source_of(request))


@post("/enrol/passkey", status_code=200, permission="whoever holds an unused link of the counter")
async def enrol_passkey(request: Asked, page: Frame, identity: Known) -> Response[Any]:
    """Keeps the passkey, uses the link up, and signs in."""
    body = await json_of(request)
    answer, label = body.get("credential"), str(body.get("label", "")) or device_of(request)
    given = answer if isinstance(answer, dict) else {}
    account = await identity.enrolment.by_passkey(str(body.get("code", "")), given, label)
    secret = await identity.open(account, method="enrolment", device=device_of(request))
    return await entered(request, identity, secret, page.language, str(body.get("back", "")))


@post("/enrol/password", status_code=200, media_type=MediaType.HTML, permission="staff who hold an unused link")
async def enrol_password(request: Asked, kit: Drawing, page: Frame, identity: Known) -> Response[Any]:
    """Keeps a password and the secret of one-time codes, and shows the recovery codes once."""
    form = await form_of(request)
    code, totp_secret = form.get("code", ""), form.get("totp_secret", "")
    account = await identity.enrolment.of(code)
    try:
        if form.get("password", "") != form.get("again", ""):
            raise BadRequestData("the two passwords differ", detail_ja="2つのパスワードが一致しません。")
        given = (form.get("password", ""), totp_secret, form.get("one_time", ""))
        account, codes = await identity.enrolment.by_password(code, *given)
    except BadRequestData as error:
        html = _drawn(kit, page, identity, account, code, refused=error)
        return Response(html, status_code=error.status, media_type=MediaType.HTML, headers=KEPT_NOWHERE)
    secret = await identity.open(account, method="enrolment", device=device_of(request))
    await leave_before(request, identity)
    html = kit.render("identity/enrolled.html", framed(kit, page, "enrolled"), codes=codes)
    cookie = session_cookie(request, secret, identity.sessions.lives.absolute)
    return Response(html, media_type=MediaType.HTML, cookies=[cookie], headers=KEPT_NOWHERE)


def _drawn(kit: Kit, page: Page, identity: Identity, account: Account, code: str, *, refused: KairoError | None = None) -> str:
    """After a mistake the secret is a new one: what was read into an app before is read once more."""
    given: dict[str, Any] = {}
    if account.kind == "staff":
        secret, uri = identity.passwords.new_secret(account)
        title = kit.catalogue.translate(page.language, "identity.enrol.picture")
        given = {"totp_secret": secret, "qr": picture(uri, str(title))}
    return kit.render(
        "identity/enrol.html", framed(kit, page, "enrol"), owner=account, code=code, refused=refused,
        party=identity.passkeys.party, **given,
    )  # fmt: skip
