"""Who is compared? A side is a web server over an embedded PostgreSQL of its own, so that its CPU time is its own."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench import alike, entities, filling, filling_grants, floor_tables, residents
from bench.cpu import cpu_seconds, pss_bytes, tree
from bench.database import tidy
from bench.entities import TENANT
from bench.kairo_side import DECLARED
from bench.pgbench import Fresh
from bench.servers import Load, settings, web_server
from kairo.context.maintenance import Maintenance
from kairo.context.temporal.store import make_partitions
from kairo.platform.clock import system_clock
from kairo.platform.db import Database, EmbeddedServer, migrate, start
from kairo.trust.identity import Credentials

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is stored: things at first and at last, values of sensors, residents (each with ten grants)."""

    things: int
    most_things: int
    instances: int
    residents: int


class Side:
    """One side: its database, and its web server while one is up."""

    def __init__(self, name: str, target: str, postgres: EmbeddedServer, folder: Path, token: str) -> None:
        self.name = name
        self.postgres = postgres
        self.token = token
        self.folder = folder
        self.first = 2 * entities.STORED_MOST  # the number of the next new thing
        self.port = 0
        self._target = target
        self._workers = 0
        self._stack = contextlib.ExitStack()
        self.web_pid = 0

    @property
    def environment(self) -> dict[str, str]:
        """The settings of its processes."""
        return settings(self.postgres.url, self.folder / f"{self.name}-metrics")

    def serve(self, workers: int = 1) -> None:
        """A web server with so many workers answers."""
        if workers == self._workers:
            return
        self.end()
        web, self.port = self._stack.enter_context(web_server(self._target, workers, self.environment))
        self.web_pid = web.pid
        self._workers = workers

    def end(self) -> None:
        """No web server is up."""
        self._workers = 0
        self._stack.close()

    def postgres_cpu_seconds(self) -> float:
        """CPU time of PostgreSQL so far."""
        assert self.postgres.pid is not None
        return cpu_seconds(self.postgres.pid)

    def memory_bytes(self, *others: int) -> int:
        """The proportional set size of the web server, PostgreSQL and other processes together."""
        assert self.postgres.pid is not None
        return sum(pss_bytes(pid) for root in (self.web_pid, self.postgres.pid, *others) for pid in tree(root))


class Sides:
    """Both sides, from an empty folder. `with` ends them."""

    def __init__(self, folder: Path, sizes: Sizes, say: Say) -> None:
        self.folder = folder
        self.sizes = sizes
        self.say = say
        self.stored = 0
        self.low = 0  # things from this number on were only ever filled in
        self.past = entities.past_from(system_clock())
        self.until = self.past + timedelta(days=entities.DAYS)
        self.fresh = Fresh()
        self.many = self.few = ""  # tokens of the applications with many grants, and with few
        self._stack = contextlib.ExitStack()
        self.kairo: Side
        self.floor: Side

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            ours, theirs = (stack.enter_context(start(self.folder / name)) for name in ("kairo", "floor"))
            for postgres in (ours, theirs):
                asyncio.run(_prepare(postgres.url, self.past))
            token = asyncio.run(_token(ours.url, self.folder / "token"))
            principals = (residents.TO_MANY, residents.TO_FEW)
            self.many, self.few = (asyncio.run(filling_grants.token_of(ours.url, one)) for one in principals)
            asyncio.run(floor_tables.make(theirs.url))
            self.kairo = Side("kairo", "bench.kairo_side:worker", ours, self.folder, token)
            self.floor = Side("floor", "bench.floor:worker", theirs, self.folder, token)
            stack.callback(self.kairo.end)
            stack.callback(self.floor.end)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def fill(self, things: int) -> None:
        """Both sides store so many things. At first the API makes some of each kind, then rows are multiplied with no web server
        up; the values of sensors, residents and their grants come with the first things."""
        first = not self.stored
        if first:
            self.kairo.serve()
            filling.by_api(self)
        self.kairo.end()
        self.floor.end()
        asyncio.run(filling.multiply(self, things, is_first=first))
        if first:
            asyncio.run(filling_grants.fill(self))
        asyncio.run(floor_tables.copy(self, things, is_first=first))
        self.tidy()
        self.low, self.stored = max(self.stored, filling.BY_API), things
        self.kairo.serve()
        alike.check(self)

    def tidy(self) -> None:
        """Both databases are as after a quiet while."""
        for side in (self.kairo, self.floor):
            asyncio.run(tidy(side.postgres.url))

    def asked(self, **more: Any) -> dict[str, Any]:
        """What a load is told of what is stored."""
        return {
            "stored": self.stored,
            "instances": self.sizes.instances,
            "past": self.past.isoformat(),
            "token": self.kairo.token,
            "many": self.many,
            "few": self.few,
            "residents": self.sizes.residents,
            **more,
        }

    def ask(self, side: Side, kind: str, **more: Any) -> Mapping[str, Any]:
        """One round of load on a side that is served."""
        given = {"kind": kind, "port": side.port, "first": side.first, "seed": 0, "connections": 1, **more}
        return Load(self.asked(**{"seconds": 600.0, "most": 1_000_000, **given})).result()


async def _prepare(url: str, past: datetime) -> None:
    """Tables, the partitions of the year before and of this month, the tenant."""
    await migrate(url)
    async with await Database.open(url, size=1) as database:
        async with database.owner() as owner:
            await make_partitions(owner, past.date(), 13)
        await Maintenance(database, DECLARED, system_clock).round()


async def _token(url: str, path: Path) -> str:
    async with await Database.open(url, size=1) as database:
        return await Credentials(database, TENANT, system_clock).administrator_token(path)
