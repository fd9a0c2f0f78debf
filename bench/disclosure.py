"""How much does a row of the disclosure log cost, and how long does it take to verify a million? `python -m bench.disclosure`.

The log is called as the graph calls it, by as many askers at once as `--askers` says, each with one resident of six attributes, or
with a list of 20. 20,000 residents and 200,000 grants are there; PostgreSQL is embedded and durable. The figure is rows for each
second of CPU time of this process and PostgreSQL's together. Then the log is filled to `--rows` and verified. Linux only.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from bench import residents
from bench.cpu import cpu_seconds
from bench.database import connected, tidy
from bench.entities import TENANT
from kairo.context.entities.store import create_tenant
from kairo.context.gate import Look, Scope
from kairo.platform.clock import system_clock
from kairo.platform.db import Database, EmbeddedServer, migrate, start
from kairo.trust.disclosure.log import Log
from kairo.trust.disclosure.proving.verifying import verify

RESIDENTS = 20_000
_SUBJECTS = "INSERT INTO entity_subject SELECT $1, id, '*', id, 'self' FROM unnest($2::text[]) AS id"
_GRANTS = """
INSERT INTO access_grant (tenant, id, principal, purpose, subject, types, attributes, basis, since, until)
SELECT $1, u.id, u.principal, $2, u.subject, ARRAY[$3::text], $4, 'consent:' || u.id, $5, $6
FROM unnest($7::text[], $8::text[], $9::text[]) AS u(id, principal, subject)
"""


async def fill(url: str) -> None:
    """The residents and what they granted, as far as the log asks for it."""
    async with await Database.open(url, size=1) as database, database.unit(TENANT) as unit:
        await create_tenant(unit.connection, TENANT, system_clock(), "bench")
    rows = list(residents.grants(range(RESIDENTS), RESIDENTS))
    columns = [[row[name] for row in rows] for name in ("id", "principal", "subject")]
    async with connected(url) as connection:
        await connection.execute(_SUBJECTS, TENANT, [residents.resident_id(number) for number in range(RESIDENTS)])
        said = (residents.PURPOSE, residents.RESIDENT_TYPE, list(residents.GRANTED), residents.SINCE, residents.UNTIL)
        await connection.execute(_GRANTS, TENANT, *said, *columns)
    await tidy(url)


def looks_at(number: int, many: int) -> list[Look]:
    """A look at this resident and those after it."""
    names = tuple(sorted(residents.GRANTED))
    people = ((number + one) % RESIDENTS for one in range(many))
    return [Look(residents.resident_id(one), (residents.RESIDENT_TYPE,), names) for one in people]


async def append(log: Log, count: int, askers: int, many: int) -> None:
    """So many looks by so many at once."""
    scope = Scope(TENANT, residents.TO_MANY, residents.PURPOSE, by_grants=True)
    numbers = iter(range(count))

    async def ask() -> None:
        for number in numbers:
            await log.saw(scope, looks_at(number * 7919, many))

    await asyncio.gather(*(ask() for _ in range(askers)))


async def measure(server: EmbeddedServer, postmaster: int, arguments: argparse.Namespace) -> None:
    """Says each figure as it is known."""
    say = sys.stdout.write
    await fill(server.url)
    async with await Database.open(server.url, size=8) as database:
        log = Log(database, system_clock)
        await append(log, 2_000, arguments.askers, 1)
        kept = 2_000
        for many, askers, count in ((1, arguments.askers, 20_000), (1, 50, 10_000), (20, 50, 3_000), (1, 1, 1_000)):
            began, used = time.monotonic(), cpu_seconds(os.getpid(), postmaster)
            await append(log, count, askers, many)
            took, used = time.monotonic() - began, cpu_seconds(os.getpid(), postmaster) - used
            kept += count
            say(f"{askers} askers, {many} a look: {count / used:,.0f} rows a CPU-second, {count / took:,.0f} a second\n")
        if arguments.rows > kept:
            await append(log, arguments.rows - kept, 2_000, 1)
        await log.close()
        await tidy(server.url)
        began, used = time.monotonic(), cpu_seconds(os.getpid(), postmaster)
        found = await verify(database, TENANT, {}, [], lambda *_: None)
        took, used = time.monotonic() - began, cpu_seconds(os.getpid(), postmaster) - used
        say(f"verified {found.size:,} rows in {took:.1f} s ({used:.1f} CPU-seconds): {found.problems or 'all is well'}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.disclosure")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to verify")
    parser.add_argument("--askers", type=int, default=500, help="who look at the same time")
    with tempfile.TemporaryDirectory(prefix="kairo-disclosure-") as folder, start(Path(folder)) as running:
        asyncio.run(migrate(running.url))
        pid = int((Path(folder) / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])
        asyncio.run(measure(running, pid, parser.parse_args()))
