"""What happens to a child whose parent was killed? It notices, and ends.

The parent writes its process id into the environment of its children, so that a child which starts while its parent dies
notices too (1 cannot be taken for an orphan's parent: in a container the supervisor is 1).
"""

import ctypes
import os
import signal
import sys
import threading
import time

PARENT = "PARENT_PROCESS_ID"
_PR_SET_PDEATHSIG = 1


def parent_environment() -> dict[str, str]:
    """What a parent adds to the environment of its children."""
    return {PARENT: str(os.getpid())}


def end_with_parent() -> None:
    """Makes this process end when its parent does, however the parent ended (PR_SET_PDEATHSIG on Linux, a watch elsewhere).

    It does not pass to the children of this process: each calls it for itself.
    """
    named = os.environ.get(PARENT, "")
    parent = int(named) if named.isdigit() else os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent-watch").start()
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
