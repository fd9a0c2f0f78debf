"""What do the tests of the model share? A tiny term map, and entities as hypothesis draws them."""

from typing import Any

from hypothesis import strategies as st


class Terms:
    """A term map from a dict of term → IRI; a default-vocabulary IRI is a stored short name, as in the real one."""

    vocabulary = "https://uri.etsi.org/ngsi-ld/default-vocab/"
    core = "https://uri.etsi.org/ngsi-ld/"

    def __init__(self, names: dict[str, str] | None = None, document: Any = None) -> None:
        self.names = names or {}
        self.back = {iri: term for term, iri in self.names.items()}
        self.document = document
        self.is_core = not self.names

    @property
    def attributes(self) -> dict[str, str]:
        return {}

    @property
    def types(self) -> dict[str, tuple[str, ...]]:
        return {}

    def expand(self, term: str) -> str:
        name = self.names.get(term, term)
        return name.removeprefix(self.vocabulary).removeprefix(self.core)

    def compact(self, name: str) -> str:
        return self.back.get(name, name)


CORE = Terms()
USER = Terms(
    {"速度": "https://example.org/speed", "Shelter": "https://example.org/Shelter", "open": "https://example.org/open"}
)

names = st.sampled_from(["name", "speed", "location", "定員", "ex:height", "https://example.org/vocab#x-y", "isIn", "a1_b"])
texts = st.one_of(
    st.sampled_from(["", "山口市", "<b>\"'=;()", "髙﨑", "𠮷野家", "ﾊﾝｶｸ", "urn:x:y"]), st.text(max_size=12)
).filter(lambda text: text != "urn:ngsi-ld:null")
numbers = st.one_of(st.integers(-(2**63), 2**63), st.floats(allow_nan=False, allow_infinity=False))
scalars = st.one_of(st.booleans(), numbers, texts)
keys = st.one_of(
    st.sampled_from(["type", "value", "object", "street", "observedAt", "city", "datasetId", "json"]), st.text(max_size=5)
).filter(lambda key: not key.startswith("@"))
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)), max_leaves=8
)
any_json = st.recursive(
    st.one_of(st.none(), scalars, st.just("urn:ngsi-ld:null")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(keys, st.sampled_from(
        ["id", "type", "scope", "@context", "@type", "@value", "vocab", "languageMap", "valueList", "objectList", "coordinates",
         "unitCode", "expiresAt", "name", "", "@none", "ja", "dataset"])), inner, max_size=5)),
    max_leaves=14,
)  # fmt: skip
uris = st.sampled_from(["urn:ngsi-ld:A:1", "urn:ngsi-ld:B:山口", "https://example.org/x?y=1#z"])
points = st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(lambda p: {"type": "Point", "coordinates": list(p)})
moments = st.sampled_from(["2026-04-01T09:30:00Z", "2026-04-01T09:30:00.5Z", "2024-02-29T23:59:59.123456Z"])

_kinds = st.one_of(
    values.map(lambda value: {"type": "Property", "value": value}),
    points.map(lambda value: {"type": "Property", "value": value}),
    points.map(lambda value: {"type": "GeoProperty", "value": value}),
    st.one_of(uris, st.lists(uris, min_size=1, max_size=2)).map(lambda value: {"type": "Relationship", "object": value}),
    st.dictionaries(st.sampled_from(["ja", "en", "ja-x-easy", "@none"]), texts, min_size=1).map(
        lambda value: {"type": "LanguageProperty", "languageMap": value}
    ),
    st.sampled_from(["open", "closed", ["open", "x"]]).map(lambda value: {"type": "VocabProperty", "vocab": value}),
    any_json.filter(lambda value: value is not None and value != "urn:ngsi-ld:null").map(
        lambda value: {"type": "JsonProperty", "json": value}
    ),
    st.lists(values, max_size=3).map(lambda value: {"type": "ListProperty", "valueList": value}),
    st.lists(uris, max_size=3).map(
        lambda value: {"type": "ListRelationship", "objectList": [{"object": item} for item in value]}
    ),
)


@st.composite
def instance(draw: st.DrawFn, depth: int = 1) -> dict[str, Any]:
    """A normalized attribute instance with metadata and sub-attributes."""
    out = dict(draw(_kinds))
    if draw(st.booleans()):
        out["observedAt"] = draw(moments)
    if out["type"] in ("Property", "ListProperty") and draw(st.booleans()):
        out["unitCode"] = "KMH"
    if depth and draw(st.integers(0, 3)) == 0:
        out[draw(names)] = draw(attribute(depth - 1))
    return out


@st.composite
def attribute(draw: st.DrawFn, depth: int = 1) -> Any:
    """One instance, or several in an array, the default one first."""
    found = [draw(instance(depth))]
    more = range(draw(st.sampled_from([0, 0, 0, 1, 2])))
    found.extend({**draw(instance(0)), "datasetId": f"urn:ngsi-ld:Dataset:{number}"} for number in more)
    if len(found) == 1 and draw(st.integers(0, 5)) == 0:
        found[0] = {**found[0], "datasetId": "urn:ngsi-ld:Dataset:9"}
    return found[0] if len(found) == 1 else found


@st.composite
def entity(draw: st.DrawFn) -> dict[str, Any]:
    """A normalized entity in stored form."""
    out: dict[str, Any] = {"id": draw(uris), "type": draw(st.sampled_from(["Shelter", ["Shelter", "型"], "ex:Bus"]))}
    if draw(st.booleans()):
        out["scope"] = draw(st.sampled_from(["/a", ["/a", "/山口/小郡"]]))
    out.update(draw(st.dictionaries(names, attribute(), max_size=4)))
    return out
