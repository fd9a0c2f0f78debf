"""How does the embedded PostgreSQL start, stay up and stop? Our own launcher over the programs of a wheel.

    <data>/postgres/  lock          who uses the folder: flock, and JSON with pid, command and URL
                      cluster/      the database files     socket/  the only way in     log/  a week of logs
                      settings.conf an operator's own settings of PostgreSQL, if any

The lock is held as long as the program lives, so it vanishes with `kill -9`; the server dies with the program (identity.py,
or `_watch` where the kernel does not help). Calls block, and belong in the main thread, before an event loop runs.
"""

import asyncio
import logging
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, urlsplit

from kairo.errors import StartError
from kairo.platform.db.binaries import Binaries, find_binaries
from kairo.platform.db.cluster import (
    check_major,
    create_cluster,
    disown_stale_pid_file,
    last_log_lines,
    running_postmaster,
    socket_folder,
)
from kairo.platform.db.configuration import write_configuration
from kairo.platform.db.folder_lock import FolderLock
from kairo.platform.db.identity import Identity, identity_for, kernel_ends_children

SUPERUSER = "kairo"
DATABASE = "postgres"  # the one that initdb makes; nothing else lives in this cluster
_log = logging.getLogger(__name__)
_START_SECONDS = 60.0
_REFUSED_SECONDS = 20.0
_STOP_SECONDS = 30.0


class EmbeddedServer:
    """A running server: `url` reaches it. `started_here` says whether `stop()` ends it, or only lets go of it."""

    def __init__(self, root: Path, url: str, lock: FolderLock | None, command: list[str], identity: Identity | None) -> None:
        self.root = root
        self.url = url
        self._lock = lock
        self._command = command
        self._identity = identity
        self._socket = Path(parse_qs(urlsplit(url).query)["host"][0])
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None
        self._stopping = False

    @property
    def started_here(self) -> bool:
        """Did this program start the server?"""
        return self._lock is not None

    @property
    def pid(self) -> int | None:
        """The process id of the server (postmaster), also of one that another program started."""
        return self._process.pid if self._process else running_postmaster(self.root / "cluster")

    def launch(self) -> None:
        """Start the server process and return when it takes connections; again and again while orphans hold the cluster."""
        give_up_at = time.monotonic() + _REFUSED_SECONDS
        while not self._launched():
            if time.monotonic() > give_up_at:
                self._fail("the embedded PostgreSQL does not start")
            self._end_orphan(give_up_at)
            time.sleep(0.25)

    def _launched(self) -> bool:
        self._spawn()
        give_up_at = time.monotonic() + _START_SECONDS
        while not self._is_ready():
            assert self._process
            if self._process.poll() is not None:
                self._join_watch()
                said = (self.root / "log" / "start.log").read_text(errors="replace")
                if "postmaster.pid" in said or "shared memory block" in said:
                    return False  # what a killed server left behind is still dying
                self._fail("the embedded PostgreSQL stopped while starting")
            if time.monotonic() > give_up_at:
                self._process.send_signal(signal.SIGQUIT)
                self._fail(f"the embedded PostgreSQL is not ready after {_START_SECONDS:g} s")
            time.sleep(0.02)
        return True

    def _spawn(self) -> None:
        assert self._identity
        disown_stale_pid_file(self.root / "cluster", self._socket)
        with (self.root / "log" / "start.log").open("wb") as log:
            self._identity.give(self.root / "log" / "start.log")
            self._process = self._identity.popen(
                self._command, dies_with_us=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment()
            )
        if not kernel_ends_children():
            self._watch = _watch(self._process.pid)

    def _is_ready(self) -> bool:
        """PostgreSQL writes its state into the eighth line of postmaster.pid."""
        try:
            lines = (self.root / "cluster" / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return self._process is not None and lines[7:8] == ["ready   "] and lines[0] == str(self._process.pid)

    def _end_orphan(self, give_up_at: float) -> None:
        """The folder's lock is ours, so a server on it has lost its program: ask it to stop, later more firmly."""
        orphan = running_postmaster(self.root / "cluster")
        if orphan and time.monotonic() > give_up_at - _REFUSED_SECONDS * 0.75:
            os.kill(orphan, signal.SIGINT if time.monotonic() < give_up_at - 5 else signal.SIGQUIT)

    def _fail(self, what: str) -> None:
        lines = last_log_lines(self.root, 12)
        self.stop()
        full = "No space left on device" in lines
        raise StartError(
            f"{what}: {'the disk is full' if full else lines or 'it says nothing'}",
            mend="Free space on the disk of the data folder." if full else f"See the logs in {self.root / 'log'}.",
        )

    def is_running(self) -> bool:
        """Is the server process there (it may still be starting)?"""
        return self.pid is not None if self._process is None else self._process.poll() is None

    async def keep(self) -> None:
        """Start the server again whenever it ends without us: the supervisor runs this. Clients wait and reconnect."""
        pause = 0.2
        while self.started_here:
            await asyncio.sleep(pause)
            if self._stopping:
                return
            if self.is_running():
                pause = 0.2
                continue
            _log.warning("PostgreSQL ended with code %s; it starts again", self._process.returncode if self._process else "?")
            try:
                self._join_watch()
                self._spawn()
            except OSError as error:  # a full disk or process table: it may have room again in a moment
                _log.warning("PostgreSQL cannot be started: %s", error.strerror)
            pause = min(pause * 2, 2.0)

    def stop(self) -> None:
        """Stop in order (fast shutdown: open transactions are rolled back, a checkpoint is written), then release the folder."""
        self._stopping = True
        process = self._process
        if process and process.poll() is None:
            for number, patience in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                process.send_signal(number)
                try:
                    process.wait(patience)
                    break
                except subprocess.TimeoutExpired:
                    continue
        self._join_watch()
        if self._lock:
            self._lock.release()

    def _join_watch(self) -> None:
        if self._watch and self._watch.stdin:
            self._watch.stdin.close()
            self._watch.wait(5)
            self._watch = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def start(data: Path, *, postgres_bin: Path | None = None, durable: bool = True) -> EmbeddedServer:
    """Start the server of a data folder. Raises StartError if another program uses the folder, or with what else is amiss.

    `durable=False` gives up crash safety; only tests on a throw-away folder may say so.
    """
    binaries = find_binaries(postgres_bin)
    root = _root(data)
    lock = FolderLock.take(root)
    try:
        return _start_locked(root, lock, binaries, durable)
    except BaseException:
        lock.release()
        raise


def attach_or_start(data: Path, *, postgres_bin: Path | None = None, durable: bool = True) -> EmbeddedServer:
    """For commands that run beside a server: reach the one that runs on this folder, else start one for the duration."""
    root = _root(data)
    url = FolderLock.url_of_holder(root)
    if url:
        return EmbeddedServer(root, url, None, [], None)
    return start(data, postgres_bin=postgres_bin, durable=durable)


def _start_locked(root: Path, lock: FolderLock, binaries: Binaries, durable: bool) -> EmbeddedServer:
    cluster = root / "cluster"
    identity = identity_for(cluster, root)
    (root / "log").mkdir(mode=0o700, exist_ok=True)
    for path in (root, root / "log", root / "lock"):
        identity.give(path)
    if (cluster / "PG_VERSION").exists():
        check_major(cluster, binaries)
    else:
        create_cluster(cluster, binaries, identity, superuser=SUPERUSER, environment=_environment())
    write_configuration(cluster, major=binaries.major, durable=durable)
    socket = socket_folder(root, identity)
    command = [
        binaries.program("postgres"),
        "-D",
        str(cluster),
        "-c",
        "listen_addresses=",
        "-c",
        "unix_socket_permissions=0700",
    ]
    command += ["-c", f"unix_socket_directories={socket}", "-c", "port=5432"]
    url = f"postgresql://{SUPERUSER}@/{DATABASE}?host={quote(str(socket))}"
    server = EmbeddedServer(root, url, lock, command, identity)
    server.launch()
    lock.publish(url)
    return server


def _root(data: Path) -> Path:
    root = data.resolve() / "postgres"
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (root / "cluster").exists() and shutil.disk_usage(root).free < 64 * 1024 * 1024:
            raise StartError(f"the disk of {data} is full", mend="Free at least 64 MB there.")
    except OSError as error:
        raise StartError(
            f"the data folder {data} cannot be used: {error.strerror}", mend="Choose another with KAIRO_DATA."
        ) from error
    return root


def _environment() -> dict[str, str]:
    """Nothing of ours: PGDATA, PGPORT, LC_ALL, TZ of the caller must not change what the server does."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _watch(pid: int) -> "subprocess.Popen[bytes]":
    """Ends the server when the pipe to us breaks: for macOS, and for starts outside of the main thread."""
    script = f"read -r _; kill -0 {pid} 2>/dev/null && kill -INT {pid}"
    return subprocess.Popen(["/bin/sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
