"""What do the Vision's tests share? Its entities in stored form, a graph in memory that speaks the real query language, a site."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide
from litestar.testing import TestClient

from kairo.context.contexts import CORE
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Doc, Page
from kairo.context.model.parse import parse_entity
from kairo.context.query.entity_query import EntityQuery
from kairo.context.query.evaluate import selects
from kairo.context.query.geo import parse_geo_query
from kairo.context.query.language import parse_q
from kairo.context.query.types import parse_type_selection
from kairo.errors import KairoError
from kairo.platform.i18n import Language
from kairo.platform.web import Kit, LanguagePrefix, Site, language_of
from kairo.platform.web import Page as WebPage
from kairo.services.vision.manifest import ENTITY_TYPES, FOLDER, MANIFEST
from kairo.services.vision.tasks import all_entities, data_folder, read

DECLARED = Declarations.of(ENTITY_TYPES)
PUBLIC = Scope("352039", "anonymous", read_classes=frozenset({DataClass.OPEN}))


class MemoryGraph:
    """Documents in memory, found by the broker's own query language, seen through the scope; counts how often it is asked."""

    def __init__(self, docs: Sequence[Doc]) -> None:
        self.docs = {doc["id"]: doc for doc in docs}
        self.asked = 0

    def _seen(self, scope: Scope) -> list[Doc]:
        # Types of other services (Sensor, shelters) are open here.
        classes = {doc["id"]: DECLARED.class_of([doc["type"]]) for doc in self.docs.values() if doc["type"] in DECLARED.by_type}
        return [doc for doc in self.docs.values() if scope.may_read(classes.get(doc["id"], DataClass.OPEN), "")]

    async def get(self, scope: Scope, id: str) -> Doc | None:
        return (await self.get_many(scope, [id])).get(id)

    async def get_many(self, scope: Scope, ids: Sequence[str]) -> dict[str, Doc]:
        self.asked += 1
        return {doc["id"]: doc for doc in self._seen(scope) if doc["id"] in ids}

    async def find(
        self, scope: Scope, type: str, q: str = "", *, limit: int = 100, after: str | None = None, **more: str
    ) -> Page:
        self.asked += 1
        assert limit <= 1000
        geo = parse_geo_query(more.get("georel"), more.get("geometry"), more.get("coordinates"), None, CORE)
        query = EntityQuery(types=parse_type_selection(type, CORE), q=parse_q(q, CORE) if q else None, geo=geo)
        found = sorted((doc for doc in self._seen(scope) if selects(query, doc)), key=lambda doc: str(doc["id"]))
        return Page(found[:limit], None)

    async def every(self, scope: Scope, type: str, q: str = "") -> AsyncIterator[Doc]:
        for doc in (await self.find(scope, type, q, limit=1000)).docs:
            yield doc


def _more(type: str, slug: str, **attributes: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:{type}:352039:{slug}", "type": type, **attributes}


ATO = {"type": "Relationship", "object": "urn:ngsi-ld:District:352039:ato"}


@pytest.fixture(scope="session")
def facts() -> dict[str, Any]:
    """The files of the Vision."""
    return dict(read(data_folder()))


@pytest.fixture(scope="session")
def payloads(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """All entities of the Vision as they are sent."""
    return all_entities(facts)


@pytest.fixture(scope="session")
def documents(payloads: list[dict[str, Any]]) -> list[Doc]:
    """The same in stored form, and a sensor and two shelters of other services."""
    where = next(item for item in payloads if item["id"] == ATO["object"])["location"]
    others = [
        _more("Sensor", "river-1", name="<川の水位> & 計", district=ATO, location=where, synthetic=True, measures="waterLevel",
              waterLevel={"type": "Property", "value": 1.25, "unitCode": "MTR", "observedAt": "2026-11-22T00:00:00Z"}),
        _more("EvacuationShelter", "ato-1", name={"type": "LanguageProperty", "languageMap": {"ja": "阿東の避難所"}}, location=where),
        _more("EvacuationShelter", "far", name="遠くの避難所", location={"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.0, 33.9]}}),
    ]  # fmt: skip
    return [parse_entity(item, CORE).document() for item in [*payloads, *others]]


@pytest.fixture
def graph(documents: list[Doc]) -> MemoryGraph:
    return MemoryGraph(documents)


@pytest.fixture
def public() -> Scope:
    return PUBLIC


@pytest.fixture(scope="session")
def kit() -> Kit:
    """A kit that does not forgive a misspelt variable, a missing message or a missing value."""
    made = Kit(Site(operator="山口市", phone="083-000-0000"), strict=True)
    made.add("vision", Path(FOLDER))
    return made


@pytest.fixture
def client(graph: MemoryGraph, kit: Kit) -> Any:
    """The pages as app.py puts them together: addresses with language, four things handed in by name."""
    return TestClient(app=LanguagePrefix(application(graph, kit), unprefixed=()), base_url="http://testserver.local")


def application(graph: Any, kit: Kit) -> Any:
    """A Litestar application with the Vision's routes."""

    async def page(request: Any) -> WebPage:
        language: Language = language_of(request.scope)
        query = request.url.query
        return WebPage(title="", language=language, path=request.url.path + (f"?{query}" if query else ""))

    return Litestar(
        route_handlers=list(MANIFEST.routes),
        dependencies={
            "graph": Provide(lambda: graph, sync_to_thread=False),
            "access": Provide(lambda: PUBLIC, sync_to_thread=False),
            "kit": Provide(lambda: kit, sync_to_thread=False),
            "page": Provide(_typed(page)),
        },
        exception_handlers={
            KairoError: lambda _, error: Response(error.detail, status_code=error.status, media_type="text/plain")
        },
        openapi_config=None,
    )


def _typed(function: Any) -> Any:
    function.__annotations__ = {"request": Request, "return": WebPage}
    return function
