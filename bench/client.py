"""How is load made without costing the servers anything? A process of its own with raw HTTP/1.1 connections that stay open.

    python -m bench.client '{"kind": "retrieve", "port": 8099, "connections": 64, "seconds": 5, …}'   # one JSON line comes back

Each connection sends its next request when the answer to the last has come. Nothing is read of an answer but its status and length.
"""

import asyncio
import os
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
import uvloop

from bench.load import KINDS, Asked, Requests


@dataclass(slots=True)
class Tally:
    """What came back."""

    answers: int = 0
    bytes: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    sample: str = ""


class Round:
    """One round of load: bounded in time and number."""

    def __init__(self, requests: Requests, *, seconds: float, most: int) -> None:
        self.requests = requests
        self.tally = Tally()
        self.end = time.perf_counter() + seconds
        self.most = most
        self.sent = 0

    def next(self) -> bytes | None:
        """The next request, or None when the round is over."""
        if self.sent >= self.most or time.perf_counter() >= self.end:
            return None
        self.sent += 1
        return next(self.requests)


class Connection(asyncio.Protocol):
    """One connection that asks until the round is over."""

    def __init__(self, one: Round, done: "asyncio.Future[None]") -> None:
        self._round = one
        self._done = done
        self._buffer = bytearray()
        self._wanted = -1
        self._asked_at = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        request = self._round.next()
        if request is None:
            self._transport.close()
            return
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._wanted < 0:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            self._wanted = head + 4 + _length_of(bytes(self._buffer[:head]).lower())
        if len(self._buffer) < self._wanted:
            return
        self._count()
        self._buffer.clear()
        self._wanted = -1
        self._ask()

    def _count(self) -> None:
        tally = self._round.tally
        status = self._buffer[9:12].decode()
        tally.answers += 1
        tally.bytes += len(self._buffer)
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        tally.waits.append(time.perf_counter() - self._asked_at)
        if not tally.sample or not status.startswith("2"):
            tally.sample = self._buffer[:50_000].decode(errors="replace")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def _length_of(head: bytes) -> int:
    """The length of the body that a head announces."""
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _give_up(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that is wrong must not look like a server that is slow."""
    sys.stderr.write(f"{context.get('message')}: {context.get('exception')!r}\n")
    os._exit(1)


async def run(spec: dict[str, Any]) -> dict[str, Any]:
    """One round as the specification says."""
    host, port = "127.0.0.1", spec["port"]
    asked = Asked(f"{host}:{port}", spec["token"], spec["stored"], spec["first"], spec["seed"])
    round_ = Round(KINDS[spec["kind"]](asked), seconds=spec["seconds"], most=spec["most"])
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_give_up)
    began = time.perf_counter()
    endings = []
    for _ in range(spec["connections"]):
        done: asyncio.Future[None] = loop.create_future()
        endings.append(done)
        await loop.create_connection(lambda done=done: Connection(round_, done), host, port)  # type: ignore[misc]
    await asyncio.gather(*endings)
    tally = round_.tally
    tally.seconds = time.perf_counter() - began
    waits = sorted(tally.waits)
    tally.waits = [waits[len(waits) * percent // 100] for percent in (50, 99)] if waits else []
    return {**asdict(tally), "sent": round_.sent}


if __name__ == "__main__":
    result = uvloop.run(run(orjson.loads(sys.argv[1])))
    sys.stdout.write(orjson.dumps(result).decode() + "\n")
