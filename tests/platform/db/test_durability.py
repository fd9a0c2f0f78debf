"""Is everything that was acknowledged still there after kill -9 of the program, of PostgreSQL, of both, many times?"""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import asyncpg
import pytest

from kairo.errors import KairoError
from kairo.platform.db import Database, EmbeddedServer, start
from kairo.platform.db.cluster import running_postmaster
from tests.conftest import postgres_bin, run_apart

pytestmark = [pytest.mark.durability, pytest.mark.slow]
WRITER = Path(__file__).with_name("writer.py")


class Round:
    """One life of the writer: what it printed. `lives` ends those that a failing test left."""

    lives: ClassVar[list["Round"]] = []

    def __init__(self, data: Path, first: int) -> None:
        command = [sys.executable, str(WRITER), str(data), str(first), *([str(postgres_bin())] if postgres_bin() else [])]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.acknowledged: list[int] = []
        self.unknown = 0
        self.lives.append(self)

    def read(self, count: int, seconds: float = 40) -> None:
        """Read until `count` more ids are acknowledged."""
        assert self.process.stdout
        until = len(self.acknowledged) + count
        give_up_at = time.monotonic() + seconds
        while len(self.acknowledged) < until:
            line = self.process.stdout.readline()
            assert line, f"the writer ended: {self.process.stderr.read() if self.process.stderr else ''}"
            assert time.monotonic() < give_up_at, "too slow"
            self._note(line)

    def _note(self, line: str) -> None:
        word, _, number = line.partition(" ")
        if word == "acknowledged" and number.endswith("\n"):
            self.acknowledged.append(int(number))
        self.unknown += word == "unknown"

    def kill(self) -> None:
        self.process.kill()
        out, _ = self.process.communicate()
        for line in out.splitlines(keepends=True):
            self._note(line)


@pytest.fixture(autouse=True)
def _end_all() -> Iterator[None]:
    yield
    for life in Round.lives:
        if life.process.returncode is None:
            life.kill()
    Round.lives.clear()


async def _ids(server: EmbeddedServer) -> set[int]:
    connection = await asyncpg.connect(server.url)
    rows = await connection.fetch("SELECT id FROM note")
    await connection.close()
    return {row["id"] for row in rows}


def _kill_postmaster(data: Path) -> None:
    pid = running_postmaster(data / "postgres" / "cluster")
    assert pid
    os.kill(pid, signal.SIGKILL)


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    dice = random.Random(7)
    acknowledged: set[int] = set()
    kinds = ["program", "postgres, then program", "both at once", "postgres, twice"]
    for number in range(20):
        life = Round(tmp_path, (number + 1) * 10_000_000)
        life.read(dice.randint(20, 300))
        kind = kinds[number % 4]
        if kind in {"postgres, then program", "postgres, twice"}:
            _kill_postmaster(tmp_path)
            life.read(dice.randint(20, 100))  # the program brings PostgreSQL back and goes on
        if kind == "postgres, twice":
            _kill_postmaster(tmp_path)
            life.read(20)
        if kind == "both at once":
            _kill_postmaster(tmp_path)
        life.kill()
        acknowledged |= set(life.acknowledged)
    with start(tmp_path, postgres_bin=postgres_bin()) as server:
        stored = run_apart(_ids(server))
    assert not acknowledged - stored
    assert len(acknowledged) > 1000


def test_the_server_dies_with_the_program(tmp_path: Path) -> None:
    life = Round(tmp_path, 0)
    life.read(1)
    pid = running_postmaster(tmp_path / "postgres" / "cluster")
    assert pid
    life.kill()
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("the server outlived its program")


def test_a_restart_at_once_waits_for_orphans(tmp_path: Path) -> None:
    """kill -9 of the postmaster leaves its backends behind for a moment, and PostgreSQL then refuses to start."""
    for number in range(5):
        life = Round(tmp_path, number * 1_000_000)
        life.read(50)
        life.process.send_signal(signal.SIGSTOP)
        _kill_postmaster(tmp_path)
        life.process.kill()
        life.process.wait()
        begun = time.monotonic()
        with start(tmp_path, postgres_bin=postgres_bin()) as server:
            assert time.monotonic() - begun < 15
            life.kill()
            assert set(life.acknowledged) <= run_apart(_ids(server))


def test_writers_wait_out_a_restart_of_the_server(tmp_path: Path) -> None:
    async def use(server: EmbeddedServer) -> None:
        keeper = asyncio.create_task(server.keep())
        async with await Database.open(server.url, size=3, role=None, wait_seconds=15) as db:
            for _ in range(4):
                assert await db.fetch("a", "SELECT 1")
                assert server.pid
                os.kill(server.pid, signal.SIGKILL)
                await asyncio.sleep(0.01)
                try:
                    assert await db.fetch("a", "SELECT 1")
                except KairoError as error:
                    pytest.fail(f"not waited out: {error.detail}")
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)

    with start(tmp_path, postgres_bin=postgres_bin()) as server:
        asyncio.run(use(server))
