"""From a @context to names: what JSON-LD allows, what NGSI-LD forbids, where documents come from."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kairo.context.contexts import (
    CORE,
    CORE_URL,
    ContextKind,
    ContextResolver,
    Fetched,
    Limits,
    MemoryContextStore,
    StoredContext,
)
from kairo.errors import BadRequestData, LdContextNotAvailable

NOW = datetime(2026, 4, 1, tzinfo=UTC)
EX = "http://example.org/"
U = "https://a.jp/u.jsonld"


class Remote:
    """A network of dicts that counts what is asked of it."""

    def __init__(self, documents, hosts=("https://a.jp/",)):
        self.documents, self.hosts, self.asked = documents, hosts, []

    def may_fetch(self, url):
        return url.startswith(tuple(self.hosts))

    async def fetch(self, url):
        self.asked.append(url)
        await asyncio.sleep(0)
        found = self.documents.get(url)
        if found is None:
            raise LdContextNotAvailable(f"{url} is away")
        if isinstance(found, Exception):
            raise found
        return Fetched(found, 60)


def resolver(documents=(), remote=None, **options):
    store = MemoryContextStore()
    for url, context in dict(documents).items():
        stored = StoredContext(url, {"@context": context}, ContextKind.HOSTED, NOW)
        store._contexts[url] = stored
    return ContextResolver(store, remote, clock=lambda: options.pop("now", NOW), **options)


async def names(context, *terms, documents=()):
    found = await resolver(documents).resolve(context)
    return [found.expand(term) for term in terms]


async def refused(context, documents=(), match="."):
    with pytest.raises(BadRequestData, match=match) as caught:
        await resolver(documents).resolve(context)
    assert caught.value.detail


@pytest.mark.parametrize(
    "context", [None, [], {}, CORE_URL, [CORE_URL], [[], [None]], [{"a": EX}, None], CORE_URL.replace("1.8", "1.6")]
)
async def test_what_says_nothing_is_the_core(context):
    assert await resolver().resolve(context) is CORE
    assert await resolver().resolve(link=CORE_URL) is CORE


async def test_terms_prefixes_and_iris():
    context = {"ex": EX, "speed": "ex:speed", "Car": EX + "Car", "ex:made": {"@type": "DateTime"}}
    terms = ("speed", "Car", "ex:made", "ex:other", EX + "speed", "urn:x:y", "plain")
    expected = [EX + "speed", EX + "Car", EX + "made", EX + "other", EX + "speed", "urn:x:y", "plain"]
    assert await names(context, *terms) == expected
    found = await resolver().resolve(context)
    shown = ["speed", "Car", "ex:made", "ex:other", "ex:zzz", "urn:x:y", "plain", "id", "value"]
    assert [found.compact(found.expand(term)) for term in shown] == shown
    assert not found.is_core
    assert found.coercion("ex:made") == "DateTime"


async def test_the_core_has_precedence_wherever_it_stands():
    evil = {"location": EX + "location", "type": EX + "t", "ngsi-ld": EX, "speed": EX + "speed", "value": "@id"}
    for context in ([evil], [CORE_URL, evil], [evil, CORE_URL]):
        found = await resolver().resolve(context)
        assert found.expand("location") == found.compact("location") == "location"
        assert found.expand("type") == "type"
        assert found.expand("value") == "value"
        assert found.expand("ngsi-ld:hasValue") == "value"
        assert found.expand("speed") == EX + "speed"
        assert found.document == [evil, CORE_URL]
    assert await names({"ngsi-ld": EX, "ngsi-ld:hasValue": {"@type": "@id"}}, "ngsi-ld:hasValue") == ["value"]


async def test_the_vocabulary_of_the_core_is_the_last_one():
    assert await names({"@vocab": EX, "a": {"@type": "@id"}}, "a", "b") == [EX + "a", "b"]
    assert await names([{"@vocab": None}, {"@vocab": None, "a": EX + "a"}], "a", "b") == [EX + "a", "b"]
    await refused({"@vocab": None, "a": {"@type": "@id"}}, match="must define an @id")


async def test_a_term_that_hides_a_default_name():
    found = await resolver().resolve({"speed": EX + "speed", "no": None})
    assert found.expand("speed") == EX + "speed"
    assert found.compact("speed") == "https://uri.etsi.org/ngsi-ld/default-context/speed"
    assert found.compact("no") == "https://uri.etsi.org/ngsi-ld/default-context/no"
    assert found.expand(found.compact("speed")) == "speed"


async def test_synonyms_compact_to_the_shortest_term_and_the_core_first():
    found = await resolver().resolve({"velocity": EX + "v", "v": EX + "v", "label": "title"})
    assert found.compact(EX + "v") == "v"
    assert found.expand("label") == "title"
    assert found.compact("title") == "title"


async def test_aliases_of_keywords():
    context = {"identifier": "@id", "kind": "@type", "graph": "@graph", "back": {"@reverse": EX + "x"}, "blank": "_:b"}
    assert await names(context, "identifier", "kind") == ["id", "type"]
    found = await resolver().resolve(context)
    for term in ("graph", "back", "blank"):
        with pytest.raises(BadRequestData):
            found.expand(term)
    with pytest.raises(BadRequestData):
        found.expand_type("kind")
    with pytest.raises(BadRequestData):
        found.expand_attribute("identifier")


async def test_coercions():
    xsd = "http://www.w3.org/2001/XMLSchema#"
    context = {"xsd": xsd, "a": {"@id": EX + "a", "@type": "@vocab"}, "b": {"@id": EX + "b", "@type": "xsd:date"}}
    found = await resolver().resolve(context | {"c": {"@id": EX + "c", "@type": "@id", "@container": "@set"}, "object": EX})
    assert [found.coercion(term) for term in ("a", "b", "c", "d", "object")] == ["@vocab", xsd + "date", "@id", None, "@id"]


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ({"a": {"@id": EX + "a", "@context": {"b": EX}}}, "scoped"),
        ({"a": {"@id": EX + "a", "@context": None}}, "scoped"),
        ({"@base": EX}, "@base"),
        ({"@propagate": False}, "@propagate"),
        ({"@version": 1.0}, "version"),
        ({"@id": EX}, "keyword @id"),
        ({"@context": {"a": EX}}, "keyword @context"),
        ({"@protected": "yes"}, "@protected"),
        ({"@vocab": 1}, "@vocab"),
        ({"@import": 1}, "@import"),
        ({"": EX}, "characters"),
        ({"a": 1}, "must be defined by"),
        ({"a": {"@id": 1}}, "@id value must be a string"),
        ({"a": {"@id": EX, "@foo": 1}}, "must not contain"),
        ({"a": {"@id": EX, "@container": "@bag"}}, "container"),
        ({"a": {"@id": EX, "@type": "@foo"}}, "type"),
        ({"a": "@context"}, "@context and @preserve"),
        ({"a": "b:x", "b": "a:x"}, "builds on"),
        ({"a": "b", "b": "a"}, "builds on"),
        ({f"p{i}": f"p{i + 1}:x" for i in range(20)}, "builds on"),
        ({"urn": EX}, "prefix"),
        ({"http://a/b": None}, "is an IRI"),
        ({"http": "urn:x:", "http://a/b": {"@type": "@id"}}, "is an IRI"),
        ({"a": "x" * 5000}, "longer than"),
        ([{"@protected": True, "a": EX}, {"a": EX + "b"}], "protected"),
        ([{"@protected": True, "a": EX}, None], "null"),
        ([{"a": {"@id": EX, "@protected": True}}, None], "null"),
        (1, "is a URL, an object"),
        (False, "is a URL, an object"),
        ([1.5], "is a URL, an object"),
        ("context.jsonld", "absolute"),
        ("ftp://a.jp/c", "absolute"),
        ([[["x"]]], "absolute"),
        ({"a": 2**70}, "not JSON"),
    ],
)
async def test_contexts_that_are_refused(context, reason):
    await refused(context, match=reason)


async def test_words_like_keywords_are_ignored():
    assert await names({"@wow": EX, "a": "@wow", "@type": {"@container": "@set"}, "@language": "ja"}, "a") == ["a"]


async def test_arrays_in_order_and_null():
    contexts = [{"a": EX + "1", "b": EX + "b"}, [{"a": EX + "2"}]]
    assert await names(contexts, "a", "b") == [EX + "2", EX + "b"]
    assert await names([*contexts, None, {"c": EX + "c"}], "a", "b", "c") == ["a", "b", EX + "c"]


async def test_remote_contexts_nest_and_relate():
    documents = {
        U: ["more/v.jsonld", {"u": "v:u", "@base": "http://ignored/"}],
        "https://a.jp/more/v.jsonld": [CORE_URL, {"v": EX}, "../w.jsonld"],
        "https://a.jp/w.jsonld": {"w": EX + "w"},
    }
    assert await names(U, "u", "w", "v:x", documents=documents) == [EX + "u", EX + "w", EX + "x"]
    assert await names([U, {"w": EX + "mine"}], "w", documents=documents) == [EX + "mine"]


async def test_import():
    documents = {U: {"a": EX + "a", "b": EX + "b"}, "https://a.jp/2": {"@import": U}, "https://a.jp/3": [{"a": EX}]}
    assert await names({"@import": U, "b": EX + "mine"}, "a", "b", documents=documents) == [EX + "a", EX + "mine"]
    for wrong in ("https://a.jp/2", "https://a.jp/3"):
        await refused({"@import": wrong}, documents, "cannot be imported")


async def test_circles_and_depth():
    await refused(U, {U: [U]}, "includes itself")
    await refused(U, {U: {"@import": U}}, "cannot be imported")
    await refused(U, {U: "https://a.jp/2", "https://a.jp/2": U}, "includes itself")
    await refused("https://a.jp/0", {f"https://a.jp/{i}": f"https://a.jp/{i + 1}" for i in range(20)}, "deeper")
    doubling: dict[str, object] = {f"https://a.jp/{i}": [f"https://a.jp/{i + 1}"] * 10 for i in range(7)} | {
        "https://a.jp/7": {}
    }
    await refused("https://a.jp/0", doubling, "more than")


async def test_limits_of_size():
    many = {f"t{i}": f"{EX}{i}" for i in range(2100)}
    await refused(many, match="too many terms")
    assert await names(U, "t1", documents={U: many}) == [EX + "1"]
    assert await names([U, {"mine": EX}], "mine", documents={U: many}) == [EX]
    await refused({"a": EX, "b": {"@id": "x" * 300_000}}, match="larger")
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(300):
        following: dict[str, object] = {}
        inner["@id"] = following
        inner = following
    await refused({"a": deep}, match="nested")
    await refused(U, {U: {"a": deep}})
    with pytest.raises(BadRequestData):
        await ContextResolver(MemoryContextStore(), limits=Limits(inline_terms=1)).resolve({"a": EX, "b": EX})
    grown = [{f"p{i}": f"p{i - 1}:{'y' * 900}" if i else "http://x/"} for i in range(6)]
    await refused([{k: v + "/" for k, v in c.items()} for c in grown], match="longer than 2048")


async def test_document_and_link():
    documents = {U: {"a": EX}, "https://a.jp/2": {}}
    cases = [
        (U, [U, CORE_URL], U),
        ([U], [U, CORE_URL], U),
        ([CORE_URL, U], [U, CORE_URL], U),
        ([[U], "https://a.jp/2"], [U, "https://a.jp/2", CORE_URL], None),
        ({"a": EX}, [{"a": EX}, CORE_URL], None),
        ([{"b": EX}, None, U], [U, CORE_URL], U),
    ]
    one = resolver(documents)
    for context, document, link in cases:
        found = await one.resolve(context)
        assert (found.document, found.link) == (document, link)
    assert (await one.resolve(link=U)).link == U
    with pytest.raises(BadRequestData, match="twice"):
        await one.resolve({"a": EX}, U)


async def test_equal_contexts_share_one_map():
    one = resolver({U: {"a": EX}})
    first = await one.resolve({"a": EX, "b": EX})
    assert await one.resolve({"b": EX, "a": EX}) is first
    assert (await one.resolve([{"a": EX, "b": EX}])).expand == first.expand


async def test_nothing_is_fetched_unless_listed():
    remote = Remote({U: {"@context": {"a": EX}}}, hosts=["https://other.jp/"])
    for fetcher in (None, remote):
        with pytest.raises(LdContextNotAvailable, match="context_hosts"):
            await resolver(remote=fetcher).resolve(link=U)
    assert remote.asked == []


async def test_fetched_once_and_kept():
    remote = Remote({U: {"@context": {"a": EX}}})
    one = resolver(remote=remote)
    found = await asyncio.gather(*(one.resolve(link=U) for _ in range(5)))
    assert {terms.expand("a") for terms in found} == {EX}
    assert remote.asked == [U]
    stored = await one._store.get(U)
    assert (stored.kind, stored.expires_at) == (ContextKind.CACHED, NOW + timedelta(seconds=60))
    one.forget(U)
    await one.resolve(link=U)
    assert remote.asked == [U]


async def test_an_old_copy_serves_while_the_host_is_away():
    now, timer = [NOW], [0.0]
    remote = Remote({U: {"@context": {"a": EX}}})
    one = ContextResolver(MemoryContextStore(), remote, clock=lambda: now[0], timer=lambda: timer[0])
    await one.resolve(link=U)
    now[0], timer[0] = NOW + timedelta(hours=1), 3600.0
    remote.documents = {}
    assert (await one.resolve(link=U)).expand("a") == EX
    remote.documents = {U: {"@context": {"a": EX + "new"}}}
    timer[0] += 61
    assert (await one.resolve(link=U)).expand("a") == EX + "new"
    assert len(remote.asked) == 3


async def test_a_failing_host_is_left_alone_for_a_while():
    timer = [0.0]
    remote = Remote({})
    one = ContextResolver(MemoryContextStore(), remote, timer=lambda: timer[0])
    for _ in range(3):
        with pytest.raises(LdContextNotAvailable):
            await one.resolve(link=U)
    assert len(remote.asked) == 1
    timer[0] = 31.0
    with pytest.raises(LdContextNotAvailable):
        await one.resolve(link=U)
    assert len(remote.asked) == 2


async def test_changes_in_the_store_show_after_forget_or_a_minute():
    timer = [0.0]
    store = MemoryContextStore()
    one = ContextResolver(store, timer=lambda: timer[0])

    async def put(iri):
        await store.put(StoredContext(U, {"@context": {"a": iri}}, ContextKind.HOSTED, NOW))
        return (await one.resolve(link=U)).expand("a")

    assert await put(EX) == EX
    assert await put(EX + "2") == EX
    one.forget(U)
    assert await put(EX + "3") == EX + "3"
    timer[0] = 61.0
    assert await put(EX + "4") == EX + "4"
    one.forget("/u.jsonld")
    assert await put(EX + "5") == EX + "5"


async def test_a_cached_context_does_not_replace_a_hosted_one():
    store = MemoryContextStore()
    hosted = StoredContext(U, {"@context": {}}, ContextKind.HOSTED, NOW)
    await store.put(hosted)
    await store.put(StoredContext(U, {"@context": {"a": EX}}, ContextKind.CACHED, NOW))
    assert await store.get(U) is hosted


async def test_a_document_is_checked_before_it_is_stored():
    one = resolver({U: {"v": EX}})
    large = {f"t{i}": f"{EX}{i}" for i in range(3000)}
    await one.check({"@context": [large, "u.jsonld", {"a": {"@id": "t1"}}]}, "https://a.jp/new")
    for wrong in ({}, {"@context": {"a": 1}}, {"@context": "new"}, {"@context": [[["new"]]]}):
        with pytest.raises(BadRequestData):
            await one.check(wrong, "https://a.jp/new")
    with pytest.raises(LdContextNotAvailable):
        await one.check({"@context": "https://b.jp/x"}, "https://a.jp/new")
