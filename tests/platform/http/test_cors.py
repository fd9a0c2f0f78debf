"""May pages of other sites call the API, and only those that are listed, and never with a visitor's session?"""

from typing import Any

import httpx
import pytest

from kairo.errors import StartError
from kairo.platform.http.cors import Cors
from kairo.platform.http.messages import Receive, Response, Scope, Send
from kairo.settings import load_settings

MAP = "https://map.example"


class Inside:
    """An API that remembers what it was asked."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        found = [(b"allow", b"GET, HEAD, OPTIONS, POST")] if scope["method"] == "OPTIONS" else [(b"link", b"<x>")]
        await Response(204 if scope["method"] == "OPTIONS" else 200, b"", headers=found).send(send)


def browser(inside: Any, *origins: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=Cors(inside, origins)), base_url="http://city.example")


async def test_a_listed_origin_may_read_the_answer_and_its_headers() -> None:
    async with browser(Inside(), "https://other.example", MAP) as asker:
        answer = await asker.get("/", headers={"Origin": MAP})
    assert answer.headers["access-control-allow-origin"] == MAP
    exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
    assert {"ngsild-results-count", "ngsild-tenant", "link", "location", "content-range", "retry-after"} <= set(exposed)
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


async def test_a_preflight_is_told_what_it_may_send() -> None:
    asked = {"Origin": MAP, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "ngsild-tenant"}
    async with browser(Inside(), "*") as asker:
        answer = await asker.options("/", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == MAP
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS, POST"
    allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
    assert {"authorization", "content-type", "link", "ngsild-tenant"} <= set(allowed)
    assert int(answer.headers["access-control-max-age"]) > 0


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://map.example.evil.example", "http://map.example"])
async def test_no_other_origin_is_told_anything(origin: str) -> None:
    async with browser(Inside(), MAP) as asker:
        for method in ("GET", "OPTIONS"):
            asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
            answer = await asker.request(method, "/", headers=asked)
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert answer.headers["vary"] == "Origin"


async def test_a_request_of_another_site_has_no_session() -> None:
    inside = Inside()
    async with browser(inside, "*") as asker:
        await asker.get("/", headers={"Origin": MAP, "Cookie": "kairo_session=secret", "Authorization": "Bearer x"})
        assert "cookie" not in inside.headers
        assert inside.headers["authorization"] == "Bearer x"
        await asker.get("/", headers={"Cookie": "kairo_session=secret"})
        assert inside.headers["cookie"] == "kairo_session=secret", "what this site's own pages ask keeps it"


async def test_without_an_origin_nothing_is_added() -> None:
    async with browser(Inside(), "*") as asker:
        answer = await asker.get("/")
    assert not [name for name in answer.headers if name == "vary" or name.startswith("access-control")]


@pytest.mark.parametrize(
    "text", ["map.example", "https://map.example/", "https://map.example/a", "ftp://a.example", "https://"]
)
def test_what_is_no_origin_stops_the_program(text: str) -> None:
    with pytest.raises(StartError, match="KAIRO_CORS_ORIGINS"):
        load_settings({"KAIRO_CORS_ORIGINS": text})


def test_nobody_is_listed_by_default() -> None:
    assert load_settings({}).cors_origins == ()
    assert load_settings({"KAIRO_CORS_ORIGINS": "https://a.example, https://b.example:8443"}).cors_origins == (
        "https://a.example",
        "https://b.example:8443",
    )
