"""The municipality that tests of identity ask for."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kairo.platform.db import Database
from tests.trust.identity.town import Town, town


@pytest_asyncio.fixture
async def city(database: Database) -> AsyncIterator[Town]:
    """A municipality of this test alone."""
    async with town(database) as made:
        yield made


@pytest_asyncio.fixture
async def demo(database: Database) -> AsyncIterator[Town]:
    """The same in the demo, with its people."""
    async with town(database, demo=True) as made:
        await made.kairo.seed()
        yield made
