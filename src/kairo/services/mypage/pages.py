"""Which pages has a resident of their own? The way to everything about them, and the list of what is held."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import quote

from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from kairo.context.gate import Scope
from kairo.context.graph import Doc, Graph
from kairo.context.reading import attributes_of, content_of, types_of, value_of
from kairo.platform.i18n import pick
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page
from kairo.services.mypage import service
from kairo.services.mypage.permissions import check_see_own
from kairo.trust.emergency.service import Emergency


class People(Protocol):
    """Knows people by name."""

    async def display_name(self, tenant: str, who: str) -> str:
        """What a person (URI) is called; empty where nobody is known by it."""
        ...


Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Store = NamedDependency[SkipValidation[Graph]]
Names = NamedDependency[SkipValidation[People]]
Releases = NamedDependency[SkipValidation[Emergency]]


@dataclass(frozen=True, slots=True)
class Item:
    """One entity in the list: what it is, what is known, and where all of it stands."""

    title: Any
    attributes: tuple[Any, ...]
    href: str
    is_synthetic: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What is held about the same persons."""

    names: tuple[str, ...]
    is_own: bool
    is_me: bool
    items: tuple[Item, ...]


@get("/me", media_type=MediaType.HTML, permission="a resident who is signed in; others are led to sign in")
async def show_mine(access: Access, kit: Drawing, page: Frame, manifests: Parts, people: Names, emergency: Releases) -> str:
    """The resident's own page: the way to everything about them."""
    check_see_own(access)
    entries = sorted((entry for part in manifests for entry in part.own_pages), key=lambda entry: entry.order)
    tiles = [(entry.path, pick(entry.title, page.language), pick(entry.about, page.language)) for entry in entries]
    name = await people.display_name(access.tenant, access.persons[0])
    shown = replace(page, title=kit.catalogue.translate(page.language, "mypage.title_for", name=name), robots="noindex")
    notices = await emergency.notices_for(access.tenant, access.persons[0])
    return kit.render("mypage/mine.html", shown, tiles=tiles, notices=notices)


@get("/me/data", media_type=MediaType.HTML, permission="a resident who is signed in; others are led to sign in")
async def show_data(access: Access, kit: Drawing, page: Frame, manifests: Parts, graph: Store, people: Names) -> str:
    """What is held about the resident, about those for whom they act, and what others let them see."""
    check_see_own(access)
    found, more = await service.held(graph, access, graph.declarations)
    groups = [await _group(one, access, page, manifests, people, kit) for one in found]
    t = kit.catalogue.translate
    shown = replace(
        page,
        title=t(page.language, "mypage.data_title"),
        lead=t(page.language, "mypage.data_lead"),
        crumbs=(Link(t(page.language, "mypage.title"), "/me"),),
        robots="noindex",
    )
    return kit.render("mypage/data.html", shown, groups=groups, more=more)


async def _group(
    one: service.Held, access: Scope, page: Page, manifests: Sequence[Manifest], people: People, kit: Kit
) -> Group:
    names = [await people.display_name(access.tenant, person) for person in one.persons]
    titles = {kind.type: kind.title for part in manifests for kind in part.entity_types}
    items = tuple(_item(doc, titles, page, kit) for doc in one.docs)
    return Group(tuple(names), one.is_own, one.persons == access.persons[:1], items)


def _item(doc: Doc, titles: dict[str, Any], page: Page, kit: Kit) -> Item:
    kind = types_of(doc)[0]
    t = kit.catalogue
    known = [name for name, many in attributes_of(doc) if name != "synthetic" and content_of(many[0]) is not None]
    labels = tuple(
        t.translate(page.language, key) if t.has(key) else name for name in known for key in (f"portal.attribute.{name}",)
    )
    return Item(
        pick(titles[kind], page.language), labels, f"/entities/{quote(doc['id'], safe=':')}", value_of(doc, "synthetic") is True
    )
