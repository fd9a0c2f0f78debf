"""How does a command end early? Ctrl-C and SIGTERM are raised where it stands, so that all that is open is closed in order.

Python loses or disguises what is raised inside of some callbacks and inside of the import of modules written in C. So a request
waits while modules are imported (`importing`), and one that was lost is made again.
"""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kairo.commands.outcome import TERMINATED

_AGAIN_SECONDS = 0.05


class _State:
    importing = 0
    waiting: int | None = None


def listen() -> None:
    """From now on both signals raise. The supervisor takes them over while it runs."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, _asked)
    sys.unraisablehook = _lost


@contextmanager
def importing() -> Iterator[None]:
    """Around imports that take a while: a request to end is heard after them."""
    _State.importing += 1
    try:
        yield
    finally:
        _State.importing -= 1
    if _State.waiting is not None and not _State.importing:
        waiting, _State.waiting = _State.waiting, None
        _asked(waiting, None)


def _asked(signum: int, frame: object) -> None:
    if _State.importing:
        _State.waiting = signum
    elif signum == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        raise SystemExit(TERMINATED)


def _lost(lost: "sys.UnraisableHookArgs") -> None:
    """What else than a request ends here comes from things half made when one came; nobody can do anything about it."""
    asked = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}.get(lost.exc_type)
    if asked is not None:
        threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), asked)).start()
