"""Does the kernel let go of a connection whose reader has stopped reading?"""

import asyncio
import socket
import sys

import pytest

from kairo.platform.http import listening
from kairo.platform.http.listening import limit_readers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="TCP_USER_TIMEOUT is Linux'")


async def test_connections_to_the_port_have_the_limit_and_others_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours, socket.create_server(("127.0.0.1", 0)) as other:
        assert await limit_readers(ours.getsockname()[1], 7)
        for listener, milliseconds in ((ours, 7000), (other, 0)):
            with socket.create_connection(listener.getsockname()) as client:
                accepted, _ = listener.accept()
                with accepted:
                    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == milliseconds
                    client.sendall(b"x")
                    assert accepted.recv(1) == b"x", "all of them stay open"


async def test_the_server_may_listen_later() -> None:
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))
        waiting = asyncio.create_task(limit_readers(late.getsockname()[1], 7))
        await asyncio.sleep(0)
        assert not waiting.done()
        late.listen()
        assert await waiting
        assert late.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 7000


async def test_a_server_that_never_listens_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "_PATIENCE_SECONDS", 1)
    monkeypatch.setattr(listening, "_LOOKS_A_SECOND", 20)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert not await limit_readers(bound.getsockname()[1], 7)
