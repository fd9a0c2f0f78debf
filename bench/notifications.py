"""How many notifications a CPU-second? Changes as fast as they are answered, until every receiver that should was told of each.

Counted is the CPU time of the web server, the job worker's delivery and PostgreSQL, changes included. How long a notification takes is
measured apart, with changes at a third of that rate: otherwise it would be the length of the queue.
"""

import asyncio
import contextlib
import statistics
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from bench.cpu import cpu_seconds
from bench.database import connected
from bench.entities import TENANT
from bench.scenarios import Notified
from bench.servers import ending, module
from bench.sides import Sides

_CONNECTIONS = 16
_TOLD_SECONDS = 300.0
_PACE = 0.3
_FORGET = (
    *("notification", "dead_letter", "notification_event", "notification_progress"),
    *("subscription_watch", "subscription_state", "subscription"),
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one kind: notifications a CPU-second (round by round) and a second; the part
    of the CPU time that is not PostgreSQL's; seconds from asking for a change until it was
    told (median, 99th percentile); memory of web server, job worker and PostgreSQL."""

    kind: Notified
    per_cpu_second: list[float]
    per_second: float
    web_share: float
    waits: tuple[float, float]
    memory_bytes: int


class _Receiver:
    """The receiver's process, and what it was told."""

    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}/"
        self.waits: list[float] = []

    def forget(self) -> None:
        """Counts from nothing."""
        self._get("forget")

    def wait_for(self, number: int) -> float:
        """Returns the moment at which so many had come. Raises RuntimeError when they do not."""
        give_up_at = time.perf_counter() + _TOLD_SECONDS
        while (found := self._get(""))["number"] < number:
            if time.perf_counter() > give_up_at:
                raise RuntimeError(f"only {found['number']} of {number} notifications came within {_TOLD_SECONDS:g} s")
            time.sleep(0.02)
        self.waits = found["waits"]
        return time.perf_counter()

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(self.root + path, timeout=10) as answer:
            found: dict[str, Any] = orjson.loads(answer.read())
        return found


def measure(sides: Sides, kind: Notified, *, rounds: int, seconds: float, share: float) -> Delivered:
    """One kind; `share` of its subscriptions and changes."""
    side = sides.kairo
    number, changes = max(kind.matching, round(kind.number * share)), max(2, round(kind.changes * share))
    side.serve()
    things = max(1, number // kind.matching)  # those that are watched one by one, each by as many
    which = {"low": 0, "stored": things} if kind.pattern == "own" else {"low": sides.low}
    with _receiver() as receiver:
        asyncio.run(_forget(side.postgres.url))
        address = f"{receiver.root}{kind.pattern}/{things}"
        sides.ask(side, "subscribe", receiver=address, first=0, connections=_CONNECTIONS, most=number)
        sides.tidy()
        with ending(module("bench.jobs_side", given=side.environment)) as jobs:

            def change(most: int, seed: int, **more: Any) -> int:
                """So many changes: how many notifications follow."""
                receiver.forget()
                found = sides.ask(side, "patch", most=most, seed=seed, **{"connections": _CONNECTIONS, **which, **more})
                return int(found["answers"]) * kind.matching

            receiver.wait_for(change(1, 0))  # whoever delivers is awake
            per_cpu_second, per_second, shares = [], [], []
            for seed in range(1, rounds + 1):
                before, postgres, began = cpu_seconds(side.web_pid, jobs.pid), side.postgres_cpu_seconds(), time.perf_counter()
                told = change(changes, seed)
                ended = receiver.wait_for(told)
                outside, inside = cpu_seconds(side.web_pid, jobs.pid) - before, side.postgres_cpu_seconds() - postgres
                per_cpu_second.append(told / (outside + inside))
                per_second.append(told / (ended - began))
                shares.append(outside / (outside + inside))
            pace = max(2.0, _PACE * statistics.median(per_second) / kind.matching)
            receiver.wait_for(change(10**6, 0, seconds=seconds, pace=pace))
            memory = side.memory_bytes(jobs.pid)
    half, most = receiver.waits
    rate, outside = statistics.median(per_second), statistics.median(shares)
    return Delivered(kind, per_cpu_second, rate, outside, (half, most), memory)


@contextlib.contextmanager
def _receiver() -> Iterator[_Receiver]:
    with ending(module("bench.receiver", given={}, stdout=subprocess.PIPE)) as process:
        assert process.stdout is not None
        yield _Receiver(int(process.stdout.readline()))


async def _forget(url: str) -> None:
    """No subscription, and nothing owed, as if all had been deleted long ago."""
    async with connected(url) as connection, connection.transaction():
        for table in _FORGET:
            await connection.execute(f"DELETE FROM {table}")
        await connection.execute("UPDATE change_counter SET watching = watching + 1 WHERE tenant = $1", TENANT)
