"""Are schemas and @contexts there for every version, unchanged, cacheable, with the date of what has a successor?"""

from datetime import date
from typing import Any

import jsonschema_rs
import pytest
from litestar import Litestar
from litestar.di import Provide
from litestar.testing import TestClient

from kairo.context.types.schemas import DIALECT
from kairo.frame import exception_handlers
from kairo.platform.i18n import Language
from kairo.platform.manifests import EntityType, FormerVersion, Manifest, attributes
from kairo.platform.web import Kit, Page
from kairo.services.portal import api
from kairo.services.portal.entities import Desk
from kairo.settings import Settings
from tests.services.portal.conftest import PARTS, constant

OLD, NEW = attributes(waterLevel="number CMT"), attributes(waterLevel="number MTR", location="Point")
GAUGE = EntityType(
    "Gauge", "open", {"ja": "水位計", "en": "Gauge", "ja-x-easy": "水《みず》"}, attributes=(*NEW, *attributes(note="text")),
    former=(FormerVersion(OLD, date(2026, 12, 1), date(2027, 4, 1), dict), FormerVersion(NEW, date(2027, 6, 1))),
)  # fmt: skip
CITY = Manifest("gauges", {"ja": "水位"}, {"ja": "試験"}, entity_types=(GAUGE,))


@pytest.fixture
def programs(kit: Kit) -> Any:
    """The addresses for programs, with a type that has three versions."""
    given = {"kit": kit, "manifests": (*PARTS, CITY)}
    application = Litestar(
        route_handlers=[api.list_schemas, api.show_schema, api.show_context],
        dependencies={name: Provide(constant(value), sync_to_thread=False) for name, value in given.items()},
        exception_handlers=exception_handlers(kit, PARTS, Settings()),
        openapi_config=None,
        logging_config=None,
    )
    return TestClient(app=application, base_url="http://testserver.local")


def test_everything_in_the_index_is_there(programs: Any) -> None:
    listed = programs.get("/schemas").json()
    assert {kind["type"] for kind in listed} >= {"Gauge", "Sensor", "EvacuationShelter", "DataLoad"}
    for kind in listed:
        for version in kind["versions"]:
            schema, context = (programs.get(version[what]) for what in ("schema", "context"))
            assert schema.headers["content-type"] == "application/schema+json"
            assert context.headers["content-type"] == "application/ld+json"
            jsonschema_rs.meta.validate(schema.json())
            assert schema.json()["$schema"] == DIALECT
            assert set(context.json()) == {"@context"}


def test_the_index_says_until_when_a_former_version_is_taken(programs: Any) -> None:
    (gauge,) = [kind for kind in programs.get("/schemas").json() if kind["type"] == "Gauge"]
    assert gauge == {
        "type": "Gauge", "title": {"ja": "水位計", "en": "Gauge", "ja-x-easy": "水"}, "dataClass": "open", "version": 3,
        "versions": [
            {"version": 1, "schema": "/schemas/Gauge/v1.json", "context": "/contexts/Gauge/v1.jsonld",
             "deprecatedSince": "2026-12-01", "sunset": "2027-04-01"},
            {"version": 2, "schema": "/schemas/Gauge/v2.json", "context": "/contexts/Gauge/v2.jsonld", "deprecatedSince": "2027-06-01"},
            {"version": 3, "schema": "/schemas/Gauge/v3.json", "context": "/contexts/Gauge/v3.jsonld"},
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("version", "deprecation", "sunset"),
    [(1, "@1796050800", "Wed, 31 Mar 2027 15:00:00 GMT"), (2, "@1811775600", None), (3, None, None)],
)
def test_a_former_version_says_so_in_its_headers(
    programs: Any, version: int, deprecation: str | None, sunset: str | None
) -> None:
    for address, newest in (("/schemas/Gauge/v{}.json", 3), ("/contexts/Gauge/v{}.jsonld", 3)):
        headers = programs.get(address.format(version)).headers
        assert (headers.get("deprecation"), headers.get("sunset")) == (deprecation, sunset)
        successor = f'<{address.format(newest)}>; rel="successor-version"'
        assert headers.get("link") == (successor if deprecation else None)


@pytest.mark.parametrize("address", ["/schemas/Gauge/v1.json", "/contexts/Gauge/v3.jsonld", "/schemas"])
def test_what_a_client_has_is_not_sent_again(programs: Any, address: str) -> None:
    first = programs.get(address)
    assert ("immutable" in first.headers["cache-control"]) is (address != "/schemas")
    again = programs.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert programs.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_attributes_have_their_names_in_every_language(programs: Any) -> None:
    schema = programs.get("/schemas/Gauge/v1.json").json()
    assert schema["properties"]["waterLevel"]["x-titles"] == {"ja": "水位", "ja-x-easy": "水の 高さ", "en": "Water level"}
    assert schema["x-titles"]["ja-x-easy"] == "水"


@pytest.mark.parametrize(
    "address",
    ["/schemas/Gauge/v4.json", "/schemas/Gauge/v0.json", "/schemas/Gauge/v1.jsonld", "/schemas/Gauge/latest", "/schemas/None/v1.json",
     "/contexts/Gauge/v1.json", "/contexts/Gauge/v01.jsonld", "/contexts/Gauge/v1.jsonld%0A", "/schemas/Gauge/v" + "9" * 400 + ".json"],
)  # fmt: skip
def test_what_is_not_published_is_not_found(programs: Any, address: str) -> None:
    answer = programs.get(address)
    assert answer.status_code == 404
    assert answer.json()["mend"] == "GET /schemas lists all of them."


def test_the_page_shows_every_type(client: Any) -> None:
    text = client.get("/en/types").text
    assert text.count('<details class="disclosure"') == sum(len(part.entity_types) for part in PARTS)
    assert 'href="/schemas/Sensor/v1.json"' in text
    assert 'href="/contexts/Sensor/v1.jsonld"' in text
    assert "waterLevel" in text


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "受付は2027年4月1日（木）に終わります"), ("en", "no longer taken from Thu 1 April 2027")]
)
def test_the_page_says_until_when_a_former_version_is_taken(kit: Kit, language: Language, said: str) -> None:
    desk = Desk(kit, Page(title="", language=language, path="/types"), (CITY,))
    text = desk.render("types", title="t", kinds=[GAUGE], versions_of=api.versions_of)
    assert said in text
    assert text.index("/schemas/Gauge/v3.json") < text.index("/schemas/Gauge/v1.json"), "the newest first"
