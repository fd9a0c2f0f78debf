"""Is every address that answers GET asked by HEAD too, and answered alike but for the content? (RFC 9110 9.3.2)"""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from kairo.app import Kairo
from kairo.parts import routes
from kairo.platform.db import Database
from kairo.settings import Settings

READABLE = {route.path for route in routes() if route.method == "GET"}
# Addresses at which something is; of the others any will do: what is not there is answered alike, too.
THERE = {
    "/schemas/{type:str}/{version:str}": "/schemas/Sensor/v1.json",
    "/contexts/{type:str}/{version:str}": "/contexts/Sensor/v1.jsonld",
    "/ngsi-ld/v1/entities": "/ngsi-ld/v1/entities?type=Sensor",
}
OWN = {"x-request-id"}  # of each answer


@pytest_asyncio.fixture
async def asker(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    kairo_ = Kairo(Settings(), database)
    await kairo_.graph.create_tenant(kairo_.settings.tenant, "administrator:local")
    front: Any = kairo_.asgi()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url="http://city.example") as client:
        yield client
    await kairo_.close()


def headers_of(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OWN}


async def test_head_is_get_without_content(asker: httpx.AsyncClient) -> None:
    different = {}
    for path in READABLE - {"/live"}:
        url = THERE.get(path, re.sub(r"\{[^}]*\}", "x", path))
        whole, head = await asker.get(url), await asker.head(url)
        is_alike = path == "/metrics" or headers_of(head) == headers_of(whole)  # those are measured anew each time
        if head.content or head.status_code != whole.status_code or head.status_code == 405 or not is_alike:
            different[path] = head
        if path.startswith(("/schemas", "/contexts", "/ngsi-ld/v1/entities")) and path in THERE:
            assert head.status_code == 200, path
    assert different == {}


async def test_the_head_of_a_stream_ends(asker: httpx.AsyncClient) -> None:
    answer = await asker.head("/live?types=Sensor")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (await asker.head("/live")).status_code == 400


async def test_a_page_in_a_language_has_one(asker: httpx.AsyncClient) -> None:
    whole, head = await asker.get("/en/about"), await asker.head("/en/about")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(whole.content))
