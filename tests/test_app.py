"""Does the program let go when its database is gone?"""

import asyncio
import time

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
