"""Does every answer, whatever it is, tell a browser what it may do with it? Walked from the router, errors and the API included."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest_asyncio

from kairo.app import UNPREFIXED
from kairo.parts import routes
from kairo.platform.db import Database
from tests.trust.roles.hall import Hall, open_hall

EXAMPLES = {"number": "1", "slug": "ogori", "file": "population.csv", "type": "Resident", "version": "v1.json"}
STREAMS = {"/live"}  # it does not end; it is an answer of the same application
INLINE = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:json|ld\+json)\")[^>]*>|<style|\sstyle=|\son\w+=\"")


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


def looks() -> list[str]:
    """Every address that is looked at, something in place of its parameters; and some where there is nothing."""
    found = []
    for route in routes():
        if route.method == "GET" and route.path not in STREAMS:
            path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda name: EXAMPLES.get(name[1], "1"), route.path)
            found.append(path if path.startswith(UNPREFIXED) else f"/en{path}")
    return sorted({*found, "/en/nothing-here", "/static/nothing", "/ngsi-ld/v1/nothing", "/ngsi-ld/v9", "/", "/en/me/looks/x"})


def wanting(answer: httpx.Response) -> list[str]:
    """What an answer does not say."""
    said, policy = answer.headers, answer.headers.get("content-security-policy", "")
    wrong = [] if said.get("x-content-type-options") == "nosniff" else ["nosniff"]
    wrong += [] if len(said.get_list("x-content-type-options")) == 1 else ["nosniff twice"]
    wrong += [rule for rule in ("default-src '", "frame-ancestors 'none'") if rule not in policy]
    wrong += [word for word in ("unsafe-inline", "unsafe-eval", "*", "http:") if word in policy]
    kind = said.get("content-type", "")
    if answer.content and not kind:
        wrong.append("content-type")
    if kind.startswith("text/") and "charset=utf-8" not in kind.lower():
        wrong.append(f"charset: {kind}")
    if kind.startswith("text/html"):
        wrong += [rule for rule in ("object-src 'none'", "base-uri 'none'", "form-action 'self'") if rule not in policy]
        wrong += [name for name in ("referrer-policy", "permissions-policy", "cross-origin-opener-policy") if name not in said]
        wrong += [f"inline: {found}" for found in INLINE.findall(answer.text)]
        if said.get("cache-control") not in {"no-store", "private, no-cache"}:
            wrong.append(f"cache-control: {said.get('cache-control')}")
    if answer.request.url.path.startswith("/ngsi-ld") and said.get("cache-control") != "no-store":
        wrong.append("the API is kept")
    for name in ("server", "x-powered-by"):
        if name in said:
            wrong.append(name)
    return wrong


async def test_every_answer_says_what_a_browser_may_do(hall: Hall) -> None:
    """As nobody, as a resident and as the administrator: pages, what leads to the sign-in, refusals, files, the API."""
    wrong, kinds = {}, set()
    for who in ("", "hanako", "administrator"):
        client = await hall.browser(who)
        for path in looks():
            for accept in ("text/html", "*/*"):
                answer = await client.get(path, headers={"accept": accept})
                kinds.add((answer.status_code, answer.headers.get("content-type", "").partition(";")[0]))
                if found := wanting(answer):
                    wrong[who, path, accept, answer.status_code] = found
    assert not wrong
    assert {(200, "text/html"), (404, "text/html"), (404, "application/problem+json"), (401, "text/html")} <= kinds, (
        "all were met"
    )


async def test_failures_say_so_too(hall: Hall) -> None:
    """A page that fails unforeseen, a wrong method, a form of another site."""
    client = await hall.browser("hanako")

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("planted")

    hall.kairo.identity.sessions.of = broken  # type: ignore[assignment,method-assign]
    failed = await client.get("/en/me/sessions")
    assert failed.status_code == 500
    assert "planted" not in failed.text
    for answer in (
        failed,
        await client.delete("/en/me/sessions"),
        await client.post("/en/leave", headers={"sec-fetch-site": "cross-site"}),
        await client.put("/ngsi-ld/v1/entities"),
        await client.post("/ngsi-ld/v1/entities", content=b"{", headers={"content-type": "application/json"}),
        await client.request("TRACE", "/en/about"),
    ):
        assert answer.status_code >= 400
        assert not wanting(answer), answer.request


async def test_by_https_every_answer_says_stay(hall: Hall) -> None:
    transport = httpx.ASGITransport(app=hall.app)
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example") as client:
        for path in (
            "/",
            "/en/about",
            "/en/nothing",
            "/ngsi-ld/v1/types",
            "/health/live",
            "/static/nothing",
            "/ngsi-ld/v1/nothing",
        ):
            assert "strict-transport-security" in (await client.get(path)).headers, path


def test_what_stands_in_a_page_is_seen() -> None:
    for text in ("<script>x", '<p style="x">', '<a onclick="x">', "<style>"):
        assert INLINE.search(text), text
    for text in ('<script src="/static/x.js">', '<script type="application/json" id="a">{}', '<p class="style">'):
        assert not INLINE.search(text), text
