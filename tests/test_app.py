"""Does the program let go when its database is gone?"""

import asyncio
import time
from typing import Any

import httpx
import pytest

import kairo.app
from kairo.app import Kairo
from kairo.platform.db import Database
from kairo.settings import Settings


async def test_closing_does_not_wait_for_ever(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    kairo_ = Kairo(Settings(), database)

    async def never() -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(kairo.app, "CLOSING_SECONDS", 0.1)
    monkeypatch.setattr(kairo_.graph, "close", never)
    began = time.monotonic()
    await asyncio.wait_for(kairo_.close(), 10)
    assert time.monotonic() - began < 5


async def test_listed_sites_may_call_the_api_and_no_pages(database: Database) -> None:
    kairo_ = Kairo(Settings(cors_origins=("https://map.example",)), database)
    front: Any = kairo_.asgi()
    origin = {"Origin": "https://map.example"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=front), base_url="http://city.example") as asker:
        api = await asker.get("/ngsi-ld/v1/openapi.json", headers=origin)
        assert api.headers["access-control-allow-origin"] == "https://map.example"
        page = await asker.get("/ja/about", headers=origin)
        assert page.status_code == 200
        assert "access-control-allow-origin" not in page.headers
    await kairo_.close()


async def test_quotas_hold_where_the_operator_sets_one(database: Database) -> None:
    assert Kairo(Settings(), database).desk.quotas is None
    assert Kairo(Settings(max_entities=5), database).desk.quotas is not None
