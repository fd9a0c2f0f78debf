"""Which pages say who may see something, and why? One for staff whose duty is to look after it, one for residents about themselves."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.params import FromQuery, SkipValidation

from kairo.context.contexts import CORE
from kairo.context.model.parse import parse_attribute_name, parse_id
from kairo.errors import ResourceNotFound, SignInNeeded
from kairo.platform.manifests import EntityType
from kairo.platform.web import Kit, Link, Page
from kairo.trust.readers.service import Readers
from kairo.trust.roles.pages import INBOX, Access, Drawing, Frame, Named, Service, labels_of
from kairo.trust.roles.permissions import check_see_readers

CONSOLE, MINE = "/console/who-may-see", "/me/who-may-see"
LONGEST = 2048
Types = NamedDependency[SkipValidation[Mapping[str, EntityType]]]
Asking = NamedDependency[SkipValidation[Readers]]


@get(CONSOLE, media_type=MediaType.HTML, permission="staff whose duty includes see-readers; the administrator")
async def show_readers(
    access: Access,
    kit: Drawing,
    page: Frame,
    roles: Service,
    readers: Asking,
    directory: Named,
    entity: FromQuery[str] = "",
    attribute: FromQuery[str] = "",
) -> str:
    """Who may read an attribute now: until when, on which basis, given by whom. Shows none of the data."""
    check_see_readers(await roles.standing(access))
    answer = None
    if entity or attribute:
        name = parse_attribute_name(attribute[:LONGEST], CORE)
        answer = await readers.who(access.tenant, parse_id(entity[:LONGEST]), name)
        if answer is None:
            raise _unknown()
    found = answer.readers if answer else ()
    explained = answer.explained if answer else {}
    named = {one.principal for one in found} | {each for one in explained.values() for each in (one.by, one.second)}
    crumb = Link(kit.catalogue.translate(page.language, "roles.inbox.title"), INBOX)
    return kit.render(
        "readers/readers.html",
        _frame(kit, page, "console", crumb),
        answer=answer,
        entity=entity,
        attribute=attribute,
        names=await directory.names(named),
        mine=(),
        label=attribute,
    )


@get(MINE, media_type=MediaType.HTML, permission="a resident: about themselves, and whom they fully represent")
async def show_my_readers(
    access: Access,
    kit: Drawing,
    page: Frame,
    readers: Asking,
    directory: Named,
    entity_types: Types,
    entity: FromQuery[str] = "",
    attribute: FromQuery[str] = "",
) -> str:
    """What the city holds about me, and who may read it now: until when, on which basis, given by whom."""
    if not access.persons:
        raise SignInNeeded("this page is for residents", detail_ja="この画面は、ログインした市民の方のためのものです。")
    held = await readers.about(access.tenant, access.persons)
    crumb = Link(kit.catalogue.translate(page.language, "readers.me"), "/me")
    labels = labels_of(kit, page, {name for _, _, names in held for name in names})
    titles = {name: kind.title for name, kind in entity_types.items()}
    if not (entity or attribute):
        return kit.render(
            "readers/held.html", _frame(kit, page, "mine", crumb), held=held, path=MINE, labels=labels, types=titles
        )
    is_mine = any(id == entity and attribute in names for id, _, names in held)
    answer = await readers.who(access.tenant, entity, attribute) if is_mine else None
    if answer is None:
        raise _unknown()
    back = Link(kit.catalogue.translate(page.language, "readers.mine.title"), MINE)
    shown = await directory.names({one.principal for one in answer.readers if not one.principal.startswith("staff:")})
    return kit.render(
        "readers/readers.html",
        replace(_frame(kit, page, "mine", crumb), crumbs=(crumb, back)),
        answer=answer,
        entity=entity,
        attribute=attribute,
        names=shown,
        mine=access.persons,
        label=labels[attribute],
    )


def _unknown() -> ResourceNotFound:
    return ResourceNotFound("there is nothing of this name", detail_ja="その情報はありません。")


def _frame(kit: Kit, page: Page, key: str, crumb: Link) -> Page:
    words: Any = kit.catalogue.translate
    title, lead = (words(page.language, f"readers.{key}.{part}") for part in ("title", "lead"))
    return replace(page, title=title, lead=lead, crumbs=(crumb,), robots="noindex")
