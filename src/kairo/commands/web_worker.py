"""How does the web server run? Granian over the composed application, as a child of the supervisor."""

from granian import Granian
from granian.constants import Interfaces, Loops
from granian.log import LogLevels

from kairo.platform.processes.orphans import end_with_parent
from kairo.settings import load_settings


def main() -> None:
    """Serves until the supervisor ends it."""
    end_with_parent()
    settings = load_settings()
    Granian(
        "kairo.app:worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.web_workers,
        loop=Loops.uvloop,
        factory=True,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
        backlog=1024,
    ).serve()


if __name__ == "__main__":
    main()
