"""Do token buckets give what they should and no more, to one worker and to several that share?"""

import asyncio
import random
from datetime import UTC, datetime, timedelta

import pytest

from kairo.context.quotas.buckets import OwnBuckets, SharedBuckets
from kairo.platform.db import Database

BEGIN = datetime(2026, 4, 1, tzinfo=UTC)


class Time:
    """A clock and a timer that stand still until they are moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds)

    def timer(self) -> float:
        return self.seconds


def test_a_bucket_of_one_worker() -> None:
    time = Time()
    buckets = OwnBuckets(time.timer)
    assert [buckets.take("a", 3) for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a", 3) == pytest.approx(1 / 3)
    assert buckets.take("b", 3) == 0, "another address has its own"
    time.seconds += 0.34
    assert buckets.take("a", 3) == 0
    assert buckets.take("a", 3) > 0
    time.seconds += 1000
    assert [buckets.take("a", 3) for _ in range(4)].count(0) == 3, "no more than a second's worth is saved up"


def test_a_part_of_a_request_a_second() -> None:
    time = Time()
    buckets = OwnBuckets(time.timer)
    assert buckets.take("a", 0.5) == 0
    assert buckets.take("a", 0.5) == pytest.approx(2)
    time.seconds += 2
    assert buckets.take("a", 0.5) == 0


@pytest.mark.parametrize("seed", range(3))
async def test_workers_share_a_bucket_and_never_get_more_together(database: Database, seed: int) -> None:
    chance = random.Random(seed)
    time = Time()
    workers = [SharedBuckets(database, time, time.timer) for _ in range(3)]
    rate, name = 40, f"application:shared{seed}"
    given = 0
    for _ in range(60):
        asked = [chance.choice(workers).take("352039", name, rate) for _ in range(chance.randrange(12))]
        given += (await asyncio.gather(*asked)).count(0.0)
        assert given <= rate * (1 + time.seconds)
        time.seconds += chance.random() * 0.1
    assert given > 0.5 * rate * time.seconds, "what was promised is had"


async def test_who_waits_as_long_as_told_is_served(database: Database) -> None:
    time = Time()
    worker = SharedBuckets(database, time, time.timer)
    for _ in range(4):
        assert await worker.take("352039", "application:patient", 2) == 0 or time.seconds > 0
        wait = await worker.take("352039", "application:patient", 2)
        while not wait:
            wait = await worker.take("352039", "application:patient", 2)
        time.seconds += wait
        assert await worker.take("352039", "application:patient", 2) == 0


async def test_others_and_other_tenants_have_their_own(database: Database) -> None:
    time = Time()
    worker = SharedBuckets(database, time, time.timer)
    assert await worker.take("352039", "application:one", 1) == 0
    assert await worker.take("352039", "application:one", 1) > 0
    assert await worker.take("352039", "application:two", 1) == 0
    assert await worker.take("352047", "application:one", 1) == 0
