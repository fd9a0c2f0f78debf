"""Is every answer sent whole to whoever reads, and given up where nobody does?"""

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.http.edge import Edge
from kairo.platform.http.messages import Receive, Response, Scope, Send
from kairo.platform.http.pacing import PIECE_BYTES, send_in_time
from kairo.platform.http.proxies import TrustedProxies

Message = MutableMapping[str, Any]


@given(bodies=st.lists(st.sampled_from([0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES]), min_size=1))
def test_pieces_are_the_body(bodies: list[int]) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        for place, size in enumerate(bodies, 1):
            body = bytes([place % 256]) * size
            await send_in_time(send, {"type": "http.response.body", "body": body, "more_body": place < len(bodies)}, 10)

    asyncio.run(answer())
    whole = b"".join(bytes([place % 256]) * size for place, size in enumerate(bodies, 1))
    assert b"".join(message["body"] for message in sent) == whole
    assert [message.get("more_body", False) for message in sent] == [True] * (len(sent) - 1) + [False]
    assert max(len(message["body"]) for message in sent) <= PIECE_BYTES


async def large(scope: Scope, receive: Receive, send: Send) -> None:
    del scope, receive
    await Response(body=b"x" * 10 * PIECE_BYTES).send(send)


async def stubborn(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what went wrong in another answer."""
    try:
        await large(scope, receive, send)
    except Exception:  # noqa: BLE001 - as a framework does
        await send({"type": "http.response.body", "body": b"sorry"})


@pytest.mark.parametrize("app", [large, stubborn])
async def test_who_takes_nothing_is_given_up(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    taken: list[Message] = []

    async def send(message: Message) -> None:
        if len(taken) == 4:
            await asyncio.Event().wait()
        taken.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x", "headers": [], "client": ("127.0.0.1", 1)}
    async with asyncio.timeout(10):
        await Edge(app, TrustedProxies(()), reader_seconds=0.01)(scope, None, send)  # type: ignore[arg-type]
    assert [len(message.get("body", b"")) for message in taken] == [0, PIECE_BYTES, PIECE_BYTES, PIECE_BYTES]
    assert "request failed" not in caplog.text
