"""Who closes a connection whose reader has stopped reading? The kernel, after a while: the server itself waits as long as it takes.

Granian makes its listening sockets itself and offers no such setting, so they are found among the process' own. What a listening
socket is set to holds for each connection that it accepts. On other systems than Linux nothing is done.
"""

import asyncio
import socket
import sys
from pathlib import Path

_FILES = Path("/proc/self/fd")
_PATIENCE_SECONDS, _LOOKS_A_SECOND = 30, 20


async def limit_readers(port: int, seconds: float) -> bool:
    """Connections that this process accepts on this port are closed when what was sent is not acknowledged, or the reader has no
    room for more, for so long. Waits for the server, which listens after the application has started. False: it did not."""
    for _ in range(_PATIENCE_SECONDS * _LOOKS_A_SECOND):
        if sys.platform != "linux" or _set(port, seconds):
            return True
        await asyncio.sleep(1 / _LOOKS_A_SECOND)
    return False


def _set(port: int, seconds: float) -> int:
    """How many listening sockets there are on this port by now, which are set."""
    return sum(_limit(int(file.name), port, seconds) for file in list(_FILES.iterdir()))


def _limit(file: int, port: int, seconds: float) -> bool:
    try:
        one = socket.socket(fileno=file)
    except OSError:  # no socket, or no more
        return False
    try:
        if not one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) or one.family == socket.AF_UNIX:
            return False
        if one.getsockname()[1] != port:
            return False
        one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(seconds * 1000))
        return True
    finally:
        one.detach()
