"""How are the program's processes kept running? Children are started, watched, restarted with growing pauses, and ended together.

The supervisor itself imports little: it lives as long as the program and should cost next to nothing.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from kairo.platform.processes.orphans import parent_environment

STEADY_SECONDS = 30.0  # a child that ran this long has started well: its pause begins anew
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 15.0
STOP_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. `argv` follows the interpreter; `environment` is added to ours."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervisor:
    """Runs children until it is told to stop (SIGTERM, SIGINT, or `stop()`)."""

    def __init__(self, children: Sequence[Child], log: Callable[[str], None]) -> None:
        self._children = list(children)
        self._log = log
        self._stopping = asyncio.Event()
        self._running: dict[str, asyncio.subprocess.Process] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process ids of the children that run now, by name."""
        return {name: process.pid for name, process in self._running.items()}

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stopping.is_set()

    def stop(self) -> None:
        """Asks everything to end; `run` returns when it has."""
        self._stopping.set()

    async def run(self) -> None:
        """Starts the children and returns when all have ended after a stop."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(signum, self.stop)
        await asyncio.gather(*(self._keep(child) for child in self._children))

    async def _keep(self, child: Child) -> None:
        """Until the stop: start, wait for its end, pause, again."""
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            began = monotonic()
            try:
                ended = await self._live(child)
            except OSError as error:  # no memory or no room for a process: there may be in a moment
                ended = f"cannot be started: {error.strerror}"
            if self._stopping.is_set():
                return
            if monotonic() - began > STEADY_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            self._log(f"{child.name} {ended}; it starts again in {pause:.1f} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _live(self, child: Child) -> str:
        """One life of a child, ended by itself or by the stop: how it ended."""
        environment = {**os.environ, **child.environment, **parent_environment()}
        process = await asyncio.create_subprocess_exec(sys.executable, *child.argv, env=environment, start_new_session=True)
        self._running[child.name] = process
        waiting = asyncio.create_task(process.wait())
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if self._stopping.is_set():
                await self._end(process, waiting)
        finally:
            stopping.cancel()
            self._running.pop(child.name, None)
            # What a killed child leaves of its own children would hold its port: its process group goes with it.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        code = waiting.result()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"

    async def _end(self, process: asyncio.subprocess.Process, waiting: "asyncio.Task[int]") -> None:
        """Asks a child to end, and its whole process group after some seconds."""
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(waiting), STOP_SECONDS)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await waiting
