"""What runs beside the web? Reactions to changes in every worker; housekeeping and the demo's synthetic world in the leader."""

import asyncio
import signal
import sys
from contextlib import suppress

from kairo.app import Kairo
from kairo.errors import KairoError
from kairo.platform.observability.logs import configure, logger
from kairo.platform.processes.collector import settle
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
        settle()
        work = asyncio.create_task(kairo.jobs())
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work


def main() -> None:
    """Entry point of the child process. What ends it is one line in the log; the supervisor starts it again."""
    end_with_parent()
    try:
        asyncio.run(run())
    except KairoError as error:
        logger("jobs").error(error.detail or error.title, mend=error.mend)
        sys.exit(1)
    except Exception:  # noqa: BLE001 - the last net: one line in the log instead of a picture of the stack
        logger("jobs").exception("the job worker failed")
        sys.exit(1)


if __name__ == "__main__":
    main()
