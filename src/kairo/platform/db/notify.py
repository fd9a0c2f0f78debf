"""How does a worker learn soon that something waits? NOTIFY as a hint; whoever listens polls as well, for hints get lost.

A payload carries ids only, never data. The program sends it (no trigger does), mostly through `unit.after_commit`.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from kairo.errors import KairoError
from kairo.platform.db.database import Database
from kairo.platform.db.failures import CONNECTION_ERRORS
from kairo.platform.db.pool import Connection

_log = logging.getLogger(__name__)
_LONGEST_PAYLOAD_BYTES = 7999
_LONGEST_PAUSE_SECONDS = 5.0


async def notify(connection: Connection, channel: str, payload: str = "") -> None:
    """Tell the listeners; inside a unit they hear it when it commits, and not at all if it does not."""
    if len(payload.encode()) > _LONGEST_PAYLOAD_BYTES:
        raise KairoError("a hint carries ids only")
    await connection.execute("SELECT pg_notify($1, $2)", channel, payload)


class Listener:
    """Listens on channels over a connection of its own, and comes back when that breaks.

    `on_hint(channel, payload)` is called in the event loop and returns soon. After each (re)connect it is called once a
    channel with an empty payload: something may have been missed, so look.
    """

    def __init__(self, db: Database, channels: Sequence[str], on_hint: Callable[[str, str], object]) -> None:
        self._db = db
        self._channels = tuple(channels)
        self._on_hint = on_hint
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_listening(), name="listen " + " ".join(self._channels))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep_listening(self) -> None:
        pause = 0.1
        while True:
            try:
                await self._listen()
                pause = 0.1
            except (KairoError, OSError, *CONNECTION_ERRORS) as error:
                _log.info("not listening: %s", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _listen(self) -> None:
        """Returns when the connection is lost."""
        connection = await self._db.dedicated(name="kairo listen")
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            for channel in self._channels:
                await connection.add_listener(channel, self._heard)
                self._tell(channel, "")
            await lost.wait()
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, channel: str, payload: object) -> None:
        self._tell(channel, str(payload))

    def _tell(self, channel: str, payload: str) -> None:
        try:
            self._on_hint(channel, payload)
        except Exception:  # noqa: BLE001 - the handler is not ours, listening must go on
            _log.exception("a hint's handler failed")
