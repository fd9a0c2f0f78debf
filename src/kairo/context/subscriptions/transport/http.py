"""How is a notification posted over HTTP/1.1? A POST on a kept connection, no redirects, of the answer only the status (CIM 009 6.3.8).

A client of our own: it goes to the address that was checked and nowhere else, and costs a fifth of what general ones do.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from kairo.context.subscriptions.transport.doors import Doors, Idle, Stream, Undelivered

_LARGEST_ANSWER_BYTES = 256 * 1024  # a longer answer is not read: the connection is closed instead


class HttpClient:
    """Posts bodies. One a process; receivers with the same scheme, host and port share kept connections."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._idle = Idle[Stream]()

    async def close(self) -> None:
        """Lets go of kept connections."""
        await self._idle.close()

    async def post(self, url: str, headers: Sequence[tuple[str, str]], body: bytes) -> None:
        """Returns when the receiver answered 2xx; raises Undelivered otherwise."""
        parts = urlsplit(url)
        tls = parts.scheme == "https"
        host, port = parts.hostname or "", parts.port or (443 if tls else 80)
        receiver = (tls, host, port)
        head = _head(parts.path or "/", parts.query, parts.netloc.rpartition("@")[2], headers, len(body))
        kept = self._idle.take(receiver)
        answer = await self._exchange(kept, head + body) if kept is not None else None
        if answer is None:  # none was kept, or it was closed meanwhile: nothing of an answer came
            kept = await self._doors.open(host, port, tls=tls)
            answer = await self._exchange(kept, head + body)
        if answer is None:
            raise Undelivered("the receiver closed the connection without an answer")
        status, may_stay = answer
        assert kept is not None
        if may_stay:
            self._idle.keep(receiver, kept, kept[1])
        else:
            kept[1].close()
        if not 200 <= status < 300:
            raise Undelivered(f"the receiver answered {status} {_phrase(status)}".rstrip())

    async def _exchange(self, stream: Stream, message: bytes) -> tuple[int, bool] | None:
        """Sends a request: the answer's status and whether the connection may be used again. None: closed without a byte."""
        reader, writer = stream
        done = False
        try:
            writer.write(message)
            await writer.drain()
            answer = await _answer(reader)
            done = answer is not None
            return answer
        except (ConnectionError, asyncio.IncompleteReadError):
            return None
        except (asyncio.LimitOverrunError, ValueError, OSError):
            raise Undelivered("the receiver's answer is not HTTP") from None
        finally:
            if not done:
                writer.close()


def _head(path: str, query: str, host: str, headers: Sequence[tuple[str, str]], length: int) -> bytes:
    target = f"{path}?{query}" if query else path
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", "User-Agent: kairo", f"Content-Length: {length}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool] | None:
    status = 100
    fields: dict[bytes, bytes] = {}
    version = b""
    while status < 200:  # 1xx come before the answer
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head[:-4].split(b"\r\n")
        version, code = first.split(b" ", 2)[:2]
        if not version.startswith(b"HTTP/1.") or len(code) != 3:
            raise ValueError(first)
        status = int(code)
        pairs = (line.partition(b":") for line in lines)
        fields = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
    may_stay = version == b"HTTP/1.1" and b"close" not in fields.get(b"connection", b"")
    if status in {204, 304}:
        return status, may_stay
    length = fields.get(b"content-length", b"")
    if b"transfer-encoding" in fields or not length.isdigit() or int(length) > _LARGEST_ANSWER_BYTES:
        return status, False
    await reader.readexactly(int(length))
    return status, may_stay


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
