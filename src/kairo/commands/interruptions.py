"""How does a command end early? Ctrl-C and SIGTERM are raised where it stands, so that all that is open is closed in order.

Python loses or disguises what is raised inside of some callbacks, of tasks, and of the import of modules written in C. So a
request waits while modules are imported (`importing`), cancels what runs in an event loop (`run`), and one that was lost is made
again.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from kairo.commands.outcome import TERMINATED

_AGAIN_SECONDS = 0.05

Result = TypeVar("Result")


class _State:
    importing = 0
    task: "asyncio.Task[Any] | None" = None
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
    if not _State.importing:
        _hear_what_waits()


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """Like `asyncio.run`. A request to end cancels `main`, and is raised when all that it opened is closed; a second one at once."""

    async def cancellable() -> Result:
        _State.task = asyncio.current_task()
        return await main

    try:
        return asyncio.run(cancellable())
    finally:
        _State.task = None
        _hear_what_waits()


def _hear_what_waits() -> None:
    waiting, _State.waiting = _State.waiting, None
    if waiting is not None:
        _asked(waiting, None)


def _asked(signum: int, frame: object) -> None:
    if _State.importing:
        _State.waiting = signum
    elif _State.task is not None and _State.waiting is None:
        _State.waiting = signum
        _State.task.cancel()
        _State.task.get_loop().call_soon_threadsafe(lambda: None)  # it may be asleep
    elif signum == signal.SIGINT:
        raise KeyboardInterrupt
    else:
        raise SystemExit(TERMINATED)


def _lost(lost: "sys.UnraisableHookArgs") -> None:
    """What else than a request ends here comes from things half made when one came; nobody can do anything about it."""
    asked = {KeyboardInterrupt: signal.SIGINT, SystemExit: signal.SIGTERM}.get(lost.exc_type)
    if asked is not None:
        threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), asked)).start()
