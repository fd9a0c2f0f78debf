"""Is every entity that the whole program acknowledged still there, with history and audit, after kill -9 of any part of it?
And is a database whole, old or new, after kill -9 of a restore?"""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import httpx
import pytest
from rich.console import Console

from kairo.commands.backups import run_backup
from kairo.commands.installation import bring_up_to_date, installation
from kairo.platform.db import start
from kairo.settings import Settings
from tests.commands.program import API, Program, environment, kairo, wait_for
from tests.conftest import postgres_bin, run_apart

pytestmark = [pytest.mark.durability, pytest.mark.slow]

ROUNDS = ("supervisor", "web_worker", "postgres", "job_worker", "supervisor", "postgres", "web_worker", "supervisor")
WRITERS = 4
ATTRIBUTES = 3

HALVES = """
SELECT e.id, (SELECT count(*) FROM attribute_history h WHERE h.tenant = e.tenant AND h.entity = e.id) AS history,
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
            program.kill(part)
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


ROWS = """
INSERT INTO entity (tenant, id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at, change)
SELECT '352039', 'urn:ngsi-ld:R:{name}:' || n, 'R', jsonb_build_object('noise', repeat(md5(n::text), 20)), '{{}}',
       'undeclared', 'test', 'test', now(), now(), n FROM generate_series(1, {number}) n"""


def test_a_killed_restore_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    dice = random.Random(5)
    tenant = "INSERT INTO tenant VALUES ('352039', '{}', now(), 'test')"
    for name, number in (("old", 3), ("new", 8_000)):
        with start(tmp_path / name, postgres_bin=postgres_bin()) as server:
            run_apart(bring_up_to_date(server.url))
            run_apart(rows(server.url, tenant))
            run_apart(rows(server.url, ROWS.format(name=name, number=number)))
    file = tmp_path / "new.backup"
    with installation(Settings(data=tmp_path / "new", postgres_bin=postgres_bin())) as found:
        run_backup(found, file, Console(quiet=True))
    line = [sys.executable, "-m", "kairo", "restore", str(file), "--replace", "--data", str(tmp_path / "old")]
    began = time.monotonic()
    assert kairo("restore", file, "--data", tmp_path / "timed").returncode == 0
    usual = time.monotonic() - began
    for _ in range(4):
        process = subprocess.Popen(line, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(usual * dice.uniform(0.3, 1.0))
        process.kill()
        process.wait()
        with start(tmp_path / "old", postgres_bin=postgres_bin()) as server:
            counted = "SELECT split_part(id, ':', 4) AS name, count(*) AS number FROM entity GROUP BY 1"
            found_rows = {row["name"]: row["number"] for row in run_apart(rows(server.url, counted))}
        assert found_rows in ({"old": 3}, {"new": 8_000})
    assert kairo("doctor", "--data", tmp_path / "old").returncode == 0
    assert kairo("restore", file, "--replace", "--data", tmp_path / "old").returncode == 0
