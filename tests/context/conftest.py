"""What do tests of the API in any folder share? Those who ask; which broker they ask is said by the folder's own `broker`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.context.api.broker import Asker, Broker


@pytest_asyncio.fixture
async def administrator(broker: Broker, tmp_path: Path) -> AsyncIterator[Asker]:
    async with await broker.administrator(tmp_path) as asker:
        yield asker


@pytest_asyncio.fixture
async def application(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker(await broker.token_of("application:kiosk")) as asker:
        yield asker
