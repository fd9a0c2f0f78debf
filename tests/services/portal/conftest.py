"""What do the portal's tests share? A small made-up city in memory that answers the broker's own queries, and the portal on it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import Provide
from litestar.testing import TestClient

from kairo.capabilities.catalogue import manifest as catalogue
from kairo.capabilities.places import manifest as places
from kairo.capabilities.search import Hit, Hits, Marked
from kairo.capabilities.sensing import manifest as sensing
from kairo.context.contexts import CORE
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Doc, Page
from kairo.context.model.parse import parse_entity
from kairo.context.query.entity_query import EntityQuery
from kairo.context.query.evaluate import selects
from kairo.context.query.geo import parse_geo_query
from kairo.context.query.language import parse_q
from kairo.context.query.types import parse_type_selection
from kairo.frame import exception_handlers, page_of
from kairo.platform.manifests import EntityType, Manifest
from kairo.platform.web import Kit, LanguagePrefix, Site
from kairo.platform.web import Page as WebPage
from kairo.services.portal import manifest as portal
from kairo.settings import Settings
from kairo.trust.identity import manifest as identity

OPEN = frozenset({DataClass.OPEN})
PUBLIC = Scope("352039", "anonymous:", read_classes=OPEN)
ADMINISTRATOR = Scope("352039", "administrator:local", read_classes=frozenset(DataClass))
TITLES = {"District": "地域", "Municipality": "市町", "Place": "場所", "Project": "重点プロジェクト", "KeyGoalIndicator": "目標",
          "StatisticalSeries": "統計の系列"}  # fmt: skip
OPEN_TYPES = [EntityType(type, "open", {"ja": title, "en": type}, searchable=("name",)) for type, title in TITLES.items()]
CITY = Manifest(
    name="city",
    title={"ja": "市"},
    purpose={"ja": "試験"},
    entity_types=(*OPEN_TYPES, EntityType("ResidentProfile", "personal", {"ja": "住民"})),
)
PARTS = (CITY, catalogue.MANIFEST, places.MANIFEST, sensing.MANIFEST, identity.MANIFEST, portal.MANIFEST)
DECLARED = Declarations.of(kind for part in PARTS for kind in part.entity_types)
AT = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
SOURCE = {"document": "架空計画", "place": "第1章", "page": 7, "published": "2022-03"}


class MemoryGraph:
    """Documents in memory, seen through the scope; `asked` counts the queries."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = {doc["id"]: doc for doc in docs}
        self.rows: dict[tuple[str, str], list[Doc]] = {}
        self.asked = 0

    def _seen(self, scope: Scope) -> list[Doc]:
        return [doc for doc in self.docs.values() if scope.may_read(DECLARED.class_of([doc["type"]]), "")]

    async def get(self, scope: Scope, id: str) -> Doc | None:
        return (await self.get_many(scope, [id])).get(id)

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        self.asked += 1
        return {doc["id"]: doc for doc in self._seen(scope) if doc["id"] in ids}

    async def find(self, scope: Scope, type: str, q: str = "", *, limit: int = 100, **more: str) -> Page:
        self.asked += 1
        geo = parse_geo_query(more.get("georel"), more.get("geometry"), more.get("coordinates"), None, CORE)
        types = None if type == "*" else parse_type_selection(type, CORE)
        query = EntityQuery(types=types, q=parse_q(q, CORE) if q else None, geo=geo)
        found = sorted((doc for doc in self._seen(scope) if selects(query, doc)), key=lambda doc: str(doc["id"]))
        return Page(found[:limit], found[limit - 1]["id"] if len(found) > limit else None)

    async def count(self, scope: Scope, type: str, q: str = "") -> int:
        return len((await self.find(scope, type, q, limit=100_000)).docs)

    async def history(self, scope: Scope, id: str, attribute: str, *, limit: int = 100) -> list[Doc]:
        return self.rows.get((id, attribute), [])[:limit]


class FakeIndex:
    """A search that finds 25 places whatever is asked, but nothing for 「無」; keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any, int]] = []

    async def find(self, scope: Scope, text: str, *, types: Any = None, limit: int = 20, offset: int = 0, **_: Any) -> Hits:
        self.asked.append((text, types, offset))
        if text == "無":
            return Hits()
        marked = Marked(f"<{text}>の場所", ((1, 1 + len(text)),))
        hits = [Hit(f"urn:ngsi-ld:Place:352039:p{number}", "Place", marked, Marked("文の中")) for number in range(offset, 25)]
        return Hits(25, tuple(hits[:limit]), relaxed=text == "少し")


def entity(type: str, slug: str, **attributes: Any) -> Doc:
    """An entity of the made-up city in stored form; `at` is its point, plain values become properties."""
    payload: dict[str, Any] = {"id": f"urn:ngsi-ld:{type}:352039:{slug}", "type": type}
    if at := attributes.pop("at", None):
        payload["location"] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(at)}}
    for name, said in attributes.items():
        if isinstance(said, dict) and "ja" in said:
            payload[name] = {"type": "LanguageProperty", "languageMap": said}
        elif isinstance(said, dict) and "type" not in said:
            payload[name] = {"type": "JsonProperty", "json": said}
        else:
            payload[name] = said
    return parse_entity(payload, CORE).document()


def relation(*ids: str) -> dict[str, Any]:
    """A relationship."""
    return {"type": "Relationship", "object": ids[0] if len(ids) == 1 else list(ids)}


def observed(value: Any, unit: str) -> dict[str, Any]:
    """A property with a time of observation."""
    return {"type": "Property", "value": value, "unitCode": unit, "observedAt": "2026-11-22T00:00:00Z"}


YUDA = "urn:ngsi-ld:District:352039:yuda"


def city() -> list[Doc]:
    """Two districts, a place, shelters, a river sensor, a bus, a project, a goal, a series and someone."""
    bus_at = {
        "type": "GeoProperty",
        "value": {"type": "Point", "coordinates": [131.46, 34.17]},
        "observedAt": "2026-11-22T00:00:05Z",
    }
    years = [
        {"year": 2010 + 5 * step, "value": 100.0 - step, "status": "projection" if step > 1 else "census"} for step in range(4)
    ]
    return [
        entity("District", "yuda", name={"en": "Yuda", "ja": "湯田"}, nameKana="ゆだ", at=(131.455, 34.16), source=SOURCE),
        entity("District", "ato", name={"ja": "阿東", "en": "Ato"}, nameKana="あとう", at=(131.65, 34.39)),
        entity("Municipality", "hagi", name={"ja": "萩市", "en": "Hagi City"}, code="352047", at=(131.4, 34.41)),
        entity("Place", "bath", name={"ja": "架空の湯", "en": "Made-up Bath"}, kind="tourism", district=relation(YUDA), at=(131.456, 34.161),
               note={"ja": "<b>注</b>"}, source=SOURCE, published="2022-03"),
        entity("Place", "nowhere", name={"ja": "位置のない場所"}),
        *(entity("EmergencyEvacuationSite", f"s{number:03}", name={"ja": f"架空小学校{number}"}, address=f"架空町湯田{number}",
                 designatedFor=["flood", "earthquake"], at=(131.45 + number / 5000, 34.15)) for number in range(40)),
        entity("Sensor", "river", name={"ja": "湯田 河川水位", "en": "River level, Yuda"}, sensorKind="river-level", district=relation(YUDA),
               at=(131.45, 34.16), synthetic=True, measures="waterLevel", waterLevel=observed(1.0, "MTR")),
        entity("Vehicle", "bus", name={"ja": "1号車"}, vehicleKind="bus", synthetic=True, location=bus_at, speed=observed(31.4, "KMH")),
        entity("Project", "03", name={"ja": "架空プロジェクト"}, number=3, districts=relation(YUDA)),
        entity("KeyGoalIndicator", "people", name={"ja": "人口"}, targetWritten="約１９万人", position=1),
        entity("StatisticalSeries", "people-yuda", name={"ja": "総数"}, indicatorName={"ja": "将来人口"}, refArea=relation(YUDA),
               observations={"type": "JsonProperty", "json": years}),
        entity("ResidentProfile", "someone", name={"ja": "架空さん"}, district=relation(YUDA), age=81),
    ]  # fmt: skip


@pytest.fixture
def graph() -> MemoryGraph:
    made = MemoryGraph(city())
    made.rows["urn:ngsi-ld:Sensor:352039:river", "waterLevel"] = [
        {"at": AT - timedelta(seconds=second), "operation": "update", "observed_at": AT - timedelta(seconds=second),
         "instance": {"type": "Property", "value": 1.0 + second / 100}} for second in range(30)
    ]  # fmt: skip
    return made


@pytest.fixture
def index() -> FakeIndex:
    return FakeIndex()


@pytest.fixture(scope="session")
def kit() -> Kit:
    """A kit that does not forgive a misspelt variable, a missing message or a missing value."""
    made = Kit(Site(operator="架空市", phone="083-000-0000"), strict=True)
    for part in (portal, identity):
        made.add(part.MANIFEST.name, Path(str(part.__file__)).parent)
    return made


@pytest.fixture
def scope() -> Scope:
    """Who asks; a test overrides it."""
    return PUBLIC


def constant(value: Any) -> Callable[[], Any]:
    """A dependency that is always the same."""
    return lambda: value


@pytest.fixture
def client(graph: MemoryGraph, index: FakeIndex, kit: Kit, scope: Scope) -> Any:
    """The portal's pages as app.py puts them together."""
    settings = Settings()

    async def page(request: Request[Any, Any, State]) -> WebPage:
        return page_of(request, scope, PARTS, kit, settings)

    given = {"graph": graph, "access": scope, "kit": kit, "search": index, "manifests": PARTS}
    provided = {name: Provide(constant(value), sync_to_thread=False) for name, value in given.items()}
    application = Litestar(
        route_handlers=list(portal.MANIFEST.routes),
        dependencies={**provided, "page": Provide(page)},
        exception_handlers=exception_handlers(kit, PARTS, settings),
        openapi_config=None,
        logging_config=None,
    )
    prefixed: Any = LanguagePrefix(application, unprefixed=())  # type: ignore[arg-type]
    return TestClient(app=prefixed, base_url="http://testserver.local")
