"""What runs beside the web? Reactions to changes in every worker; housekeeping and the demo's synthetic world in the leader."""

import asyncio
import signal
from contextlib import suppress

from kairo.app import Kairo
from kairo.platform.observability.logs import configure
from kairo.platform.processes.orphans import end_with_parent
from kairo.settings import load_settings


async def run() -> None:
    """Runs until the supervisor ends it."""
    settings = load_settings()
    configure(settings.log_format, settings.log_level)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stopping.set)
    async with await Kairo.open(settings, name="kairo jobs") as kairo:
        work = asyncio.create_task(kairo.jobs())
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def main() -> None:
    """Entry point of the child process."""
    end_with_parent()
    asyncio.run(run())


if __name__ == "__main__":
    main()
