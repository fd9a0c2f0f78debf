"""Does the embedded server start where it should, refuse where it must, and say what to do?"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from kairo.errors import StartError
from kairo.platform.db import attach_or_start, start
from kairo.platform.db.binaries import find_binaries
from kairo.platform.db.cluster import running_postmaster
from tests.conftest import postgres_bin, run_apart

HOLD = """
import sys, time
from pathlib import Path
from kairo.platform.db import start
server = start(Path(sys.argv[1]), durable=False, postgres_bin=Path(sys.argv[2]) if sys.argv[2] else None)
print(server.url, flush=True)
sys.stdin.read()
server.stop()
"""


def begin(data: Path, script: str = HOLD) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", script, str(data), str(postgres_bin() or "")]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def test_start_twice_in_a_row(tmp_path: Path) -> None:
    for _ in range(2):
        with start(tmp_path, postgres_bin=postgres_bin()) as server:
            assert run_apart(ask(server.url, "SHOW fsync")) == "on"
            assert run_apart(ask(server.url, "SHOW data_checksums")) == "on"
            assert run_apart(ask(server.url, "SHOW listen_addresses")) == ""
            assert run_apart(ask(server.url, "SHOW server_encoding")) == "UTF8"
            sql = "SELECT datcollate FROM pg_database WHERE datname = current_database()"
            assert run_apart(ask(server.url, sql)) == "C"
        assert running_postmaster(tmp_path / "postgres" / "cluster") is None
    assert (tmp_path / "postgres").stat().st_mode & 0o077 == 0


def test_a_second_program_is_refused_and_a_command_attaches(tmp_path: Path) -> None:
    holder = begin(tmp_path)
    assert holder.stdout
    url = holder.stdout.readline().strip()
    with pytest.raises(StartError, match=f"in use by pid {holder.pid}"):
        start(tmp_path, postgres_bin=postgres_bin())
    with attach_or_start(tmp_path, postgres_bin=postgres_bin()) as attached:
        assert (attached.url, attached.started_here) == (url, False)
        assert run_apart(ask(attached.url, "SELECT 1")) == 1
    assert run_apart(ask(url, "SELECT 1")) == 1, "a command that leaves must not stop the server"
    holder.communicate()
    with attach_or_start(tmp_path, postgres_bin=postgres_bin(), durable=False) as own:
        assert own.started_here


def test_attaching_while_the_other_is_starting(tmp_path: Path) -> None:
    holder = begin(tmp_path)
    give_up_at = time.monotonic() + 20
    while not (tmp_path / "postgres" / "lock").exists() and time.monotonic() < give_up_at:
        time.sleep(0.001)
    time.sleep(0.02)
    with attach_or_start(tmp_path, postgres_bin=postgres_bin(), durable=False) as attached:
        assert run_apart(ask(attached.url, "SELECT 1")) == 1
    holder.communicate()


def test_a_pid_file_with_the_pid_of_another_program(tmp_path: Path) -> None:
    with start(tmp_path, postgres_bin=postgres_bin(), durable=False) as server:
        left_behind = (tmp_path / "postgres" / "cluster" / "postmaster.pid").read_text()
        socket = Path(server.url.split("host=")[1])
        lock = (socket / ".s.PGSQL.5432.lock").read_text()
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        old = left_behind.split("\n", 1)
        (tmp_path / "postgres" / "cluster" / "postmaster.pid").write_text(f"{stranger.pid}\n{old[1]}")
        (socket / ".s.PGSQL.5432.lock").write_text(f"{stranger.pid}\n" + lock.split("\n", 1)[1])
        with start(tmp_path, postgres_bin=postgres_bin(), durable=False) as server:
            assert run_apart(ask(server.url, "SELECT 1")) == 1
    finally:
        stranger.kill()
        stranger.wait()


def test_a_long_and_odd_path(tmp_path: Path) -> None:
    data = tmp_path / ("回廊 データ, ' \" \\ " + "x" * 60) / ("y" * 60)
    folder = data
    for _ in range(2):
        with start(data, postgres_bin=postgres_bin(), durable=False) as server:
            assert run_apart(ask(server.url, "SELECT 1")) == 1
            folder = Path(server.url.split("host=")[1])
            assert folder.stat().st_mode & 0o777 == 0o700
    for leftover in folder.iterdir():
        leftover.unlink()
    folder.rmdir()


def test_another_major_version(tmp_path: Path) -> None:
    start(tmp_path, postgres_bin=postgres_bin(), durable=False).stop()
    (tmp_path / "postgres" / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(StartError, match=r"PostgreSQL 14") as caught:
        start(tmp_path, postgres_bin=postgres_bin())
    assert "KAIRO_POSTGRES_BIN" in caught.value.mend


def test_no_programs(tmp_path: Path) -> None:
    with pytest.raises(StartError) as caught:
        find_binaries(tmp_path)
    assert "KAIRO_POSTGRES_BIN" in caught.value.mend


def test_a_broken_cluster_says_what_postgres_said(tmp_path: Path) -> None:
    start(tmp_path, postgres_bin=postgres_bin(), durable=False).stop()
    (tmp_path / "postgres" / "settings.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StartError, match="no_such_setting"):
        start(tmp_path, postgres_bin=postgres_bin())
    (tmp_path / "postgres" / "settings.conf").write_text("work_mem = '9MB'\n")
    with start(tmp_path, postgres_bin=postgres_bin()) as server:
        assert run_apart(ask(server.url, "SHOW work_mem")) == "9MB"


def test_an_interrupted_initdb_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "cluster.new").mkdir(parents=True)
    (tmp_path / "postgres" / "cluster.new" / "PG_VERSION").write_text("18\n")
    start(tmp_path, postgres_bin=postgres_bin(), durable=False).stop()


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError) as caught:
        start(tmp_path / "file", postgres_bin=postgres_bin())
    assert "KAIRO_DATA" in caught.value.mend


def test_from_another_thread_it_dies_with_the_program_too(tmp_path: Path) -> None:
    """The kernel watches the starting thread; outside of the main one a small shell watches a pipe instead."""
    script = HOLD.replace("server = start(", "server = ThreadPoolExecutor(1).submit(start, ").replace(
        "else None)", "else None).result()"
    )
    holder = begin(tmp_path, "from concurrent.futures import ThreadPoolExecutor" + script)
    assert holder.stdout
    assert holder.stdout.readline()
    cluster = tmp_path / "postgres" / "cluster"
    assert running_postmaster(cluster)
    holder.kill()
    holder.communicate()
    give_up_at = time.monotonic() + 10
    while running_postmaster(cluster) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert running_postmaster(cluster) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize("as_whom", ["ordinary user", "root without namespaces", "root on another's folder"])
def test_other_identities(as_whom: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(tempfile.mkdtemp(prefix="kairo-who-"))
    try:
        folder.chmod(0o755)
        if as_whom == "ordinary user":
            _as_user(folder)
        elif as_whom == "root without namespaces":
            monkeypatch.setattr("kairo.platform.db.identity._namespaces_work", lambda inner: False)
            for _ in range(2):
                with start(folder / "data", postgres_bin=postgres_bin(), durable=False) as server:
                    assert run_apart(ask(server.url, "SELECT 1")) == 1
            assert (folder / "data" / "postgres" / "cluster").stat().st_uid != 0
        else:
            _as_user(folder)
            with start(folder / "data", postgres_bin=postgres_bin(), durable=False) as server:
                assert run_apart(ask(server.url, "SELECT 1")) == 1
            _as_user(folder)
    finally:
        shutil.rmtree(folder)


def _as_user(folder: Path) -> None:
    """Start, ask and stop as `nobody`. The interpreter must be reachable for them, else there is nothing to test."""
    os.chown(folder, 65534, 65534)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.chdir("/")
            with start(folder / "data", postgres_bin=postgres_bin(), durable=False) as server:
                asyncio.run(ask(server.url, "SELECT 1"))
            status = 0
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
