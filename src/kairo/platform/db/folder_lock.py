"""Who uses this data folder? A lock that ends with the program that holds it, and tells others whom to ask.

flock, not a pid file: the kernel lets go of it when the program dies, however it dies.
"""

import fcntl
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from kairo.errors import StartError

_STARTING_SECONDS = 60.0


class FolderLock:
    """The lock of one folder, held until `release()` or the end of the program."""

    def __init__(self, file: int) -> None:
        self._file = file

    @classmethod
    def take(cls, root: Path) -> "FolderLock":
        """Take the lock, or raise StartError that names the program which has it."""
        lock = cls._try(root)
        if lock is None:
            holder = _read(root)
            raise StartError(
                f"the data folder {root.parent} is in use by pid {holder.get('pid', '?')} ({holder.get('command', 'unknown')})",
                mend="Stop that program, or choose another folder with KAIRO_DATA.",
            )
        lock.write({"pid": os.getpid(), "command": _command()})
        return lock

    @classmethod
    def url_of_holder(cls, root: Path) -> str | None:
        """The URL of the server that runs on this folder, waiting while it starts; None when nobody holds the lock."""
        give_up_at = time.monotonic() + _STARTING_SECONDS
        while True:
            lock = cls._try(root)
            if lock is not None:
                lock.release()
                return None
            if url := _read(root).get("url"):
                return str(url)
            if time.monotonic() > give_up_at:
                raise StartError(f"the server of {root.parent} does not come up", mend=f"See the logs in {root / 'log'}.")
            time.sleep(0.05)

    @classmethod
    def holder(cls, root: Path) -> dict[str, Any] | None:
        """Who holds the lock (pid, command, perhaps the URL), or None. Nothing is made where there is no folder."""
        if not (root / "lock").exists():
            return None
        lock = cls._try(root)
        if lock is None:
            return _read(root)
        lock.release()
        return None

    def publish(self, url: str) -> None:
        """Tell others how to reach the server."""
        self.write({"pid": os.getpid(), "command": _command(), "url": url})

    def release(self) -> None:
        """Let go of the folder."""
        if self._file >= 0:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    @classmethod
    def _try(cls, root: Path) -> "FolderLock | None":
        try:
            file = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"{root / 'lock'} cannot be opened: {error.strerror}", mend="Run as the user who owns it."
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return cls(file)

    def write(self, holder: dict[str, Any]) -> None:
        """Say who holds the lock."""
        text = json.dumps(holder).encode()
        os.pwrite(self._file, text, 0)
        os.ftruncate(self._file, len(text))


def _read(root: Path) -> dict[str, Any]:
    """What the holder wrote; empty while it is writing."""
    try:
        read: dict[str, Any] = json.loads((root / "lock").read_text())
    except (OSError, ValueError):
        return {}
    return read


def _command() -> str:
    return " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
