"""Is every change told to its subscriber, in order, after kill -9 of any part of the program, again and again?"""

import random
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import orjson
import pytest

from tests.commands.program import API, Program, wait_for

pytestmark = [pytest.mark.durability, pytest.mark.slow]

ROUNDS = ("job_worker", "supervisor", "job_worker", "postgres", "web_worker", "job_worker", "supervisor", "job_worker")
ENTITIES = 3
DIED_SECONDS = 120


class Receiver:
    """Keeps the values that it was told of, by entity, and refuses one notification in ten while it is moody: each costs a pause,
    so that a faster writer leaves a longer queue behind."""

    def __init__(self) -> None:
        self.told: dict[str, list[int]] = {}
        self.number = 0
        self.moody = True
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = orjson.loads(self.rfile.read(int(self.headers["content-length"])))
                receiver.number += 1
                refused = receiver.moody and receiver.number % 10 == 0
                if not refused:
                    for entity in body["data"]:
                        receiver.told.setdefault(entity["id"], []).append(entity["level"]["value"])
                self.send_response(503 if refused else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/notify"


class Writer:
    """Raises the level of a few entities one by one, and notes which values were acknowledged."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.acknowledged: dict[str, list[int]] = {f"urn:ngsi-ld:Tank:{number}": [] for number in range(ENTITIES)}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    @property
    def number(self) -> int:
        return sum(map(len, self.acknowledged.values()))

    def _run(self) -> None:
        level = 0
        while not self.stopping.is_set():
            try:
                with self.program.client() as client:
                    while not self.stopping.is_set():
                        level += 1
                        for id, levels in self.acknowledged.items():
                            entity = {"id": id, "type": "Tank", "level": {"type": "Property", "value": level}}
                            if client.post(f"{API}/entityOperations/upsert", json=[entity]).status_code in {201, 204}:
                                levels.append(level)
            except (httpx.HTTPError, OSError):
                self.stopping.wait(0.05)  # nobody listens just now

    def stop(self) -> None:
        self.stopping.set()
        self.thread.join(60)


def subscribe(program: Program, url: str) -> None:
    payload = {"type": "Subscription", "entities": [{"type": "Tank"}], "notification": {"endpoint": {"uri": url}}}
    with program.client() as client:
        assert client.post(f"{API}/subscriptions", json=payload).status_code == 201


def test_what_was_acknowledged_is_told(alone: Path) -> None:
    dice = random.Random(7)
    receiver = Receiver()
    program = Program(alone, variables={"KAIRO_NOTIFICATION_NETWORKS": "127.0.0.0/8"})
    program.wait_until_ready()
    subscribe(program, receiver.url)
    writer = Writer(program)
    try:
        for part in ROUNDS:
            known = writer.number
            wait_for(lambda known=known: writer.number > known + dice.randint(5, 40), 60, program.said)
            if part == "job_worker":
                told = receiver.number
                wait_for(lambda told=told: receiver.number > told, DIED_SECONDS, program.said)  # killed at work
            program.kill(part)
    finally:
        writer.stop()
        receiver.moody = False

    def missing() -> dict[str, set[int]]:
        return {
            id: lost for id, levels in writer.acknowledged.items() if (lost := set(levels) - set(receiver.told.get(id, [])))
        }

    began = time.monotonic()
    wait_for(lambda: not missing(), DIED_SECONDS, lambda: f"{missing()} {program.said()[-3000:]}")
    assert time.monotonic() - began < DIED_SECONDS
    assert writer.number > 100
    for levels in receiver.told.values():
        first_of_each = list(dict.fromkeys(levels))
        assert first_of_each == sorted(first_of_each), "out of order"
