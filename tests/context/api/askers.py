"""Those who ask, as fixtures for any folder: a broker over the module's database, the administrator, anyone, an application.

A folder whose broker is another one overrides `broker`.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, open_broker

__all__ = ["administrator", "anyone", "application", "broker"]


@pytest_asyncio.fixture
async def broker(database: Database) -> AsyncIterator[Broker]:
    async with open_broker(database) as opened:
        yield opened


@pytest_asyncio.fixture
async def administrator(broker: Broker, tmp_path: Path) -> AsyncIterator[Asker]:
    async with await broker.administrator(tmp_path) as asker:
        yield asker


@pytest_asyncio.fixture
async def anyone(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker() as asker:
        yield asker


@pytest_asyncio.fixture
async def application(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker(await broker.token_of("application:kiosk")) as asker:
        yield asker
