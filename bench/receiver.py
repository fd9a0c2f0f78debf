"""Who is notified? A process that takes every POST, counts what it is told of, and notes how long that took.

    python -m bench.receiver      # its port comes back as a line; GET / answers what came, GET /forget forgets it

The value of the attribute that is sent is the moment at which its change was asked for.
"""

import asyncio
import sys
import time
from typing import Any

import orjson
import uvloop

from bench.client import length_of, percentiles
from bench.entities import PATCHED
from kairo.platform.processes.orphans import end_with_parent

_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Told:
    """What came."""

    def __init__(self) -> None:
        self.number = 0
        self.delays: list[float] = []

    def take(self, body: bytes) -> None:
        """One notification."""
        self.number += 1
        told: dict[str, Any] = orjson.loads(body)
        for entity in told["data"]:
            self.delays.append(time.time() - entity[PATCHED]["value"])

    def report(self) -> bytes:
        """What came: the number, and the delays' percentiles in seconds."""
        return orjson.dumps({"number": self.number, "waits": percentiles(self.delays)})

    def forget(self) -> None:
        """Counts from nothing."""
        self.number, self.delays = 0, []


class Connection(asyncio.Protocol):
    """One connection that is kept open."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._buffer = bytearray()
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head := self._buffer.find(b"\r\n\r\n")) >= 0:
            end = head + 4 + length_of(bytes(self._buffer[:head]).lower())
            if len(self._buffer) < end:
                return
            body = bytes(self._buffer[head + 4 : end])
            first = bytes(self._buffer[:12])
            del self._buffer[:end]
            if first.startswith(b"POST"):
                self._told.take(body)
                self._transport.write(_TAKEN)
            else:
                if first == b"GET /forget ":
                    self._told.forget()
                report = self._told.report()
                self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(report) + report)


async def serve() -> None:
    """Until the process is ended."""
    told = Told()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(told), "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    uvloop.run(serve())
