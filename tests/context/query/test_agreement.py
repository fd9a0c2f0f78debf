"""Do PostgreSQL and the evaluator in memory agree on any document and any query?

The two share the parser and no rule of matching: one is jsonpath text, the other Python.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.context.query import EntityQuery, Stamps, parse_q, selects
from tests.context.query.conftest import SmallContext

TIMES = ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5Z", "2020-01-01T00:00:00,5Z", "2019-12-31T23:59:59.999999Z"]
STORED_TIMES = [
    *TIMES,
    "2020-01-01T09:00:00+09:00",
    "2020-01-01T00:00:00.25-00:30",
    "2020-02-30T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2020-01-01T24:00:00Z",
    "2020-01-01T00:00:60Z",
    "2020-01-01T00:00:00.1234567Z",
    " 2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00Z\n",
    "2020-1-1T00:00:00Z",
    "2020-01-01t00:00:00Z",
    "2020-01-01T00:00Z",
]
DAYS = ["2020-01-01", "2020-02-29", "2019-12-31"]
CLOCKS = ["09:00:00Z", "09:00:00", "09:00:00.5Z", "23:59:59,999999"]
TEXTS = [
    "",
    "a",
    "b",
    "ab",
    "B",
    "é",
    "日本",
    "a\nb",
    'q"uo\\te',
    "urn:x:1",
    "https://example.org/Male",
    "Male",
    "1",
    "true",
    "\U0001f600",
    "%_",
]
NUMBERS = [0, 1, -1, 1.0, 0.1, 1.5, 2, 1e10, -2.5e-3, 12345678901234567890, 0.30000000000000004]

scalars = st.one_of(
    st.sampled_from([*TEXTS, *STORED_TIMES, *DAYS, "2021-02-29", "2020-13-01", *CLOCKS, "24:00:00", "9:00:00"]),
    st.sampled_from(NUMBERS),
    st.booleans(),
    st.none(),
)
typed = st.fixed_dictionaries({"@type": st.just("T"), "@value": scalars})
values = st.recursive(
    st.one_of(scalars, scalars, typed),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["x", "y", "en", "@value"]), inner, max_size=3)
    ),
    max_leaves=5,
)
uris = st.sampled_from(["urn:x:1", "urn:x:2", "https://example.org/Male"])
one_or_more_uris = st.one_of(uris, st.lists(uris, max_size=3))
texts = st.sampled_from(TEXTS)


def with_subs(kind: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    leaf = kind.flatmap(lambda made: metadata.map(lambda extra: {**made, **extra}))
    subs = st.dictionaries(st.sampled_from(["a", "b"]), st.one_of(leaf, st.lists(leaf, min_size=2, max_size=2)), max_size=1)
    return st.tuples(leaf, subs).map(lambda pair: {**pair[0], **pair[1]})


metadata = st.fixed_dictionaries({}, optional={"observedAt": st.sampled_from(TIMES), "unitCode": texts, "datasetId": uris})
kinds = st.one_of(
    values.map(lambda value: {"type": "Property", "value": value}),
    values.map(lambda value: {"type": "Property", "value": value}),
    values.map(lambda value: {"type": "JsonProperty", "json": value}),
    st.lists(values, max_size=3).map(lambda value: {"type": "ListProperty", "valueList": value}),
    one_or_more_uris.map(lambda uri: {"type": "Relationship", "object": uri}),
    st.lists(st.one_of(uris, uris.map(lambda uri: {"object": uri})), max_size=3).map(
        lambda u: {"type": "ListRelationship", "objectList": u}
    ),
    st.dictionaries(st.sampled_from(["en", "ja", "@none", "x"]), st.one_of(texts, st.lists(texts, max_size=2)), max_size=3).map(
        lambda languages: {"type": "LanguageProperty", "languageMap": languages}
    ),
    st.one_of(texts, st.lists(texts, max_size=3)).map(lambda vocab: {"type": "VocabProperty", "vocab": vocab}),
)
instances = with_subs(kinds)
attributes = st.one_of(instances, instances, st.lists(instances, min_size=2, max_size=3))
simple = st.one_of(scalars, typed, st.lists(scalars, min_size=1, max_size=2)).map(
    lambda value: {"type": "Property", "value": value}
)
documents = st.tuples(st.one_of(simple, attributes), st.one_of(st.none(), attributes)).map(
    lambda made: {"id": "urn:x:1", "type": "T", "a": made[0], **({"b": made[1]} if made[1] else {})}
)

ATTRIBUTE_TIMES = st.tuples(st.sampled_from(TIMES), st.sampled_from(TIMES)).map(list)
stamps = st.builds(
    Stamps,
    st.just(datetime(2020, 1, 1, tzinfo=UTC)),
    st.just(datetime(2020, 1, 1, 0, 0, 0, 500_000, UTC)),
    st.one_of(st.none(), st.just(datetime(2020, 1, 1, tzinfo=UTC))),
    st.dictionaries(
        st.sampled_from(["a", "b"]), st.dictionaries(st.sampled_from(["@none", "urn:x:1"]), ATTRIBUTE_TIMES, max_size=2)
    ),
)


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


PATHS = [
    *["a"] * 12, "b", "a.a", "a.b", "a.observedAt", "a.unitCode", "a.datasetId", "a[x]", "a[x.y]", "a[en]", "a[*]", "a[@value]", "a.b[x]",
    "a.b.observedAt", "createdAt", "modifiedAt", "expiresAt", "a.createdAt", "a.modifiedAt", "c",
]  # fmt: skip
PATTERNS = ["a", "^a", "b$", "^.*$", "[^a]", "日", "(?i)b", "^$", r"\n", "[0-9]{4}", "(a|b)+", r"\\\\"]
OTHERS = [
    "true",
    "false",
    "urn:x:1",
    "https://example.org/Male",
    "0",
    "1",
    "-1",
    "1.0",
    "1e10",
    "12345678901234567890",
    *DAYS,
    *CLOCKS,
    *TIMES,
]
QUERY_TIMES = {*TIMES, *DAYS, *CLOCKS}


def literals_in(value: Any) -> Iterator[str]:
    """What a document holds, as a query writes it, so that queries meet what is there."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from literals_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from literals_in(inner)
    elif isinstance(value, str):
        yield quoted(value)
        if value in QUERY_TIMES:
            yield value
    elif value is not None:
        yield json.dumps(value)


def kind_of(literal: str) -> str:
    if literal[0] == '"':
        return "text"
    if literal in ("true", "false") or literal[0].isalpha():
        return "other"
    return "number" if literal not in QUERY_TIMES else str(("T" in literal) + 2 * (":" in literal))


@st.composite
def terms(draw: st.DrawFn, found: list[str]) -> str:
    path, literal = draw(st.sampled_from(PATHS)), draw(st.sampled_from(found))
    alike = st.sampled_from([other for other in found if kind_of(other) == kind_of(literal)])
    form = draw(st.integers(0, 9))
    equal = draw(st.sampled_from(["==", "!="]))
    if form == 9:
        return draw(st.sampled_from(["", "!"])) + path
    if form == 8:
        return f'{path}{draw(st.sampled_from(["~=", "!~="]))}"{draw(st.sampled_from(PATTERNS))}"'
    if form == 7:
        return f"{path}{equal}{literal},{draw(st.sampled_from(found))}"
    if form <= 2 or kind_of(literal) == "other":
        return f"{path}{equal}{literal}"
    if form <= 4:
        return f"{path}{equal}{literal}..{draw(alike)}"
    return f"{path}{draw(st.sampled_from(['<', '<=', '>', '>=']))}{literal}"


@st.composite
def cases(draw: st.DrawFn) -> tuple[dict[str, Any], Stamps, str]:
    doc = draw(documents)
    there = list(literals_in(doc))[:8]
    found = there * (60 // max(1, len(there))) + OTHERS + [quoted(text) for text in TEXTS]
    beside = draw(stamps)
    if beside.expires_at is not None:  # the document says so, too
        doc = {**doc, "expiresAt": beside.expires_at.isoformat()}
    parts = [draw(terms(found)) for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3])))]
    text = parts[0]
    for part in parts[1:]:
        text = f"({text}{draw(st.sampled_from([';', '|']))}{part})"
    return doc, beside, text


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cases())
def test_postgresql_and_memory_agree(trial, case):
    doc, beside, text = case
    query = EntityQuery(q=parse_q(text, SmallContext()))
    assert trial.holds(query, doc, beside) is selects(query, doc, beside)
