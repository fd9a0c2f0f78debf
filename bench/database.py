"""How does the bench itself reach a database? As its owner, for what it fills in and tidies up."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import asyncpg


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    """A connection as the owner."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def tidy(url: str) -> None:
    """What PostgreSQL would do some time later by itself, at the cost of whoever is measured then."""
    async with connected(url) as connection:
        await connection.execute("SET synchronous_commit = off")  # VACUUM commits table by table
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
