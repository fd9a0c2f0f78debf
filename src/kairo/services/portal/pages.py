"""Which pages does the portal have? Home, map, current values, search, any entity, its types, about, accessibility."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import orjson
from litestar import MediaType, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, SkipValidation

from kairo.capabilities.search import SearchIndex
from kairo.context.gate import Scope
from kairo.context.graph import GraphInterface
from kairo.context.reading import content_of, value_of
from kairo.platform.i18n import with_language
from kairo.platform.manifests import Manifest
from kairo.platform.web import Kit, Link, Page, Place
from kairo.services.portal import rules, service
from kairo.services.portal.api import versions_of
from kairo.services.portal.entities import Desk
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
HERE = 5  # the kind of mark that an entity has on its own page
LONGEST_OPEN_GROUP = 30  # longer groups of the map's list begin folded
SHELTERS = ("evacuation-sites", "shelters")


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
        groups=[(one.kind, desk.group(f"home.group.{one.key}", docs), one.key == "districts") for one, docs in found],
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
    districts = await service.layer(graph, access, service.BY_KEY["districts"])
    readings = rules.readings_of_names(districts)
    shown = [(one, [doc for doc in docs if not typed or rules.answers_to(doc, typed, readings)]) for one, docs in found]
    docs = [doc for _, docs in shown for doc in docs]
    moving = any(service.readings_of(doc) for doc in docs)
    return desk.render(
        "map",
        title=desk.t("map.title"),
        wide=True,
        stream=LIVE_TYPES if moving else "",
        updated_at=service.latest(docs) if moving else None,
        synthetic=any(map(service.is_synthetic, docs)),
        places=[desk.place(doc, one.kind, desk.beneath(doc)) for one, docs in shown for doc in docs],
        readings={doc["id"]: service.readings_of(doc) for doc in docs},
        groups=[(one.kind, desk.group(f"map.layer.{one.key}", docs), len(docs) <= LONGEST_OPEN_GROUP or bool(typed)) for one, docs in shown],
        options=[(one.key, desk.t("map.option", name=desk.t(f"map.layer.{one.key}"), count=there[one.type]))
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
    around = await service.nearby(graph, access, doc, [service.BY_KEY[key] for key in ("places", *SHELTERS)])
    names = [*await service.layer(graph, access, service.BY_KEY["districts"]), *await service.towns(graph, access, doc)]
    courses = [desk.course(number, name, doc, rows) for number, (name, rows) in enumerate(found.history.items(), 1)]
    series, is_personal = desk.series(doc), desk.is_personal(doc)
    drawn = {reading.attribute for reading in readings} | ({"observations", "indicatorName"} if series else set())
    return desk.render(
        "entity",
        title=desk.name(doc),
        lead=desk.type_title(service.main_type(doc)),
        stream=f"/live?ids={quote(doc['id'], safe=':')}" if readings and not is_personal else "",  # streams send what is open
        crumbs=(
            Link(desk.t("entity.my_data"), "/me/data") if is_personal and access.persons else Link(desk.t("home.crumb"), "/"),
        ),
        updated_at=service.latest([doc]) if readings else None,
        synthetic=service.is_synthetic(doc),
        robots="noindex" if is_personal else "",
        found=found,
        readings=readings,
        plain=[pair for pair in plain if pair[0] not in drawn],
        technical=technical,
        courses=[course for course in courses if course is not None],
        series=series,
        source=rules.source_of(doc),
        content_of=content_of,
        places=[
            desk.place(doc, HERE),
            *(desk.place(each, one.kind, desk.beneath(each)) for one, docs in around for each in docs),
        ]
        if service.point_of(doc)
        else [],
        groups=[(HERE, desk.t("entity.here"), True), *((one.kind, desk.t(f"map.layer.{one.key}"), False) for one, _ in around)],
        names=_names([desk.place(each, 4) for each in names if each["id"] != doc["id"]]),
        outlines=await service.outlines(graph, access) if service.point_of(doc) else None,
        api=f"/ngsi-ld/v1/entities/{quote(doc['id'], safe=':')}",
        json=orjson.dumps(doc, option=orjson.OPT_INDENT_2).decode(),
    )


@get("/types", media_type=MediaType.HTML, permission="anyone")
async def show_types(kit: Drawing, page: Frame, manifests: Parts) -> str:
    """What the entity types look like, for whoever writes programs: attributes, schemas and @contexts of every version."""
    desk = Desk(kit, page, manifests)
    kinds = sorted(desk.kinds.values(), key=lambda kind: kind.type)
    title, lead = desk.t("types.title"), desk.t("types.lead")
    return desk.render("types", title=title, lead=lead, kinds=kinds, versions_of=versions_of)


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
