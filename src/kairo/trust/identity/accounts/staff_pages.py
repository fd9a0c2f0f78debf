"""How are the accounts of staff looked after? New ones, links to enrol, and April's rotation with its preview."""

from typing import Any

from litestar import MediaType, Response, get, post
from litestar.params import FromQuery

from kairo.errors import AlreadyExists, BadRequestData, ResourceNotFound
from kairo.platform.web import Kit, Page
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.pages import link_of
from kairo.trust.identity.accounts.rules import Event
from kairo.trust.identity.handling import Access, Asked, Drawing, Frame, Known, Visitor, form_of, framed
from kairo.trust.identity.permissions import PERSONNEL, check
from kairo.trust.identity.service import Identity
from kairo.trust.identity.signin.enrol_pages import picture

PATH = "/console/staff"
SHOWN = 100


@get(PATH, media_type=MediaType.HTML, permission="staff whose duty includes personnel")
async def show_staff(
    access: Access, kit: Drawing, page: Frame, identity: Known, session: Visitor, after: FromQuery[str] = ""
) -> str:
    """Who works here, in which department."""
    await check(identity.powers, access, session, PERSONNEL)
    return await _drawn(kit, page, identity, after=after)


@post(PATH, status_code=200, media_type=MediaType.HTML, permission="staff whose duty includes personnel")
async def act_on_staff(
    request: Asked, access: Access, kit: Drawing, page: Frame, identity: Known, session: Visitor
) -> Response[Any]:
    """Makes or closes an account, gives a link to enrol, previews or applies a rotation."""
    form = await form_of(request)
    by = (await check(identity.powers, access, session, PERSONNEL)).principal.id
    try:
        shown, status = await _done(identity, form, by, page), 200
    except (BadRequestData, ResourceNotFound, AlreadyExists) as error:
        shown, status = {"refused": error}, error.status
    return Response(await _drawn(kit, page, identity, given=form, **shown), status_code=status, media_type=MediaType.HTML)


async def _done(identity: Identity, form: dict[str, str], by: str, page: Page) -> dict[str, Any]:
    action, table = form.get("action", ""), form.get("table", "")
    if action == "preview":
        moves = await identity.accounts.preview_rotation(table)
        return {"moves": moves, "wrong": sum(bool(move.wrong) for move in moves)}
    if action == "apply":
        return {"notice": "rotated", "count": await identity.accounts.rotate(table, by=by)}
    if action == "register":
        name, login, department = (form.get(field, "").strip()[:200] for field in ("name", "login", "department"))
        if not (name and login and department):
            raise BadRequestData(
                "give name, sign-in name and department", detail_ja="氏名・ログイン名・部署を入力してください。"
            )
        made = Account("", "staff", name, form.get("kana", "").strip()[:200], department=department, login=login)
        made = await identity.accounts.register(made, by=by)
        return await _link(identity, made.key, by, "new", page)
    if action == "enrol":
        return await _link(identity, form.get("key", ""), by, form.get("reason", ""), page)
    if action == "close":
        await _staff(identity, form.get("key", ""))
        await identity.accounts.happen(form["key"], Event.CLOSED, by=by, reason=form.get("reason", "") or "left")
        return {"notice": "closed"}
    raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")


async def _link(identity: Identity, key: str, by: str, reason: str, page: Page) -> dict[str, Any]:
    await _staff(identity, key)
    link = link_of(identity.passkeys.party, page, await identity.enrolment.issue(key, by=by, reason=reason))
    return {"notice": "enrolled", "link": link, "qr": picture(link), "hours": identity.settings.enrolment_hours}


async def _staff(identity: Identity, key: str) -> Account:
    """An account of staff: residents are the counter's."""
    found = (await identity.accounts.many([key])).get(key)
    if found is None or found.kind != "staff":
        raise ResourceNotFound("there is no such member of staff", detail_ja="該当する職員はいません。")
    return found


async def _drawn(
    kit: Kit, page: Page, identity: Identity, *, after: str = "", given: dict[str, str] | None = None, **shown: Any
) -> str:
    rest: dict[str, Any] = {"refused": None, "notice": "", "link": "", "count": 0, "moves": (), "wrong": 0}
    staff = await identity.accounts.every("staff", after=after[:100], limit=SHOWN)
    following = staff[-1].key if len(staff) == SHOWN else ""
    return kit.render(
        "identity/staff.html", framed(kit, page, "staff", "console"), path=PATH, staff=staff, following=following, given=given or {},
        **{**rest, **shown},
    )  # fmt: skip
