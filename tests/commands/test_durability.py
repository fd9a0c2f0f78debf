"""Is every entity that the whole program acknowledged still there, with history and audit, after kill -9 of any part of it?"""

import os
import random
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest

from kairo.platform.db import start
from tests.commands.program import API, Program, wait_for
from tests.conftest import postgres_bin, run_apart

pytestmark = [pytest.mark.durability, pytest.mark.slow]

ROUNDS = ("supervisor", "web_worker", "postgres", "job_worker", "supervisor", "postgres", "web_worker", "supervisor")
WRITERS = 4
ATTRIBUTES = 3

HALVES = """
SELECT e.id, (SELECT count(*) FROM history h WHERE h.tenant = e.tenant AND h.entity = e.id) AS history,
       (SELECT count(*) FROM change c WHERE c.tenant = e.tenant AND c.entity = e.id) AS changes,
       (SELECT count(*) FROM jsonb_object_keys(e.doc) k WHERE k NOT IN ('id', 'type')) AS attributes
FROM entity e WHERE e.type_key = 'Durable'"""
STRAYS = """
SELECT 'history' AS what, entity FROM history h WHERE entity LIKE 'urn:ngsi-ld:Durable:%'
    AND NOT EXISTS (SELECT FROM entity e WHERE e.tenant = h.tenant AND e.id = h.entity)
UNION ALL SELECT 'change', entity FROM change c WHERE entity LIKE 'urn:ngsi-ld:Durable:%'
    AND NOT EXISTS (SELECT FROM entity e WHERE e.tenant = c.tenant AND e.id = c.entity)"""


@dataclass
class Load:
    """Clients that create entities until they are stopped, and note every 201."""

    program: Program
    acknowledged: set[str] = field(default_factory=set)
    statuses: set[int] = field(default_factory=set)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.threads = [threading.Thread(target=self._create, args=(number,)) for number in range(WRITERS)]
        for thread in self.threads:
            thread.start()

    def _create(self, writer: int) -> None:
        number = 0
        attributes = {f"a{n}": {"type": "Property", "value": n} for n in range(ATTRIBUTES)}
        while not self.stopping.is_set():
            try:
                with self.program.client() as client:
                    while not self.stopping.is_set():
                        number += 1
                        id = f"urn:ngsi-ld:Durable:{writer}-{number}"
                        answer = client.post(f"{API}/entities", json={"id": id, "type": "Durable", **attributes})
                        self.statuses.add(answer.status_code)
                        if answer.status_code == 201:
                            self.acknowledged.add(id)
            except (httpx.HTTPError, OSError):
                self.stopping.wait(0.05)  # nobody listens just now

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


async def rows(url: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(statement)
    finally:
        await connection.close()


def test_what_was_acknowledged_is_there(alone: Path) -> None:
    dice = random.Random(11)
    program = Program(alone)
    program.wait_until_ready()
    load = Load(program)
    try:
        for part in ROUNDS:
            known = len(load.acknowledged)
            wait_for(lambda known=known: len(load.acknowledged) > known + dice.randint(5, 60), 60, program.said)
            victim = {"supervisor": program.process.pid, "postgres": program.postmaster()}.get(part) or program.one(part)
            os.kill(victim, signal.SIGKILL)
            if part == "supervisor":
                program.process.wait()
                wait_for(lambda: program.status("/health/live") == 0, 20)
                program.start()
            program.wait_until_ready()
    finally:
        load.stop()
    os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()
    with start(alone, postgres_bin=postgres_bin()) as server:
        stored = run_apart(rows(server.url, HALVES))
        strays = run_apart(rows(server.url, STRAYS))
    assert len(load.acknowledged) > 100
    assert not load.acknowledged - {row["id"] for row in stored}, "acknowledged, and gone"
    halves = [dict(row) for row in stored if (row["attributes"], row["history"], row["changes"]) != (ATTRIBUTES, ATTRIBUTES, 1)]
    assert not halves, halves[:3]
    assert not strays, strays[:3]
    assert load.statuses <= {201, 409, 503}, load.statuses
