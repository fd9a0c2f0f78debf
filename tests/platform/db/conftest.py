"""What do the tests of the database layer share? A small table with a tenant, and a second database handle."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from kairo.platform.db import Database
from kairo.platform.db.units import ROW_SECURITY
from tests.conftest import run_apart

NOTE = """
CREATE TABLE note (
    tenant text NOT NULL, id bigint NOT NULL, text text NOT NULL DEFAULT '', doc jsonb, place bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id)
);
""" + ROW_SECURITY.format(table="note")


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(NOTE)
    await connection.close()


@pytest.fixture(scope="module")
def note_table(database_url: str) -> str:
    """The module's database with the table `note`."""
    run_apart(_prepare(database_url))
    return database_url


@pytest_asyncio.fixture
async def db(note_table: str) -> AsyncIterator[Database]:
    """The module's database with an empty table `note`."""
    async with await Database.open(note_table, size=4, wait_seconds=3) as opened:
        async with opened.owner() as owner:
            await owner.execute("TRUNCATE note")
        yield opened
