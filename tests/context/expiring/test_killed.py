"""Is what is over removed exactly once, and told, whatever is killed in the middle of it?"""

import asyncio
import os
import signal
import sys
from uuid import uuid4

import orjson
import pytest

from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import subscribed

PAST = "2020-01-01T00:00:00Z"
MANY = 120
REMOVING = """
import asyncio, sys
from kairo.context.expiring import remover
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from tests.context.api.broker import DECLARED

async def work() -> None:
    remover.BATCH = 2
    async with await Database.open(sys.argv[1]) as database:
        print("begins", flush=True)
        await remover.Remover(Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)).round()

asyncio.run(work())
"""


async def left(broker: Broker, kind: str) -> int:
    return sum(row["type_key"] == kind for row in await broker.rows("entity"))


@pytest.mark.durability
async def test_kill_9_while_removing(broker: Broker, administrator: Asker, database_url: str) -> None:
    kind = f"T{uuid4().hex[:8]}"
    await subscribed(
        administrator, "https://receiver.example/", entities=[{"type": kind}], notificationTrigger=["entityDeleted"]
    )
    batch = [{"id": f"urn:{kind}:{number}", "type": kind, "a": 1, "expiresAt": PAST} for number in range(MANY)]
    ok(await administrator.post("/entityOperations/create", json=batch), 201)
    killed = 0
    while before := await left(broker, kind):
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", REMOVING, database_url, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        assert await child.stdout.readline() == b"begins\n"
        while killed < 4 and child.returncode is None and await left(broker, kind) == before:
            pass
        if killed < 4 and child.returncode is None:
            os.kill(child.pid, signal.SIGKILL)
            killed += 1
        await child.wait()
    assert killed == 4
    gone = sorted(f"urn:{kind}:{number}" for number in range(MANY))
    assert sorted(row["entity"] for row in await broker.rows("change") if row["operation"] == "expire") == gone
    events = [row for row in await broker.rows("notification_event") if orjson.loads(row["state"])["kind"] == "deleted"]
    assert sorted(row["entity"] for row in events if row["entity"] in gone) == gone
    deleted = [row["entity"] for row in await broker.rows("history") if row["operation"] == "deleted"]
    assert sorted(id for id in deleted if id in gone) == gone
