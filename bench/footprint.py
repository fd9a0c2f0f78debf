"""How large is the idle demo, and how soon does it serve again? `python -m bench.footprint [--idle SECONDS]`.

Memory is the PSS of all processes together: the supervisor, web and job workers, and PostgreSQL (pages that several share are
counted in parts, so that the sum is what the machine has to give). Linux only.
"""

import argparse
import contextlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.cpu import command_of, cpu_seconds, pss_bytes, tree
from bench.servers import free_port

GOAL_MEGABYTES, GOAL_SECONDS = 400, 5.0
IDLE_SECONDS = 60.0
_FIRST_START_SECONDS = 300.0


@contextlib.contextmanager
def demo(data: Path, port: int) -> Iterator[tuple[int, float]]:
    """`kairo demo`: its process id, and the seconds until its home page was served."""
    began = time.monotonic()
    command = [sys.executable, "-m", "kairo", "demo", "--port", str(port), "--data", str(data)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        while not _serves(port):
            if process.poll() is not None:
                assert process.stderr is not None
                raise RuntimeError(f"kairo demo ended with code {process.returncode}: {process.stderr.read()[-2000:]}")
            if time.monotonic() - began > _FIRST_START_SECONDS:
                raise RuntimeError("kairo demo does not serve")
            time.sleep(0.05)
        yield process.pid, time.monotonic() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def _serves(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def memory(root: int) -> list[tuple[int, str]]:
    """PSS in bytes and command of each process, the largest first."""
    return sorted(((pss_bytes(pid), command_of(pid)) for pid in tree(root)), reverse=True)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the idle demo takes: PSS in bytes and command of each process, seconds of starts, the part of a core."""

    idle: float
    processes: list[tuple[int, str]]
    first_start_seconds: float
    second_start_seconds: float
    cpu_share: float

    @property
    def memory_bytes(self) -> int:
        """All processes together."""
        return sum(size for size, _ in self.processes)

    @property
    def text(self) -> str:
        """As Markdown."""
        megabytes, second = self.memory_bytes / 1024**2, self.second_start_seconds
        lines = [
            f"{self.idle:g} s after the first page, with the synthetic world running and nobody asking.",
            "",
            "| what | measured | goal |",
            "|-|-|-|",
            f"| PSS of all {len(self.processes)} processes | **{megabytes:.0f} MB** | < {GOAL_MEGABYTES} MB |",
            f"| second start until the home page is served (median of 3) | **{second:.1f} s** | < {GOAL_SECONDS:g} s |",
            f"| first start, facts loaded | {self.first_start_seconds:.0f} s | |",
            f"| CPU while idle | {self.cpu_share:.0%} of a core | |",
            "",
            *(f"- {size / 1024**2:.1f} MB `{_short(command)}`" for size, command in self.processes if size > 1024**2),
        ]
        return "\n".join(lines)


def measure(idle: float = IDLE_SECONDS) -> Footprint:
    """First start, idle, memory; stop; three further starts."""
    with tempfile.TemporaryDirectory(prefix="kairo-footprint-") as folder:
        data, port = Path(folder) / "data", free_port()
        with demo(data, port) as (pid, first):
            time.sleep(idle / 2)
            used = cpu_seconds(pid)
            time.sleep(idle / 2)
            share = (cpu_seconds(pid) - used) / (idle / 2)
            rows = memory(pid)
        seconds = []
        for _ in range(3):
            with demo(data, port) as (_pid, second):
                seconds.append(second)
    return Footprint(idle, rows, first, sorted(seconds)[1], share)


def _short(command: str) -> str:
    """A command line without its folders."""
    return " ".join(Path(word).name if word.startswith("/") else word for word in command.split()[:4])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.footprint")
    parser.add_argument(
        "--idle", type=float, default=IDLE_SECONDS, help="seconds between the first page and the look at memory"
    )
    sys.stdout.write(measure(parser.parse_args().idle).text + "\n")
