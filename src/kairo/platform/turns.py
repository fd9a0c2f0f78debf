"""How does long work leave room for others in the same process? It gives them a turn every few milliseconds."""

import asyncio
from time import perf_counter

SECONDS = 0.01


class Turns:
    """One piece of long work: `give` is called between its steps, and mostly does nothing."""

    def __init__(self) -> None:
        self._until = perf_counter() + SECONDS

    @property
    def is_over(self) -> bool:
        """Whether this work has held the loop for its time."""
        return perf_counter() >= self._until

    async def give(self) -> None:
        """Lets everybody who is ready go on, if this work has held the loop for its time."""
        if self.is_over:
            await asyncio.sleep(0)
            self._until = perf_counter() + SECONDS
