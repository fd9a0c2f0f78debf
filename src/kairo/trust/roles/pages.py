"""Which pages do roles have? What waits for me, the duty under which I work, and who has which role (with the buttons of the second person)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation
from litestar.response import Redirect

from kairo.context.gate import Scope
from kairo.errors import BadRequestData
from kairo.platform.clock import TOKYO, system_clock
from kairo.platform.i18n import Message, pick, strip_readings, with_language, with_ruby
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page
from kairo.trust.emergency.service import Emergency
from kairo.trust.identity.pages import same_site
from kairo.trust.identity.sessions.session import require
from kairo.trust.roles.four_eyes import refusal
from kairo.trust.roles.inbox import Inbox
from kairo.trust.roles.permissions import (
    Standing,
    check_enter,
    check_see_roles,
    may_confirm,
    may_grant,
    may_open_emergency,
    may_see_readers,
    may_see_roles,
)
from kairo.trust.roles.rules import State as Stands
from kairo.trust.roles.service import MOST_SHOWN, Proposal, Roles

INBOX, DUTY, ROLES = "/console", "/console/duty", "/console/roles"
YEAR = timedelta(days=365)


class Duties(Protocol):
    """Where a session keeps the duty that was chosen. Implemented by identity."""

    async def set_purpose(self, session: Any, purpose: str) -> None:
        """The purpose that the session serves from now on; empty: none."""
        ...


class People(Protocol):
    """What people are called. Implemented by identity."""

    async def names(self, principals: Collection[str]) -> Mapping[str, str]:
        """Names by principal, of those that have one."""
        ...

    async def staff(self) -> Sequence[tuple[str, str]]:
        """Principal and name of each member of staff."""
        ...


Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Service = NamedDependency[SkipValidation[Roles]]
Releases = NamedDependency[SkipValidation[Emergency]]
Named = NamedDependency[SkipValidation[People]]
Boxes = NamedDependency[SkipValidation[Sequence[Inbox]]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Keeping = NamedDependency[SkipValidation[Duties]]
Asked = Request[Any, Any, State]


@get(INBOX, media_type=MediaType.HTML, permission="staff and the administrator: what waits for them")
async def show_inbox(access: Access, kit: Drawing, page: Frame, roles: Service, inboxes: Boxes, manifests: Parts) -> str:
    """What waits for me, and the ways to the console's pages that my duty opens."""
    standing = await roles.standing(access)
    check_enter(standing)
    waiting = [one for inbox in inboxes for one in await inbox.waiting_for(access)]
    ways = [
        ("duty", DUTY, not standing.is_administrator),
        ("list", ROLES, may_see_roles(standing)),
        ("readers", "/console/who-may-see", may_see_readers(standing)),
        ("emergency", "/console/emergency", may_open_emergency(standing) or may_confirm(standing)),
        ("subscriptions", "/console/subscriptions", standing.is_administrator),
    ]
    t = kit.catalogue.translate
    shown = [
        (t(page.language, f"roles.ways.{key}.title"), path, t(page.language, f"roles.ways.{key}.text"))
        for key, path, may in ways
        if may
    ]
    others = sorted((one for part in manifests for one in part.staff_pages), key=lambda one: one.order)
    shown += [
        (with_readings(pick(one.title, page.language)), one.path, with_readings(pick(one.about, page.language)))
        for one in others
        if standing.may(one.power) or (one.power and one.power == access.purpose)
    ]
    return kit.render("roles/inbox.html", _frame(kit, page, "inbox", top=True), waiting=waiting, ways=shown)


@get(DUTY, media_type=MediaType.HTML, permission="staff: their own duties")
async def show_duty(access: Access, kit: Drawing, page: Frame, roles: Service, emergency: Releases) -> str:
    """The duties that I can choose from, and the one that I have chosen."""
    standing = await roles.standing(access)
    check_enter(standing)
    naming = await emergency.naming(access.tenant, access.principal)
    return kit.render(
        "roles/duty.html", _frame(kit, page, "duty"), duties=standing.held, known=roles.known, naming=naming, now=access.purpose
    )


@post(DUTY, status_code=303, permission="staff: their own duties")
async def choose_duty(
    request: Asked,
    access: Access,
    page: Frame,
    roles: Service,
    emergency: Releases,
    duties: Keeping,
    session: NamedDependency[SkipValidation[Any]],
) -> Response[Any]:
    """Works under this duty from now on, or under none."""
    same_site(request)
    standing = await roles.standing(access)
    check_enter(standing)
    if session is not None:
        require(session, aal=2)  # a duty opens personal data: not by a weak sign-in, such as one elsewhere may be
    chosen = str((await request.form()).get("duty", ""))
    purpose = await _purpose(standing, chosen, roles, emergency)
    if session is None:
        raise BadRequestData(
            "a duty is chosen for a session; a token has none", detail_ja="ログインした画面から選んでください。"
        )
    await duties.set_purpose(session, purpose)
    return Redirect(with_language(DUTY, page.language), status_code=303)


async def _purpose(standing: Standing, chosen: str, roles: Roles, emergency: Emergency) -> str:
    """The purpose of a duty that is theirs: an assignment, or a release that names them. Raises ResourceNotFound for another one."""
    if not chosen:
        return ""
    for release in await emergency.naming(standing.tenant, standing.principal):
        if chosen == release.basis:
            return release.purpose
    return (await roles.duty(standing, chosen)).purpose


@get(ROLES, media_type=MediaType.HTML, permission="staff whose duty includes grant-roles, confirm or see-readers")
async def show_roles(
    access: Access, kit: Drawing, page: Frame, roles: Service, directory: Named, offset: FromQuery[int] = 0
) -> str:
    """Who has which role, why, until when and by whom; what waits for a second person."""
    standing = await roles.standing(access)
    check_see_roles(standing)
    return await _roles(standing, kit, page, roles, directory, offset=max(0, min(offset, 1_000_000)))


@post(ROLES, status_code=200, media_type=MediaType.HTML, permission="staff whose duty includes grant-roles, or confirm")
async def act_on_roles(request: Asked, access: Access, kit: Drawing, page: Frame, roles: Service, directory: Named) -> str:
    """Gives or proposes a role, confirms one as the second person, refuses it or takes it back."""
    same_site(request)
    standing = await roles.standing(access)
    check_see_roles(standing)
    form = {name: str(value) for name, value in (await request.form()).items()}
    action = form.get("action", "")
    if action == "propose":
        try:
            one = await roles.propose(standing, _proposal(form))
        except BadRequestData as error:
            wrong = (error.detail_ja or error.detail) if page.language != "en" else error.detail
            return await _roles(standing, kit, page, roles, directory, wrong=wrong, form=form)
        return await _roles(standing, kit, page, roles, directory, did="proposed" if one.confirm_by else "given")
    if action == "confirm":
        await roles.confirm(standing, form.get("id", ""))
    elif action == "end":
        await roles.end(standing, form.get("id", ""))
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return await _roles(standing, kit, page, roles, directory, did="confirmed" if action == "confirm" else "ended")


async def _roles(
    standing: Standing,
    kit: Kit,
    page: Page,
    roles: Roles,
    directory: People,
    *,
    did: str = "",
    wrong: str = "",
    form: Mapping[str, str] | None = None,
    offset: int = 0,
) -> str:
    now = system_clock()
    found = await roles.all(standing.tenant, offset=offset)
    principals = {
        each for one, _ in found for each in (one.principal, one.proposed_by, one.confirmed_by or "", one.ended_by or "")
    }
    may = {
        one.id: (
            state is Stands.PROPOSED and refusal(one.proposed, standing.principal, now, may=may_confirm(standing)) is None,
            state in {Stands.PROPOSED, Stands.TO_COME, Stands.IN_FORCE}
            and (may_grant(standing) or may_confirm(standing) or one.principal == standing.principal),
        )
        for one, state in found
    }
    return kit.render(
        "roles/roles.html",
        replace(_frame(kit, page, "list"), path=ROLES, wide=True),
        found=found,
        may=may,
        names=await directory.names(principals),
        known=roles.known,
        needs_second={name: roles.needs_second(name) for name in roles.known},
        staff=await directory.staff() if may_grant(standing) else [],
        may_grant=may_grant(standing),
        did=did,
        wrong=wrong,
        said=form or {"since": _day(now), "until": _day(now + YEAR)},
        following=offset + MOST_SHOWN if len(found) == MOST_SHOWN else None,
    )


def _proposal(form: Mapping[str, str]) -> Proposal:
    """What the form says; the last day is a whole day in Tokyo. Raises BadRequestData for days that are none."""
    role, _, purpose = form.get("role", "").partition("/")
    words = {name: form.get(name, "").strip() for name in ("principal", "department", "area", "reason")}
    since, until = _midnight(form.get("since", "")), _midnight(form.get("until", "")) + timedelta(days=1)
    return Proposal(role=role, purpose=purpose, since=since, until=until, **words)


def _midnight(text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
        if not 2000 <= day.year < 3000:
            raise ValueError("no day of this time")
        return datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    except ValueError:
        raise BadRequestData(f"{text[:40]!r} is no day", detail_ja="日付を選んでください。") from None


def _day(moment: datetime) -> str:
    return moment.astimezone(TOKYO).date().isoformat()


def labels_of(kit: Kit, page: Page, names: Iterable[str]) -> dict[str, str]:
    """What people call these attributes, where a part has words for them; else their names."""
    keys = {name: f"portal.attribute.{name}" for name in names}
    words = kit.catalogue
    return {name: words.translate(page.language, key) if words.has(key) else name for name, key in keys.items()}


def _frame(kit: Kit, page: Page, key: str, *, top: bool = False) -> Page:
    title = kit.catalogue.translate(page.language, f"roles.{key}.title")
    lead = kit.catalogue.translate(page.language, f"roles.{key}.lead")
    crumbs = () if top else (Link(kit.catalogue.translate(page.language, "roles.inbox.title"), INBOX),)
    return replace(page, title=title, lead=lead, crumbs=crumbs, robots="noindex")


def with_readings(text: str) -> Message:
    """A text of a manifest, with its readings where a template shows it."""
    return Message(strip_readings(text), with_ruby(text))
