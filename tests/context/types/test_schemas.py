"""Does the published schema accept what a type is, in both forms and with anything more, and refuse what it is not?"""

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from kairo.context.contexts import ContextResolver
from kairo.context.contexts.keeping import ContextKind, MemoryContextStore, StoredContext
from kairo.context.contexts.names import iri_of
from kairo.context.types.published import PublishedContexts
from kairo.context.types.schemas import address_of_context, context_of, digest_of, schema_of
from kairo.errors import LdContextNotAvailable
from kairo.parts import declarations
from kairo.platform.clock import system_clock
from kairo.platform.manifests import KINDS, VALUES, EntityType, FormerVersion, attributes
from tests.context.types.gauges import FIRST, SECOND, SINCE, SUNSET, first_documents, gauge, to_second

EVERY = attributes(
    **{f"a{value}": value for value in VALUES}, **{f"k{kind}": kind for kind in KINDS}, aPoint="Point", withUnit="number MTR"
)
ALL = EntityType("All", "open", {"en": "All", "ja-x-easy": "全《ぜん》"}, attributes=EVERY)
GOOD: dict[str, list[Any]] = {
    "atext": [{"type": "Property", "value": "a"}, {"value": "a", "observedAt": "2026-01-01T00:00:00Z"}, "a", [{"value": "a"}]],
    "atexts": [{"value": ["a", "b"]}, ["a"], "a"],
    "anumber": [{"value": 1.5}, 2],
    "ainteger": [{"value": 3}, 3],
    "aboolean": [{"value": False}, True],
    "atime": [{"value": {"@type": "DateTime", "@value": "2026-01-01T00:00:00Z"}}, "2026-01-01T00:00:00Z"],
    "adate": [{"value": "2026-01-01"}],
    "aPoint": [
        {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [1, 2]}},
        {"type": "Point", "coordinates": [1, 2]},
    ],
    "kGeoProperty": [{"value": {"type": "Polygon", "coordinates": []}}],
    "kRelationship": [{"type": "Relationship", "object": "urn:a"}, {"object": ["urn:a", "urn:b"]}],
    "kLanguageProperty": [{"languageMap": {"ja": "あ", "en": ["a", "b"]}}],
    "kVocabProperty": [{"vocab": "open"}, {"type": "VocabProperty", "vocab": ["a"]}],
    "kJsonProperty": [{"json": {"any": [1]}}, {"json": None}],
    "kListProperty": [{"valueList": [1, "a"]}],
    "kListRelationship": [{"objectList": ["urn:a"]}],
    "withUnit": [{"value": 1, "unitCode": "MTR"}, {"value": 1}, [{"value": 1}, {"value": 2, "datasetId": "urn:d"}]],
}
BAD: dict[str, list[Any]] = {
    "atext": [{"type": "Property", "value": 1}, {"type": "LanguageProperty", "languageMap": {"ja": "a"}}, 1, {}],
    "atexts": [{"value": [1]}, 1],
    "anumber": [{"value": "1"}, "1", True],
    "ainteger": [{"value": 1.5}],
    "aboolean": [{"value": 1}, "true"],
    "atime": [{"value": 1}],
    "adate": [{"value": 20260101}],
    "aPoint": [{"value": {"type": "Polygon", "coordinates": []}}, [1, 2]],
    "kGeoProperty": [{"value": {"type": "Circle", "coordinates": []}}],
    "kRelationship": [{"type": "Property", "value": "urn:a"}, "urn:a"],
    "kLanguageProperty": [{"languageMap": {}}, {"languageMap": {"ja": 1}}, "a"],
    "kVocabProperty": [{"vocab": 1}],
    "kJsonProperty": [{"value": {}}],
    "kListProperty": [{"valueList": 1}],
    "kListRelationship": [{"object": "urn:a"}],
    "withUnit": [{"value": 1, "unitCode": "CMT"}],
}


def fits(schema: dict[str, Any], **members: Any) -> bool:
    """Whether an entity with these members is as the schema says."""
    return jsonschema_rs.is_valid(schema, {"id": "urn:ngsi-ld:All:1", "type": "All", **members})


@pytest.mark.parametrize("name", [attribute.name for attribute in EVERY])
def test_each_kind_of_attribute(name: str) -> None:
    schema = schema_of(ALL, 1)
    assert [item for item in GOOD[name] if not fits(schema, **{name: item})] == []
    assert [item for item in BAD[name] if fits(schema, **{name: item})] == []


def test_types_are_open_and_what_is_required_is_required() -> None:
    schema = schema_of(gauge(1), 1)
    level = {"level": {"value": 120, "unitCode": "CMT"}}
    assert fits(schema, **level, type="Gauge", anything={"value": [1, {"a": None}]})
    assert fits(schema, **level, type=["Other", "Gauge"], scope=["/a", "/b"], createdAt="2026-01-01T00:00:00Z")
    assert not fits(schema, type="Gauge")
    assert not fits(schema, **level, type="Other")
    assert not jsonschema_rs.is_valid(schema, {"type": "Gauge", **level})


@pytest.mark.parametrize("kind", declarations().by_type.values(), ids=lambda kind: kind.type)
def test_what_is_published_is_a_schema_of_its_draft(kind: EntityType) -> None:
    for version in range(1, kind.version + 1):
        jsonschema_rs.meta.validate(schema_of(kind, version, lambda name: {"en": name}))


@given(first_documents())
def test_what_was_stored_fits_its_own_version_and_what_it_becomes_the_next(doc: dict[str, Any]) -> None:
    assert jsonschema_rs.is_valid(schema_of(gauge(3), 1), doc)
    assert jsonschema_rs.is_valid(schema_of(gauge(3), 3), to_second(doc))
    assert not jsonschema_rs.is_valid(schema_of(gauge(3), 3), doc)


def test_words_are_shown_and_change_no_digest() -> None:
    said = schema_of(ALL, 1, lambda name: {"en": f"the {name}", "ja": "名"} if name == "atext" else {})
    assert said["title"] == "All"
    assert said["x-titles"]["ja-x-easy"] == "全", "without readings"
    assert said["properties"]["atext"]["x-titles"] == {"en": "the atext", "ja": "名"}
    assert "title" not in said["properties"]["anumber"]
    assert digest_of(ALL, 1) == digest_of(EntityType("All", "open", {"en": "Others"}, attributes=EVERY), 1)


async def test_a_context_brings_the_stored_names_and_asks_no_network() -> None:
    known = PublishedContexts(MemoryContextStore(), [gauge(3)], frozenset({"city.example"}))
    terms = await ContextResolver(known).resolve("https://city.example:8443/contexts/Gauge/v1.jsonld")
    assert [terms.expand(name) for name in ("Gauge", "level", "location", "new")] == ["Gauge", "level", "location", "new"]
    assert context_of(gauge(3), 1)["@context"]["level"] == iri_of("level")
    assert "location" not in context_of(gauge(3), 1)["@context"], "the core has it"
    assert "height" in context_of(gauge(3), 2)["@context"]


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/contexts/Gauge/v1.jsonld", "http://city.example/contexts/Gauge/v9.jsonld"]
)
async def test_other_addresses_are_not_ours(url: str) -> None:
    known = PublishedContexts(MemoryContextStore(), [gauge(3)], frozenset({"city.example"}))
    with pytest.raises(LdContextNotAvailable):
        await ContextResolver(known).resolve(url)


async def test_contexts_of_others_are_kept_by_the_store_behind() -> None:
    behind = MemoryContextStore()
    known = PublishedContexts(behind, [gauge(3)], frozenset({"a.example"}))
    other = StoredContext("https://x.example/c", {"@context": {}}, ContextKind.CACHED, system_clock())
    await known.put(other)
    assert await known.get(other.url) is await behind.get(other.url) is other
    assert (await known.get("http://a.example" + address_of_context(gauge(3), 2))).kind is ContextKind.HOSTED  # type: ignore[union-attr]


def test_words_that_are_none_and_breaks_without_upcast_are_refused() -> None:
    with pytest.raises(ValueError, match="'metres' is no kind"):
        attributes(height="metres")
    for former in (
        FormerVersion(FIRST, SINCE),  # breaks, and says neither how nor until when
        FormerVersion(FIRST, SINCE, SUNSET),
        FormerVersion(FIRST, SINCE, None, to_second),
    ):
        with pytest.raises(ValueError, match="version 1 of Gauge needs an upcast and a sunset"):
            EntityType("Gauge", "open", {"en": "Gauge"}, attributes=SECOND, former=(former,))
    needed = SECOND + attributes(remarks="text!")
    with pytest.raises(ValueError, match="version 1 of Gauge"):
        EntityType("Gauge", "open", {"en": "Gauge"}, attributes=needed, former=(FormerVersion(SECOND, SINCE),))
