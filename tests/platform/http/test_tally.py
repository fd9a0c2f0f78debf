"""Do the metrics say the same as if each request had been counted by itself?"""

import asyncio
from collections import Counter as Numbers
from typing import Any, Self

import prometheus_client
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kairo.platform.http import tally
from kairo.platform.http.tally import Tally
from kairo.platform.observability import metrics
from tests.conftest import run_apart

BOUNDS = (0.001, 0.01, 0.1, 1)
REQUEST = st.tuples(
    st.sampled_from(["api", "page"]),
    st.sampled_from(["GET", "POST", "other"]),
    st.sampled_from([200, 204, 404, 500]),
    st.sampled_from([0.0, *BOUNDS, 0.0005, 0.05, 0.999, 7.5]),
)


class Metrics:
    """The two metrics that are handed numbers, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = prometheus_client.CollectorRegistry()
        self.requests = prometheus_client.Counter(
            "requests", "Requests.", ["surface", "method", "status"], registry=self.registry
        )
        self.seconds = prometheus_client.Histogram("seconds", "Seconds.", ["surface"], buckets=BOUNDS, registry=self.registry)

    def __enter__(self) -> Self:
        self._before = metrics.REQUESTS, metrics.SECONDS
        metrics.REQUESTS, metrics.SECONDS = self.requests, self.seconds
        return self

    def __exit__(self, *_: object) -> None:
        metrics.REQUESTS, metrics.SECONDS = self._before

    def shown(self) -> dict[Any, float]:
        """Every figure with its labels, but when it began to be counted."""
        return {
            (sample.name, *sorted(sample.labels.items())): round(sample.value, 9)
            for family in self.registry.collect()
            for sample in family.samples
            if not sample.name.endswith("_created")
        }


@settings(max_examples=50, deadline=None)
@given(rounds=st.lists(st.lists(REQUEST, max_size=30), min_size=1, max_size=4))
def test_it_says_what_single_counts_would(rounds: list[list[tuple[str, str, int, float]]]) -> None:
    one_by_one = Metrics()
    for surface, method, status, seconds in (request for part in rounds for request in part):
        one_by_one.requests.labels(surface, method, str(status)).inc()
        one_by_one.seconds.labels(surface).observe(seconds)

    async def count() -> None:
        counting = Tally()
        for part in rounds:
            for request in part:
                counting.count(*request)
            counting.flush()
            counting.flush()

    with Metrics() as together:
        run_apart(count())
    assert together.shown() == one_by_one.shown()


def test_it_is_handed_over_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "FLUSH_SECONDS", 0.01)
    counting = Tally()
    plans = Numbers[str]()

    async def count(number: int) -> None:
        loop = asyncio.get_running_loop()
        call_later = loop.call_later

        def noted(*arguments: Any, **more: Any) -> Any:
            plans["flush"] += arguments[1] == counting.flush
            return call_later(*arguments, **more)

        monkeypatch.setattr(loop, "call_later", noted)
        for _ in range(number):
            counting.count("api", "GET", 200, 0.002)
        key = ("requests_total", ("method", "GET"), ("status", "200"), ("surface", "api"))
        while together.shown().get(key, 0) < plans["flush"] * number:  # noqa: ASYNC110 - until it is handed over
            await asyncio.sleep(0)

    with Metrics() as together:
        run_apart(asyncio.wait_for(count(5), 10))
        run_apart(asyncio.wait_for(count(5), 10))  # also on the loop that comes after a loop that is gone
    assert plans["flush"] == 2, "once for all that came meanwhile"
