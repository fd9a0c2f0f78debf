"""What do all tests of consent share? A town of its own for each test, and a mother at its pages."""

from collections.abc import AsyncIterator
from itertools import count

import pytest_asyncio

from kairo.platform.db import Database
from tests.trust.consent.people import MOTHER, City, city, resident
from tests.trust.consent.site import Visitor, visiting

_numbers = count(1)


@pytest_asyncio.fixture
async def town(database: Database) -> City:
    """A tenant of its own."""
    return await city(database, f"town_{next(_numbers)}")


@pytest_asyncio.fixture
async def mother(town: City) -> AsyncIterator[Visitor]:
    """The mother at her pages."""
    async with visiting(town, resident(MOTHER, tenant=town.tenant)) as visitor:
        yield visitor
