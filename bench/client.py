"""How is load made without costing the servers anything? A process of its own with raw HTTP/1.1 connections that stay open.

    python -m bench.client '{"kind": "retrieve", "port": 8099, "connections": 64, "seconds": 5, …}'   # one JSON line comes back

Each connection sends its next request when the answer to the last has come. `pace` spreads them: so many a second of all
connections together. Of an answer its status and length are read, and what says whether it is the right one (answers.py).
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import partial
from typing import Any

import orjson
import uvloop

from bench.answers import is_right
from bench.load import KINDS, Asked, Requests

_ASKED = {item.name for item in fields(Asked)} - {"host"}


@dataclass(slots=True)
class Tally:
    """What came back."""

    answers: int = 0
    wrong: int = 0
    bytes: int = 0
    seconds: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    waits: list[float] = field(default_factory=list)
    sample: str = ""


class Round:
    """One round of load: bounded in time and number."""

    def __init__(
        self,
        requests: Requests,
        *,
        seconds: float,
        most: int,
        pace: float = 0.0,
        is_right: Callable[[bytes], bool] | None = None,
    ) -> None:
        """`is_right` is asked of the body of each answer."""
        self.requests = requests
        self.is_right = is_right
        self.tally = Tally()
        self.begin = time.perf_counter()
        self.end = self.begin + seconds
        self.most = most
        self.pace = pace
        self.sent = 0

    def next(self) -> tuple[bytes, float] | None:
        """The next request and the seconds until it is due, or None when the round is over."""
        now = time.perf_counter()
        due = max(now, self.begin + self.sent / self.pace) if self.pace else now
        if self.sent >= self.most or due >= self.end:
            return None
        request = next(self.requests, None)
        if request is None:
            return None
        self.sent += 1
        return request, due - now


class Connection(asyncio.Protocol):
    """One connection that asks until the round is over."""

    def __init__(self, one: Round, done: "asyncio.Future[None]") -> None:
        self._round = one
        self._done = done
        self._buffer = bytearray()
        self._body_at = 0
        self._wanted = -1
        self._asked_at = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        found = self._round.next()
        if found is None:
            self._transport.close()
        elif found[1] > 0:
            asyncio.get_running_loop().call_later(found[1], self._send, found[0])
        else:
            self._send(found[0])

    def _send(self, request: bytes) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._wanted < 0:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            self._body_at = head + 4
            self._wanted = self._body_at + length_of(bytes(self._buffer[:head]).lower())
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
        asked = self._round.is_right
        is_right = asked is None or not status.startswith("2") or asked(bytes(self._buffer[self._body_at :]))
        tally.wrong += not is_right
        if not tally.sample or not status.startswith("2") or not is_right:
            tally.sample = self._buffer[:50_000].decode(errors="replace")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_result(None)


def length_of(head: bytes) -> int:
    """The length of the body that a head in small letters announces."""
    at = head.find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def percentiles(waits: Sequence[float]) -> list[float]:
    """The median and the 99th percentile: the least value that half, or 99 of 100, do not exceed. Nothing of nothing."""
    ordered = sorted(waits)
    return [ordered[max(0, -(-len(ordered) * percent // 100) - 1)] for percent in (50, 99)] if ordered else []


def _give_up(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """A client that is wrong must not look like a server that is slow."""
    sys.stderr.write(f"{context.get('message')}: {context.get('exception')!r}\n")
    os._exit(1)


async def run(spec: dict[str, Any]) -> dict[str, Any]:
    """One round as the specification says."""
    host, port = "127.0.0.1", spec["port"]
    asked = Asked(f"{host}:{port}", **{name: value for name, value in spec.items() if name in _ASKED})
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_give_up)
    kind = spec["kind"]
    bounds = {"seconds": spec["seconds"], "most": spec["most"], "pace": spec.get("pace", 0.0)}
    round_ = Round(KINDS[kind](asked), is_right=partial(is_right, kind), **bounds)
    endings = []
    for _ in range(spec["connections"]):
        done: asyncio.Future[None] = loop.create_future()
        endings.append(done)
        await loop.create_connection(lambda done=done: Connection(round_, done), host, port)  # type: ignore[misc]
    await asyncio.gather(*endings)
    tally = round_.tally
    tally.seconds = time.perf_counter() - round_.begin
    tally.waits = percentiles(tally.waits)
    return {**asdict(tally), "sent": round_.sent}


if __name__ == "__main__":
    result = uvloop.run(run(orjson.loads(sys.argv[1])))
    sys.stdout.write(orjson.dumps(result).decode() + "\n")
