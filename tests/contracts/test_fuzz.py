"""Does anything that a stranger may send answer 500? Mutated entities, arbitrary paths, queries, headers and bodies (hypothesis)."""

import json
import os
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.api.app import routes
from tests.context.api.broker import refused

EXAMPLES = int(os.environ.get("KAIRO_TEST_EXAMPLES", "120"))  # more for a long hunt; CI takes the same ones every time
FUZZ = settings(
    max_examples=EXAMPLES, derandomize=EXAMPLES == 120, database=None, deadline=None, suppress_health_check=list(HealthCheck)
)
BASE = b"/ngsi-ld/v1"
TABLE = routes(None, None)  # type: ignore[arg-type]
PARAMETERS = sorted({name for route in TABLE for name in route.parameters})

ENTITY: dict[str, Any] = {
    "id": "urn:ngsi-ld:OpenThing:fuzz",
    "type": ["OpenThing", "Tower"],
    "scope": "/Yamaguchi",
    "name": {"type": "LanguageProperty", "languageMap": {"ja": "塔", "en": ["tower"]}},
    "height": {"type": "Property", "value": 31.2, "unitCode": "MTR", "observedAt": "2026-04-01T00:00:00Z"},
    "speed": [{"type": "Property", "value": 1}, {"type": "Property", "value": 2, "datasetId": "urn:d:1"}],
    "location": {"type": "GeoProperty", "value": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}},
    "by": {"type": "Relationship", "object": ["urn:a:1"], "objectType": "Company", "since": {"type": "Property", "value": 1}},
    "state": {"type": "VocabProperty", "vocab": ["open"]},
    "raw": {"type": "JsonProperty", "json": {"a": [None]}},
    "list": {"type": "ListProperty", "valueList": [1, [2]]},
    "links": {"type": "ListRelationship", "objectList": [{"object": "urn:a:1"}]},
    "day": {"type": "Property", "value": {"@type": "Date", "@value": "2026-04-01"}},
}
MEMBERS = "value object languageMap coordinates datasetId unitCode observedAt @type @value @context @id json vocab valueList"
MEMBERS += " objectList expiresAt createdAt urn:ngsi-ld:null @none Property Point"
WORDS = st.sampled_from([*ENTITY, *MEMBERS.split()])
TEXTS = st.one_of(
    WORDS, st.text(max_size=12), st.sampled_from(["", "\x00", "\ud800", "\u202e", "e\u0301", "a" * 3000, "𠮷", "％"])
)
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([2**63, -(2**63) - 1, 2**64, 10**400, 1e308, 5e-324, -0.0]))
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
JSONS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [path]
    if isinstance(value, dict):
        found += [place for key, item in value.items() for place in places(item, (*path, key))]
    if isinstance(value, list):
        found += [place for index, item in enumerate(value) for place in places(item, (*path, index))]
    return found


PLACES = places(ENTITY)[1:]


@st.composite
def mutants(draw: st.DrawFn) -> Any:
    """The entity with a few places replaced, removed, renamed or joined by something else."""
    entity = json.loads(json.dumps(ENTITY))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(PLACES))
        node = entity
        try:
            for step in way:
                node = node[step]
            match draw(st.integers(0, 3)):
                case 0:
                    node[last] = draw(JSONS)
                case 1:
                    del node[last]
                case 2:
                    node[draw(TEXTS)] = node[last]
                case _:
                    node[draw(WORDS)] = draw(JSONS)
        except (KeyError, IndexError, TypeError):
            continue
    return entity


def check(answer: httpx.Response) -> None:
    assert answer.status_code < 500 or answer.status_code == 504, answer.text
    if answer.status_code >= 400 and answer.content:
        refused(answer, answer.status_code)
        assert len(answer.content) < 20_000
    if answer.status_code == 504:
        assert answer.json()["type"].endswith("LdContextNotAvailable")


def ask(
    running: Any, method: str, target: bytes, headers: list[tuple[bytes, bytes]], body: bytes = b"", *, signed: bool = True
) -> httpx.Response:
    async def parts() -> Any:
        if body:
            yield body

    given = [(b"authorization", b"Bearer " + running.token.encode())] if signed else []
    if body and not any(name == b"content-length" for name, _ in headers):
        given.append((b"content-length", str(len(body)).encode()))
    answer: httpx.Response = running.run(running.broker.raw(method, target, [*given, *headers], parts()))
    assert answer.content or answer.status_code < 400 or method == "HEAD", "only a HEAD is refused without a word"
    check(answer)
    return answer


JSON = [(b"content-type", b"application/json")]
LD = [(b"content-type", b"application/ld+json")]


@FUZZ
@given(mutants(), st.sampled_from(["create", "upsert", "put", "patch", "attrs", "batch-merge"]))
def test_mutated_entities(running: Any, entity: Any, way: str) -> None:
    try:
        body = json.dumps(entity, ensure_ascii=False).encode("utf-8", "surrogatepass")
    except RecursionError:
        return
    one = BASE + b"/entities/urn:ngsi-ld:OpenThing:fuzz"
    method, target, sent = {
        "create": ("POST", BASE + b"/entities", body),
        "upsert": ("POST", BASE + b"/entityOperations/upsert", b"[" + body + b"]"),
        "put": ("PUT", one, body),
        "patch": ("PATCH", one, body),
        "attrs": ("POST", one + b"/attrs", body),
        "batch-merge": ("POST", BASE + b"/entityOperations/merge", b"[" + body + b"]"),
    }[way]
    ask(running, method, target, LD if b'"@context"' in body else JSON, sent)
    for asked in (b"", b"?options=sysAttrs,concise", b"?format=simplified&lang=ja", b"?type=Tower"):
        ask(running, "GET", one + asked, [(b"accept", b"application/geo+json, application/ld+json;q=0.9")])
    ask(running, "GET", BASE + b"/entities?local=true&options=sysAttrs&limit=1000", [])


@FUZZ
@given(st.sampled_from(TABLE), st.lists(st.binary(max_size=12), min_size=2, max_size=2), st.booleans())
def test_arbitrary_paths(running: Any, route: Any, values: list[bytes], signed: bool) -> None:
    path = route.path.encode()
    for name in (b"{id}", b"{attribute}", b"{type}", b"{context}"):
        path = path.replace(name, quote(values[0]).encode() if signed else values[1].replace(b"?", b"").replace(b"/", b""))
    ask(running, route.method, path, JSON, b"{}", signed=signed)


@FUZZ
@given(st.binary(max_size=40), st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "\u00e9"]))
def test_arbitrary_addresses(running: Any, rest: bytes, method: str) -> None:
    ask(running, method, BASE + b"/" + rest, [])


VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["true", "0", "1000", "a", "a==1", "near;maxDistance==1", "Point", "[0,0]", "*", "/a/#", "(", '"', "a{b}", "^(a+)+$"]
    ),
    st.sampled_from(["a{b}==1", "a;desc,b.c[d]", "location;dist-desc", "a{T:b{c}}", "flat", "inline"]),
    st.text(alphabet="abA(){}[]|;,.!=<>~\"'\\^$*+?/#:0129 -_", max_size=25),
)


@FUZZ
@given(
    st.dictionaries(st.sampled_from(PARAMETERS), VALUES, max_size=4),
    st.sampled_from(["/entities", "/entities/urn:a:1", "/types"]),
)
def test_arbitrary_queries(running: Any, parameters: dict[str, str], path: str) -> None:
    target = str(httpx.URL("http://test/", params={"local": "true", **parameters}).query, "ascii")
    ask(running, "GET", BASE + path.encode() + b"?" + target.encode(), [])


GEO = ["georel", "geometry", "coordinates", "geoproperty"]


@FUZZ
@given(
    st.tuples(VALUES, VALUES, VALUES, VALUES),
    st.sampled_from(["q", "type", "idPattern", "scopeQ", "pick", "attrs", "lang", "id", "orderBy", "joinLevel", "containedBy"]),
    VALUES,
)
def test_query_languages(running: Any, geo: tuple[str, ...], name: str, value: str) -> None:
    joined = {name: value, "local": "true", "join": "flat", "orderFrom": "[131,34]", "orderBy": "location;dist-asc"}
    for parameters in (
        {name: value, "local": "true"},
        joined | {name: value},
        {**dict(zip(GEO, geo, strict=True)), "geometry": "Point"},
    ):
        target = str(httpx.URL("http://test/", params=parameters).query, "ascii")
        ask(running, "GET", BASE + b"/entities?" + target.encode(), [])


HEADERS = st.sampled_from(
    [
        "accept",
        "content-type",
        "link",
        "ngsild-tenant",
        "authorization",
        "cookie",
        "content-length",
        "accept-language",
        "x-forwarded-for",
    ]
)
LINKS = b'<http://[>; rel=x|<http://a/b>; rel="http://www.w3.org/ns/json-ld#context"|<http://[>; rel="http://www.w3.org/ns/json-ld#context"'
ODD = [b"application/json", b"*/*;q=x", b",,;", b"\xb2", b"9" * 5000, b"-1", b"Bearer ", b"kairo_session=\xff", b"ja", b"\x00"]
HEADER_VALUES = st.one_of(st.binary(max_size=30), st.sampled_from([*ODD, *LINKS.split(b"|")]))


@FUZZ
@given(st.lists(st.tuples(HEADERS, HEADER_VALUES), max_size=4), st.sampled_from(["GET", "POST"]))
def test_arbitrary_headers(running: Any, headers: list[tuple[str, bytes]], method: str) -> None:
    ask(running, method, BASE + b"/entities?type=A", [(name.encode(), value) for name, value in headers], b"{}", signed=False)


@FUZZ
@given(
    st.one_of(st.binary(max_size=60), JSONS.map(lambda value: json.dumps(value).encode())),
    st.sampled_from([r for r in TABLE if r.body]),
)
def test_arbitrary_bodies(running: Any, body: bytes, route: Any) -> None:
    path = route.path.replace("{id}", "urn:ngsi-ld:OpenThing:body").replace("{attribute}", "a")
    ask(running, route.method, path.encode(), JSON, body)


@FUZZ
@given(JSONS)
def test_arbitrary_contexts(running: Any, context: Any) -> None:
    body = json.dumps({"@context": context, "id": "urn:ngsi-ld:OpenThing:context", "type": "OpenThing", "a": 1}).encode()
    ask(running, "POST", BASE + b"/entities", LD, body)


@pytest.fixture(autouse=True)
def _nothing_is_broken_afterwards(running: Any) -> Any:
    yield
    assert ask(running, "GET", BASE + b"/types", []).status_code == 200
