"""How are the processes of a measurement started, asked and ended? Web servers, the job worker, the receiver, the load."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 30.0
_ROUND_SECONDS = 900.0


def environment(**more: str) -> dict[str, str]:
    """What a process of the bench gets: no setting of Kairo that its caller has, and the way to this package."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAIRO_")}
    return {**kept, "PYTHONPATH": str(ROOT), "MALLOC_ARENA_MAX": "2", **more}


def settings(url: str, folder: Path) -> dict[str, str]:
    """The settings of a process of Kairo or the floor over this database."""
    folder.mkdir(exist_ok=True)
    return {"KAIRO_DATABASE_URL": url, "KAIRO_NOTIFICATION_NETWORKS": "127.0.0.0/8", "PROMETHEUS_MULTIPROC_DIR": str(folder)}


def module(name: str, *arguments: str, given: Mapping[str, str], **more: Any) -> "subprocess.Popen[Any]":
    """A Python module as a process."""
    return subprocess.Popen([sys.executable, "-m", name, *arguments], env=environment(**given), cwd=ROOT, **more)


@contextlib.contextmanager
def web_server(target: str, workers: int, given: Mapping[str, str]) -> Iterator[tuple["subprocess.Popen[Any]", int]]:
    """A web server that answers, and its port."""
    port = free_port()
    with ending(module("bench.serve", target, str(port), str(workers), given=given)) as web:
        _await_port(port, web)
        yield web, port


@contextlib.contextmanager
def ending(process: "subprocess.Popen[Any]") -> Iterator["subprocess.Popen[Any]"]:
    """Ends a process with the block."""
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdout, process.stdin):
            if pipe is not None:
                pipe.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _await_port(port: int, web: "subprocess.Popen[Any]") -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while time.monotonic() < give_up_at and web.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"a server of the benchmark did not start (exit code {web.returncode})")


class Load:
    """One round of load, from a process of its own that has begun."""

    def __init__(self, spec: Mapping[str, Any]) -> None:
        self._kind = spec["kind"]
        self._process = module("bench.client", orjson.dumps(spec).decode(), given={}, stdout=subprocess.PIPE)

    def result(self) -> dict[str, Any]:
        """What came of it; raises RuntimeError unless every answer was a success, and the right one."""
        with ending(self._process):
            out, _ = self._process.communicate(timeout=_ROUND_SECONDS)
        if self._process.returncode:
            raise RuntimeError(f"the load of {self._kind} failed (exit code {self._process.returncode})")
        found: dict[str, Any] = orjson.loads(out)
        if (
            found["wrong"]
            or found["answers"] != found["sent"]
            or any(not status.startswith("2") for status in found["statuses"])
        ):
            raise RuntimeError(f"{self._kind} was not answered well: {found}")
        return found
