"""How does a command reach the database as the owner of its tables, and what does it say when it cannot?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from kairo.errors import StartError
from kairo.platform.db.failures import mapped
from kairo.platform.db.pool import Connection

_CONNECT_SECONDS = 30.0


async def connect_as_owner(url: str, *, name: str) -> Connection:
    """A connection outside of any pool. Raises StartError where the server, the user or the database is not there."""
    settings = {"application_name": name, "client_min_messages": "warning", "search_path": "public"}
    try:
        return await asyncpg.connect(url, timeout=_CONNECT_SECONDS, server_settings=settings)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StartError(
            f"the database cannot be reached: {str(error) or type(error).__name__}",
            mend="Check KAIRO_DATABASE_URL (address, user, password, database) and that the server runs.",
        ) from error


@asynccontextmanager
async def owner_of(url: str, *, name: str) -> AsyncIterator[Connection]:
    """The same for a block; errors of the database in it are KairoErrors."""
    connection = await connect_as_owner(url, name=name)
    try:
        with mapped():
            yield connection
    finally:
        await connection.close(timeout=5)
