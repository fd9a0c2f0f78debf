"""How does the web server run? Granian over the composed application, as a child of the supervisor."""

import gc
import os
import signal
from typing import Any

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels

from kairo.platform.observability.logs import configure
from kairo.platform.processes.orphans import end_with_parent, parent_environment
from kairo.settings import load_settings

# What the server may keep of an answer that was given up, until the system closes the connection. Its own default is three times this.
CONNECTION_BYTES = 128 * 1024

# Granian's lines go through our own logging, so that each looks like every other.
_LOGGING = {
    "formatters": {},
    "handlers": {},
    "loggers": {
        "_granian": {"handlers": [], "propagate": True, "level": "WARNING"},
        "granian.access": {"handlers": [], "propagate": False, "level": "WARNING"},
    },
}


def load(target: str) -> Any:
    """The application, put together in the worker's own process. Until Granian listens to signals there, one ends it at once:
    those that it inherited belong to the process that started it."""
    del target
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from kairo.commands.web_app import worker

    return worker()


def main() -> None:
    """Serves until the supervisor ends it."""
    end_with_parent()
    gc.disable()  # while the program is put together nothing becomes garbage; web_app.py enables it in each worker
    os.environ.update(parent_environment())  # what Granian starts are children of this process, and end with it
    settings = load_settings()
    configure(settings.log_format, settings.log_level)
    Granian(
        "kairo.commands.web_app:worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGGING,
        backlog=1024,
        http1_settings=HTTP1Settings(max_buffer_size=CONNECTION_BYTES),
    ).serve(target_loader=load)


if __name__ == "__main__":
    main()
