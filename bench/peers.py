"""Who is compared? A side is a web server with one worker over an embedded PostgreSQL of its own, so that its CPU time is its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
import orjson

from bench import floor
from bench.cpu import cpu_seconds
from bench.kairo_side import DECLARED
from kairo.context.maintenance import Maintenance
from kairo.platform.clock import system_clock
from kairo.platform.db import Database, EmbeddedServer, migrate, start
from kairo.settings import Settings
from kairo.trust.identity import Credentials

TENANT = Settings().tenant


@dataclass(slots=True)
class Side:
    """One side while it runs."""

    name: str
    postgres: EmbeddedServer
    web: "subprocess.Popen[bytes]"
    port: int
    token: str
    first: int  # the number of the next new thing

    def cpu_seconds(self) -> float:
        """CPU time of the web server and PostgreSQL so far."""
        assert self.postgres.pid is not None
        return cpu_seconds(self.web.pid, self.postgres.pid)

    def web_cpu_seconds(self) -> float:
        """CPU time of the web server alone."""
        return cpu_seconds(self.web.pid)


class Sides:
    """Both sides, from an empty folder. `with` ends them."""

    def __init__(self, folder: Path, *, stored: int, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._stored = stored
        self._say = say
        self._stack = contextlib.ExitStack()
        self.kairo: Side
        self.floor: Side

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            ours, theirs = (stack.enter_context(start(self._folder / name)) for name in ("kairo", "floor"))
            asyncio.run(_prepare(ours.url))
            token = asyncio.run(_token(ours.url, self._folder / "token"))
            asyncio.run(_prepare(theirs.url))
            asyncio.run(_execute(theirs.url, floor.TABLES))
            self.kairo = self._side(stack, "kairo", "bench.kairo_side:worker", ours, token)
            self.floor = self._side(stack, "floor", "bench.floor:worker", theirs, token)
            self._say(f"storing {self._stored:,} entities on either side")
            load = {"kind": "upsert_1000", "connections": 4, "seconds": 600, "most": self._stored // 1000, "first": 0}
            ask(self.kairo, stored=0, seed=1, **load)
            asyncio.run(_copy(ours.url, theirs.url, self._folder / "rows"))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _side(self, stack: contextlib.ExitStack, name: str, target: str, postgres: EmbeddedServer, token: str) -> Side:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        metrics = self._folder / f"{name}-metrics"
        metrics.mkdir()
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("KAIRO_")},
            "KAIRO_DATABASE_URL": postgres.url,
            "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            "MALLOC_ARENA_MAX": "2",
        }
        web = subprocess.Popen([sys.executable, "-m", "bench.serve", target, str(port)], env=environment)
        stack.callback(_end, web)
        _await_port(port, web)
        return Side(name, postgres, web, port, token, self._stored)


def ask(side: Side, *, stored: int, seed: int, **spec: Any) -> dict[str, Any]:
    """One round of load from a process of its own; raises RuntimeError unless every answer was a success."""
    given = {"port": side.port, "token": side.token, "stored": stored, "seed": seed, **spec}
    done = subprocess.run(
        [sys.executable, "-m", "bench.client", orjson.dumps(given).decode()], check=True, capture_output=True, timeout=900
    )
    result: dict[str, Any] = orjson.loads(done.stdout)
    if result["answers"] != result["sent"] or any(not status.startswith("2") for status in result["statuses"]):
        raise RuntimeError(f"{side.name} failed at {spec['kind']}: {result}")
    return result


async def _prepare(url: str) -> None:
    """Tables, the partition of this month, the tenant."""
    await migrate(url)
    async with await Database.open(url, size=1) as database:
        await Maintenance(database, DECLARED, system_clock).round()


async def _token(url: str, path: Path) -> str:
    async with await Database.open(url, size=1) as database:
        return await Credentials(database, TENANT, system_clock).administrator_token(path)


async def _execute(url: str, script: str) -> None:
    async with _connected(url) as connection:
        await connection.execute(script)


async def _copy(source: str, target: str, path: Path) -> None:
    """The same entities for the floor: Kairo's tables as they are, and the bytes of each document in a plain one."""
    async with _connected(source) as ours, _connected(target) as theirs:
        for table in ("entity", "entity_geo"):
            await ours.copy_from_table(table, output=path, format="binary")
            await theirs.copy_to_table(table, source=path, format="binary")
        await theirs.execute("INSERT INTO plain_document SELECT id, convert_to(doc::text, 'UTF8') FROM entity")
        for connection in (ours, theirs):
            await connection.execute("VACUUM (ANALYZE)")
            await connection.execute("CHECKPOINT")


@contextlib.asynccontextmanager
async def _connected(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


def _await_port(port: int, web: "subprocess.Popen[bytes]") -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at and web.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"a server of the benchmark did not start (exit code {web.returncode})")


def _end(web: "subprocess.Popen[bytes]") -> None:
    web.terminate()
    try:
        web.wait(10)
    except subprocess.TimeoutExpired:
        web.kill()
        web.wait()
