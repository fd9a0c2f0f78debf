"""How long may a reader take for its answer? It goes out in pieces, and each has to be taken in time.

The server (Granian, from 2.8 on) takes the next piece of an answer when the connection has room for it. A whole answer in one
piece it would keep for as long as the reader likes.
"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from kairo.platform.http.messages import Send

PIECE_BYTES = 64 * 1024


class ReaderGone(Exception):
    """The reader has taken nothing for too long."""


async def send_in_time(send: Send, message: MutableMapping[str, Any], seconds: float) -> None:
    """Sends a part of a body. Raises ReaderGone where a piece is not taken in so many seconds; who sends then ends, and the server
    closes the connection. What is no longer than a piece, and all of its answer, is handed over and forgotten."""
    body, more = message.get("body", b""), message.get("more_body", False)
    if len(body) <= PIECE_BYTES and not more:
        await send(message)
        return
    for start in range(0, max(1, len(body)), PIECE_BYTES):
        end = start + PIECE_BYTES
        piece = {"type": "http.response.body", "body": body[start:end], "more_body": more or end < len(body)}
        try:
            async with asyncio.timeout(seconds):
                await send(piece)
        except TimeoutError:
            raise ReaderGone from None
