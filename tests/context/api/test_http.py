"""Are media types, sizes, methods and addresses answered as HTTP and CIM 009 6.3 say: 400, 404, 405, 406, 413, 414, 415?"""

import pytest

from tests.context.api.broker import Asker, Broker, ok, refused

THING = {"id": "urn:ngsi-ld:OpenThing:http", "type": "OpenThing"}


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/ld+json, application/json;q=0.5", "application/ld+json"),
        ("application/json;q=0.1, application/geo+json", "application/geo+json"),
        ("text/html, application/json;q=0.9", "application/json"),
        ("application/json;q=0, */*", "application/ld+json"),
        ("APPLICATION/JSON", "application/json"),
    ],
)
async def test_the_asker_chooses_the_media_type(administrator: Asker, accept: str, answered: str) -> None:
    await administrator.post("/entities", json=THING)
    for url in ("/entities/urn:ngsi-ld:OpenThing:http", "/entities?type=OpenThing"):
        answer = ok(await administrator.get(url, headers={"Accept": accept}))
        assert answer.headers["content-type"] == answered


async def test_what_cannot_be_served_is_406(administrator: Asker) -> None:
    for url, accept in (
        ("/entities/urn:a:1", "text/html"),
        ("/types", "application/geo+json"),
        ("/entities?type=A", "image/*"),
    ):
        problem = refused(await administrator.get(url, headers={"Accept": accept}), 406, "not-acceptable")
        assert "application/json" in problem["mend"]


async def test_what_is_not_read_is_415(administrator: Asker) -> None:
    for media_type in ("text/plain", "application/xml", "", "application/merge-patch+json"):
        answer = await administrator.post("/entities", content=b"{}", headers={"Content-Type": media_type})
        refused(answer, 415, "unsupported-media-type")
    answer = await administrator.post(
        "/entities", json=THING | {"id": "urn:a:charset"}, headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )
    ok(answer, 201)


async def test_a_large_body_is_413(administrator: Asker) -> None:
    problem = refused(await administrator.post("/entities", content=b" " * (16 * 1024 * 1024 + 1), headers=JSON), 413)
    assert str(16 * 1024 * 1024) in problem["detail"]


JSON = {"Content-Type": "application/json"}


async def test_a_long_address_is_414(administrator: Asker) -> None:
    problem = refused(await administrator.get("/entities", params={"type": "A", "q": "a" * 9000}), 414, "uri-too-long")
    assert "POST" in problem["mend"]
    refused(await administrator.get(f"/entities/urn:{'a' * 9000}"), 414, "uri-too-long")


async def test_methods(administrator: Asker) -> None:
    for method, url, allowed in (
        ("PUT", "/entities", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("POST", "/types", "GET, HEAD, OPTIONS"),
        ("GET", "/entityOperations/create", "OPTIONS, POST"),
        ("TRACE", "/entities/urn:a:1", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("get", "/entityOperations/query", "OPTIONS, POST"),
    ):
        answer = await administrator.request(method, url)
        refused(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == allowed
        answer = ok(await administrator.options(url), 204)
        assert answer.headers["allow"] == allowed


async def test_head_answers_as_get_without_the_body(administrator: Asker) -> None:
    await administrator.post("/entities", json=THING)
    for url in ("/entities/urn:ngsi-ld:OpenThing:http", "/entities?type=OpenThing&count=true", "/types", "/openapi.json"):
        whole, head = ok(await administrator.get(url)), ok(await administrator.head(url))
        assert head.content == b""
        own = {"x-request-id"}
        assert {name: value for name, value in head.headers.items() if name not in own} == {
            name: value for name, value in whole.headers.items() if name not in own
        }
        assert head.headers["content-length"] == str(len(whole.content))
    missing = ok(await administrator.head("/entities/urn:a:missing"), 404)
    assert missing.content == b""
    ok(await administrator.head("/entityOperations/query"), 405)


async def test_addresses_that_are_not_there(administrator: Asker) -> None:
    for url in (
        "/nothing",
        "/entities/urn:a:1/nothing",
        "/entities/urn:a:1/attrs/a/b",
        "/entityOperations",
        "",
    ):
        refused(await administrator.get(url), 404, "ResourceNotFound")
        refused(await administrator.options(url), 404, "ResourceNotFound")
    refused(await administrator.get("/entities/urn:a:1"), 404, "ResourceNotFound")


@pytest.mark.parametrize(
    "id", ["no-uri", "urn:a b", "urn:a:<x>", "urn:ngsi-ld:null", "urn:" + "a" * 600, "urn:a:\x00", "urn:a:\u0085"]
)
async def test_ids_that_are_none(administrator: Asker, id: str) -> None:
    answer = await administrator.get(f"/entities/{percent(id)}")
    refused(answer, 400, "BadRequestData")


def percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


@pytest.mark.parametrize(
    "url", ["/entities/%ff", "/entities/urn:a:%zz", "/entities/%", "/types/%e6%97", "/entities?type=%ff", "/entities?type=a%2"]
)
async def test_wrong_percent_encoding(broker: Broker, url: str) -> None:
    refused(await broker.raw("GET", b"/ngsi-ld/v1" + url.encode()), 400, "InvalidRequest")


async def test_a_parameter_given_twice(administrator: Asker) -> None:
    problem = refused(await administrator.get("/entities?type=A&type=B"), 400, "InvalidRequest")
    assert "'type'" in problem["detail"]
    refused(await administrator.get("/entities?" + "&".join(f"a{count}=1" for count in range(200))), 400, "InvalidRequest")


async def test_a_trailing_slash_is_forgiven(administrator: Asker) -> None:
    ok(await administrator.get("/types/"))
    refused(await administrator.get("/entities//"), 404)
