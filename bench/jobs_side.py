"""Who delivers notifications while it is measured? The delivery of Kairo's job worker over the same parts as the web side.

python -m bench.jobs_side      # settings come as environment variables, as to every process of Kairo
"""

import asyncio
import signal

from bench.kairo_side import Parts
from kairo.context.subscriptions.delivery.running import deliver
from kairo.platform.observability.logs import configure
from kairo.platform.processes.collector import settle
from kairo.platform.processes.orphans import end_with_parent
from kairo.settings import load_settings


async def run() -> None:
    """Delivers until it is asked to end."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    parts = await Parts.open(load_settings(), "bench jobs")
    settle()
    work = asyncio.create_task(deliver(parts.graph, parts.gate, parts.contexts, parts.settings))
    waiting = asyncio.create_task(stopping.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        await work  # it never ends by itself but by an error
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    await parts.close()


if __name__ == "__main__":
    end_with_parent()
    configure("text", "warning")
    asyncio.run(run())  # as Kairo's own job worker does
