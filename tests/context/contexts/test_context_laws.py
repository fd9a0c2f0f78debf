"""What holds for every context: expand and compact fit, the core stays, JSON-LD agrees, nonsense is refused and no more."""

import asyncio
import warnings

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from kairo.context.contexts import CORE, CORE_DOCUMENT, CORE_TERMS, ContextResolver, MemoryContextStore, iri_of, stored_name
from kairo.errors import BadRequestData, KairoError

few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
EX = "http://example.org/"

words = st.sampled_from(["a", "b", "speed", "ex", "p", "気温", "value", "location", "ngsi-ld", "Car", "kind"])
iris = st.one_of(
    words.map(EX.__add__),
    st.sampled_from([EX, "urn:x:", "http://b/#", "@id", "@type", "https://uri.etsi.org/ngsi-ld/default-context/"]),
    st.builds("{}:{}".format, words, words),
    words.map("https://uri.etsi.org/ngsi-ld/default-context/".__add__),
    st.sampled_from(["https://uri.etsi.org/ngsi-ld/hasValue", "http://purl.org/dc/terms/title"]),
)
targets = st.one_of(iris, iris, iris, st.none())
definitions = st.one_of(
    targets,
    st.fixed_dictionaries(
        {"@id": targets}, optional={"@type": st.sampled_from(["@id", "@vocab", "DateTime"]), "@container": st.just("@set")}
    ),
)
terms = st.one_of(words, words, words, st.builds("{}:{}".format, words, words))
contexts = st.lists(st.dictionaries(terms, definitions, max_size=6), min_size=1, max_size=3)
asked = st.one_of(terms, iris)


def resolve(context):
    return asyncio.run(ContextResolver(MemoryContextStore()).resolve(context))


def resolved(context):
    try:
        return resolve(context)
    except BadRequestData:
        return None


@few
@given(contexts, st.lists(asked, max_size=8))
def test_compact_undoes_expand(context, more):
    found = resolved(context)
    event(f"refused: {found is None}")
    if found is None:
        return
    for term in {*more, *(term for each in context for term in each), *CORE_TERMS}:
        try:
            name = found.expand(term)
        except BadRequestData:
            continue
        shown = found.compact(name)
        assert found.expand(shown) == name
        assert found.compact(found.expand(shown)) == shown
        if name not in {"id", "type"}:
            assert stored_name(iri_of(name)) == name
    names = [stored_name(EX + "a"), stored_name("urn:x:b"), "speed", "a", "value", EX + "location", "ex", "気温"]
    assert len({found.compact(name) for name in names}) == len(names)
    assert all(found.expand(found.compact(name)) == name for name in names)


@few
@given(contexts)
def test_the_core_is_never_changed(context):
    found = resolved(context)
    if found is not None:
        for term in CORE_TERMS:
            assert found.expand(term) == CORE.expand(term)
            assert found.compact(CORE.expand(term)) == term
            assert found.coercion(term) == CORE.coercion(term)
        assert found.expand("@type") == "type"
        assert found.expand("ngsi-ld:hasValue") == "value"


@few
@given(contexts, asked)
def test_json_ld_agrees(context, term):
    """PyLD expands a document under [core, user contexts, core] to the IRI that we store, but where NGSI-LD says otherwise."""
    found = resolved(context)
    if found is None:
        return
    try:
        name = found.expand(term)
    except BadRequestData:
        return
    bare = {key: value for key, value in CORE_DOCUMENT["@context"].items() if key != "@protected"}
    if name in {"id", "type"} or any(key.partition(":")[0] in CORE_TERMS for each in context for key in each):
        return
    document = {"@context": [bare, *context, bare], "@id": "urn:x:1", term: {"@id": "urn:x:2"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expanded = jsonld.expand(document)
    keys = {key for each in expanded for key in each if not key.startswith("@")}
    assert keys == {iri_of(name)}


json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
keywords = st.sampled_from(
    "@base @container @context @direction @graph @id @import @index @json @language @list @nest @none @prefix @propagate "
    "@protected @reverse @set @type @value @version @vocab @wow".split()
)
texts = keywords | terms | iris | st.text(max_size=6)
wild = st.recursive(
    texts | st.none() | st.booleans() | st.just(1.1) | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=5),
    max_leaves=20,
)


@settings(few, max_examples=200)
@given(json | wild, st.lists(texts, max_size=5))
def test_any_json_is_a_context_or_refused(context, more):
    try:
        found = resolve(context)
    except KairoError as error:
        assert error.status in {400, 504}
        assert error.detail
        return
    for term in more:
        try:
            name = found.expand(term)
        except KairoError:
            continue
        assert " " not in name
        assert found.expand(found.compact(name)) == name
