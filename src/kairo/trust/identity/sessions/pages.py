"""Where am I signed in, and by what? The page of sessions and passkeys, on which their owner ends and removes them."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.response import Redirect

from kairo.errors import BadRequestData
from kairo.platform.i18n import with_language
from kairo.platform.web import Kit, Page
from kairo.trust.identity.accounts.account import Account
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
    source_of,
)
from kairo.trust.identity.principals import PrincipalKind
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.session import Session, require

PATH = "/me/sessions"


@get(PATH, media_type=MediaType.HTML, permission="who is signed in: their own")
async def show_sessions(kit: Drawing, page: Frame, identity: Known, session: Visitor) -> str:
    """Where I am signed in, and my passkeys."""
    return await _drawn(kit, page, identity, require(session))


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="who is signed in: their own")
async def act_on_sessions(request: Asked, kit: Drawing, page: Frame, identity: Known, session: Visitor) -> Response[Any]:
    """Ends one of my sessions or all others, or removes one of my passkeys."""
    form, mine = await form_of(request), require(session)
    action, id = form.get("action", ""), form.get("id", "")
    if action == "end":
        await identity.sessions.revoke(mine.principal, id)
        if id == mine.id:
            return Redirect(with_language("/sign-in", page.language), status_code=303)
        notice = "ended"
    elif action == "end-others":
        await identity.sessions.revoke_all(mine.principal, but=mine)
        notice = "ended_others"
    elif action == "remove":
        require(session, aal=2)
        await identity.passkeys.remove(await identity.accounts.get(mine.key), id)
        notice = "removed"
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return Response(await _drawn(kit, page, identity, mine, notice), media_type=MediaType.HTML)


@post("/me/passkeys/options", status_code=200, permission="residents and staff who are signed in strongly")
async def ask_for_another(request: Asked, identity: Known, session: Visitor) -> dict[str, Any]:
    """What a browser is to ask its authenticator for, to make one more passkey of mine."""
    await json_of(request)
    return await identity.passkeys.begin_registration(await _owner(identity, session), source_of(request))


@post("/me/passkeys", status_code=200, permission="residents and staff who are signed in strongly")
async def add_passkey(request: Asked, page: Frame, identity: Known, session: Visitor) -> dict[str, str]:
    """Keeps one more passkey of mine."""
    body = await json_of(request)
    answer, label = body.get("credential"), str(body.get("label", "")) or device_of(request)
    await identity.passkeys.add(await _owner(identity, session), answer if isinstance(answer, dict) else {}, label)
    return {"to": with_language(PATH, page.language)}


async def _owner(identity: Identity, session: Session | None) -> Account:
    mine = require(session, aal=2)
    return await identity.accounts.get(mine.key)


async def _drawn(kit: Kit, page: Page, identity: Identity, mine: Session, notice: str = "") -> str:
    sessions = await identity.sessions.of(mine.principal)
    account = (await identity.accounts.many([mine.key])).get(mine.key)
    above = "me" if mine.principal.kind is PrincipalKind.RESIDENT else "console"
    return kit.render(
        "identity/sessions.html", framed(kit, page, "sessions", above), mine=mine, sessions=sessions, notice=notice, path=PATH,
        passkeys=await identity.passkeys.of(account) if account else None, party=identity.passkeys.party,
    )  # fmt: skip
