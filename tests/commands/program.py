"""The program as a person starts it: a subprocess with its own data folder on a free loopback port. Shared by the tests here."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx

from tests.conftest import postgres_bin

API = "/ngsi-ld/v1"
COMMAND_SECONDS = 120.0
START_SECONDS = 90.0  # the machine is shared with other tests; a start takes two or three


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(**more: str) -> dict[str, str]:
    """Our own without settings of Kairo, but with the PostgreSQL that the tests run on."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KAIRO_", "PROMETHEUS_"))}
    if programs := postgres_bin():
        kept["KAIRO_POSTGRES_BIN"] = str(programs)
    return {**kept, "LANG": "C.UTF-8", **more}


def kairo(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs one command to its end."""
    command = [sys.executable, "-m", "kairo", *map(str, arguments)]
    return subprocess.run(
        command, env=environment(**variables), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
    )


def refusal(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    """The one line by which a command refused. Fails where it was more, or not a refusal."""
    lines = done.stderr.strip().splitlines()
    assert (done.returncode, len(lines)) == (code, 1), (done.returncode, done.stdout, done.stderr)
    assert lines[0].startswith("kairo: ")
    assert "Traceback" not in lines[0]
    return lines[0]


@dataclass
class Program:
    """A running `kairo serve`. `all` are those that a failing test left, for the clean-up."""

    data: Path
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    port: int = 0
    command: str = "serve"
    all: ClassVar[list["Program"]] = []  # ended by the fixture `alone`

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.log = self.data.parent / f"{self.data.name}.log"
        self.start()

    def start(self) -> None:
        command = [
            sys.executable,
            "-m",
            "kairo",
            self.command,
            "--port",
            str(self.port),
            "--data",
            str(self.data),
            *self.arguments,
        ]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, env=environment(**self.variables), stdout=out, stderr=out)
        self.all.append(self)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def token(self) -> str:
        return (self.data / "admin.token").read_text().strip()

    def client(self, *, administrator: bool = True, **more: Any) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token()}"} if administrator else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=40, **more)

    def status(self, path: str = "/health/ready") -> int:
        """The status of an answer, or 0 while nobody answers."""
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(self.url + path, timeout=10).status_code
        return 0

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        wait_for(lambda: self.status() == 200 or self.process.poll() is not None, seconds, self.said)
        assert self.process.poll() is None, self.said()

    def processes(self) -> dict[int, str]:
        """All processes of the program, by id: the supervisor, its workers, PostgreSQL."""
        return dict(below(self.process.pid))

    def one(self, part: str) -> int:
        """The process whose command line holds this; the uppermost of several."""
        return next(pid for pid, command in self.processes().items() if part in command)

    def postmaster(self) -> int:
        return int((self.data / "postgres" / "cluster" / "postmaster.pid").read_text().split()[0])

    def kill(self, part: str) -> None:
        """Kills the supervisor, PostgreSQL or a worker, and waits until the program is there again."""
        victim = {"supervisor": self.process.pid, "postgres": self.postmaster()}.get(part) or self.one(part)
        os.kill(victim, signal.SIGKILL)
        if part == "supervisor":
            self.process.wait()
            wait_for(lambda: self.status("/health/live") == 0, 60)
            self.start()
        self.wait_until_ready()

    def end(self, signum: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        self.process.send_signal(signum)
        return self.process.wait(seconds)


def below(pid: int) -> Iterator[tuple[int, str]]:
    """A process and all that come from it."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    yield pid, command
    for child in children:
        yield from below(int(child))


def lives(pid: int) -> bool:
    """Whether a process is there (a zombie is not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(holds: Any, seconds: float, said: Any = lambda: "") -> None:
    """Until the condition holds; fails after `seconds`."""
    give_up_at = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < give_up_at, f"not within {seconds} s: {said()}"
        time.sleep(0.05)


def end_all() -> None:
    """Ends what tests left running."""
    while Program.all:
        program = Program.all.pop()
        if program.process.poll() is None:
            program.process.terminate()
            try:
                program.process.wait(20)
            except subprocess.TimeoutExpired:
                program.process.kill()
                program.process.wait()
