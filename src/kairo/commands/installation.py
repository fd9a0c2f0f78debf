"""Which database does a command work on? The embedded server of the data folder (started if it does not run), or one by URL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from kairo.context.temporal.store import make_partitions
from kairo.platform.clock import system_clock
from kairo.platform.db import Database, EmbeddedServer, attach_or_start, migrate, start
from kairo.settings import Settings


@dataclass(frozen=True, slots=True)
class Installation:
    """A database that is ready: `url` reaches it as its owner; `server` is the embedded server, or None by URL."""

    settings: Settings
    url: str
    server: EmbeddedServer | None


@contextmanager
def installation(settings: Settings, *, exclusive: bool = False) -> Iterator[Installation]:
    """Starts or reaches the database and brings it up to date. `exclusive`: the folder must not be in use (serve, restore).

    Raises StartError: folder in use, a database of a newer version, a server that does not answer.
    """
    if settings.database_url:
        settings.data.mkdir(parents=True, exist_ok=True)
        asyncio.run(bring_up_to_date(settings.database_url))
        yield Installation(settings, settings.database_url, None)
        return
    begin = start if exclusive else attach_or_start
    with begin(settings.data, postgres_bin=settings.postgres_bin) as server:
        if server.started_here:
            asyncio.run(bring_up_to_date(server.url))
        yield Installation(settings, server.url, server)


async def bring_up_to_date(url: str) -> None:
    """Applies missing migrations, and makes the partitions of history that the next writes go to."""
    await migrate(url)
    async with await Database.open(url, size=1, name="kairo start") as database, database.owner() as owner:
        await make_partitions(owner, system_clock().date())


@asynccontextmanager
async def opened(found: Installation, *, size: int = 4, name: str) -> AsyncIterator[Database]:
    """The database of an installation, for a command's own process."""
    async with await Database.open(found.url, size=size, name=name) as database:
        yield database
