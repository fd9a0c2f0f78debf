"""Is every look that anybody got an answer to in the log, after kill -9 of the web worker and of PostgreSQL between look and look?"""

import os
import random
import signal
import threading
from collections import Counter
from pathlib import Path

import asyncpg
import httpx
import pytest

from kairo.platform.clock import system_clock
from kairo.platform.db import Database, start
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.verifying import verify
from tests.commands.program import API, Program, kairo, wait_for
from tests.conftest import postgres_bin, run_apart

pytestmark = [pytest.mark.durability, pytest.mark.slow]

ROUNDS = ("web_worker", "web_worker", "postgres", "web_worker", "supervisor", "web_worker")
READERS = 4
PEOPLE = 40
TENANT = "352039"
LOOKS = """
SELECT k.subject, count(*) AS looks FROM disclosure_subject s JOIN disclosure_key k USING (tenant) WHERE s.subject = k.pseudonym
GROUP BY k.subject"""


def signs(number: int) -> dict[str, object]:
    person = {"type": "Relationship", "object": f"urn:ngsi-ld:Resident:{number:016x}"}
    return {
        "id": f"urn:ngsi-ld:VitalSigns:{number}",
        "type": "VitalSigns",
        "person": person,
        "heartRate": {"type": "Property", "value": number, "unitCode": "BPM"},
    }


class Readers:
    """Clients that read until they are stopped, and note every whole answer."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.answered: Counter[str] = Counter()
        self.statuses: set[int] = set()
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self.threads = [threading.Thread(target=self._read, args=(number,)) for number in range(READERS)]
        for thread in self.threads:
            thread.start()

    def _read(self, reader: int) -> None:
        dice = random.Random(reader)
        while not self.stopping.is_set():
            try:
                with self.program.client() as client:
                    while not self.stopping.is_set():
                        number = dice.randrange(PEOPLE)
                        answer = client.get(f"{API}/entities/urn:ngsi-ld:VitalSigns:{number}")
                        with self._lock:
                            self.statuses.add(answer.status_code)
                            if answer.status_code == 200:
                                assert answer.json()["heartRate"]["value"] == number
                                self.answered[f"urn:ngsi-ld:Resident:{number:016x}"] += 1
            except (httpx.HTTPError, OSError):
                self.stopping.wait(0.05)  # nobody listens just now

    def stop(self) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join(60)


async def looks(url: str) -> dict[str, int]:
    connection = await asyncpg.connect(url)
    try:
        return {row["subject"]: row["looks"] for row in await connection.fetch(LOOKS)}
    finally:
        await connection.close()


async def problems(url: str, data: Path) -> list[str]:
    async with await Database.open(url, size=1) as database:
        found = await verify(database, TENANT, Keys(data, system_clock).public(), [], lambda *_: None)
    return found.problems


def test_nobody_got_what_is_not_in_the_log(alone: Path) -> None:
    dice = random.Random(7)
    program = Program(alone)
    program.wait_until_ready()
    with program.client() as client:
        written = client.post(f"{API}/entityOperations/create", json=[signs(number) for number in range(PEOPLE)])
        assert written.status_code == 201, written.text
    readers = Readers(program)
    try:
        for part in ROUNDS:
            known = readers.answered.total()
            wait_for(
                lambda known=known: readers.answered.total() > known + dice.randint(5, 60),
                60,
                lambda: f"{readers.statuses} {program.said()}",
            )
            program.kill(part)
    finally:
        readers.stop()
    assert kairo("verify-log", "--data", alone).returncode == 0
    os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()
    with start(alone, postgres_bin=postgres_bin()) as server:
        kept = run_apart(looks(server.url))
        assert run_apart(problems(server.url, alone)) == []
    assert readers.answered.total() > 100
    missing = {person: (many, kept.get(person, 0)) for person, many in readers.answered.items() if kept.get(person, 0) < many}
    assert not missing, f"answered, and not in the log: {missing}"
    assert readers.statuses <= {200, 503}, readers.statuses


def test_the_log_is_signed_and_verified_from_the_command_line(alone: Path, tmp_path: Path) -> None:
    program = Program(alone)
    program.wait_until_ready()
    with program.client() as client:
        client.post(f"{API}/entityOperations/create", json=[signs(1)])
        assert client.get(f"{API}/entities/urn:ngsi-ld:VitalSigns:1").status_code == 200
        assert "rows" in kairo("verify-log", "--data", alone).stdout
        head = tmp_path / "head.json"
        assert kairo("sign-log", head, "--data", alone).returncode == 0
        assert client.get(f"{API}/entities/urn:ngsi-ld:VitalSigns:1").status_code == 200
    assert kairo("sign-log", "--new-key", "--data", alone).returncode == 0
    done = kairo("verify-log", "--head", head, "--data", alone)
    assert (done.returncode, done.stderr) == (0, "")
    program.end()
    forged = tmp_path / "forged.json"
    forged.write_text(head.read_text().replace('"root": "', '"root": "0000'))
    done = kairo("verify-log", "--head", forged, "--data", alone)
    assert done.returncode == 1
    assert "its signature is not that of the key" in done.stdout
    with start(alone, postgres_bin=postgres_bin()) as server:
        run_apart(_change(server.url))
    done = kairo("verify-log", "--data", alone)
    assert done.returncode == 1
    assert "row 0: it was changed after it was written" in done.stdout


async def _change(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("UPDATE disclosure_look SET purpose = 'nothing' WHERE seq = 0")
    finally:
        await connection.close()
