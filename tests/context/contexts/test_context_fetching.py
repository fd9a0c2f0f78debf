"""Fetching: only listed hosts, never addresses of the inside, small and plain."""

import asyncio
import gzip
import inspect

import httpx
import pytest

from kairo.context.contexts import Fetched, HttpFetcher
from kairo.errors import BadRequestData, LdContextNotAvailable

U = "https://a.jp/c.jsonld"
GOOD = {"@context": {"a": "http://example.org/a"}}
PUBLIC = "93.184.216.34"


def fetcher(answer, *hosts, addresses=(PUBLIC,), **options):
    """A fetcher whose network is the function `answer`, and whose names all have `addresses`."""

    async def look_up(host, port):
        return list(addresses)

    async def streamed(request):
        given = answer(request)
        response = await given if inspect.isawaitable(given) else given
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(response.content))

    return HttpFetcher(hosts or ("a.jp",), transport=httpx.MockTransport(streamed), look_up=look_up, **options)


def json_answer(request):
    return httpx.Response(200, json=GOOD, headers={"Content-Type": "application/ld+json"})


async def test_fetches_from_the_checked_address_by_the_name_of_the_host():
    seen = []

    def answer(request):
        seen.append(request)
        return json_answer(request)

    assert await fetcher(answer).fetch(U + "#x") == Fetched(GOOD, 86_400)
    request = seen[0]
    assert str(request.url) == f"https://{PUBLIC}/c.jsonld"
    assert request.headers["host"] == "a.jp"
    assert request.extensions["sni_hostname"] == "a.jp"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (U, True),
        ("http://A.JP/x", True),
        ("https://a.jp:443/x", True),
        ("https://a.jp:8443/x", False),
        ("https://b.jp:8443/x", True),
        ("https://b.jp/x", False),
        ("https://x.a.jp/x", False),
        ("https://a.jp.evil.com/x", False),
        ("https://a.jp@evil.com/x", False),
        ("https://user@a.jp/x", False),
        ("ftp://a.jp/x", False),
        ("file:///etc/passwd", False),
        ("https:///x", False),
        ("//a.jp/x", False),
        ("https://[::1]/x", False),
        ("https://a.jp:99999/x", False),
        ("", False),
    ],
)
def test_only_listed_hosts(url, allowed):
    assert fetcher(json_answer, "a.jp", "b.jp:8443").may_fetch(url) is allowed


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.0.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 ::1 fe80::1%eth0 fd00::1 :: "
    "::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::1".split(),
)
async def test_addresses_of_the_inside_are_refused(address):
    for addresses in ([address], [PUBLIC, address]):
        with pytest.raises(LdContextNotAvailable, match="private address"):
            await fetcher(json_answer, addresses=addresses).fetch(U)


async def test_unless_their_network_is_listed():
    assert await fetcher(json_answer, "a.jp", "10.1.0.0/16", addresses=["10.1.2.3"]).fetch(U)
    assert await fetcher(json_answer, "127.0.0.1", addresses=["127.0.0.1"]).fetch("http://127.0.0.1/c")
    with pytest.raises(LdContextNotAvailable):
        await fetcher(json_answer, "a.jp", "10.1.0.0/16", addresses=["10.2.0.1"]).fetch(U)


def redirects(to, status=302):
    def answer(request):
        if request.url.path == "/c.jsonld":
            return httpx.Response(status, headers={"Location": to})
        return json_answer(request)

    return answer


@pytest.mark.parametrize("to", ["/other", "https://a.jp/other", "other"])
async def test_redirects_on_the_same_host(to):
    assert (await fetcher(redirects(to)).fetch(U)).document == GOOD


@pytest.mark.parametrize(
    "to", ["https://b.jp/x", "http://a.jp/x", "https://169.254.169.254/", "https://a.jp:8080/x", "/c.jsonld"]
)
async def test_other_redirects_are_not_followed(to):
    with pytest.raises(LdContextNotAvailable):
        await fetcher(redirects(to), "a.jp", "b.jp").fetch(U)


async def test_json_ld_beside_a_page():
    def answer(request):
        if request.url.path == "/docs/context.jsonld":
            return json_answer(request)
        link = '</docs/context.jsonld>; rel="alternate"; type="application/ld+json"'
        return httpx.Response(200, html="<p>hi", headers={"Link": link})

    assert (await fetcher(answer).fetch(U)).document == GOOD


@pytest.mark.parametrize("status", [204, 304, 401, 404, 500])
async def test_other_answers_are_no_context(status):
    with pytest.raises(LdContextNotAvailable):
        await fetcher(lambda request: httpx.Response(status)).fetch(U)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'"x"', b"{}", b'{"a": NaN}', b"[" * 5000, b'{"@context": \xff}'])
async def test_what_is_no_context_document(body):
    with pytest.raises(BadRequestData):
        await fetcher(lambda request: httpx.Response(200, content=body)).fetch(U)


async def test_size_compression_time_and_failures():
    with pytest.raises(LdContextNotAvailable, match="larger than 10 bytes"):
        await fetcher(json_answer, max_bytes=10).fetch(U)

    def packed(request):
        return httpx.Response(200, content=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})

    with pytest.raises(LdContextNotAvailable, match="compressed"):
        await fetcher(packed).fetch(U)

    async def slow(request):
        await asyncio.sleep(5)

    with pytest.raises(LdContextNotAvailable, match=r"within 0\.01 seconds"):
        await fetcher(slow, timeout_seconds=0.01).fetch(U)

    def broken(request):
        raise httpx.ConnectError("no route")

    with pytest.raises(LdContextNotAvailable, match="ConnectError"):
        await fetcher(broken).fetch(U)


@pytest.mark.parametrize(
    ("control", "seconds"),
    [(None, 86_400), ("max-age=3600", 3600), ("no-cache", 60), ("public, max-age=1", 60), ("max-age=999999999", 604_800)],
)
async def test_how_long_it_is_kept(control, seconds):
    headers = {"Cache-Control": control} if control else {}
    answer = httpx.Response(200, json=GOOD, headers=headers)
    assert (await fetcher(lambda request: answer).fetch(U)).keep_seconds == seconds


async def test_over_a_real_connection():
    heard = []

    async def serve(reader, writer):
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        body = b'{"@context": {}}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://localhost:{port}/c"

        async def look_up(host, at):
            assert (host, at) == ("localhost", port)
            return ["127.0.0.1"]

        with pytest.raises(LdContextNotAvailable, match="private"):
            await HttpFetcher([f"localhost:{port}"], look_up=look_up).fetch(url)
        fetched = await HttpFetcher([f"localhost:{port}", "127.0.0.0/8"], look_up=look_up).fetch(url)
    assert fetched.document == {"@context": {}}
    assert len(heard) == 1
    assert f"\r\nhost: localhost:{port}\r\n" in heard[0].lower()
