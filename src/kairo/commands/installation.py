"""Which database does a command work on? The embedded server of the data folder (started if it does not run), or one by URL."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from kairo.commands.interruptions import run
from kairo.context.temporal.store import make_partitions
from kairo.errors import StartError
from kairo.platform.clock import system_clock
from kairo.platform.db import Database, EmbeddedServer, attach_or_start, lock_session, migrate, start
from kairo.platform.db.exchange import finish_exchange
from kairo.platform.db.migrations import missing_migrations
from kairo.settings import Settings

_OTHER_STARTS_SECONDS = 20.0  # how long a command waits for a server that is just migrating


@dataclass(frozen=True, slots=True)
class Installation:
    """A database that is ready: `url` reaches it as its owner; `server` is the embedded server, or None by URL."""

    settings: Settings
    url: str
    server: EmbeddedServer | None

    @property
    def runs_elsewhere(self) -> bool:
        """Whether another program of Kairo started the embedded server and works on it."""
        return self.server is not None and not self.server.started_here


@contextmanager
def reached(settings: Settings, *, exclusive: bool = False) -> Iterator[Installation]:
    """Starts or reaches the database and leaves it as it is. `exclusive`: the folder must not be in use (serve, restore).

    Raises StartError: folder in use or not writable, a server that does not start.
    """
    if settings.database_url:
        make_data_folder(settings)
        yield Installation(settings, settings.database_url, None)
        return
    begin = start if exclusive else attach_or_start
    with begin(settings.data, postgres_bin=settings.postgres_bin) as server:
        yield Installation(settings, server.url, server)


@contextmanager
def installation(settings: Settings, *, exclusive: bool = False, must_exist: bool = False) -> Iterator[Installation]:
    """As `reached`, and the database is up to date: brought there, or found so where another program runs on the folder.

    Raises StartError also for a database of a newer version, for a running program of another version, and where there is no
    database in the data folder but `must_exist`: a slip in the folder's name must not make an empty city.
    """
    if must_exist and not settings.database_url and not (settings.data / "postgres" / "cluster").exists():
        raise StartError(f"there is no database in {settings.data}", mend="Name the data folder with --data or KAIRO_DATA.")
    with reached(settings, exclusive=exclusive) as found:
        run(_wait_until_up_to_date(found.url) if found.runs_elsewhere else bring_up_to_date(found.url))
        yield found


def make_data_folder(settings: Settings) -> None:
    """The data folder exists and can be written, or StartError."""
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(
            f"the data folder {settings.data} cannot be used: {error.strerror}",
            mend="Choose another with --data or KAIRO_DATA.",
        ) from error


async def bring_up_to_date(url: str, *, finish: bool = True) -> None:
    """Applies missing migrations, makes the partitions of history that the next writes go to; `finish`es a restore that was
    interrupted when the new was whole already."""
    await migrate(url)
    async with await Database.open(url, size=1, name="kairo start") as database, database.owner() as owner:
        await lock_session(owner, "partitions")  # several machines may start at once
        await make_partitions(owner, system_clock().date())
    if finish:
        await finish_exchange(url)


async def _wait_until_up_to_date(url: str) -> None:
    """The program that runs migrates as it starts; one that does not is of another version."""
    give_up_at = time.monotonic() + _OTHER_STARTS_SECONDS
    while missing := await missing_migrations(url):
        if time.monotonic() > give_up_at:
            raise StartError(
                f"the Kairo that runs on this data folder is older than this command (it lacks {missing[0]})",
                mend="Restart it, then run the command again.",
            )
        await asyncio.sleep(0.5)


@asynccontextmanager
async def opened(found: Installation, *, size: int = 4, name: str) -> AsyncIterator[Database]:
    """The database of an installation, for a command's own process."""
    async with await Database.open(found.url, size=size, name=name) as database:
        yield database
