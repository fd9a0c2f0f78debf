"""Does a coalesced read find what a single read would find, never an older state, never another tenant's row?"""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.errors import KairoError, TooManyRequests
from kairo.platform.db import PLANNED_ONCE, Coalescer, Database, Lookup

FIND = Lookup("SELECT id, tenant, text FROM note WHERE id = any($2) AND ($1 <> '')")  # leaves the tenant to the policy
SCOPED = Lookup("SELECT id, text FROM note WHERE tenant = $1 AND id = any($2) AND text = any($3)")


async def plant(db: Database, tenant: str, ids: range, text: str = "") -> None:
    async with db.unit(tenant) as unit:
        await unit.connection.executemany(
            "INSERT INTO note (tenant, id, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            [(tenant, number, text or f"{tenant}{number}") for number in ids],
        )


class Counting:
    """Counts the statements that reach the database."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.statements: list[int] = []
        self.under_way = 0
        self.most = 0

    async def fetch(self, tenant: str, statement: str, name: str, keys: list[int], *arguments: Any) -> Any:
        self.statements.append(len(keys))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(0.005)
            return await self.db.fetch(tenant, statement, name, keys, *arguments)
        finally:
            self.under_way -= 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(st.sampled_from(["a", "b", "c"]), st.integers(0, 12)), max_size=60))
async def test_each_waiter_gets_its_own_row(db: Database, asked: list[tuple[str, int]]) -> None:
    await plant(db, "a", range(10))
    await plant(db, "b", range(5, 10))
    reads = Coalescer(db, max_keys=7)
    rows = await asyncio.gather(*(reads.get(tenant, FIND, key) for tenant, key in asked))
    there = {"a": range(10), "b": range(5, 10), "c": range(0)}
    for (tenant, key), row in zip(asked, rows, strict=True):
        if key in there[tenant]:
            assert row is not None
            assert (row["tenant"], row["text"]) == (tenant, f"{tenant}{key}")
        else:
            assert row is None


async def test_few_statements_for_many_reads(db: Database) -> None:
    await plant(db, "a", range(100))
    counting = Counting(db)
    reads = Coalescer(counting, slots=2, max_keys=64)  # type: ignore[arg-type]
    await asyncio.gather(*(reads.get("a", FIND, number % 100) for number in range(1000)))
    assert sum(counting.statements) == 100
    assert len(counting.statements) == 2
    assert counting.most <= 2


async def test_a_read_sees_what_was_written_before_it(db: Database) -> None:
    """It must not join a statement that is under way already."""
    counting = Counting(db)
    reads = Coalescer(counting, slots=1)  # type: ignore[arg-type]
    first = asyncio.create_task(reads.get("a", FIND, 1))
    await asyncio.sleep(0.002)
    await plant(db, "a", range(1, 2))
    second = await reads.get("a", FIND, 1)
    assert second is not None
    await first


async def test_scopes_do_not_mix(db: Database) -> None:
    await plant(db, "a", range(5), "x")
    reads = Coalescer(db)
    allowed, denied = await asyncio.gather(
        reads.get("a", SCOPED, 1, ["x"], group=("x",)), reads.get("a", SCOPED, 1, ["y"], group=("y",))
    )
    assert allowed is not None
    assert denied is None


async def test_cancelled_waiters_and_errors(db: Database) -> None:
    await plant(db, "a", range(5))
    reads = Coalescer(db)
    tasks = [asyncio.create_task(reads.get("a", FIND, number)) for number in range(5)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    rows = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(rows[1], asyncio.CancelledError)
    assert sum(isinstance(row, Exception) for row in rows) == 0
    bad = Lookup("SELECT no_such_column FROM note WHERE tenant = $1 AND id = any($2)")
    results = await asyncio.gather(*(reads.get("a", bad, number) for number in range(3)), return_exceptions=True)
    assert all(isinstance(result, KairoError) for result in results)
    assert await reads.get("a", FIND, 1) is not None


async def test_bounded(db: Database) -> None:
    reads = Coalescer(db, max_waiting=5)
    results = await asyncio.gather(*(reads.get("a", FIND, number) for number in range(8)), return_exceptions=True)
    assert sum(isinstance(result, TooManyRequests) for result in results) == 3
    await reads.close()


@pytest.mark.parametrize("count", [1, 3])
async def test_nothing_stays_behind(db: Database, count: int) -> None:
    reads = Coalescer(db)
    await asyncio.gather(*(reads.get("a", FIND, number) for number in range(count)))
    await reads.close()
    assert not reads._groups
    assert not reads._tasks


async def test_a_statement_that_is_planned_once_is_so_and_no_other(database: Database) -> None:
    """On one connection, whoever had it before: the way of planning goes with the statement."""
    async with await Database.open(database.url, size=1) as single:
        asked = "SELECT current_setting('plan_cache_mode') AS mode"
        found = [
            (await single.fetch("a", f"{hint}{asked}"))[0]["mode"]
            for hint in ("", PLANNED_ONCE, PLANNED_ONCE, "", PLANNED_ONCE)
        ]
        assert found == ["auto", "force_generic_plan", "force_generic_plan", "auto", "force_generic_plan"]
        assert (await single.fetch("b", f"{PLANNED_ONCE}SELECT current_setting('app.tenant') AS tenant"))[0]["tenant"] == "b"
