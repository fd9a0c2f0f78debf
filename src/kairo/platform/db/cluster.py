"""What is in a cluster folder: is it whole, of which version, does a server run on it, what did the server say last?"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kairo.errors import StartError
from kairo.platform.db.binaries import Binaries
from kairo.platform.db.identity import Identity

_LONGEST_SOCKET_PATH = 103  # macOS; Linux allows 107


def create_cluster(
    cluster: Path, binaries: Binaries, identity: Identity, *, superuser: str, environment: dict[str, str]
) -> None:
    """Run initdb beside the final place, then rename: a cluster folder is whole or absent, also after a power cut."""
    fresh = cluster.with_name("cluster.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    identity.give(fresh)
    command = [binaries.program("initdb"), "-D", str(fresh), "-U", superuser, "--auth=trust", "--encoding=UTF8", "--locale=C"]
    command += ["--data-checksums", "--no-instructions"]
    process = identity.popen(
        command, dies_with_us=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    said = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        full = "No space left" in said
        raise StartError(
            f"initdb failed: {'the disk is full' if full else ' '.join(said.split()[-60:])}",
            mend="Free space on the disk of the data folder." if full else None,
        )
    fresh.rename(cluster)
    _sync_folder(cluster.parent)


def check_major(cluster: Path, binaries: Binaries) -> None:
    """Raises StartError when the cluster was made by another major version than the programs are of."""
    major = (cluster / "PG_VERSION").read_text().strip()
    if major != str(binaries.major):
        raise StartError(
            f"the database in {cluster} is of PostgreSQL {major}, the programs in {binaries.folder} are {binaries.major}",
            mend=f"Set KAIRO_POSTGRES_BIN to the bin folder of PostgreSQL {major}, run `kairo backup`, move the data folder "
            "away, unset it and run `kairo restore`; or use pg_upgrade of the newer version.",
        )


def running_postmaster(cluster: Path) -> int | None:
    """The pid of a live server on this cluster, by postmaster.pid and the process's working folder or name."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (OSError, ValueError):
        return None
    return pid if _is_server_of(pid, cluster) else None


def _is_server_of(pid: int, cluster: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == cluster.resolve()
    except OSError:
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return "postgres" in shown.stdout


def socket_folder(root: Path, identity: Identity) -> Path:
    """A folder for the socket: inside the data folder, or where that path is too long or odd, a short one keyed by it."""
    folder = root / "socket"
    text = str(folder / ".s.PGSQL.5432")
    if len(os.fsencode(text)) > _LONGEST_SOCKET_PATH or set(text) & set(",\"'\\ "):
        key = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest()
        folder = Path(tempfile.gettempdir()) / f"kairo-{identity.owner}-{key}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid not in {identity.owner, os.geteuid()}:
        raise StartError(f"{folder} belongs to somebody else", mend="Remove it, or choose a shorter data folder.")
    identity.give(folder)
    folder.chmod(0o700)
    return folder


def disown_stale_pid_file(cluster: Path, socket: Path) -> None:
    """Keep a pid that is another program's by now from stopping the start; the lock of the folder is ours.

    The file stays: it also names the shared memory by which PostgreSQL notices orphaned backends of a killed server. Only its
    first line becomes our pid, which PostgreSQL, being our child, takes for stale.
    """
    file = cluster / "postmaster.pid"
    if running_postmaster(cluster) is not None:
        return
    (socket / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
    try:
        pid, rest = file.read_text().split("\n", 1)
        os.kill(int(pid), 0)
    except (OSError, ValueError):
        return  # no file, or nobody has that pid: PostgreSQL sees that by itself
    file.write_text(f"{os.getpid()}\n{rest}")


def last_log_lines(root: Path, count: int) -> str:
    """The last lines of the newest logs, for an error message."""
    logs = sorted((root / "log").glob("*.log"), key=lambda path: path.stat().st_mtime)[-2:]
    lines = [line for log in logs for line in log.read_text(errors="replace").splitlines()[-count:]]
    return "\n".join(lines[-count:])


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
