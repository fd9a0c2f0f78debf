"""Do cookies that open something go by names which no neighbour can set, and does a browser stay with https, also behind a proxy?"""

import ast
from typing import Any

import httpx
import pytest

from kairo.platform.http.edge import Edge
from kairo.platform.http.https import GUARDED, PREFIX
from kairo.platform.http.messages import Receive, Response, Scope, Send
from kairo.platform.http.proxies import TrustedProxies
from tests.house.house import name_of, python_files, tree

SESSION = "kairo_session=abc; HttpOnly; Path=/; SameSite=strict"


class Inside:
    """An application that remembers the cookies that it was sent, and sets some."""

    def __init__(self, *sets: str) -> None:
        self.cookies: list[str] = []
        self.sets = sets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.cookies = [value.decode() for name, value in scope["headers"] if name == b"cookie"]
        await Response(200, b"{}", headers=[(b"set-cookie", one.encode()) for one in self.sets]).send(send)


def asker(inside: Inside, base: str = "https://city.example", *trusted: str) -> httpx.AsyncClient:
    app: Any = Edge(inside, TrustedProxies(trusted))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app, client=("10.0.0.9", 5)), base_url=base)


async def test_by_https_a_guarded_cookie_carries_the_prefix() -> None:
    async with asker(Inside(f"{SESSION}; Secure", "kairo_language=ja; Path=/")) as client:
        answer = await client.get("/")
    session, language = answer.headers.get_list("set-cookie")
    assert session == f"__Host-{SESSION}; Secure"
    assert language == "kairo_language=ja; Path=/"


async def test_a_cookie_that_goes_is_secure_too_or_it_would_stay() -> None:
    async with asker(Inside('kairo_session=""; Path=/; Max-Age=0')) as client:
        assert (await client.get("/")).headers["set-cookie"] == '__Host-kairo_session=""; Path=/; Max-Age=0; Secure'


@pytest.mark.parametrize(
    ("sent", "inside"),
    [
        ("__Host-kairo_session=mine; kairo_language=ja", ["kairo_session=mine; kairo_language=ja"]),
        ("kairo_session=planted; __Host-kairo_session=mine", ["kairo_session=mine"]),
        ("__Host-kairo_session=mine; kairo_session=planted", ["kairo_session=mine"]),
        ("kairo_session=planted", []),
        ("kairo_device=planted;kairo_login=planted;x=1", ["x=1"]),
        ("__Host-other=1", ["__Host-other=1"]),
        (";;=", ["; ; ="]),
    ],
)
async def test_what_a_neighbour_planted_does_not_count(sent: str, inside: list[str]) -> None:
    app = Inside()
    async with asker(app) as client:
        assert (await client.get("/", headers={"cookie": sent})).status_code == 200
    assert app.cookies == inside


async def test_by_http_nothing_changes() -> None:
    app = Inside(SESSION)
    async with asker(app, "http://localhost:8080") as client:
        answer = await client.get("/", headers={"cookie": "kairo_session=mine"})
    assert app.cookies == ["kairo_session=mine"]
    assert answer.headers["set-cookie"] == SESSION
    assert "strict-transport-security" not in answer.headers


async def test_a_browser_stays_with_https() -> None:
    async with asker(Inside()) as client:
        assert (await client.get("/")).headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize(("trusted", "believed"), [("10.0.0.0/8", True), ("192.0.2.1", False)])
async def test_behind_a_proxy_as_far_as_it_is_trusted(trusted: str, believed: bool) -> None:
    app = Inside(SESSION)
    async with asker(app, "http://inner:8080", trusted) as client:
        answer = await client.get("/", headers={"x-forwarded-proto": "https", "cookie": "kairo_session=planted"})
    assert answer.headers["set-cookie"].startswith("__Host-") is believed
    assert ("strict-transport-security" in answer.headers) is believed
    assert app.cookies == ([] if believed else ["kairo_session=planted"])


def test_every_cookie_that_opens_something_is_guarded() -> None:
    """What the source names as a cookie is guarded, or is the language."""
    named = {
        str(value.value)
        for path in python_files("src/kairo/")
        for node in tree(path).body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(value := node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id.endswith("_COOKIE")
    }
    assert {name.encode() for name in named} == {*GUARDED, b"kairo_language"}
    for path in python_files("src/kairo/"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Cookie":
                assert isinstance(node.args[0], ast.Name), f"{name_of(path)}: a cookie's name is a constant *_COOKIE"
                assert node.args[0].id.endswith("_COOKIE"), name_of(path)
    assert PREFIX == b"__Host-"
