"""Which page does the emergency release have? What runs and ran, the form that opens one or a drill, the second officer's button."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import MediaType, Request, get, post
from litestar.datastructures import FormMultiDict, State
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.errors import BadRequestData
from kairo.platform.clock import system_clock
from kairo.platform.manifests import EntityType
from kairo.platform.web import Kit, Link, Page
from kairo.trust.emergency.permissions import check_see, may_close, may_confirm_now
from kairo.trust.emergency.rules import BY_OWN_BASIS, RUNNING, Item, Opening
from kairo.trust.emergency.service import Emergency
from kairo.trust.identity.pages import same_site
from kairo.trust.roles.bases import BASES
from kairo.trust.roles.pages import INBOX, Access, Drawing, Frame, Named, People, Releases, Service, labels_of
from kairo.trust.roles.permissions import Standing, may_open_emergency

PATH = "/console/emergency"
HOURS = (6, 12, 24, 48, 72)
Types = NamedDependency[SkipValidation[Mapping[str, EntityType]]]


@get(PATH, media_type=MediaType.HTML, permission="staff whose duty includes open-emergency, or confirm")
async def show_emergency(
    access: Access, kit: Drawing, page: Frame, roles: Service, emergency: Releases, directory: Named, entity_types: Types
) -> str:
    """Emergency releases and drills: what runs, what ran, and the form that opens one."""
    standing = await roles.standing(access)
    check_see(standing)
    return await _page(standing, kit, page, emergency, directory, entity_types)


@post(
    PATH,
    status_code=200,
    media_type=MediaType.HTML,
    permission="staff whose duty includes open-emergency (to open, to close), or confirm (to confirm, to close)",
)
async def act_on_emergency(
    request: Request[Any, Any, State],
    access: Access,
    kit: Drawing,
    page: Frame,
    roles: Service,
    emergency: Releases,
    directory: Named,
    entity_types: Types,
) -> str:
    """Opens a release or a drill, confirms one as the second officer, or closes it."""
    same_site(request)
    standing = await roles.standing(access)
    check_see(standing)
    form = await request.form()
    action, id, wrong = str(form.get("action", "")), str(form.get("id", "")), ""
    if action == "open":
        try:
            await emergency.open(standing, _opening(form, entity_types))
        except BadRequestData as error:
            wrong = error.detail if page.language == "en" else (error.detail_ja or error.detail)
    elif action == "confirm":
        await emergency.confirm(standing, id)
    elif action == "close":
        await emergency.close(standing, id)
    else:
        raise BadRequestData("there is no such button", detail_ja="このボタンはありません。")
    return await _page(
        standing, kit, page, emergency, directory, entity_types, did="" if wrong else action, wrong=wrong, said=form
    )


async def _page(
    standing: Standing,
    kit: Kit,
    page: Page,
    emergency: Emergency,
    directory: People,
    types: Mapping[str, EntityType],
    *,
    did: str = "",
    wrong: str = "",
    said: Mapping[str, Any] | None = None,
) -> str:
    now = system_clock()
    found = await emergency.latest(standing.tenant)
    principals = {
        each for one, _ in found for each in (one.opened_by, one.confirmed_by or "", one.closed_by or "", *one.recipients)
    }
    may = {one.id: (may_confirm_now(standing, one, now), state in RUNNING and may_close(standing)) for one, state in found}
    personal = sorted((kind for kind in types.values() if kind.data_class == "personal"), key=lambda kind: kind.type)

    def words(key: str) -> str:
        return kit.catalogue.translate(page.language, key)

    frame = replace(
        page,
        title=words("emergency.title"),
        lead=words("emergency.lead"),
        crumbs=(Link(words("roles.inbox.title"), INBOX),),
        path=PATH,
        robots="noindex",
        drill=words("emergency.drill_runs") if any(one.is_drill and state in RUNNING for one, state in found) else "",
    )
    return kit.render(
        "emergency/emergency.html",
        frame,
        found=found,
        may=may,
        running=RUNNING,
        names=await directory.names(principals),
        staff=await directory.staff() if may_open_emergency(standing) else [],
        may_open=may_open_emergency(standing),
        listed=[kind for kind in personal if kind.listed],
        personal=personal,
        bases=[BASES[name] for name in BY_OWN_BASIS if name != "disaster-list-emergency"],
        labels=labels_of(kit, page, {name for one, _ in found for item in one.items for name in item.attributes}),
        titles={kind.type: kind.title for kind in types.values()},
        hours=HOURS,
        did=did,
        wrong=wrong,
        said=said if wrong and said is not None else {},
    )


def _opening(form: FormMultiDict, types: Mapping[str, EntityType]) -> Opening:
    """What the form says: ticked lists go whole, by 49条の11第3項; one more item on a basis of its own."""
    chosen = [str(one) for one in form.getall("list", [])]
    items = [Item(name, tuple(sorted(types[name].listed))) for name in chosen if name in types]
    if own := str(form.get("type", "")):
        attributes = tuple(str(form.get("attributes", "")).replace(",", " ").replace("、", " ").split())
        items.append(Item(own, attributes, str(form.get("basis", "")), str(form.get("cites", "")).strip()))
    recipients = [*map(str, form.getall("recipient", [])), *str(form.get("others", "")).split()]
    hours = str(form.get("hours", ""))
    return Opening(
        reason=str(form.get("reason", "")).strip(),
        area=str(form.get("area", "")).strip(),
        recipients=tuple(dict.fromkeys(recipients)),
        items=tuple(items),
        until=system_clock() + timedelta(hours=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0),
        is_drill=form.get("kind") != "real",
        in_disaster=form.get("in_disaster") == "yes",
        for_life=form.get("for_life") == "yes",
    )
