"""What do the API's tests share, beside those who ask? The same data under `--open`."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kairo.platform.db import Database
from tests.context.api.broker import Broker, open_broker


@pytest_asyncio.fixture
async def open_to_all(database: Database) -> AsyncIterator[Broker]:
    """The same data under `--open`."""
    async with open_broker(database, open_to_all=True) as opened:
        yield opened
