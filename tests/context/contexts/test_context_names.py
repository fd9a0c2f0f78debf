"""Stored names and the core: one name for one IRI, and nobody changes the core."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kairo.context.contexts import (
    CORE,
    CORE_DOCUMENT,
    CORE_TERMS,
    CORE_URL,
    DEFAULT_VOCABULARY,
    iri_of,
    is_core_url,
    stored_name,
)
from kairo.context.contexts.core import CORE_COERCIONS, CORE_IRIS, CORE_PREFIXES
from kairo.context.contexts.process import _CORE_ACTIVE
from kairo.errors import BadRequestData

NGSI = "https://uri.etsi.org/ngsi-ld/"
local = st.text(st.characters(categories=["L", "N", "Pd", "Pc"], include_characters=":/@#."), min_size=1, max_size=12)
iris = st.one_of(
    st.sampled_from(sorted(CORE_IRIS.values())),
    local.map(DEFAULT_VOCABULARY.__add__),
    st.sampled_from(sorted(CORE_TERMS)).map(DEFAULT_VOCABULARY.__add__),
    local.map("http://example.org/".__add__),
    local.map("urn:x:".__add__),
)


def test_the_core_has_no_two_terms_for_one_iri():
    assert len(set(CORE_IRIS.values())) == len(CORE_IRIS) == len(CORE_TERMS) - 2
    assert len(CORE_DOCUMENT["@context"]) == 184


def test_pyld_reads_the_core_as_we_do():
    mappings = _CORE_ACTIVE["mappings"]
    assert {term: mapping["@id"] for term, mapping in mappings.items()} == {**CORE_IRIS, "id": "@id", "type": "@type"}
    assert {term for term, mapping in mappings.items() if mapping["_prefix"]} == set(CORE_PREFIXES)
    for term, coercion in CORE_COERCIONS.items():
        assert mappings[term]["@type"] == (coercion if coercion.startswith("@") else iri_of(coercion))
    assert _CORE_ACTIVE["@vocab"] == DEFAULT_VOCABULARY


@pytest.mark.parametrize(
    ("term", "iri"),
    [
        ("value", NGSI + "hasValue"),
        ("json", NGSI + "hasJSON"),
        ("Property", NGSI + "Property"),
        ("Point", "https://purl.org/geojson/vocab#Point"),
        ("title", "http://purl.org/dc/terms/title"),
        ("attributeCount", DEFAULT_VOCABULARY + "attributeCount"),
        ("temperature", DEFAULT_VOCABULARY + "temperature"),
        ("気温", DEFAULT_VOCABULARY + "気温"),
    ],
)
def test_names_of_the_core_and_the_default_vocabulary_are_short(term, iri):
    assert stored_name(iri) == term
    assert iri_of(term) == iri
    assert CORE.expand(term) == CORE.expand(iri) == CORE.compact(term) == term


@pytest.mark.parametrize("suffix", ["value", "id", "type", "@id", "a:b", "urn:x", ""])
def test_what_would_read_as_something_else_is_stored_in_full(suffix):
    assert stored_name(DEFAULT_VOCABULARY + suffix) == DEFAULT_VOCABULARY + suffix


@given(iris, iris)
@example(DEFAULT_VOCABULARY + "value", NGSI + "hasValue")
def test_different_iris_have_different_stored_names(one, other):
    assert iri_of(stored_name(one)) == one
    assert (stored_name(one) == stored_name(other)) == (one == other)


@given(iris)
def test_the_core_shows_stored_names_as_they_are(iri):
    assert CORE.compact(stored_name(iri)) == stored_name(iri)


def test_both_spellings_of_id_and_type_are_read():
    assert [CORE.expand(term) for term in ("@id", "id", "@type", "type")] == ["id", "id", "type", "type"]
    assert CORE.compact("id") == "id"


def test_the_prefix_of_the_core_is_known():
    assert CORE.expand("ngsi-ld:hasValue") == "value"
    assert CORE.expand("ngsi-ld:default-context/speed") == "speed"
    assert CORE.expand("ngsi-ld:other") == NGSI + "other"


@pytest.mark.parametrize(
    "term",
    [
        "",
        "a b",
        "a\tb",
        "a\u3000b",
        "a\x00b",
        "<a>",
        'a"b',
        "a\ud800",
        "a\u202eb",
        "@graph",
        "@context",
        "@x",
        "x" * 2000,
        "ex:undefined",
        "_:b0",
        ":a",
        "a:",
        "地:域",
        "1a://x",
        "http://",
        "http://a b",
    ],
)
def test_what_is_no_name_is_refused(term):
    with pytest.raises(BadRequestData):
        CORE.expand(term)


def test_an_undefined_prefix_is_named_in_the_error():
    with pytest.raises(BadRequestData, match="defines no prefix 'schema'"):
        CORE.expand("schema:name")


@pytest.mark.parametrize(
    "term", ["id", "@type", "scope", "value", "object", "createdAt", "vocab", "ngsi-ld:hasValue", "@context"]
)
def test_reserved_members_are_no_attributes(term):
    with pytest.raises(BadRequestData):
        CORE.expand_attribute(term)


def test_reserved_members_depend_on_the_level():
    assert CORE.expand_attribute("location") == "location"
    assert CORE.expand_attribute("unitCode") == "unitCode"
    assert CORE.expand_sub_attribute("precision") == "precision"
    for term in ("unitCode", "observedAt", "datasetId", "id", "value"):
        with pytest.raises(BadRequestData):
            CORE.expand_sub_attribute(term)


def test_types_and_vocabulary_values():
    assert CORE.expand_value("School") == "School"
    assert CORE.expand_value(["School", NGSI + "default-context/Shelter"]) == ["School", "Shelter"]
    assert CORE.compact_value(["School"]) == ["School"]
    for wrong in ("id", "@type", 1, None, {"a": 1}, ["a", 1], [["a"]]):
        with pytest.raises(BadRequestData):
            CORE.expand_value(wrong)


def test_coercions_of_the_core():
    assert CORE.coercion("object") == "@id"
    assert CORE.coercion("vocab") == "@vocab"
    assert CORE.coercion("json") == "@json"
    assert CORE.coercion("observedAt") == "DateTime"
    assert CORE.coercion("value") is None
    assert CORE.coercion("temperature") is None


@pytest.mark.parametrize("version", ["", "-v1.3", "-v1.8", "-v1.10", "-v2.0.1"])
def test_every_version_of_the_core_is_the_core(version):
    assert is_core_url(f"https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context{version}.jsonld")
    assert is_core_url(f"http://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context{version}.jsonld")


@pytest.mark.parametrize("end", [".jsonld/x", "-vx.jsonld", "-v1.8.jsonld?x", ".json", "-v1.8.jsonld\n"])
def test_other_addresses_are_not(end):
    assert not is_core_url("https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context" + end)


def test_without_user_context():
    assert CORE.is_core
    assert CORE.document == CORE.link == CORE_URL
    with pytest.raises(AttributeError):
        CORE.anything = 1  # type: ignore[attr-defined]


def test_what_is_remembered_is_bounded():
    for number in range(5000):
        CORE.expand(f"n{number}")
    assert len(CORE.expand.__self__) < 2000  # type: ignore[attr-defined]
    assert CORE.expand("value") == "value"
