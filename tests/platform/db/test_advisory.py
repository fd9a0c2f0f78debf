"""Is there one leader at a time, does it learn of its loss, and does another follow?"""

import asyncio
from collections.abc import Callable

import pytest

from kairo.platform.db import Database, Leadership, lock_in_unit, named_lock
from kairo.platform.db.advisory import lock_key


async def end(db: Database, name: str) -> None:
    async with db.owner() as owner:
        await owner.fetch("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1", name)


async def wait_for(condition: Callable[[], object], seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_one_leader_and_a_successor(db: Database) -> None:
    working: set[int] = set()
    most = 0

    async def work(number: int) -> None:
        nonlocal most
        working.add(number)
        most = max(most, len(working))
        try:
            await asyncio.sleep(60)
        finally:
            working.discard(number)

    leaders = [Leadership(db, "one", retry_seconds=0.1, check_seconds=0.2) for _ in range(3)]
    tasks = [asyncio.create_task(leader.run(lambda n=number: work(n))) for number, leader in enumerate(leaders)]  # type: ignore[misc]
    await wait_for(lambda: working)
    await asyncio.sleep(0.3)
    assert sum(leader.leads for leader in leaders) == 1
    first = next(iter(working))
    tasks[first].cancel()
    await asyncio.gather(tasks[first], return_exceptions=True)
    await wait_for(lambda: working and first not in working)
    await end(db, "kairo one")
    await wait_for(lambda: not working)
    await wait_for(lambda: working)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert most == 1


async def test_work_that_fails_or_ends_is_begun_again(db: Database) -> None:
    runs = 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 1:
            raise ZeroDivisionError

    task = asyncio.create_task(Leadership(db, "again", retry_seconds=0.05).run(work))
    await wait_for(lambda: runs >= 3)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_named_lock(db: Database) -> None:
    async with named_lock(db, "import") as first:
        assert first
        async with named_lock(db, "import") as second, named_lock(db, "other") as third:
            assert (second, third) == (False, True)
    async with named_lock(db, "import") as again:
        assert again


async def test_lock_in_unit(db: Database) -> None:
    order = []

    async def one(tenant: str, number: int) -> None:
        async with db.unit(tenant) as unit:
            await lock_in_unit(unit, "desk")
            order.append((tenant, number, "in"))
            await asyncio.sleep(0.05)
            order.append((tenant, number, "out"))

    await asyncio.gather(one("a", 1), one("a", 2))
    assert [kind for _, _, kind in order] == ["in", "out", "in", "out"]


@pytest.mark.parametrize("name", ["", "leader", "回廊"])
def test_keys_are_stable(name: str) -> None:
    assert lock_key(name) == lock_key(name)
    assert -(2**63) <= lock_key(name) < 2**63
