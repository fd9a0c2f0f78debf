"""What do the API's tests share? A broker over the module's database, and its askers: the administrator, anyone, an application."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, open_broker


@pytest_asyncio.fixture
async def broker(database: Database) -> AsyncIterator[Broker]:
    async with open_broker(database) as opened:
        yield opened


@pytest_asyncio.fixture
async def open_to_all(database: Database) -> AsyncIterator[Broker]:
    """The same data under `--open`."""
    async with open_broker(database, open_to_all=True) as opened:
        yield opened


@pytest_asyncio.fixture
async def anyone(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker() as asker:
        yield asker
