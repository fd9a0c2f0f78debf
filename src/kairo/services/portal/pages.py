"""Which pages does the portal have? Home, map, current values, search, any entity, about, accessibility."""

from collections.abc import Sequence
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
from kairo.context.reading import content_of, types_of, value_of
from kairo.platform.i18n import pick, with_language
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page, Place
from kairo.platform.web.charts import Line, Long, Series
from kairo.platform.web.filters import with_unit
from kairo.services.portal import rules, service
from kairo.services.portal.permissions import check_look

Graph = NamedDependency[SkipValidation[GraphInterface]]
Access = NamedDependency[SkipValidation[Scope]]
Drawing = NamedDependency[SkipValidation[Kit]]
Frame = NamedDependency[SkipValidation[Page]]
Parts = NamedDependency[SkipValidation[tuple[Manifest, ...]]]
Index = NamedDependency[SkipValidation[SearchIndex]]

LIVE_TYPES = "/live?types=Sensor,Vehicle"
FRAME = ("stream", "updated_at", "wide", "query", "robots", "synthetic", "own_search")
HITS = 20
LONGEST_SEARCH = 200
LONGEST_OPEN_GROUP = 30  # longer groups of the map's list begin folded
LEAST_FOR_A_CHART = 3
SHELTERS = ("evacuation-sites", "shelters")


class Desk:
    """Draws the portal for one reader."""

    def __init__(self, kit: Kit, page: Page, parts: Sequence[Manifest] = ()) -> None:
        self.kit = kit
        self.page = page
        self.kinds = {kind.type: kind for part in parts for kind in part.entity_types}

    def t(self, key: str, **values: Any) -> str:
        """A message of the portal; with its readings where a template shows it."""
        return self.kit.catalogue.translate(self.page.language, f"portal.{key}", **values)

    def pick(self, texts: Any) -> str:
        """The reader's text of a languageMap, or the text itself."""
        return pick(texts, self.page.language) if isinstance(texts, str | dict) else str(texts or "")

    def name(self, doc: Doc) -> str:
        """What an entity is called: its name, else its id."""
        return self.pick(value_of(doc, "name")) or str(doc["id"])

    def type_title(self, type: str) -> str:
        """What a type is called."""
        return pick(self.kinds[type].title, self.page.language) if type in self.kinds else type

    def is_personal(self, doc: Doc) -> bool:
        """Whether this is about a person: shown only to those who may see it."""
        return any(type in self.kinds and self.kinds[type].data_class == "personal" for type in types_of(doc))

    def says(self, group: str, key: str) -> bool:
        """Whether there is a word for this name."""
        return bool(key) and self.kit.catalogue.has(f"portal.{group}.{key}")

    def label(self, group: str, key: str) -> str:
        """A message if there is one, else the key itself: for names of attributes, units and codes, which are open-ended."""
        return self.t(f"{group}.{key}") if self.says(group, key) else key

    def address(self, doc: Doc) -> str:
        """Where an entity's page is, in the reader's language."""
        return self.address_of(doc["id"], service.main_type(doc))

    def address_of(self, id: str, type: str) -> str:
        """Where the page of an entity is of which only id and type are known."""
        return with_language(rules.path_of(id, type), self.page.language)

    def place(self, doc: Doc, kind: int, text: str = "") -> Place:
        """An entity as a point and a line of the list."""
        at = service.point_of(doc)
        lon, lat = at or (None, None)
        return Place(
            id=doc["id"], label=self.name(doc), longitude=lon, latitude=lat, text=text, kind=kind, href=self.address(doc)
        )

    def beneath(self, doc: Doc) -> str:
        """What stands under a place's name: its values, else its address and what it is designated for."""
        said = [f"{self.label('attribute', one.attribute)} {self.amount(one)}" for one in service.readings_of(doc)]
        designated = value_of(doc, "designatedFor")
        if isinstance(designated, list):
            said.append(self.t("map.designated", hazards="、".join(self.label("code", str(hazard)) for hazard in designated)))
        return "　".join([*filter(None, [value_of(doc, "address")]), *said])

    def amount(self, reading: service.Reading) -> str:
        """A value with its unit."""
        unit = self.label("unit", reading.unit)
        return with_unit(reading.value, unit) if isinstance(reading.value, int | float) else f"{reading.value} {unit}".strip()

    def course(self, number: int, name: str, doc: Doc, rows: list[tuple[Any, Any]]) -> Long | None:
        """How an observed value ran, as a chart; None where there are too few numbers."""
        values = tuple(value if isinstance(value, int | float) else None for _, value in rows)
        if sum(value is not None for value in values) < LEAST_FOR_A_CHART:
            return None
        label = self.label("attribute", name)
        unit = self.label("unit", next((one.unit for one in service.readings_of(doc) if one.attribute == name), ""))
        times = tuple(moment for moment, _ in rows)
        title = self.t("entity.history", name=label)
        return Long(f"history-{number}", title, times, ((str(label), values),), str(unit), x_title=str(self.t("entity.when")))

    def series(self, doc: Doc) -> Line | None:
        """The chart of a statistical series, where the entity is one with a value for each year."""
        pairs = rules.yearly(value_of(doc, "observations"))
        if len(pairs) < LEAST_FOR_A_CHART:
            return None
        curve = Series(self.name(doc), tuple(value for _, value in pairs))
        title = self.pick(value_of(doc, "indicatorName")) or self.name(doc)
        years = tuple(year for year, _ in pairs)
        return Line("series", title, years, (curve,), self.pick(value_of(doc, "unit")), str(self.t("entity.year")))

    def render(self, template: str, *, title: str, lead: str = "", home: bool = True, **values: Any) -> str:
        """The page; `values` whose names the Page has change the frame."""
        frame = {name: values.pop(name) for name in FRAME if name in values}
        crumbs = (Link(self.t("home.crumb"), "/"),) if home else ()
        page = replace(self.page, title=title, lead=lead, crumbs=crumbs, **frame)
        return self.kit.render(f"portal/{template}.html", page, desk=self, **values)


@get("/", media_type=MediaType.HTML, permission="read open data")
async def show_home(graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """The front page: search, the region with its districts and buses, current values, and ways on."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    found = await service.layers(graph, access, (service.REGION, service.BY_KEY["districts"], service.BY_KEY["buses"]))
    readings = await service.sensors(graph, access)
    shelters = await service.counts(graph, access, [service.BY_KEY[key].type for key in SHELTERS])
    projects, goals = [(await graph.find(access, type, limit=100)).docs for type in ("Project", "KeyGoalIndicator")]
    first = {value_of(one.doc, "sensorKind"): one for one in reversed(readings)}
    shown = [one.doc for one in readings] + found[2][1]
    return desk.render(
        "home",
        title=desk.t("home.title"),
        lead=desk.t("home.lead"),
        home=False,
        own_search=True,
        stream=LIVE_TYPES if shown else "",
        updated_at=service.latest(shown),
        places=[desk.place(doc, one.kind) for one, docs in found for doc in docs],
        groups=[(one.kind, desk.t(f"home.group.{one.key}"), one.key == "districts") for one, _ in found],
        names=_names([desk.place(doc, 1) for _, docs in found[:2] for doc in docs]),
        outlines=await service.outlines(graph, access),
        readings=sorted(first.values(), key=lambda one: rules.kind_rank(str(value_of(one.doc, "sensorKind", "")))),
        made_up=any(map(service.is_synthetic, shown)),
        buses=found[2][1],
        shelters=sum(shelters.values()),
        projects=sorted(projects, key=lambda doc: value_of(doc, "number", 0)),
        goals=sorted(goals, key=lambda doc: value_of(doc, "position", 0)),
    )


@get("/map", media_type=MediaType.HTML, permission="read open data")
async def show_map(
    graph: Graph,
    access: Access,
    kit: Drawing,
    page: Frame,
    manifests: Parts,
    layer: FromQuery[list[str] | None] = None,
    q: FromQuery[str] = "",
) -> str:
    """The map with a list beside it; what is on it is chosen by a form, and can be narrowed by a name or an address."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    typed = q[:LONGEST_SEARCH].strip()
    there = await service.counts(graph, access, [one.type for one in service.LAYERS])
    chosen = [one for one in service.LAYERS if (one.key in layer if layer is not None else one.shown)]
    found = await service.layers(graph, access, chosen)
    shown = [(one, [doc for doc in docs if not typed or rules.answers_to(doc, typed)]) for one, docs in found]
    docs = [doc for _, docs in shown for doc in docs]
    moving = any(service.readings_of(doc) for doc in docs)
    districts = await service.layer(graph, access, service.BY_KEY["districts"])
    return desk.render(
        "map",
        title=desk.t("map.title"),
        lead=desk.t("map.lead"),
        wide=True,
        stream=LIVE_TYPES if moving else "",
        updated_at=service.latest(docs) if moving else None,
        synthetic=any(map(service.is_synthetic, docs)),
        places=[desk.place(doc, one.kind, desk.beneath(doc)) for one, docs in shown for doc in docs],
        groups=[(one.kind, desk.type_title(one.type), len(docs) <= LONGEST_OPEN_GROUP or bool(typed)) for one, docs in shown],
        options=[(one.key, desk.t("map.option", name=desk.type_title(one.type), count=there[one.type]))
                 for one in service.LAYERS if one.type in there],
        chosen=[one.key for one in chosen],
        shelters=any(one.key in SHELTERS for one in chosen),
        typed=typed,
        names=_names([desk.place(doc, 4) for doc in districts]),
        outlines=await service.outlines(graph, access),
    )  # fmt: skip


@get("/current-values", media_type=MediaType.HTML, permission="read open data")
async def show_values(graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """Every sensor's current value, kept up to date while the page is open."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    groups: dict[str, list[service.Reading]] = {}
    for reading in await service.sensors(graph, access):
        groups.setdefault(str(value_of(reading.doc, "sensorKind", "")), []).append(reading)
    docs = [reading.doc for readings in groups.values() for reading in readings]
    return desk.render(
        "values", title=desk.t("values.title"), lead=desk.t("values.lead"), groups=groups, stream=LIVE_TYPES if docs else "",
        updated_at=service.latest(docs), synthetic=any(map(service.is_synthetic, docs)), is_synthetic=service.is_synthetic,
    )  # fmt: skip


@get("/search", media_type=MediaType.HTML, permission="read open data")
async def show_search(
    access: Access,
    kit: Drawing,
    page: Frame,
    manifests: Parts,
    search: Index,
    q: FromQuery[str] = "",
    type: FromQuery[str] = "",
    offset: FromQuery[int] = 0,
) -> str:
    """Search over everything that the asker may read."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    text, offset = q[:LONGEST_SEARCH].strip(), max(0, min(offset, 10_000))
    types = [(kind.type, desk.type_title(kind.type)) for kind in desk.kinds.values() if kind.searchable]
    chosen = type if type in dict(types) else ""
    wanted = [chosen] if chosen else None
    hits = await search.find(access, text, language=page.language, types=wanted, limit=HITS, offset=offset) if text else None

    def at(start: int) -> str:
        asked = {"q": text, **({"type": chosen} if chosen else {}), **({"offset": start} if start else {})}
        return with_language(f"/search?{urlencode(asked)}", page.language)

    more = hits is not None and hits.total > offset + HITS
    return desk.render(
        "search", title=desk.t("search.title_for", text=text) if text else desk.t("search.title"), own_search=True,
        robots="noindex", hits=hits, text=text, types=types, type=chosen, offset=offset,
        following=at(offset + HITS) if more else "", previous=at(max(0, offset - HITS)) if offset else "",
    )  # fmt: skip


@get("/entities/{id:path}", media_type=MediaType.HTML, permission="read open data")
async def show_entity(id: FromPath[str], graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """Any entity: what it says, where it is, what it belongs to, how it changed, and its JSON."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    found = await service.whole(graph, access, id.lstrip("/"))
    doc, readings = found.doc, service.readings_of(found.doc)
    plain, technical = rules.facts_of(doc)
    courses = [desk.course(number, name, doc, rows) for number, (name, rows) in enumerate(found.history.items(), 1)]
    observed = {reading.attribute for reading in readings}
    return desk.render(
        "entity",
        title=desk.name(doc),
        lead=desk.type_title(service.main_type(doc)),
        stream=f"/live?ids={quote(doc['id'], safe=':')}" if readings else "",
        updated_at=service.latest([doc]) if readings else None,
        synthetic=service.is_synthetic(doc),
        found=found,
        readings=readings,
        plain=[pair for pair in plain if pair[0] not in observed],
        technical=technical,
        courses=[course for course in courses if course is not None],
        series=desk.series(doc),
        source=rules.source_of(doc),
        content_of=content_of,
        places=[desk.place(doc, 1)] if service.point_of(doc) else [],
        outlines=await service.outlines(graph, access) if service.point_of(doc) else None,
        api=f"/ngsi-ld/v1/entities/{quote(doc['id'], safe=':')}",
        json=orjson.dumps(doc, option=orjson.OPT_INDENT_2).decode(),
    )


@get("/about", media_type=MediaType.HTML, permission="read open data")
async def show_about(graph: Graph, access: Access, kit: Drawing, page: Frame, manifests: Parts) -> str:
    """What Kairo is, what it holds, and from where."""
    check_look(access)
    desk = Desk(kit, page, manifests)
    there = await service.counts(graph, access, [kind.type for kind in desk.kinds.values() if kind.data_class == "open"])
    return desk.render("about", title=desk.t("about.title"), lead=desk.t("about.lead"), parts=manifests, there=there)


@get("/accessibility", media_type=MediaType.HTML, permission="read open data")
async def show_accessibility(access: Access, kit: Drawing, page: Frame) -> str:
    """The accessibility statement."""
    check_look(access)
    desk = Desk(kit, page)
    return desk.render("accessibility", title=desk.t("accessibility.title"), lead=desk.t("accessibility.lead"))


def _names(places: Sequence[Place]) -> list[tuple[str, float, float]]:
    return [
        (one.label, one.longitude, one.latitude) for one in places if one.longitude is not None and one.latitude is not None
    ]
