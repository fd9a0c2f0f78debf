"""What do the contract tests share? The broker of tests/context/api, on the test's loop, or on a loop of its own for hypothesis."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest

from kairo.platform.db import Database
from tests.context.api.askers import administrator, anyone, broker
from tests.context.api.broker import Broker, open_broker

__all__ = ["administrator", "anyone", "broker", "running"]

T = TypeVar("T")


class Running:
    """A broker on a loop in another thread, so that hypothesis' examples, which are no coroutines, can ask it."""

    def __init__(self, url: str, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self.broker, self.token = self.run(self._open(url, folder))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives, run on the broker's loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(60)

    async def _open(self, url: str, folder: Path) -> tuple[Broker, str]:
        database = await self._stack.enter_async_context(await Database.open(url))
        broker = await self._stack.enter_async_context(open_broker(database))
        return broker, await broker.credentials.administrator_token(folder / "token")

    def close(self) -> None:
        """Ends the broker and its loop."""
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture(scope="module")
def running(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    found = Running(database_url, tmp_path_factory.mktemp("running"))
    yield found
    found.close()
