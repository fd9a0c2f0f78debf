"""Does no other site make the browser of somebody who is signed in change anything? Walked from the router: a new route is caught here.

Each page that takes what a browser sends is sent it by another site, as the administrator, as a resident and as staff: each time it is
refused, no row of any table has changed, and one of them at least was refused by the guard itself (`same_site`) and not for
something else. The API's writes count no cookie at all (tests/trust/test_gate.py).
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from kairo.app import UNPREFIXED
from kairo.parts import manifests, routes, tables
from kairo.platform.db import Database
from tests.trust.roles.hall import Hall, open_hall

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
# What a program sends with a credential of its own, in the body or the Authorization header: a browser's cookie opens nothing here.
BY_CREDENTIALS = {
    "/oauth/token": "RFC 6749 3.2: the application shows itself by its secret, its signature or its code and verifier",
    "/oauth/introspect": "RFC 7662 2.1: the application shows itself",
    "/oauth/revoke": "RFC 7009 2.1: the application shows itself",
    "/oauth/userinfo": "OpenID Connect Core 5.3.1: an access token, and it only reads",
    "/api/consent-requests": "an application's key or token; a session is no application",
}
ELSEWHERE = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://elsewhere.example"},
    {"origin": "null"},
    {"sec-fetch-site": "cross-site", "origin": "http://test"},
)
GUARDS_WORDS = "this form came from another site"
ASKERS = ("administrator", "hanako", "clerk")


def taken() -> list[tuple[str, str]]:
    """Method and path of every page that takes something."""
    handlers = [handler for manifest in manifests() for handler in manifest.routes]
    return sorted({(method, path) for one in handlers for path in one.paths for method in one.http_methods & WRITES})


def filled(path: str) -> str:
    """The path with something in place of its parameters, as it is reached."""
    there = re.sub(r"\{\w+:int\}", "1", re.sub(r"\{\w+:str\}", "x", path))
    return there if path.startswith(UNPREFIXED) else f"/en{there}"


def sent(path: str) -> dict[str, Any]:
    """A body that the handler would read."""
    return {"json": {}} if "passkey" in path or path.startswith("/api/") else {"data": {"action": "x", "duty": ""}}


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    async with open_hall(database, tmp_path) as opened:
        yield opened


async def state(url: str) -> dict[str, str]:
    """A hash of the rows of each table, for whoever sees all of them."""
    connection = await asyncpg.connect(url)
    try:
        return {
            one.name: await connection.fetchval(
                f"SELECT md5(coalesce(string_agg(t::text, '\n' ORDER BY t::text), '')) FROM {one.name} t"
            )
            for one in tables()
        }
    finally:
        await connection.close()


def test_the_walk_sees_the_routes() -> None:
    walked = {path for _, path in taken()}
    assert {"/leave", "/sign-in/password", "/me/consents/new", "/console/roles", "/console/applications"} <= walked
    served = {route.path for route in routes() if route.method in WRITES and not route.path.startswith("/ngsi-ld")}
    assert served == walked
    assert set(BY_CREDENTIALS) <= walked, "no such route any more: take it from the list"


async def test_another_site_changes_nothing(hall: Hall, database_url: str) -> None:
    clients = {who: await hall.browser(who) for who in ASKERS}
    before, guarded = await state(database_url), set()
    let_in: list[tuple[Any, ...]] = []
    for method, path in taken():
        for who, client in clients.items():
            for headers in ELSEWHERE:
                accept = {"accept": "application/problem+json", **headers}
                answer = await client.request(method, filled(path), headers=accept, **sent(path))
                if answer.status_code not in {400, 401, 403, 404}:
                    let_in.append((who, method, path, headers, answer.status_code))
                if answer.status_code == 403 and answer.json().get("detail") == GUARDS_WORDS:
                    guarded.add(path)
                elif answer.status_code == 400 and path not in BY_CREDENTIALS:
                    let_in.append((who, method, path, headers, "read before the guard"))
    assert not let_in, "call same_site(request) before anything is read or done"
    unguarded = sorted({path for _, path in taken()} - guarded - set(BY_CREDENTIALS))
    assert not unguarded, f"call same_site(request) at the beginning of the handler: {unguarded}"
    after = await state(database_url)
    assert [name for name, rows in after.items() if rows != before[name]] == []


async def test_this_site_is_let_in(hall: Hall, database_url: str) -> None:
    """The same comparison sees what is let in: a session that ends."""
    for headers in ({"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {"origin": "http://test"}, {}):
        client, before = await hall.browser("hanako"), await state(database_url)
        answer = await client.post("/en/leave", headers=headers)
        assert answer.status_code == 303
        after = await state(database_url)
        assert [name for name, rows in after.items() if rows != before[name]] == ["credential"]


async def test_no_page_changes_anything_by_get(hall: Hall) -> None:
    """A GET is no way in: what is sent to a page of POST by GET is answered as a look, or not at all."""
    client: httpx.AsyncClient = await hall.browser("hanako")
    only_post = sorted({path for _, path in taken()} - {route.path for route in routes() if route.method == "GET"})
    for path in only_post:
        answer = await client.get(filled(path), params={"action": "x"}, headers={"accept": "application/problem+json"})
        assert answer.status_code in {404, 405}, path
