"""Does an answer say what is stored, in each representation, and does it read back the same?"""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given

from kairo.context.model.language import choose, wishes
from kairo.context.model.parse import parse_entity
from kairo.context.model.render import Facts, Format, Representation, is_stored_form, render, render_all
from kairo.errors import BadRequestData
from tests.context.model.model_samples import CORE, USER, Terms, entity

NORMALIZED = Representation()
CONCISE = Representation(format=Format.CONCISE)
SIMPLIFIED = Representation(format=Format.SIMPLIFIED)
POINT = {"type": "Point", "coordinates": [131.47, 34.18]}
A = "urn:ngsi-ld:Dataset:a"
DOC: dict[str, Any] = {
    "id": "urn:a:1",
    "type": "Shelter",
    "scope": "/a",
    "location": {"type": "GeoProperty", "value": POINT, "observedAt": "2026-04-01T00:00:00Z"},
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "山口", "en": "Yamaguchi", "ja-x-easy": "やまぐち"}},
    "speed": [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": A}],
    "inCity": {"type": "Relationship", "object": "urn:c:1"},
    "route": {"type": "ListRelationship", "objectList": [{"object": "urn:s:1"}]},
    "state": {"type": "VocabProperty", "vocab": "open"},
}


@given(entity())
def test_normalized_and_concise_read_back_the_same(doc: dict[str, Any]) -> None:
    parsed = parse_entity(doc, CORE)
    assert parsed.document() == doc
    for wanted in (NORMALIZED, CONCISE):
        answer = render(parsed.document(), None, None, CORE, wanted)
        assert parse_entity(orjson.loads(orjson.dumps(answer)), CORE) == parsed


@given(entity())
def test_user_terms_round_trip(doc: dict[str, Any]) -> None:
    try:
        parsed = parse_entity(doc, USER)
    except BadRequestData:
        return
    for wanted in (NORMALIZED, CONCISE):
        assert parse_entity(render(parsed.document(), None, None, USER, wanted), USER) == parsed


@given(entity())
def test_simplified_and_geojson_never_fail(doc: dict[str, Any]) -> None:
    parsed = parse_entity(doc, CORE).document()
    stamps = {"name": {"@none": ["2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"]}}
    facts = Facts(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    for form in Format:
        for geojson in (True, False):
            wanted = Representation(format=form, geojson=geojson, lang="ja", sys_attrs=True, embed_context=True)
            assert orjson.loads(render_all([(parsed, stamps, facts)], USER, wanted))


def test_simplified() -> None:
    assert render(DOC, None, None, CORE, SIMPLIFIED) == {
        "id": "urn:a:1",
        "type": "Shelter",
        "scope": "/a",
        "location": POINT,
        "name": {"languageMap": {"ja": "山口", "en": "Yamaguchi", "ja-x-easy": "やまぐち"}},
        "speed": {"dataset": {"@none": 1, A: 2}},
        "inCity": "urn:c:1",
        "route": ["urn:s:1"],
        "state": {"vocab": "open"},
    }


def test_concise() -> None:
    out = render(DOC, None, None, CORE, CONCISE)
    assert out["speed"] == [{"value": 1}, {"value": 2, "datasetId": A}]
    assert out["location"] == {"value": POINT, "observedAt": "2026-04-01T00:00:00Z"}
    assert out["inCity"] == {"object": "urn:c:1"}


def test_filters() -> None:
    assert set(render(DOC, None, None, CORE, Representation(attrs=frozenset(["name"])))) == {"id", "type", "scope", "name"}
    assert set(render(DOC, None, None, CORE, Representation(pick=frozenset(["id", "name"])))) == {"id", "name"}
    assert "scope" not in render(DOC, None, None, CORE, Representation(omit=frozenset(["scope", "name"])))
    only = render(DOC, None, None, CORE, Representation(datasets=frozenset([A])))
    assert set(only) == {"id", "type", "scope", "speed"}
    assert only["speed"] == {"type": "Property", "value": 2, "datasetId": A}
    assert render(DOC, None, None, CORE, Representation(datasets=frozenset(["@none"])))["speed"]["value"] == 1


def test_language_filter() -> None:
    out = render(DOC, None, None, CORE, Representation(lang="ja-x-easy"))
    assert out["name"] == {"type": "Property", "value": "やまぐち", "lang": "ja-x-easy"}
    assert render(DOC, None, None, CORE, Representation(lang="en;q=0.5,ja", format=Format.SIMPLIFIED))["name"] == "山口"


@pytest.mark.parametrize(
    ("lang", "texts", "tag"),
    [
        ("en", {"ja": "j", "en-GB": "g"}, "en-GB"),
        ("ja-x-easy", {"en": "e", "ja": "j"}, "ja"),
        ("fr", {"en": "e", "@none": "n"}, "@none"),
        ("fr", {"en": "e", "de": "d"}, "en"),
        ("*", {"ja": "j"}, "ja"),
        ("fr;q=0,en;q=0.2,DE;q=0.9", {"en": "e", "de": "d"}, "de"),
    ],
)
def test_language_choice(lang: str, texts: dict[str, str], tag: str) -> None:
    assert choose(texts, wishes(lang))[0] == tag


@pytest.mark.parametrize("lang", ["", "ja;;", "日本語", "ja,;q=1", "a" * 300])
def test_language_refused(lang: str) -> None:
    with pytest.raises(BadRequestData):
        wishes(lang)


def test_system_attributes() -> None:
    facts = Facts(datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC))
    stamps = {"inCity": {"@none": ["2026-04-01T00:00:00Z", "2026-04-02T00:00:00Z"]}}
    out = render(DOC, stamps, facts, CORE, Representation(sys_attrs=True, format=Format.CONCISE))
    assert out["createdAt"] == "2026-04-01T00:00:00Z"
    assert out["inCity"]["modifiedAt"] == "2026-04-02T00:00:00Z"
    assert "createdAt" not in DOC["inCity"]


def test_geojson() -> None:
    feature = render(DOC, None, None, CORE, Representation(geojson=True, attrs=frozenset(["state"])))
    assert feature == {
        "id": "urn:a:1",
        "type": "Feature",
        "geometry": POINT,
        "properties": {"type": "Shelter", "scope": "/a", "state": {"type": "VocabProperty", "vocab": "open"}},
    }
    none = render(DOC, None, None, CORE, Representation(geojson=True, geometry_property="nope"))
    assert none["geometry"] is None
    body = orjson.loads(render_all([(DOC, None, None)], CORE, Representation(geojson=True, embed_context=True)))
    assert body["type"] == "FeatureCollection"
    assert "@context" in body
    assert "@context" not in body["features"][0]


def test_context_and_fast_path() -> None:
    terms = Terms({"x": "https://example.org/x"}, document=["https://example.org/c.jsonld"])
    assert render(DOC, None, None, terms, Representation(embed_context=True))["@context"] == ["https://example.org/c.jsonld"]
    assert is_stored_form(CORE, NORMALIZED)
    assert not is_stored_form(terms, NORMALIZED)
    assert not is_stored_form(CORE, CONCISE)
