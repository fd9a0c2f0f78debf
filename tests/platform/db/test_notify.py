"""Do hints arrive after the commit only, and again after the connection broke?"""

import asyncio

import pytest

from kairo.errors import KairoError
from kairo.platform.db import Database, Listener, notify


async def until(heard: list[tuple[str, str]], count: int) -> None:
    async with asyncio.timeout(8):
        while len(heard) < count:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_hints(db: Database) -> None:
    heard: list[tuple[str, str]] = []
    async with Listener(db, ["change", "job"], lambda *hint: heard.append(hint)):
        await until(heard, 2)
        assert sorted(heard) == [("change", ""), ("job", "")]
        with pytest.raises(ZeroDivisionError):
            async with db.unit("a") as unit:
                await notify(unit.connection, "change", "never")
                raise ZeroDivisionError
        async with db.unit("a") as unit:
            await notify(unit.connection, "change", "a 1")
            await asyncio.sleep(0.05)
            assert len(heard) == 2
        await until(heard, 3)
        assert heard[2] == ("change", "a 1")
        async with db.owner() as owner:
            await owner.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kairo listen'")
        await until(heard, 5)
        assert sorted(heard[3:]) == [("change", ""), ("job", "")]
        async with db.unit("a") as unit:
            await notify(unit.connection, "job", "a 2")
        await until(heard, 6)


async def test_a_failing_handler_does_not_end_it(db: Database) -> None:
    heard: list[str] = []

    def handler(channel: str, payload: str) -> None:
        heard.append(payload)
        raise ZeroDivisionError

    async with Listener(db, ["change"], handler):
        while not heard:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        async with db.unit("a") as unit:
            await notify(unit.connection, "change", "x")
        async with asyncio.timeout(5):
            while "x" not in heard:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_no_data_in_hints(db: Database) -> None:
    async with db.unit("a") as unit:
        with pytest.raises(KairoError):
            await notify(unit.connection, "change", "x" * 8000)
