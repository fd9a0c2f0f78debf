"""Do migrations only go forward? Numbered, unchanged once recorded, no way back, no trigger (the scale-out habits)."""

import re
from pathlib import Path

import pytest

from scripts.migrations import LOCK, checksum, migration_files, problems, unrecorded
from tests.house.house import name_of

NUMBERED = re.compile(r"^(\d{4})_[a-z0-9_]+\.(?:sql|py)$")
WAY_BACK = re.compile(
    r"(?im)^\s*(?:--\s*(?:rollback|migrate:down|down)\b|async\s+def\s+(?:rollback|downgrade)|def\s+(?:rollback|downgrade))"
)
FORBIDDEN = re.compile(
    r"(?i)\b(?:CREATE\s+(?:OR\s+REPLACE\s+)?(?:CONSTRAINT\s+)?TRIGGER|CREATE\s+EXTENSION|DEFERRABLE|ON\s+DELETE\s+SET\s+NULL)\b"
)


def without_comments(sql: str) -> str:
    return re.sub(r"--[^\n]*|/\*.*?\*/", "", sql, flags=re.DOTALL)


def way_back(text: str) -> bool:
    """Whether a migration says how to undo itself: an empty rollback that a library asks for does not count."""
    found = WAY_BACK.search(text)
    return found is not None and "forward only" not in text[found.start() :].lower()


def test_they_are_numbered_once() -> None:
    paths = migration_files()
    wrong = [name_of(path) for path in paths if not NUMBERED.match(path.name)]
    assert not wrong, f"name a migration NNNN_what_it_does.sql: {wrong}"
    numbers = [path.name[:4] for path in paths]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    assert not twice, f"numbers are used once in the whole program: {twice}"


def test_they_do_not_change() -> None:
    assert not problems()


def test_they_are_recorded() -> None:
    assert not unrecorded(), "run `make fix`, which records new migrations"


def test_they_go_forward_only() -> None:
    backward = [name_of(path) for path in migration_files() if way_back(path.read_text())]
    assert not backward, f"a mistake is mended by the next migration: {backward}"


def test_they_keep_the_schema_habits() -> None:
    found = [
        f"{name_of(path)}: {match.group()}"
        for path in migration_files()
        if (match := FORBIDDEN.search(without_comments(path.read_text())))
    ]
    assert not found, f"no trigger, extension or deferred constraint: {found}"


@pytest.fixture
def recorded_migration(tmp_path: Path) -> tuple[Path, Path]:
    """A little repository with one recorded migration; gives the migration and the lock."""
    migration = tmp_path / "src" / "kairo" / "part" / "migrations" / "0001_first.sql"
    migration.parent.mkdir(parents=True)
    migration.write_text("CREATE TABLE a (tenant text NOT NULL);\n")
    lock = tmp_path / LOCK.name
    lock.write_text(f"{checksum(migration)}  src/kairo/part/migrations/0001_first.sql\n")
    return migration, lock


def test_a_change_is_seen(recorded_migration: tuple[Path, Path], tmp_path: Path) -> None:
    migration, lock = recorded_migration
    assert not problems(tmp_path, lock)
    migration.write_text("CREATE TABLE a (tenant text);\n")
    assert "changed" in problems(tmp_path, lock)[0]


def test_a_missing_one_is_seen(recorded_migration: tuple[Path, Path], tmp_path: Path) -> None:
    migration, lock = recorded_migration
    migration.rename(migration.with_name("0002_second.sql"))
    assert "gone" in problems(tmp_path, lock)[0]
    assert unrecorded(tmp_path, lock) == ["src/kairo/part/migrations/0002_second.sql"]


def test_line_ends_do_not_count(recorded_migration: tuple[Path, Path], tmp_path: Path) -> None:
    migration, lock = recorded_migration
    migration.write_bytes(migration.read_bytes().replace(b"\n", b"\r\n"))
    assert not problems(tmp_path, lock)


@pytest.mark.parametrize(
    "text", ["-- migrate:down\nDROP TABLE a;", "-- rollback\nDROP TABLE a;", "async def rollback(db):\n    ..."]
)
def test_a_way_back_is_seen(text: str) -> None:
    assert way_back(text)
