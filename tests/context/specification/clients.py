"""How do tests ask the real API, and find out when a request took effect? Brokers on one loop, a fresh tenant for each example."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from kairo.platform.db import Database
from tests.context.api.broker import Asker, Broker, open_broker
from tests.context.specification.calls import REQUESTS, Call, answer
from tests.context.specification.model import Answer

T = TypeVar("T")


class Done(NamedTuple):
    """A call with its answer. `began` and `ended` order all events of a client group; `request` is the broker's name for it."""

    call: Call
    answer: Answer
    request: str
    began: int
    ended: int


class Change(NamedTuple):
    """What the audit record says of a request that changed something: its change numbers and its time."""

    numbers: list[int]
    at: datetime


class Brokers:
    """Several brokers over one database, as web workers are, on a loop in another thread."""

    def __init__(self, url: str, folder: Path, number: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        self._tenants = count(1)
        self.events = count(1)
        self.brokers: list[Broker] = []
        self.run(self._open(url, folder, number))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine gives, run on the brokers' loop."""
        future: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return future.result(60)

    async def _open(self, url: str, folder: Path, number: int) -> None:
        for _ in range(number):
            database = await self._stack.enter_async_context(await Database.open(url))
            self.brokers.append(await self._stack.enter_async_context(open_broker(database)))
        self._token = await self.brokers[0].credentials.administrator_token(folder / "token")

    def close(self) -> None:
        """Ends the brokers and their loop."""
        self.run(self._stack.aclose())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def tenant(self) -> str:
        """The name of a new tenant."""
        name = f"example_{next(self._tenants)}"
        await self.brokers[0].graph.create_tenant(name, "test")
        return name

    def asker(self, tenant: str, broker: int = 0) -> Asker:
        """The administrator, in this tenant, at one of the brokers."""
        return self.brokers[broker].asker(self._token, NGSILD_Tenant=tenant)

    async def ask(self, asker: Asker, call: Call) -> Done:
        """Makes the call."""
        method, path, parameters, body = REQUESTS[call.operation](call.arguments)
        began = next(self.events)
        response = await asker.request(method, path, params=parameters, json=body)
        ended = next(self.events)
        return Done(call, answer(call, response), response.headers["x-request-id"], began, ended)

    async def changes(self, tenant: str, request: str | None = None) -> dict[str, Change]:
        """The changes of a tenant by request: of all, or of this one."""
        rows = await self.brokers[0].database.fetch(
            tenant,
            "SELECT request, array_agg(seq ORDER BY seq) AS numbers, array_agg(DISTINCT at) AS at FROM change"
            " WHERE tenant = $1 AND ($2::text IS NULL OR request = $2) GROUP BY request",
            tenant,
            request,
        )
        assert all(len(row["at"]) == 1 for row in rows), "what one request changes, it changes at one moment"
        return {row["request"]: Change(list(row["numbers"]), row["at"][0]) for row in rows}
