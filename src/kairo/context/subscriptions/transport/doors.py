"""Where may a notification go? Every connection to a receiver is opened here, to an address that was checked.

The name is looked up first, all its addresses are checked, and the connection goes to a checked one: a name that points elsewhere
a moment later gains nothing. Private and loopback addresses are refused unless the operator names their network.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from kairo.platform.http.addresses import Address, is_allowed, literal, look_up, networks

LARGEST_HEAD_BYTES = 64 * 1024
Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]
C = TypeVar("C")


class Undelivered(Exception):
    """A receiver did not take a notification. The text says why; it holds nothing of the notification."""


class Doors:
    """Opens connections. `allowed` are networks beside the public addresses; `certificates` replaces the public authorities."""

    def __init__(self, allowed: Iterable[str] = (), certificates: ssl.SSLContext | None = None) -> None:
        self._allowed = networks(allowed)
        self._certificates = certificates

    def may_open(self, host: str) -> bool:
        """Whether a host may be tried: any name but that of this machine, and any address that is allowed."""
        address = literal("127.0.0.1" if host.lower().rstrip(".") == "localhost" else host)
        return address is None or is_allowed(address, self._allowed)

    async def open(self, host: str, port: int, *, tls: bool) -> Stream:
        """A connection. Raises Undelivered."""
        try:
            address = literal(host)
            found = [address] if address is not None else await look_up(host, port)
            if not found or not all(is_allowed(one, self._allowed) for one in found):
                raise Undelivered("the receiver's address is private, and not in notification_networks")
            return await self._first(found, host, port, tls=tls)
        except ssl.SSLError as error:
            raise Undelivered(f"TLS: {error.reason or 'failed'}") from None
        except (OSError, UnicodeError) as error:
            raise Undelivered(f"no connection: {getattr(error, 'strerror', None) or type(error).__name__}") from None

    async def _first(self, found: Sequence[Address], host: str, port: int, *, tls: bool) -> Stream:
        """A connection to the first address that takes one."""
        given: dict[str, Any] = {"ssl": self._context(), "server_hostname": host.strip("[]")} if tls else {}
        for address in found[:-1]:
            try:
                return await asyncio.open_connection(str(address), port, limit=LARGEST_HEAD_BYTES, **given)
            except OSError:
                continue
        return await asyncio.open_connection(str(found[-1]), port, limit=LARGEST_HEAD_BYTES, **given)

    def _context(self) -> ssl.SSLContext:
        if self._certificates is None:
            self._certificates = ssl.create_default_context()
        return self._certificates


class Idle(Generic[C]):
    """Connections that wait to be used again, by receiver: the one used last first, at most `most`, for at most `seconds`."""

    def __init__(self, most: int = 256, seconds: float = 15.0) -> None:
        self._most = most
        self._seconds = seconds
        self._kept: deque[tuple[float, object, C, asyncio.StreamWriter]] = deque()

    def take(self, receiver: object) -> C | None:
        """One that is not known to be closed, or None."""
        self._tidy()
        for index in range(len(self._kept) - 1, -1, -1):
            if self._kept[index][1] == receiver:
                _, _, connection, writer = self._kept[index]
                del self._kept[index]
                if not writer.is_closing():
                    return connection
                writer.close()
                return self.take(receiver)
        return None

    def keep(self, receiver: object, connection: C, writer: asyncio.StreamWriter) -> None:
        """Keeps one for the next notification."""
        self._kept.append((asyncio.get_running_loop().time(), receiver, connection, writer))
        self._tidy()

    async def close(self) -> None:
        """Closes all."""
        writers = [kept[3] for kept in self._kept]
        self._kept.clear()
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)

    def _tidy(self) -> None:
        oldest = asyncio.get_running_loop().time() - self._seconds
        while self._kept and (len(self._kept) > self._most or self._kept[0][0] < oldest):
            self._kept.popleft()[3].close()
