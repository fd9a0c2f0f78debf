"""What happens to a child whose supervisor was killed? It notices, and ends."""

import ctypes
import os
import signal
import sys
import threading
import time


def end_with_parent() -> None:
    """Makes this process end when its parent does, however the parent ended (PR_SET_PDEATHSIG on Linux, a watch elsewhere)."""
    parent = os.getppid()
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        pr_set_pdeathsig = 1
        libc.prctl(pr_set_pdeathsig, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGTERM)
        return
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent-watch").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGTERM)
