"""What do the tests of subscriptions share? A broker that may notify this machine, its askers, and a receiver."""

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
async def delivery(broker: Broker) -> AsyncIterator[None]:
    async with delivering(broker):
        yield


@pytest_asyncio.fixture
async def world(broker: Broker, administrator: Asker, receiver: Receiver, delivery: None) -> World:
    return World(broker, administrator, receiver)
