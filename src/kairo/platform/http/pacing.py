"""How long may a reader take for its answer, and how much may wait to be read? Long answers go out in pieces, each taken in time.

The server (Granian, from 2.8 on) takes the next piece of an answer when the connection has room for it. A whole answer in one
piece it would keep for as long as the reader likes.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from kairo.platform.http.messages import Send

Message = MutableMapping[str, Any]

PIECE_BYTES = 64 * 1024
LEAST_SECONDS = 5.0


class ReaderGone(Exception):
    """The reader has taken nothing for too long."""


class Readers:
    """Those who read the long answers of one process.

    A reader may take `seconds` for a piece while little waits. The fuller the room for what waits (`most_bytes`), the less, down to
    LEAST_SECONDS: so it never stays full of what nobody reads, and who reads fast finds room soon.
    """

    def __init__(self, seconds: float, most_bytes: int) -> None:
        self._seconds = seconds
        self._most_bytes = most_bytes
        self._held_bytes = 0

    def have_room(self, size: int) -> bool:
        """Whether an answer of so many bytes may begin. One that is longer than all the room may when nothing else waits."""
        return not self._held_bytes or self._held_bytes + size <= self._most_bytes

    def patience(self) -> float:
        """Seconds that a reader may take for the next piece."""
        share = 1 - self._held_bytes / self._most_bytes
        return min(self._seconds, max(LEAST_SECONDS, self._seconds * share))

    async def send(self, send: Send, begin: Message | None, message: Message) -> None:
        """Sends a part of a body, behind the answer's beginning where it is the first. It counts as held until its last piece is
        taken. Raises ReaderGone where one is not taken in time; who sends then ends, and the server closes the connection."""
        body, more = message.get("body", b""), message.get("more_body", False)
        self._held_bytes += len(body)
        try:
            if begin is not None:
                await send(begin)
            for start in range(0, max(1, len(body)), PIECE_BYTES):
                end = start + PIECE_BYTES
                piece = {"type": "http.response.body", "body": body[start:end], "more_body": more or end < len(body)}
                async with asyncio.timeout(self.patience()):
                    await send(piece)
        except TimeoutError:
            raise ReaderGone from None
        finally:
            self._held_bytes -= len(body)
