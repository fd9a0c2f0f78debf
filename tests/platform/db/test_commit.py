"""Does a shared commit give each member its own result, in order, and does a failing member hurt only itself?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.errors import BadRequestData, KairoError, StorageFull, TooManyRequests, Unavailable
from kairo.platform.db import Database, SharedCommit, Unit, outcome_is_unknown


@dataclass(frozen=True)
class Member:
    """What a test writes: `fate` is good, refuse (an exception in place of a result) or break (raises inside the batch)."""

    id: int
    fate: str = "good"


class Writer:
    """Writes notes and remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def apply(self, unit: Unit, members: Sequence[Member]) -> list[int | Exception]:
        await self.gate.wait()
        self.batches.append([member.id for member in members])
        place = await unit.connection.fetchval("SELECT coalesce(max(place), 0) FROM note")
        results: list[int | Exception] = []
        for member in members:
            if member.fate == "break":
                await unit.connection.execute("SELECT 1/0")
            if member.fate == "refuse":
                results.append(BadRequestData(f"{member.id}"))
                continue
            place += 1
            await unit.connection.execute(
                "INSERT INTO note (tenant, id, place) VALUES ($1, $2, $3)", unit.tenant, member.id, place
            )
            results.append(member.id * 10)
        return results


async def stored(db: Database, tenant: str = "a") -> list[int]:
    return [row["id"] for row in await db.fetch(tenant, "SELECT id FROM note ORDER BY place")]


async def clear(db: Database) -> None:
    async with db.owner() as owner:
        await owner.execute("TRUNCATE note")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(st.sampled_from(["good", "good", "good", "refuse", "break"]), max_size=30), size=st.integers(1, 10))
async def test_laws(db: Database, fates: list[str], size: int) -> None:
    await clear(db)
    commit = SharedCommit(db, Writer().apply, max_members=size)
    members = [Member(number, fate) for number, fate in enumerate(fates)]
    results = await asyncio.gather(*(commit.submit("a", member) for member in members), return_exceptions=True)
    for member, result in zip(members, results, strict=True):
        if member.fate == "good":
            assert result == member.id * 10
        else:
            assert isinstance(result, KairoError)
            assert member.fate == "break" or result.detail == str(member.id)
    assert await stored(db) == [member.id for member in members if member.fate == "good"]


async def test_what_waits_shares_one_transaction(db: Database) -> None:
    writer = Writer()
    commit = SharedCommit(db, writer.apply, max_members=50)
    await asyncio.gather(*(commit.submit("a", Member(number)) for number in range(120)))
    assert len(writer.batches) <= 4
    assert [number for batch in writer.batches for number in batch] == list(range(120))
    assert max(map(len, writer.batches)) == 50


async def test_units_are_no_heavier_than_said(db: Database) -> None:
    writer = Writer()
    writer.gate.clear()
    commit = SharedCommit(db, writer.apply, weigh=lambda member: member.id, max_weight=10)
    tasks = [asyncio.create_task(commit.submit("a", Member(id))) for id in (1, 9, 2, 30, 4, 6, 5)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    writer.gate.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert writer.batches == [[1, 9], [30], [4, 6], [5]], "in order; what is heavier goes alone; who has gone weighs nothing"


async def test_tenants_do_not_mix_nor_wait_for_each_other(db: Database) -> None:
    held, free = Writer(), Writer()
    held.gate.clear()

    async def apply(unit: Unit, members: Sequence[Member]) -> list[int | Exception]:
        return await (held if unit.tenant == "a" else free).apply(unit, members)

    commit = SharedCommit(db, apply)
    slow = asyncio.create_task(commit.submit("a", Member(1)))
    assert await asyncio.wait_for(commit.submit("b", Member(1)), 5) == 10
    held.gate.set()
    assert await slow == 10
    assert await stored(db, "a") == [1]


async def test_cancelled_submitters_do_not_break_the_batch(db: Database) -> None:
    writer = Writer()
    writer.gate.clear()
    commit = SharedCommit(db, writer.apply)
    tasks = [asyncio.create_task(commit.submit("a", Member(number))) for number in range(6)]
    await asyncio.sleep(0.1)  # all six are in the open transaction
    late = [asyncio.create_task(commit.submit("a", Member(number))) for number in range(6, 9)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    late[1].cancel()
    writer.gate.set()
    results = await asyncio.gather(*tasks, *late, return_exceptions=True)
    assert isinstance(results[2], asyncio.CancelledError)
    assert isinstance(results[7], asyncio.CancelledError)
    assert [one for one in results if isinstance(one, int)] == [0, 10, 30, 40, 50, 60, 80]
    assert await stored(db) == [0, 1, 2, 3, 4, 5, 6, 8]  # 2 was under way already, 7 still waited


async def test_the_queue_is_bounded(db: Database) -> None:
    writer = Writer()
    writer.gate.clear()
    commit = SharedCommit(db, writer.apply, max_waiting=5, max_members=1)
    tasks = [asyncio.create_task(commit.submit("a", Member(number))) for number in range(10)]
    await asyncio.sleep(0.1)
    writer.gate.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(one, TooManyRequests) for one in results) == 5
    assert len(await stored(db)) == 5


async def test_close_answers_everybody(db: Database) -> None:
    commit = SharedCommit(db, Writer().apply, max_members=2)
    tasks = [asyncio.create_task(commit.submit("a", Member(number))) for number in range(9)]
    await asyncio.sleep(0)
    await commit.close()
    assert await asyncio.gather(*tasks) == [number * 10 for number in range(9)]
    with pytest.raises(Unavailable):
        await commit.submit("a", Member(99))


async def test_a_conflict_is_tried_again(db: Database) -> None:
    tries = 0

    async def apply(unit: Unit, members: Sequence[Member]) -> list[int]:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise asyncpg.SerializationError
        return [member.id for member in members]

    assert await SharedCommit(db, apply).submit("a", Member(7)) == 7
    assert tries == 3


async def test_a_full_disk_is_not_tried_member_by_member(db: Database) -> None:
    sizes = []

    async def apply(unit: Unit, members: Sequence[Member]) -> list[int]:
        sizes.append(len(members))
        raise asyncpg.DiskFullError("could not extend file")

    commit = SharedCommit(db, apply)
    results = await asyncio.gather(*(commit.submit("a", Member(number)) for number in range(9)), return_exceptions=True)
    assert all(isinstance(one, StorageFull) for one in results)
    assert sizes == [9]


async def test_too_few_results_store_nothing(db: Database) -> None:
    async def apply(unit: Unit, members: Sequence[Member]) -> list[int]:
        await unit.connection.execute("INSERT INTO note (tenant, id) VALUES ('a', 1)")
        return []

    with pytest.raises(KairoError):
        await SharedCommit(db, apply).submit("a", Member(1))
    assert await stored(db) == []


async def test_a_connection_lost_before_commit_is_tried_again(db: Database) -> None:
    tries = 0

    async def apply(unit: Unit, members: Sequence[Member]) -> list[int]:
        nonlocal tries
        tries += 1
        await unit.connection.execute("INSERT INTO note (tenant, id) VALUES ('a', 1)")
        if tries == 1:
            async with db.owner() as owner:
                await owner.execute("SELECT pg_terminate_backend($1)", unit.connection.get_server_pid())
            await unit.connection.execute("SELECT 1")
        return [1]

    assert await SharedCommit(db, apply).submit("a", Member(1)) == 1
    assert (tries, await stored(db)) == (2, [1])


async def test_a_connection_lost_during_commit_is_told_and_not_repeated(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    applied = 0
    lose = True

    async def apply(unit: Unit, members: Sequence[Member]) -> list[int]:
        nonlocal applied
        applied += 1
        return [1 for _ in members]

    execute = asyncpg.Connection.execute

    async def breaking(self: Any, query: str, *args: Any, **more: Any) -> str:
        if query == "COMMIT" and lose:
            self.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
        return await execute(self, query, *args, **more)

    monkeypatch.setattr(asyncpg.Connection, "execute", breaking)
    commit = SharedCommit(db, apply)
    results = await asyncio.gather(*(commit.submit("a", Member(number)) for number in range(3)), return_exceptions=True)
    assert applied == 1
    assert all(isinstance(one, Unavailable) and outcome_is_unknown(one) for one in results)
    lose = False
    assert await commit.submit("a", Member(1)) == 1


async def test_other_exceptions_reach_their_submitter_as_they_are(db: Database) -> None:
    async def apply(unit: Unit, members: Sequence[Member]) -> list[int | Exception]:
        return [LookupError("x") for _ in members]

    with pytest.raises(LookupError):
        await SharedCommit(db, apply).submit("a", Member(1))
