"""How does the database get its tables? pogo applies the files that it has not seen, each in one transaction.

Why pogo, and what is ours around it: docs/adr/0002-migrations.md. Ours: the order over all folders, the advisory lock (ended
by PostgreSQL when a migrating program is killed), the digest of each file, and the refusal of a newer database.
"""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import asyncpg
from pogo_core.error import BadMigrationError
from pogo_core.util.migrate import apply as pogo_apply

from kairo.errors import KairoError, StartError
from kairo.platform.db.app_role import ensure_app_role
from kairo.platform.db.failures import as_kairo_error, mapped
from kairo.platform.db.migration_files import MigrationFile, difference, migration_files
from kairo.platform.db.owner import connect_as_owner
from kairo.platform.db.pool import Connection

_log = logging.getLogger("kairo.migrations")
LOCK = 0x4B_41_49_52_4F  # "KAIRO"
_OLDEST_SERVER = 150000


class _Calm(logging.LoggerAdapter[logging.Logger]):
    """pogo warns of each migration that it applies; that is what it is for."""

    def warning(self, msg: object, *args: object, **more: Any) -> None:
        self.info(msg, *args, **more)


# The only table that no migration makes: it says which of them the database has.
_BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS kairo_migration (
    name text PRIMARY KEY,
    digest text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


async def migrate(url: str, *, folders: Sequence[Path] | None = None) -> list[str]:
    """Bring the database up to date; returns the names that were applied. The supervisor runs this before its workers.

    Raises StartError when the server is too old, unreachable, newer than this program, or lacks a privilege.
    """
    files = migration_files(folders)
    connection = await connect_as_owner(url, name="kairo migrate")
    try:
        with mapped():
            if connection.get_server_version().major * 10000 < _OLDEST_SERVER:
                raise StartError("the PostgreSQL server is too old", mend="Use PostgreSQL 15 or later.")
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            await ensure_app_role(connection)
            await connection.execute(_BOOKKEEPING)
            missing = difference(files, await _applied(connection))
            if missing:
                await _apply(connection, files)
            return missing
    finally:
        await connection.close(timeout=5)


async def missing_migrations(url: str, *, folders: Sequence[Path] | None = None) -> list[str]:
    """What `migrate` would apply; changes nothing. Raises StartError where `migrate` would."""
    connection = await connect_as_owner(url, name="kairo migrate")
    try:
        with mapped():
            return difference(migration_files(folders), await _applied(connection))
    finally:
        await connection.close(timeout=5)


async def _applied(connection: Connection) -> dict[str, str]:
    if await connection.fetchval("SELECT to_regclass('public.kairo_migration') IS NULL"):
        return {}
    return {row["name"]: row["digest"] for row in await connection.fetch("SELECT name, digest FROM kairo_migration")}


async def _apply(connection: Connection, files: Sequence[MigrationFile]) -> None:
    """Lays the files out as pogo reads them, and lets it run: one one folder, each with a header."""
    with tempfile.TemporaryDirectory(prefix="kairo-migrations-") as folder:
        await asyncio.to_thread(_lay_out, files, Path(folder))
        try:
            await pogo_apply(connection, Path(folder), schema_name="public", logger=_Calm(_log))
        except BadMigrationError as error:
            cause = error.__cause__
            if isinstance(cause, asyncpg.PostgresError) and type(meaning := as_kairo_error(cause)) is not KairoError:
                raise StartError(f"{error}: {meaning.detail} ({cause})", mend=meaning.mend) from cause
            raise StartError(f"{error}: {cause}", mend="The database is as it was before this file; mend the file.") from cause


def _lay_out(files: Sequence[MigrationFile], folder: Path) -> None:
    """Each file depends on the one before it, and ends by noting itself and its digest, in the same transaction."""
    before = ""
    for file in files:
        note = f"INSERT INTO kairo_migration (name, digest) VALUES ('{file.name}', '{file.digest}');"
        head = f"-- {file.name}\n-- depends: {before}\n\n-- migrate: apply\n"
        (folder / f"{file.name}.sql").write_text(f"{head}{file.text.rstrip()}\n\n{note}\n\n-- migrate: rollback\n", "utf-8")
        before = file.name
