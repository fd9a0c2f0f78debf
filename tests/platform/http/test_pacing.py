"""Is every answer sent whole to whoever reads, given up where nobody does, and refused where too much waits already?"""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.platform.http.edge import Edge
from kairo.platform.http.messages import App, Receive, Response, Scope, Send
from kairo.platform.http.pacing import LEAST_SECONDS, PIECE_BYTES, ReaderGone, Readers
from kairo.platform.http.proxies import TrustedProxies

Message = MutableMapping[str, Any]
SECONDS, ROOM = 120.0, 10 * PIECE_BYTES


def asked(method: str = "GET", path: str = "/x", **headers: str) -> Scope:
    sent = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "headers": sent, "client": ("127.0.0.1", 1)}


class Reader:
    """Who takes so many messages of an answer, and then no more until it is told to."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.taken: list[Message] = []
        self.goes_on = asyncio.Event()
        self._most = most

    async def __call__(self, message: Message) -> None:
        if len(self.taken) == self._most:
            await self.goes_on.wait()
        self.taken.append(message)

    @property
    def status(self) -> int:
        return int(self.taken[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.taken[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(message["body"] for message in self.taken[1:])


@given(bodies=st.lists(st.sampled_from([0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES]), min_size=1))
def test_pieces_are_the_body(bodies: list[int]) -> None:
    readers, reader = Readers(SECONDS, ROOM), Reader()
    sent = reader.taken

    async def answer() -> None:
        for place, size in enumerate(bodies, 1):
            body = bytes([place % 256]) * size
            await readers.send(reader, None, {"type": "http.response.body", "body": body, "more_body": place < len(bodies)})

    asyncio.run(answer())
    whole = b"".join(bytes([place % 256]) * size for place, size in enumerate(bodies, 1))
    assert b"".join(message["body"] for message in sent) == whole
    assert [message.get("more_body", False) for message in sent] == [True] * (len(sent) - 1) + [False]
    assert max(len(message["body"]) for message in sent) <= PIECE_BYTES
    assert readers.patience() == SECONDS, "nothing waits any more"


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
async def test_who_takes_nothing_is_given_up(app: App, caplog: pytest.LogCaptureFixture) -> None:
    reader = Reader(4)
    async with asyncio.timeout(10):
        await Edge(app, TrustedProxies(()), reader_seconds=0.01)(asked(), None, reader)  # type: ignore[arg-type]
    assert [len(message.get("body", b"")) for message in reader.taken] == [0, PIECE_BYTES, PIECE_BYTES, PIECE_BYTES]
    assert "request failed" not in caplog.text


class Hall:
    """An application whose room for what waits is held by one reader of ten pieces who takes but two."""

    def __init__(self, size: int, status: int = 200, room: int = ROOM + PIECE_BYTES) -> None:
        self.size, self.status = size, status
        self.edge = Edge(self._app, TrustedProxies(()), reader_seconds=SECONDS, held_bytes=room)
        self.slow = Reader(3)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b"x" * (10 * PIECE_BYTES if scope["path"] == "/slow" else self.size)
        headers = [(b"access-control-allow-origin", b"https://map.example"), (b"vary", b"Origin"), (b"link", b"<x>")]
        await Response(self.status, body, headers=headers).send(send, head=scope["method"] == "HEAD")

    async def __aenter__(self) -> Self:
        self._waiting = asyncio.create_task(self.ask(asked(path="/slow"), self.slow))
        await asyncio.sleep(0)
        assert len(self.slow.taken) == 3
        return self

    async def __aexit__(self, *_: object) -> None:
        self.slow.goes_on.set()
        await self._waiting

    async def ask(self, scope: Scope, reader: Reader | None = None) -> Reader:
        reader = reader or Reader()
        await self.edge(scope, None, reader)  # type: ignore[arg-type]
        return reader


@pytest.mark.parametrize(
    ("scope", "size", "status", "answered"),
    [
        (asked(), PIECE_BYTES, 200, 200),
        (asked(), PIECE_BYTES + 1, 200, 503),
        (asked(), PIECE_BYTES + 1, 206, 503),
        (asked("HEAD"), PIECE_BYTES + 1, 200, 200),
        (asked("POST", "/ngsi-ld/v1/entityOperations/query"), PIECE_BYTES + 1, 200, 503),
        (asked("POST", "/ngsi-ld/v1/temporal/entityOperations/query"), PIECE_BYTES + 1, 200, 503),
        (asked("POST", "/ngsi-ld/v1/entityOperations/upsert"), PIECE_BYTES + 1, 207, 207),
        (asked("POST", "/console/subscriptions"), PIECE_BYTES + 1, 200, 200),
        (asked("DELETE"), PIECE_BYTES + 1, 207, 207),
    ],
)
async def test_where_there_is_no_room_reads_are_refused(scope: Scope, size: int, status: int, answered: int) -> None:
    """Short answers come, and whoever changed something is told of it."""
    async with Hall(size, status) as hall:
        reader = await hall.ask(scope)
        assert reader.status == answered
        if answered == status and scope["method"] != "HEAD":
            assert len(reader.body) == size
    assert len(hall.slow.body) == 10 * PIECE_BYTES, "who had begun has all of it"
    assert (await hall.ask(scope)).status == status, "and then there is room"


async def test_the_refusal_says_what_to_do() -> None:
    async with Hall(2 * PIECE_BYTES) as hall:
        reader = await hall.ask(asked(accept_language="ja", origin="https://map.example"))
    problem = json.loads(reader.body)
    assert (problem["type"], problem["status"]) == ("urn:kairo:error:busy", 503)
    assert "応答" in problem["detail"]
    assert "Retry-After" in problem["mend"]
    assert problem["instance"].endswith(reader.headers["x-request-id"])
    assert int(reader.headers["Retry-After"]) == LEAST_SECONDS
    assert reader.headers["content-length"] == str(len(reader.body))
    assert reader.headers["access-control-allow-origin"] == "https://map.example"
    assert "link" not in reader.headers


async def test_an_answer_longer_than_all_the_room_goes_out_alone() -> None:
    async with Hall(PIECE_BYTES + 1, room=PIECE_BYTES) as hall:
        assert (await hall.ask(asked())).status == 503
    assert len(hall.slow.body) == 10 * PIECE_BYTES


async def test_the_fuller_the_less_patience() -> None:
    readers, slow = Readers(SECONDS, ROOM), [Reader(1) for _ in range(12)]
    seen, tasks = [readers.patience()], []
    for reader in slow:
        message = {"type": "http.response.body", "body": b"x" * PIECE_BYTES}
        tasks.append(asyncio.create_task(readers.send(reader, {"type": "http.response.start"}, message)))
        await asyncio.sleep(0)
        seen.append(readers.patience())
    assert seen == sorted(seen, reverse=True)
    assert (seen[0], seen[5], seen[-1]) == (SECONDS, SECONDS / 2, LEAST_SECONDS)
    assert Readers(0.1, ROOM).patience() == 0.1
    for reader in slow:
        reader.goes_on.set()
    await asyncio.gather(*tasks)
    assert readers.patience() == SECONDS


@pytest.mark.parametrize("end", [lambda task: task.cancel(), lambda task: None])
async def test_what_ends_early_leaves_its_room(end: Callable[[asyncio.Task[None]], Any]) -> None:
    readers, message = Readers(0.01, ROOM), {"type": "http.response.body", "body": b"x" * ROOM}
    task = asyncio.create_task(readers.send(Reader(0), None, message))
    await asyncio.sleep(0)
    assert not readers.have_room(1)
    end(task)
    with pytest.raises((ReaderGone, asyncio.CancelledError)):
        await task
    assert readers.have_room(ROOM)


async def test_what_fails_before_its_body_is_an_error_document() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("odd")

    reader = Reader()
    await Edge(failing, TrustedProxies(()))(asked(), None, reader)  # type: ignore[arg-type]
    assert reader.status == 500
    assert json.loads(reader.body)["status"] == 500
