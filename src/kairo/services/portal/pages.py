"""Which pages does the portal have? Home, map, current values, search, any entity, about, accessibility."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from kairo.capabilities.search import SearchIndex
from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import attributes_of, content_of, value_of
from kairo.platform.i18n import pick, with_language
from kairo.platform.manifests import Manifest, Texts
from kairo.platform.web import Kit, Link, Page, Place
from kairo.services.portal import service
from kairo.services.portal.permissions import check_look

Graph = NamedDependency[SkipValidation[GraphInterface]]
Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Index = NamedDependency[SkipValidation[SearchIndex]]

LIVE_TYPES = "/live?types=Sensor,Vehicle"
HITS = 20
LONGEST_SEARCH = 200


class Desk:
    """Draws the portal for one reader."""

    def __init__(self, kit: Kit, page: Page, parts: Sequence[Manifest] = ()) -> None:
        self.kit = kit
        self.page = page
        self._titles: dict[str, Texts] = {kind.type: kind.title for part in parts for kind in part.entity_types}

    def t(self, key: str, **values: Any) -> str:
        """A message of the portal as plain text."""
        return self.kit.t(self.page.language, f"portal.{key}", **values)

    def pick(self, texts: Any) -> str:
        """The reader's text of a languageMap, or the text itself."""
        return pick(texts, self.page.language) if isinstance(texts, str | Mapping) else str(texts or "")

    def name(self, doc: Doc) -> str:
        """What an entity is called: its name, else its id."""
        return self.pick(value_of(doc, "name")) or str(doc["id"])

    def type_title(self, type: str) -> str:
        """What a type is called."""
        return self.pick(self._titles[type]) if type in self._titles else type

    def label(self, group: str, key: str) -> str:
        """A message if there is one, else the key itself: for names of attributes and units that are open-ended."""
        return self.t(f"{group}.{key}") if self.kit.catalogue.has(f"portal.{group}.{key}") else key

    def address(self, doc: Doc) -> str:
        """Where an entity's page is: a district and a project have pages of their own."""
        kind, slug = service.main_type(doc), doc["id"].rsplit(":", 1)[-1]
        path = f"/entities/{quote(doc['id'], safe=':')}"
        if kind == "District":
            path = f"/districts/{slug}"
        elif kind == "Project" and value_of(doc, "number"):
            path = f"/projects/{value_of(doc, 'number')}"
        return with_language(path, self.page.language)

    def place(self, doc: Doc, kind: int, text: str = "") -> Place:
        """An entity as a point and a line of the list."""
        at = service.point_of(doc)
        return Place(
            id=doc["id"],
            label=self.name(doc),
            longitude=at[0] if at else None,
            latitude=at[1] if at else None,
            text=text,
            kind=kind,
            href=self.address(doc),
        )

    def reading(self, reading: service.Reading) -> str:
        """A value with its unit."""
        return f"{self.label('attribute', reading.attribute)} {reading.value} {self.label('unit', reading.unit)}"

    def render(self, template: str, *, title: str, lead: str = "", home: bool = True, **values: Any) -> str:
        """The page; `values` whose names the Page has change the frame."""
        frame = {name: values.pop(name) for name in ("stream", "wide", "query", "robots", "synthetic") if name in values}
        crumbs = (Link(self.t("home.crumb"), "/"),) if home else ()
        page = replace(self.page, title=title, lead=lead, crumbs=crumbs, **frame)
        return self.kit.render(f"portal/{template}.html", page, desk=self, **values)


@get("/", media_type=MediaType.HTML, permission="read open data")
async def show_home(graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """The front page: the region, its districts, current values, and ways on."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    chosen = service.LAYERS[0]
    districts = await service.layer(graph, access, chosen)
    readings = await service.sensors(graph, access)
    projects = (await graph.find(access, "Project", limit=100)).docs
    goals = (await graph.find(access, "KeyGoalIndicator", limit=100)).docs
    first = {value_of(reading.doc, "sensorKind"): reading for reading in reversed(readings)}
    outlines = await service.outlines(graph, access)
    places = [desk.place(doc, chosen.kind) for doc in districts]
    return desk.render(
        "home",
        title=desk.t("home.title"),
        lead=desk.t("home.lead"),
        home=False,
        wide=True,
        stream=LIVE_TYPES if readings else "",
        places=places,
        names=_names(places),
        outlines=outlines,
        readings=list(first.values()),
        projects=sorted(projects, key=lambda doc: value_of(doc, "number", 0)),
        goals=goals,
        layer=chosen,
    )


@get("/map", media_type=MediaType.HTML, permission="read open data")
async def show_map(
    graph: Graph,
    access: Access,
    kit: Drawing,
    page: Frame,
    manifests: Parts,
    layer: FromQuery[list[str] | None] = None,
) -> str:
    """The map with a list beside it; the layers are chosen by a form."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    chosen = [one for one in service.LAYERS if (one.key in layer if layer is not None else one.shown)]
    found = await service.layers(graph, access, chosen)
    places = [
        desk.place(doc, one.kind, "、".join(desk.reading(reading) for reading in service.readings_of(doc)))
        for one, docs in found
        for doc in docs
    ]
    districts = await service.layer(graph, access, service.LAYERS[0])
    return desk.render(
        "map",
        title=desk.t("map.title"),
        lead=desk.t("map.lead"),
        wide=True,
        stream=LIVE_TYPES if any(one.type in {"Sensor", "Vehicle"} for one in chosen) else "",
        places=places,
        kinds={one.kind: desk.type_title(one.type) for one, docs in found if docs},
        layers=service.LAYERS,
        chosen=[one.key for one in chosen],
        names=_names([desk.place(doc, 4) for doc in districts]),
        outlines=await service.outlines(graph, access),
    )


@get("/current-values", media_type=MediaType.HTML, permission="read open data")
async def show_values(graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """Every sensor's current value, kept up to date while the page is open."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    groups: dict[str, list[service.Reading]] = {}
    for reading in await service.sensors(graph, access):
        groups.setdefault(str(value_of(reading.doc, "sensorKind", "")), []).append(reading)
    return desk.render(
        "values", title=desk.t("values.title"), lead=desk.t("values.lead"), stream=LIVE_TYPES if groups else "", groups=groups
    )


@get("/search", media_type=MediaType.HTML, permission="read open data")
async def show_search(
    access: Access, kit: Drawing, page: Frame, manifests: Parts, search: Index, q: FromQuery[str] = "", type: FromQuery[str] = "", offset: FromQuery[int] = 0
) -> str:
    """Search over everything that the asker may read."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    text, offset = q[:LONGEST_SEARCH].strip(), max(0, min(offset, 10_000))
    types = [type] if type else None
    hits = await search.find(access, text, language=page.language, types=types, limit=HITS, offset=offset) if text else None

    def at(start: int) -> str:
        return with_language(
            "/search?" + urlencode({"q": text, **({"type": type} if type else {}), "offset": start}), page.language
        )

    more = hits is not None and hits.total > offset + HITS
    return desk.render(
        "search",
        title=desk.t("search.title") if not text else desk.t("search.title_for", text=text),
        query=text,
        robots="noindex",
        hits=hits,
        text=text,
        type=type,
        offset=offset,
        following=at(offset + HITS) if more else "",
        previous=at(max(0, offset - HITS)) if offset else "",
    )


@get("/entities/{id:path}", media_type=MediaType.HTML, permission="read open data")
async def show_entity(id: FromPath[str], graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """Any entity: what it says, where it is, what it belongs to, how it changed, and its JSON."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    found = await service.whole(graph, access, id.lstrip("/"))
    doc = found.doc
    at = service.point_of(doc)
    live = bool(service.readings_of(doc)) or service.main_type(doc) == "Vehicle"
    return desk.render(
        "entity",
        title=desk.name(doc),
        lead=desk.type_title(service.main_type(doc)),
        stream=f"/live?ids={quote(doc['id'], safe=':')}" if live else "",
        synthetic=page.synthetic or service.is_synthetic(doc),
        found=found,
        attributes=list(attributes_of(doc)),
        content_of=content_of,
        is_synthetic=service.is_synthetic(doc),
        places=[desk.place(doc, 1)] if at else [],
        api=f"/ngsi-ld/v1/entities/{quote(doc['id'], safe=':')}",
        json=orjson.dumps(doc, option=orjson.OPT_INDENT_2).decode(),
        service=service,
    )


@get("/about", media_type=MediaType.HTML, permission="read open data")
async def show_about(access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """What Kairo is, what it holds, and from where."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    return desk.render("about", title=desk.t("about.title"), lead=desk.t("about.lead"), parts=manifests)


@get("/accessibility", media_type=MediaType.HTML, permission="read open data")
async def show_accessibility(access: Access, kit: Drawing, page: Frame) -> str:
    """The accessibility statement."""
    check_look(access)
    desk = Desk(kit, page)
    return desk.render("accessibility", title=desk.t("accessibility.title"), lead=desk.t("accessibility.lead"))


def _names(places: Sequence[Place]) -> list[tuple[str, float, float]]:
    return [
        (place.label, place.longitude, place.latitude)
        for place in places
        if place.longitude is not None and place.latitude is not None
    ]
