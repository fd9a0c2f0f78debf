"""Does a restore that cannot succeed leave what was there, and does one that was interrupted end whole?

Mostly within this process, which spares the start of an interpreter each; test_beside_a_server.py runs the commands themselves.
"""

import re
import subprocess
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from kairo.commands.backups import run_backup
from kairo.commands.doctor import run_doctor
from kairo.commands.installation import bring_up_to_date, installation
from kairo.commands.restores import run_restore
from kairo.errors import StartError
from kairo.platform.db import start
from kairo.platform.db.binaries import find_binaries
from kairo.platform.db.exchange import ASIDE
from kairo.settings import Settings
from tests.commands.program import kairo
from tests.conftest import postgres_bin, run_apart, with_database

ROWS = """
INSERT INTO entity (tenant, id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at, change)
SELECT '352039', 'urn:ngsi-ld:R:{name}:' || n, 'R', jsonb_build_object('noise', md5(n::text)), '{{}}',
       'undeclared', 'test', 'test', now(), now(), n FROM generate_series(1, {number}) n"""
QUIET = Console(quiet=True)


async def run_sql(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetch(statements[-1])
    finally:
        await connection.close()


def settings_of(data: Path, url: str = "") -> Settings:
    return Settings(data=data, database_url=url, postgres_bin=postgres_bin())


def in_folder(data: Path, *statements: str) -> list[asyncpg.Record]:
    with start(data, postgres_bin=postgres_bin()) as server:
        return run_apart(run_sql(server.url, *statements))


def names(data: Path) -> set[str]:
    return {row["name"] for row in in_folder(data, "SELECT DISTINCT split_part(id, ':', 4) AS name FROM entity")}


def restored(file: Path, data: Path, *, replace: bool = False, url: str = "") -> None:
    run_restore(settings_of(data, url), file, QUIET, replace=replace)


def refused(file: Path, data: Path, *, replace: bool = False, url: str = "") -> str:
    with pytest.raises(StartError) as caught:
        restored(file, data, replace=replace, url=url)
    return f"{caught.value.detail}. {caught.value.mend}"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A data folder that holds `old`, and a backup of another that holds `new`."""
    root = tmp_path_factory.mktemp("restore")
    tenant = "INSERT INTO tenant VALUES ('352039', '{}', now(), 'test')"
    for name, number in (("old", 3), ("new", 2000)):
        with start(root / name, postgres_bin=postgres_bin()) as server:
            run_apart(bring_up_to_date(server.url))
            run_apart(run_sql(server.url, tenant, ROWS.format(name=name, number=number), "SELECT 1"))
    with installation(settings_of(root / "new")) as found:
        run_backup(found, root / "new.backup", QUIET)
    return root / "old", root / "new.backup"


def test_what_is_no_backup(folders: tuple[Path, Path], tmp_path: Path) -> None:
    old, backup = folders
    whole = backup.read_bytes()
    for name, content in (
        ("empty", b""),
        ("text", b"hello" * 100),
        ("head", whole[:300]),
        ("half", whole[: len(whole) * 2 // 3]),
    ):
        (tmp_path / name).write_bytes(content)
        said = refused(tmp_path / name, old, replace=True)
        assert f"{tmp_path / name} is no whole backup of Kairo" in said, said
    assert names(old) == {"old"}


def test_a_database_in_use_needs_a_word(folders: tuple[Path, Path]) -> None:
    old, backup = folders
    assert "--replace" in refused(backup, old)
    assert names(old) == {"old"}


def test_a_backup_of_a_newer_version(folders: tuple[Path, Path], tmp_path: Path) -> None:
    old, backup = folders
    newer = tmp_path / "newer"
    restored(backup, newer)
    dump = find_binaries(postgres_bin()).program("pg_dump")
    with start(newer, postgres_bin=postgres_bin()) as server:
        run_apart(run_sql(server.url, "INSERT INTO kairo_migration (name, digest) VALUES ('9990_tomorrow', 'x')", "SELECT 1"))
        subprocess.run([dump, "--format=custom", "--no-owner", f"--file={tmp_path / 'newer.backup'}", server.url], check=True)
    for command in ("load", "doctor"):
        done = kairo(command, "--data", newer)
        assert done.returncode == 1
        assert "newer Kairo (it has 9990_tomorrow)" in done.stdout + done.stderr
    assert "does not fit: the backup was written by a newer Kairo" in refused(tmp_path / "newer.backup", old, replace=True)
    assert names(old) == {"old"}
    restored(backup, newer, replace=True)
    assert names(newer) == {"new"}, "the older backup mends it"


def test_a_migration_that_fails_brings_the_old_back(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(url: str, *, finish: bool) -> None:
        raise StartError("the migration failed")

    monkeypatch.setattr("kairo.commands.restores.bring_up_to_date", fail)
    old, backup = folders
    assert "the migration failed" in refused(backup, old, replace=True)
    assert names(old) == {"old"}


def test_a_restore_that_was_interrupted_is_finished(folders: tuple[Path, Path], tmp_path: Path) -> None:
    data = tmp_path / "data"
    restored(folders[1], data)
    in_folder(data, f"CREATE SCHEMA {ASIDE}", f"CREATE TABLE {ASIDE}.entity (id text)", "SELECT 1")
    with (tmp_path / "said").open("w") as said:
        assert run_doctor(settings_of(data), Console(file=said, width=300))
    assert "a restore was interrupted" in (tmp_path / "said").read_text()
    with installation(settings_of(data)) as found:  # any start finishes it
        assert not run_apart(run_sql(found.url, f"SELECT 1 FROM pg_namespace WHERE nspname = '{ASIDE}'"))
    assert names(data) == {"new"}


def test_by_url_with_an_ordinary_owner(
    folders: tuple[Path, Path], postgres_url: str, migrated_template: str, tmp_path: Path
) -> None:
    """Row-level security is forced: an owner who is no superuser must not back up, or count, an empty database instead."""
    owner, name = "kairo_test_owner", "kairo_test_restore"
    admin_url = with_database(postgres_url, name)
    url = re.sub("//[^@/]*@", f"//{owner}:sesame@", admin_url, count=1)
    assert owner in url, "the URL of the tests' server names its user"
    role = f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'sesame'"
    grant = f"GRANT kairo_app TO {owner} WITH ADMIN OPTION"
    make = f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0"
    run_apart(run_sql(postgres_url, role, grant, make, "SELECT 1"))
    data, file = tmp_path / "data", tmp_path / "b.backup"
    try:
        restored(folders[1], data, url=url)
        assert "--replace" in refused(folders[1], data, url=url), "it counts what its owner does not see at once"
        with installation(settings_of(data, url)) as found, pytest.raises(StartError) as caught:
            run_backup(found, file, QUIET)
        assert "BYPASSRLS" in caught.value.mend
        assert not file.exists()
        run_apart(run_sql(admin_url, f"ALTER ROLE {owner} BYPASSRLS", "SELECT 1"))
        with installation(settings_of(data, url)) as found:
            run_backup(found, file, QUIET)
        restored(file, data, url=url, replace=True)
        assert run_apart(run_sql(admin_url, "SELECT count(*) AS n FROM entity"))[0]["n"] == 2000
    finally:
        run_apart(run_sql(postgres_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", "SELECT 1"))
        run_apart(run_sql(postgres_url, f"DROP OWNED BY {owner}", f"DROP ROLE {owner}", "SELECT 1"))


def test_kairo_must_not_run_on_a_database_by_url(folders: tuple[Path, Path], database_url: str, tmp_path: Path) -> None:
    connection = f"{database_url}{'&' if '?' in database_url else '?'}application_name=kairo%20web"
    process = subprocess.Popen(
        [find_binaries(postgres_bin()).program("psql"), "--no-psqlrc", connection],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert process.stdin
        assert process.stdout
        process.stdin.write(b"SELECT 'connected';\n")
        process.stdin.flush()
        while b"connected" not in process.stdout.readline():
            pass
        assert "Kairo runs on this database (kairo web)" in refused(folders[1], tmp_path, url=database_url, replace=True)
    finally:
        process.communicate()
