"""As whom does the embedded server run? PostgreSQL refuses to run as root, so root lends it another identity.

An ordinary user runs it as itself. Root runs it in a user namespace of one user, in which root's files are that user's own:
no ownership changes, and folders below /root stay reachable. Where namespaces are forbidden (some containers), or the
folder belongs to somebody else already, the server runs as that other user and the folder is theirs.
"""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kairo.errors import StartError

_CLONE_NEWUSER = 0x10000000
_PR_SET_PDEATHSIG = 1
_PREFERRED = ("postgres", "daemon", "nobody")

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Identity:
    """Who runs the server: `owner` is the uid that owns its files, `inner` the uid it has in its own namespace, if any."""

    owner: int
    inner: int | None = None

    @property
    def other(self) -> int | None:
        """The uid to switch to for real, or None."""
        return self.owner if self.inner is None and self.owner != os.geteuid() else None

    def give(self, folder: Path) -> None:
        """Make a folder the server's own."""
        if self.other is not None:
            os.chown(folder, self.other, pwd.getpwuid(self.other).pw_gid)

    def popen(self, command: list[str], *, dies_with_us: bool, **options: Any) -> "subprocess.Popen[bytes]":
        """Start a program under this identity, in a session of its own (Ctrl-C reaches us, and we stop it in order)."""
        if self.other is not None:
            options |= {"user": self.other, "group": pwd.getpwuid(self.other).pw_gid, "extra_groups": []}
        before_exec = _prepare(self.inner, dies_with_us=dies_with_us)
        return subprocess.Popen(command, start_new_session=True, preexec_fn=before_exec, **options)  # noqa: PLW1509


def kernel_ends_children() -> bool:
    """Does the kernel end our child when we die? Linux does; it watches the thread that started the child, so: the main one."""
    return _libc is not None and threading.current_thread() is threading.main_thread()


def identity_for(cluster: Path, parent: Path) -> Identity:
    """The identity for the cluster folder, which may not exist yet, inside `parent`, which does."""
    if os.geteuid() != 0:
        return Identity(os.geteuid())
    owner = (cluster if cluster.exists() else parent).stat().st_uid
    if owner != 0:
        return Identity(owner)
    inner = _some_user()
    if _namespaces_work(inner):
        return Identity(0, inner)
    _refuse_unreachable(parent.parent)
    return Identity(inner)


def _some_user() -> int:
    """A user that is not root; it must have a name, initdb asks for it."""
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0}
    for name in (*_PREFERRED, *known):
        if name in known:
            return known[name]
    raise StartError("PostgreSQL does not run as root and there is no other user", mend="Start Kairo as an ordinary user.")


def _refuse_unreachable(folder: Path) -> None:
    for above in (folder.resolve(), *folder.resolve().parents):
        if not above.stat().st_mode & 0o001:
            raise StartError(
                f"PostgreSQL does not run as root, and another user cannot reach {folder} through {above}",
                mend="Start Kairo as an ordinary user, or set KAIRO_DATA to a folder such as /var/lib/kairo.",
            )


@cache
def _namespaces_work(inner: int) -> bool:
    try:
        return (
            subprocess.run(
                ["/bin/sh", "-c", ":"], preexec_fn=_prepare(inner, dies_with_us=False), check=True, timeout=10
            ).returncode
            == 0
        )
    except (OSError, subprocess.SubprocessError):
        return False


def _prepare(inner: int | None, *, dies_with_us: bool) -> Callable[[], None] | None:
    """What the child does between fork and exec. Everything it needs is looked up before, in the parent."""
    ending = dies_with_us and kernel_ends_children()
    if _libc is None or not (ending or inner is not None):
        return None
    libc, parent, gid = _libc, os.getpid(), os.getegid()
    maps = [(b"/proc/self/setgroups", b"deny"), (b"/proc/self/uid_map", b"%d 0 1" % (inner or 0))]
    maps.append((b"/proc/self/gid_map", b"%d %d 1" % (inner or 0, gid)))

    def in_child() -> None:
        if inner is not None:
            if libc.unshare(_CLONE_NEWUSER) != 0:
                raise OSError(ctypes.get_errno(), "no user namespace")
            for path, text in maps:
                file = os.open(path, os.O_WRONLY)
                os.write(file, text)
                os.close(file)
        if ending:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)  # SIGINT is PostgreSQL's fast shutdown
            if os.getppid() != parent:
                os._exit(1)  # we died between fork and here

    return in_child
