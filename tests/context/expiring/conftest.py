"""What do the tests of expiry share? A broker that may notify this machine, and a receiver beside its delivery."""

from collections.abc import AsyncIterator

import pytest_asyncio

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, open_broker
from tests.context.subscriptions.receivers import LOOPBACK, Receiver, delivering, receiving
from tests.context.subscriptions.world import World


@pytest_asyncio.fixture
async def broker(database: Database) -> AsyncIterator[Broker]:
    async with open_broker(database, settings=LOOPBACK) as opened:
        yield opened


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest_asyncio.fixture
async def world(broker: Broker, administrator: Asker, receiver: Receiver) -> AsyncIterator[World]:
    async with delivering(broker):
        yield World(broker, administrator, receiver)
