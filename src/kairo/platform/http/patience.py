"""How long may a body take to come? Whoever sends it drop by drop holds a place that others need.

A timer for each request costs more than reading most bodies does: deadlines are looked at once a second instead, all together.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from kairo.errors import RequestTimeout

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOOKS_EVERY_SECONDS = 1.0
BYTES_A_SECOND = 16 * 1024  # the slowest line that is waited for: 128 kbit/s


class _Wait:
    """One who waits: a context manager, without a generator, since every request with a body goes through one."""

    __slots__ = ("deadline", "is_over", "task", "waits")

    def __init__(self, waits: "dict[_Wait, None]", task: asyncio.Task[object], deadline: float) -> None:
        self.waits = waits
        self.task = task
        self.deadline = deadline
        self.is_over = False

    def __enter__(self) -> None:
        self.waits[self] = None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.waits.pop(self, None)
        if self.is_over and kind is asyncio.CancelledError and not self.task.uncancel():
            raise TimeoutError from None


class Patience:
    """Those of one process who wait for the rest of a body."""

    def __init__(self, looks_every_seconds: float = LOOKS_EVERY_SECONDS) -> None:
        self._looks_every_seconds = looks_every_seconds
        self._waits: dict[_Wait, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None  # where a look is planned

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Raises TimeoutError in the block that takes longer, up to `looks_every_seconds` late."""
        task = asyncio.current_task()
        assert task is not None
        loop = task.get_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(self._looks_every_seconds, self._look)
        return _Wait(self._waits, task, loop.time() + seconds)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for wait in [one for one in self._waits if one.deadline <= now and one.task.get_loop() is loop]:
            del self._waits[wait]
            wait.is_over = True
            wait.task.cancel()
        if self._waits:
            loop.call_later(self._looks_every_seconds, self._look)
        else:
            self._loop = None


class BodiesInTime:
    """An ASGI application whose requests have their bodies in time: for what is inside and reads them by itself."""

    def __init__(self, inner: App, seconds: float) -> None:
        self._inner = inner
        self._seconds = seconds
        self._patience = Patience()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"POST", "PUT", "PATCH"}:
            await self._inner(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        deadline = asyncio.get_running_loop().time() + seconds_for(int(declared) if declared.isdigit() else 0, self._seconds)
        is_read = False

        async def receiving() -> Message:
            nonlocal is_read
            if is_read:  # what comes now is that the other side has gone
                return await receive()
            try:
                with self._patience.within(deadline - asyncio.get_running_loop().time()):
                    message = await receive()
            except TimeoutError:
                raise late() from None
            is_read = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        await self._inner(scope, receiving, send)


def seconds_for(length: int, seconds: float) -> float:
    """How long a body of so many bytes may take to come, where one of a few bytes may take `seconds`."""
    return seconds + length / BYTES_A_SECOND


def late() -> RequestTimeout:
    """The error for a body that did not come."""
    return RequestTimeout("the rest of the body did not come in time", detail_ja="本文の残りが時間内に届きませんでした。")
