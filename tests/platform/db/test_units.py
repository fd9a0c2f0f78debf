"""Does a unit change all or nothing, and does nobody ever see another tenant's rows?"""

import asyncio
import contextlib
import random

import asyncpg
import pytest

from kairo.errors import AlreadyExists, BadRequestData, KairoError, TooComplexQuery, Unavailable
from kairo.platform.db import Database

INSERT = "INSERT INTO note (tenant, id, text) VALUES ($1, $2, $3)"


async def count(db: Database, tenant: str) -> int:
    rows = await db.fetch(tenant, "SELECT count(*) FROM note")
    return int(rows[0][0])


async def test_commit_and_read(db: Database) -> None:
    called = []
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "< > \" ' = ; ( ) 髙橋 ＡＢＣ")
        unit.after_commit(lambda: called.append(1))
        assert not called
    assert called == [1]
    async with db.reading("a") as connection:
        assert await connection.fetchval("SELECT text FROM note") == "< > \" ' = ; ( ) 髙橋 ＡＢＣ"


async def test_an_error_rolls_back_and_goes_on(db: Database) -> None:
    called: list[int] = []
    with pytest.raises(ZeroDivisionError):
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "a", 1, "")
            unit.after_commit(lambda: called.append(1))
            raise ZeroDivisionError
    assert await count(db, "a") == 0
    assert not called


async def test_database_errors_are_of_the_family(db: Database) -> None:
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "")
    with pytest.raises(AlreadyExists):
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "a", 1, "")
    with pytest.raises(BadRequestData):
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "a", 2, "\0")
    with pytest.raises(BadRequestData):
        await db.fetch("a", "SELECT $1::int", "no number")


async def test_a_swallowed_error_is_no_commit(db: Database) -> None:
    with pytest.raises(KairoError, match="nothing was stored"):
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "a", 1, "")
            with contextlib.suppress(asyncpg.DivisionByZeroError):
                await unit.connection.execute("SELECT 1/0")
    assert await count(db, "a") == 0


async def test_savepoint(db: Database) -> None:
    called: list[str] = []
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "")
        unit.after_commit(lambda: called.append("outer"))
        with pytest.raises(asyncpg.UniqueViolationError):
            async with unit.savepoint():
                unit.after_commit(lambda: called.append("inner"))
                await unit.connection.execute(INSERT, "a", 2, "")
                await unit.connection.execute(INSERT, "a", 1, "")
        async with unit.savepoint():
            await unit.connection.execute(INSERT, "a", 3, "")
    assert [row["id"] for row in await db.fetch("a", "SELECT id FROM note ORDER BY id")] == [1, 3]
    assert called == ["outer"]


async def test_cancelled_in_the_body(db: Database) -> None:
    started = asyncio.Event()

    async def slow() -> None:
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "a", 1, "")
            started.set()
            await unit.connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(slow())
    await started.wait()
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(db, "a") == 0
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "")


@pytest.mark.parametrize("tenant", ["", "A", "a'b", "a b", "a" * 64, "日本", "a;b", "a\n"])
async def test_tenant_names(db: Database, tenant: str) -> None:
    with pytest.raises(BadRequestData):
        async with db.unit(tenant):
            pass
    with pytest.raises(BadRequestData):
        async with db.reading(tenant):
            pass
    with pytest.raises(BadRequestData):
        await db.fetch(tenant, "SELECT 1")


async def test_reading_cannot_write(db: Database) -> None:
    with pytest.raises(KairoError):
        async with db.reading("a") as connection:
            await connection.execute(INSERT, "a", 1, "")
    assert await count(db, "a") == 0


async def test_a_unit_cannot_write_for_another_tenant(db: Database) -> None:
    async with db.unit("b") as unit:
        await unit.connection.execute(INSERT, "b", 1, "b's")
    with pytest.raises(KairoError):
        async with db.unit("a") as unit:
            await unit.connection.execute(INSERT, "b", 2, "")
    async with db.unit("a") as unit:
        assert await unit.connection.execute("UPDATE note SET text = 'taken'") == "UPDATE 0"
        assert await unit.connection.execute("DELETE FROM note") == "DELETE 0"
    assert await count(db, "b") == 1


async def test_planted_rows_of_others_are_never_seen(db: Database) -> None:
    """Statements without WHERE, on few connections, many tenants at once, units and reads mixed, some cancelled or failing."""
    tenants = [f"t{number}" for number in range(6)]
    for tenant in tenants:
        async with db.unit(tenant) as unit:
            await unit.connection.executemany(INSERT, [(tenant, number, tenant) for number in range(5)])
    dice = random.Random(1)

    async def look(tenant: str, kind: int) -> None:
        if kind == 0:
            rows = await db.fetch(tenant, "SELECT tenant, text FROM note")
        elif kind == 1:
            async with db.reading(tenant) as connection:
                await asyncio.sleep(0)
                rows = await connection.fetch("SELECT tenant, text FROM note")
        elif kind == 2:
            async with db.unit(tenant) as unit:
                rows = await unit.connection.fetch("SELECT tenant, text FROM note")
        elif kind == 3:
            with pytest.raises(KairoError):
                async with db.unit(tenant) as unit:
                    await unit.connection.execute("SELECT 1/0")
            return
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001):
                    await db.fetch(tenant, "SELECT pg_sleep(0.2)")
            return
        assert {(row["tenant"], row["text"]) for row in rows} == {(tenant, tenant)}
        assert len(rows) == 5

    for _ in range(20):
        await asyncio.gather(*(look(dice.choice(tenants), dice.choice([0, 0, 1, 1, 2, 2, 3, 4])) for _ in range(40)))


async def test_no_tenant_no_rows(db: Database) -> None:
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "")
    connection = await db.dedicated(name="test")
    assert await connection.fetchval("SELECT count(*) FROM note") == 0
    assert await connection.fetchval("SELECT current_user::text") == "kairo_app"
    await connection.close()


async def test_json_stays_bytes(db: Database) -> None:
    async with db.unit("a") as unit:
        await unit.connection.execute(
            "INSERT INTO note (tenant, id, doc) SELECT 'a', * FROM unnest($1::bigint[], $2::jsonb[])",
            [1, 2],
            [b'{"a": "\xe9\xab\x99"}', '{"b": 1}'],
        )
    rows = await db.fetch("a", "SELECT doc FROM note ORDER BY id")
    assert [row["doc"] for row in rows] == [b'{"a": "\xe9\xab\x99"}', b'{"b": 1}']
    assert (await db.fetch("a", "SELECT json_build_object('a', 1) AS j"))[0]["j"] == b'{"a" : 1}'


async def test_timeouts(note_table: str) -> None:
    async with await Database.open(note_table, size=1, wait_seconds=0.3, statement_timeout_seconds=0.2) as db:
        with pytest.raises(TooComplexQuery):
            await db.fetch("a", "SELECT pg_sleep(5)")
        async with db.reading("a"):
            with pytest.raises(Unavailable, match="free"):
                await db.fetch("a", "SELECT 1")
        assert await count(db, "a") >= 0


async def test_an_idle_unit_is_ended(note_table: str) -> None:
    async with await Database.open(note_table, size=1, idle_in_unit_seconds=0.2) as db:
        with pytest.raises(Unavailable):
            async with db.unit("a") as unit:
                await asyncio.sleep(0.6)
                await unit.connection.execute("SELECT 1")
        assert await count(db, "a") >= 0


async def test_a_tenant_gets_its_own_connection_again(db: Database) -> None:
    async def pid(tenant: str) -> int:
        return int((await db.fetch(tenant, "SELECT pg_backend_pid()"))[0][0])

    first = {tenant: await pid(tenant) for tenant in ("a", "b", "c")}
    assert len(set(first.values())) == 3
    assert {tenant: await pid(tenant) for tenant in ("c", "a", "b")} == first


async def test_broken_connections_are_replaced(db: Database) -> None:
    async def end_all() -> None:
        async with db.owner() as owner:
            await owner.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'kairo'"
            )

    await asyncio.gather(*(db.fetch("a", "SELECT pg_sleep(0.05)") for _ in range(4)))
    await end_all()
    assert await count(db, "a") == 0
    await end_all()
    async with db.unit("a") as unit:
        await unit.connection.execute(INSERT, "a", 1, "")
    with pytest.raises(Unavailable):
        async with db.unit("a") as unit:
            await end_all()
            await unit.connection.execute(INSERT, "a", 2, "")
    assert await count(db, "a") == 1


async def test_a_swallowed_driver_error_does_not_harm_the_next_unit(note_table: str) -> None:
    async with await Database.open(note_table, size=1) as db:
        async with db.reading("a") as connection:
            with pytest.raises(asyncpg.DataError):
                await connection.fetch("SELECT $1::int", "no number")
        async with db.unit("a") as unit:
            await unit.connection.execute("SELECT 1")


async def test_a_failed_read_leaves_no_open_transaction(db: Database) -> None:
    with pytest.raises(BadRequestData):
        await db.fetch("a", "SELECT text FROM note WHERE id = $1", "no number")
    await asyncio.sleep(0.1)
    async with db.owner() as owner:
        await owner.execute("SET lock_timeout = '1s'; TRUNCATE note")
