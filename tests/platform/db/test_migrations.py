"""Are migrations applied once, in order, whole or not at all, by one program at a time, and is a newer database refused?"""

import asyncio
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from kairo.errors import StartError
from kairo.platform.db import Database, migrate, start
from kairo.platform.db.migration_files import migration_files
from kairo.platform.db.migrations import LOCK, missing_migrations
from tests.conftest import postgres_bin, run_apart

TRICKY = """-- A first line; with a semicolon.
CREATE TABLE one (tenant text NOT NULL, id bigint NOT NULL, note text DEFAULT 'a;b -- c', PRIMARY KEY (tenant, id));
/* a comment; with a semicolon */
CREATE FUNCTION twice(number bigint) RETURNS bigint LANGUAGE plpgsql AS $body$
BEGIN
    -- a comment; inside
    IF number > 1 THEN RETURN number * 2; END IF;
    RETURN CASE WHEN number = 1 THEN 2 ELSE 0 END;
END;
$body$;
CREATE FUNCTION thrice(number bigint) RETURNS bigint LANGUAGE sql BEGIN ATOMIC; SELECT number * 3; END;
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['one'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO kairo_app', name);
    END LOOP;
END $$;
INSERT INTO one VALUES ('a', 1, '日本語; ''quoted''');
"""


@pytest_asyncio.fixture
async def empty(empty_database_url: str) -> str:
    """A database without tables."""
    connection = await asyncpg.connect(empty_database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    return empty_database_url


def write(folder: Path, **files: str) -> Path:
    (folder / "migrations").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "migrations" / f"{name[1:]}.sql").write_text(text)
    return folder / "migrations"


async def value(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_all_of_kairo(empty: str) -> None:
    names = [file.name for file in migration_files()]
    assert await missing_migrations(empty) == names
    assert await migrate(empty) == names
    assert await migrate(empty) == []
    async with await Database.open(empty) as db:
        assert [row[0] for row in await db.fetch("a", "SELECT current_user::text")] == ["kairo_app"]


async def test_plain_sql_of_several_folders_in_order_of_their_numbers(empty: str, tmp_path: Path) -> None:
    for part in ("b", "a"):
        (tmp_path / part).mkdir()
    second = write(tmp_path / "a", _0020_two="INSERT INTO one VALUES ('a', 2);", _0040_four="INSERT INTO one VALUES ('a', 4);")
    first = write(tmp_path / "b", _0010_one=TRICKY, _0030_three="INSERT INTO one VALUES ('a', 3);")
    folders = [second, first]
    assert await migrate(empty, folders=folders) == ["0010_one", "0020_two", "0030_three", "0040_four"]
    assert await value(empty, "SELECT string_agg(id::text, ' ' ORDER BY ctid) FROM one") == "1 2 3 4"
    assert await value(empty, "SELECT note FROM one WHERE id = 1") == "日本語; 'quoted'"
    assert await value(empty, "SELECT twice(4) || ' ' || thrice(2)") == "8 6"
    assert (
        await value(empty, "SELECT column_default FROM information_schema.columns WHERE column_name = 'note'")
        == "'a;b -- c'::text"
    )


async def test_a_file_is_whole_or_absent(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_good="CREATE TABLE good ();", _0002_bad="CREATE TABLE half (); SELECT no_such_column;")
    with pytest.raises(StartError, match="no_such_column"):
        await migrate(empty, folders=[folder])
    assert await value(empty, "SELECT to_regclass('good') IS NOT NULL AND to_regclass('half') IS NULL")
    write(tmp_path, _0002_bad="CREATE TABLE half ();")
    assert await migrate(empty, folders=[folder]) == ["0002_bad"]


async def test_a_newer_database_is_refused(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_old="CREATE TABLE old ();", _0002_new="CREATE TABLE new ();")
    await migrate(empty, folders=[folder])
    (folder / "0002_new.sql").unlink()
    with pytest.raises(StartError, match="newer Kairo") as caught:
        await migrate(empty, folders=[folder])
    assert "Update Kairo" in caught.value.mend
    with pytest.raises(StartError):
        await missing_migrations(empty, folders=[folder])


async def test_a_changed_file_is_refused(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_one="CREATE TABLE one ();")
    await migrate(empty, folders=[folder])
    write(tmp_path, _0001_one="CREATE TABLE one (a int);")
    with pytest.raises(StartError, match="changed"):
        await migrate(empty, folders=[folder])
    write(tmp_path, _0001_one="CREATE TABLE one ();\n\n")  # blank space at the end is no change
    await migrate(empty, folders=[folder])


async def test_names_and_numbers(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_one="", _0001_other="")
    with pytest.raises(StartError, match="number 0001"):
        await migrate(empty, folders=[folder])
    with pytest.raises(StartError, match="not named"):
        migration_files([write(tmp_path, _x="")])
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(StartError, match="semicolon"):
        migration_files([write(tmp_path, _0001_one="CREATE TABLE one ()")])


async def test_two_at_once(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_one="CREATE TABLE one (); SELECT pg_sleep(0.3);")
    results = await asyncio.gather(*(migrate(empty, folders=[folder]) for _ in range(3)))
    assert sorted(results) == [[], [], ["0001_one"]]


async def test_a_killed_migration_leaves_no_lock_and_no_half(empty: str, tmp_path: Path) -> None:
    folder = write(tmp_path, _0001_one="CREATE TABLE one (); SELECT pg_sleep(20);")
    script = "import asyncio, sys; from pathlib import Path; from kairo.platform.db import migrate\n"
    script += "asyncio.run(migrate(sys.argv[1], folders=[Path(sys.argv[2])]))"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, empty, str(folder), stderr=subprocess.DEVNULL)
    waiting = f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK & 0xFFFFFFFF} AND granted"
    for _ in range(200):
        if await value(empty, waiting):
            break
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    process.kill()
    await process.wait()
    await value(empty, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kairo migrate'")
    write(tmp_path, _0001_one="CREATE TABLE one ();")
    assert await asyncio.wait_for(migrate(empty, folders=[folder]), 10) == ["0001_one"]


async def test_an_owner_without_privileges_is_told_the_sql(empty: str, tmp_path: Path) -> None:
    if "kairo@" not in empty:
        pytest.skip("needs a server that lets every role in")
    await value(empty, "CREATE ROLE poor LOGIN")
    try:
        await value(empty, "REVOKE kairo_app FROM poor")
        with pytest.raises(StartError) as caught:
            await migrate(empty.replace("kairo@", "poor@", 1), folders=[write(tmp_path, _0001_one="")])
        assert "GRANT kairo_app TO poor;" in caught.value.mend
    finally:
        await value(empty, "DROP ROLE poor")


@pytest.mark.parametrize("may", ["CREATEROLE", "NOCREATEROLE"])
def test_a_server_whose_owner_is_no_superuser(tmp_path: Path, may: str) -> None:
    """The role is made where that is permitted; else exactly the SQL of the message makes it work."""

    async def use(url: str) -> None:
        await value(url, f"CREATE ROLE own LOGIN {may}")
        await value(url, "CREATE DATABASE city OWNER own")
        own = url.replace("kairo@/postgres", "own@/city")
        if may == "NOCREATEROLE":
            with pytest.raises(StartError) as caught:
                await migrate(own)
            for statement in caught.value.mend.split(": ", 1)[1].split("; "):
                await value(url, statement)
        await migrate(own)
        async with await Database.open(own) as db:
            assert [tuple(row) for row in await db.fetch("a", "SELECT current_user::text, session_user::text")] == [
                ("kairo_app", "own")
            ]

    with start(tmp_path, postgres_bin=postgres_bin(), durable=False) as server:
        run_apart(use(server.url))


async def test_an_unreachable_server(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        await migrate(f"postgresql://x@/y?host={tmp_path}")
