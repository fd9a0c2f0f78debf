"""Is what clients see who call all at once, at two web workers, what one client after the other could have seen?"""

import asyncio
import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.context.specification.calls import Call
from tests.context.specification.clients import Brokers, Done
from tests.context.specification.drawn import BEGINNING, EVERYTHING, RETRIEVALS, WRITES, queries
from tests.context.specification.linear import explain

EXAMPLES = int(os.environ.get("KAIRO_TEST_EXAMPLES", "12"))
CALLS = st.one_of(st.sampled_from(sorted(WRITES)).flatmap(WRITES.__getitem__), RETRIEVALS, queries(counting=False))
CLIENTS = st.lists(st.lists(CALLS, min_size=4, max_size=8), min_size=3, max_size=5)


async def together(brokers: Brokers, tenant: str, scripts: list[list[Call]], workers: int) -> list[Done]:
    """All scripts at once, each by a client of its own; the clients take turns at the web workers."""

    async def client(number: int, script: list[Call]) -> list[Done]:
        async with brokers.asker(tenant, number % workers) as asker:
            return [await brokers.ask(asker, call) for call in script]

    found = await asyncio.gather(*(client(number, script) for number, script in enumerate(scripts)))
    return [done for calls in found for done in calls]


# Nothing is made smaller after a failure: the next run would not meet in the same way. More examples: a longer hunt.
@pytest.mark.parametrize("workers", [1, 2])
@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    derandomize="KAIRO_TEST_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(scripts=CLIENTS)
def test_one_after_the_other_could_have_seen_it(brokers: Brokers, workers: int, scripts: list[list[Call]]) -> None:
    tenant = brokers.run(brokers.tenant())
    calls = [
        done
        for part in ([[BEGINNING]], scripts, [[EVERYTHING]])
        for done in brokers.run(together(brokers, tenant, part, workers))
    ]
    explain(calls, brokers.run(brokers.changes(tenant)))
