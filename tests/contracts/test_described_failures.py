"""Does every operation refuse as it is described where a quota is used up, and fail as it is described where the database is gone?"""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from kairo.platform.db import Database
from kairo.platform.http import Route
from kairo.settings import load_settings
from tests.context.api.broker import Asker, open_broker, refused
from tests.contracts.test_failures import behind_a_wire
from tests.contracts.test_openapi import BODIES, TABLE, addressed, described, name_of

GUARDED = [route for route in TABLE if route.permission != "anyone"]
DOCUMENT = described()


async def asked(asker: Asker, route: Route) -> httpx.Response:
    body: dict[str, Any] = {"json": BODIES[route.body]} if route.body else {}
    return await asker.request(route.method, addressed(route, "urn:x:1"), **body)


def is_described(route: Route, answer: httpx.Response) -> None:
    responses = DOCUMENT["paths"][route.path][route.method.lower()]["responses"]
    assert str(answer.status_code) in responses, name_of(route)
    if "retry-after" in answer.headers:
        assert "Retry-After" in responses[str(answer.status_code)]["headers"], name_of(route)


async def test_where_a_quota_is_used_up(database: Database) -> None:
    settings = load_settings({"KAIRO_APPLICATION_REQUESTS_PER_SECOND": "1"})
    async with (
        open_broker(database, settings=settings) as broker,
        broker.asker(await broker.token_of("application:busy")) as busy,
    ):
        for route in GUARDED:
            answer = await asked(busy, route)
            for _ in range(50):  # now and then a second is over
                if answer.status_code == 429:
                    break
                answer = await asked(busy, route)
            refused(answer, 429, "too-many-requests")
            assert int(answer.headers["retry-after"]) >= 1
            is_described(route, answer)


async def test_where_the_database_is_gone(database_url: str, tmp_path: Path) -> None:
    async with behind_a_wire(database_url) as (broker, wire), await broker.administrator(tmp_path) as administrator:
        await wire.cut()
        for route, answer in zip(
            GUARDED, await asyncio.gather(*(asked(administrator, route) for route in GUARDED)), strict=True
        ):
            refused(answer, 503, "unavailable")
            is_described(route, answer)
