"""Does the program come back when a part of it is killed, and end in order when it is told to?"""

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.commands.program import API, Program, kairo, lives, wait_for


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program for this file; a test may kill it, or any part of it."""
    started = Program(tmp_path_factory.mktemp("processes") / "data", variables={"KAIRO_TRUSTED_PROXIES": "127.0.0.1"})
    Program.all.remove(started)
    yield started
    if started.process.poll() is None:
        started.end()


@pytest.fixture
def program(life: Program) -> Program:
    """The program of this file, ready."""
    if life.process.poll() is not None:
        life.start()
        Program.all.remove(life)
    life.wait_until_ready()
    return life


def test_each_worker_comes_back(program: Program) -> None:
    web = program.one("web_worker")
    worker = next(pid for pid, command in program.processes().items() if "web_worker" in command and pid != web)
    for victim, part in ((worker, "web_worker"), (program.one("job_worker"), "job_worker"), (web, "web_worker")):
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda victim=victim: not lives(victim), 5)
        wait_for(lambda part=part: any(part in command for command in program.processes().values()), 30, program.said)
        program.wait_until_ready()
    assert "web was ended by SIGKILL; it starts again in 0.2 s" in program.said()
    assert "jobs-1 was ended by SIGKILL" in program.said()


def test_postgres_comes_back(program: Program) -> None:
    before = program.postmaster()
    os.kill(before, signal.SIGKILL)
    seen = {program.status()}
    while program.postmaster() == before or 200 not in seen:
        seen.add(program.status())
    assert seen <= {200, 503}, "while the database is away nothing else is answered"
    assert "PostgreSQL ended with code -9; it starts again" in program.said()
    with program.client() as client:
        assert client.post(f"{API}/entities", json={"id": "urn:ngsi-ld:A:1", "type": "A"}).status_code == 201
    assert "Traceback" not in program.said()


def test_a_proxy_is_believed_only_when_told(program: Program, running: Program) -> None:
    for served, believed in ((program, True), (running, False)):
        secret = kairo("link", "--data", served.data).stdout.strip().partition("link=")[2]
        with served.client(administrator=False) as client:
            outer = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
            entered = client.post("/enter", data={"link": secret}, headers=outer)
            assert entered.status_code == 303
            assert ("secure" in entered.headers["set-cookie"].lower()) is believed
            client.cookies.clear()
            assert client.get("/metrics").status_code == 200, "this machine may see them"
            assert client.get("/metrics", headers=outer).status_code in {401, 403}, "the world behind a proxy may not"


def test_it_ends_in_order(program: Program) -> None:
    opened = threading.Event()
    threading.Thread(target=_listen, args=(program.url, opened), daemon=True).start()
    assert opened.wait(20)
    everything = list(program.processes())
    assert program.end(signal.SIGTERM, 10) == 0, "an open stream must not hold up the end"
    wait_for(lambda: not any(map(lives, everything)), 2)
    assert program.said().rstrip().endswith("Kairo has stopped.")
    assert not (program.data / "serving.json").exists()
    assert not list((program.data / "metrics").iterdir())


def _listen(url: str, opened: threading.Event) -> None:
    try:
        with httpx.stream("GET", f"{url}/live", params={"types": "A"}, timeout=60) as answer:
            for _ in answer.iter_bytes():
                opened.set()
    except httpx.HTTPError:
        pass


def test_nothing_outlives_a_killed_supervisor_and_it_starts_again_at_once(program: Program) -> None:
    everything = list(program.processes())
    assert len(everything) >= 8
    os.kill(program.process.pid, signal.SIGKILL)
    program.process.wait()
    program.start()  # at once: what is left of the first holds the port and the data folder for a moment
    wait_for(lambda: not any(map(lives, everything)), 15)
    if program.process.poll() is not None:  # refused in one line, for the old web worker still listened
        last = program.said().strip().splitlines()[-1]
        assert re.match("kairo: (port .* cannot be used|the data folder .* is in use)", last)
        program.start()
    program.wait_until_ready()
    assert program.end(signal.SIGINT) == 0, "Ctrl-C is how a server is stopped"


def test_readiness_and_liveness_tell_apart(program: Program) -> None:
    os.kill(program.process.pid, signal.SIGSTOP)  # so that nobody starts PostgreSQL again
    try:
        os.kill(program.postmaster(), signal.SIGKILL)
        wait_for(lambda: program.status() == 503, 30)
        assert program.status("/health/live") == 200
        with program.client() as client:
            answer = client.get("/health/ready")
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"] == "urn:kairo:error:unavailable"
            refused = client.post(f"{API}/entities", json={"id": "urn:ngsi-ld:A:9", "type": "A"})
            assert refused.status_code == 503
    finally:
        os.kill(program.process.pid, signal.SIGCONT)
    program.wait_until_ready()
    with program.client() as client:
        assert client.get(f"{API}/entities/urn:ngsi-ld:A:9").status_code == 404, "what was refused is not stored"


def test_logs_and_metrics_of_the_whole_program(running: Program) -> None:
    with running.client() as client:
        assert client.get(f"{API}/entities/urn:ngsi-ld:Secret:tanaka", params={"attrs": "x"}).status_code == 404
        text = client.get("/metrics").text
        outside = client.get("/metrics", headers={"Authorization": "", "X-Forwarded-For": "203.0.113.9"})
    assert outside.status_code in {401, 403}
    assert re.search(r'(?m)^kairo_http_requests_total\{method="GET",status="404",surface="api"\} \d', text)
    assert "kairo_http_request_seconds_bucket" in text
    lines = [line for line in running.said().splitlines() if line.startswith("{")]
    assert lines
    for line in lines:
        assert {"event", "level", "timestamp", "part"} <= json.loads(line).keys()
    assert "tanaka" not in running.said()


def test_roles_apart_on_one_database(database_url: str, alone: Path) -> None:
    alone.mkdir()
    web = Program(alone / "web", ("--database-url", database_url, "--role", "web"))
    jobs = Program(alone / "jobs", ("--database-url", database_url, "--role", "jobs"))
    web.wait_until_ready()
    wait_for(lambda: "Job workers run." in jobs.said(), 60, jobs.said)
    wait_for(lambda: "elected: leader" in jobs.said(), 60, jobs.said)
    assert not any("job_worker" in command for command in web.processes().values())
    assert not any("web_worker" in command for command in jobs.processes().values())
    assert not any("postgres" in command and "bin/postgres" in command for command in web.processes().values())
    assert "Kairo is at" not in jobs.said()
    assert (web.end(), jobs.end()) == (0, 0)
