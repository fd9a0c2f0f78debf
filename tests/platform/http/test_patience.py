"""Is who sends a body drop by drop ended in time, and nobody else?"""

import asyncio
import time
from collections.abc import MutableMapping
from typing import Any

import pytest

from kairo.errors import RequestTimeout
from kairo.platform.http.messages import Limits, Request
from kairo.platform.http.patience import BodiesInTime, Patience, seconds_for


def request(receive: Any, length: int, seconds: float) -> Request:
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", str(length).encode())]}
    return Request(scope, receive, Limits(body_seconds=seconds))


async def drops() -> MutableMapping[str, Any]:
    await asyncio.sleep(0.02)
    return {"type": "http.request", "body": b"x", "more_body": True}


async def never() -> MutableMapping[str, Any]:
    await asyncio.sleep(3600)
    raise AssertionError


@pytest.mark.parametrize("receive", [drops, never], ids=["drop by drop", "nothing"])
async def test_a_body_that_does_not_come_is_refused(monkeypatch: pytest.MonkeyPatch, receive: Any) -> None:
    monkeypatch.setattr("kairo.platform.http.messages._patience", Patience(looks_every_seconds=0.01))
    began = time.monotonic()
    with pytest.raises(RequestTimeout):
        await request(receive, 10_000, -0.5).body()
    assert time.monotonic() - began < 5
    await asyncio.sleep(0)  # and the task goes on as if nothing had been cancelled


async def test_a_body_that_comes_in_time_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kairo.platform.http.messages._patience", Patience(looks_every_seconds=0.01))
    assert await request(drops, 5, 30).body() == b"xxxxx"


async def test_who_is_cancelled_by_others_is_cancelled() -> None:
    patience = Patience(looks_every_seconds=0.01)

    async def wait() -> None:
        with patience.within(30):
            await asyncio.sleep(3600)

    task = asyncio.create_task(wait())
    await asyncio.sleep(0.03)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_each_has_its_own_deadline() -> None:
    patience = Patience(looks_every_seconds=0.01)

    async def wait(seconds: float, needs: float) -> bool:
        try:
            with patience.within(seconds):
                await asyncio.sleep(needs)
        except TimeoutError:
            return False
        return True

    in_time = await asyncio.gather(wait(0.02, 30), wait(30, 0.1), wait(0.03, 30), wait(30, 0.01))
    assert list(in_time) == [False, True, False, True]


async def test_a_page_gets_its_form_in_time_or_not_at_all() -> None:
    async def page(scope: Any, receive: Any, send: Any) -> None:
        del scope, send
        while (await receive()).get("more_body"):
            pass
        assert (await receive())["type"] == "http.disconnect", "who goes away later is not late"

    async def nobody(message: Any) -> None:
        del message

    async def sends(*messages: dict[str, Any]) -> None:
        left = [*messages]

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.05)
            return left.pop(0)

        front = BodiesInTime(page, 0.03 if len(messages) > 3 else 30)
        front._patience = Patience(looks_every_seconds=0.01)
        await front({"type": "http", "method": "POST", "headers": []}, receive, nobody)

    more, last = {"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.request", "body": b"x"}
    await sends(more, last, {"type": "http.disconnect"})
    with pytest.raises(RequestTimeout):
        await sends(more, more, more, last, {"type": "http.disconnect"})


def test_a_long_body_may_take_longer() -> None:
    assert seconds_for(0, 60) == 60
    assert seconds_for(16 * 1024 * 1024, 60) == 60 + 1024
