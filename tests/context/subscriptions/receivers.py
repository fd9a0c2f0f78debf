"""Who is told in tests? An HTTP receiver on a loopback port that keeps what it got, and a delivery engine beside the broker."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

from kairo.context.subscriptions.delivery.running import deliver
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok

LOOPBACK = Settings(notification_networks=("127.0.0.0/8",), notification_timeout_seconds=2)
PATIENCE_SECONDS = 20.0


@dataclass
class Received:
    """One request."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        return self.body["data"]


@dataclass
class Receiver:
    """Keeps requests in the order in which they came; `answer` decides the status of each, None never answers."""

    port: int = 0
    got: list[Received] = field(default_factory=list)
    answer: Callable[[Received], int | None] = lambda _: 200
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/notify"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
                content = orjson.loads(await reader.readexactly(int(headers["content-length"])))
                received = Received(head[0].split(" ")[1], headers, content)
                async with self.changed:
                    self.got.append(received)
                    self.changed.notify_all()
                status = self.answer(received)
                if status is None:
                    await reader.read()  # until the other side has had enough
                    break
                extra = "Location: /elsewhere\r\n" if status in {301, 302, 307, 308} else ""
                body = "" if status == 204 else "Content-Length: 2\r\n\r\nok"
                writer.write(f"HTTP/1.1 {status} X\r\n{extra}{body or chr(13) + chr(10)}".encode())
                await writer.drain()
        writer.close()

    async def until(self, number: int, seconds: float = PATIENCE_SECONDS) -> list[Received]:
        """Waits until so many have come; all that have."""
        async with asyncio.timeout(seconds), self.changed:
            await self.changed.wait_for(lambda: len(self.got) >= number)
        return list(self.got)

    async def none_but(self, number: int, marker: Callable[[], Any]) -> list[Received]:
        """After `marker` has caused one more notification: exactly `number` had come before it."""
        await marker()
        got = await self.until(number + 1)
        assert len(got) == number + 1, [one.body for one in got]
        return got[:number]


@asynccontextmanager
async def receiving(answer: Callable[[Received], int | None] | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    if answer is not None:
        receiver.answer = answer
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        for writer in receiver.writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in receiver.writers), return_exceptions=True)


@asynccontextmanager
async def delivering(broker: Broker, settings: Settings | None = None) -> AsyncIterator[None]:
    """Delivery runs beside the block, as in a job worker; it is cut off at the end."""
    work = asyncio.create_task(deliver(broker.graph, broker.gate, broker.api.desk.contexts, settings or broker.settings))
    try:
        yield
    finally:
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


async def eventually(holds: Callable[[], Any], seconds: float = PATIENCE_SECONDS) -> None:
    """Until the condition, which may be a coroutine function, holds; fails after so long."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if inspect.isawaitable(found) else found:
                return
            await asyncio.sleep(0.01)


async def subscribed(asker: Asker, url: str, *, notification: dict[str, Any] | None = None, **members: Any) -> str:
    """The id of a new subscription to a receiver."""
    endpoint = {"uri": url, **(notification or {}).pop("endpoint", {})}
    payload = {"type": "Subscription", **members, "notification": {"endpoint": endpoint, **(notification or {})}}
    location = ok(await asker.post("/subscriptions", json=payload), 201).headers["location"]
    return str(location.rpartition("/")[2])


def ids(got: Sequence[Received]) -> list[str]:
    """The entities that were told of, in order."""
    return [entity["id"] for one in got for entity in one.data]
