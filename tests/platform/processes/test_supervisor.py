"""Are children kept running with growing pauses, and ended together, whatever they do?"""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from kairo.platform.processes import supervisor as module
from kairo.platform.processes.supervisor import Child, Supervisor


def child(name: str, code: str, **environment: str) -> Child:
    return Child(name, ["-S", "-c", textwrap.dedent(code)], environment)


async def until(holds: object, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not holds():  # type: ignore[operator]  # noqa: ASYNC110 - a process is waited for
            await asyncio.sleep(0.02)


async def first_three_said(one: Child) -> list[str]:
    """What is said of a child that ends again and again."""
    said: list[str] = []
    supervisor = Supervisor([one], said.append)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: len(said) >= 3)
    supervisor.stop()
    await asyncio.wait_for(running, 5)
    return said[:3]


async def test_restarts_with_growing_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_PAUSE_SECONDS", 0.3)
    said = await first_three_said(child("short", "raise SystemExit(3)"))
    assert said == [f"short ended with code 3; it starts again in {pause} s" for pause in ("0.2", "0.3", "0.3")]


async def test_a_steady_child_begins_anew_with_the_shortest_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STEADY_SECONDS", 0.0)
    assert all(line.endswith("in 0.2 s") for line in await first_three_said(child("steady", "pass")))


async def test_signals_are_named_and_all_end_together() -> None:
    said: list[str] = []
    wait = "import time; time.sleep(60)"
    supervisor = Supervisor([child("a", wait), child("b", wait)], said.append)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: len(supervisor.pids) == 2)
    first = dict(supervisor.pids)
    os.kill(first["a"], signal.SIGKILL)
    await until(lambda: supervisor.pids.get("a", first["a"]) != first["a"])
    assert said == ["a was ended by SIGKILL; it starts again in 0.2 s"]
    last = dict(supervisor.pids)
    assert last["b"] == first["b"], "the others live on"
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running, 5)
    for pid in last.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_stubborn_child_and_its_own_children_are_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.3)
    stubborn = """
        import os, pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        below = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"])
        pathlib.Path(os.environ["NOTE"]).write_text(str(below.pid))
        time.sleep(60)
    """
    note = tmp_path / "pid"
    supervisor = Supervisor([child("stubborn", stubborn, NOTE=str(note))], lambda _: None)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: note.exists() and note.read_text())
    supervisor.stop()
    await asyncio.wait_for(running, 5)
    state = Path(f"/proc/{note.read_text()}/stat")
    await until(lambda: not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z")


async def test_a_child_that_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    async def fail(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", fail)
    supervisor = Supervisor([child("x", "pass")], said.append)
    running = asyncio.create_task(supervisor.run())
    await until(lambda: said)
    supervisor.stop()
    await asyncio.wait_for(running, 5)
    assert said[0] == "x cannot be started: Resource temporarily unavailable; it starts again in 0.2 s"


def test_a_child_ends_with_its_killed_parent() -> None:
    code = """
        import subprocess, sys, time
        from kairo.platform.processes.orphans import parent_environment
        import os
        inner = "from kairo.platform.processes.orphans import end_with_parent; end_with_parent(); print('up', flush=True); import time; time.sleep(60)"
        child = subprocess.Popen([sys.executable, "-c", inner], env={**os.environ, **parent_environment()})
        print(child.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    lines = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
    pid = next(int(line) for line in lines if line != "up")
    parent.kill()
    parent.communicate()
    give_up_at = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()


def test_a_child_whose_parent_died_before_it_looked_ends_at_once() -> None:
    code = "from kairo.platform.processes.orphans import end_with_parent; end_with_parent(); import time; time.sleep(60)"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PARENT_PROCESS_ID": "1"}, timeout=30, check=False)
    assert done.returncode == -signal.SIGTERM
