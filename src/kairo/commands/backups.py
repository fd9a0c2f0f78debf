"""How is everything backed up and brought back? PostgreSQL's own dump in one file, and a restore that keeps what was there
until the new is complete.

The programs are those of the embedded server (or of KAIRO_POSTGRES_BIN) and must be of the server's major version.
"""

import asyncio
import subprocess
from pathlib import Path

import asyncpg
from rich.console import Console

from kairo.commands.installation import Installation, installation
from kairo.errors import StartError
from kairo.platform.db import migrate
from kairo.platform.db.binaries import Binaries, find_binaries
from kairo.settings import Settings

_ASIDE = "kairo_before_restore"


def run_backup(found: Installation, file: Path, console: Console) -> None:
    """Writes the backup beside its place and then puts it there; the program may run meanwhile."""
    if not file.resolve().parent.is_dir():
        raise StartError(f"the folder of {file} does not exist", mend="Make it, or choose another file.")
    programs = _programs(found)
    partial = file.with_name(f".{file.name}.partial")
    with console.status("backing up"):
        _run(programs, "pg_dump", "--format=custom", "--no-owner", f"--file={partial}", f"--dbname={found.url}")
    partial.chmod(0o600)
    partial.replace(file)
    console.print(f"backup: {file} ({file.stat().st_size / 1e6:.1f} MB). It holds personal data: keep it safe.", markup=False)


def run_restore(settings: Settings, file: Path, console: Console, *, replace: bool) -> None:
    """Restores into an empty data folder or database; with `replace` also over one in use. On failure all is as before."""
    with installation(settings, exclusive=not settings.database_url) as found:
        programs = _programs(found)
        _run(programs, "pg_restore", "--list", str(file), what=f"{file} is no backup of Kairo")
        if asyncio.run(_number_of_entities(found.url)) and not replace:
            raise StartError(
                "the database holds entities already",
                mend="Restore into an empty data folder (--data DIR), or add --replace to replace what is there.",
            )
        asyncio.run(_execute(found.url, f"DROP SCHEMA IF EXISTS {_ASIDE} CASCADE"))
        asyncio.run(_execute(found.url, f"ALTER SCHEMA public RENAME TO {_ASIDE}", "CREATE SCHEMA public"))
        asyncio.run(_execute(found.url, "GRANT USAGE ON SCHEMA public TO PUBLIC"))
        try:
            with console.status("restoring"):
                arguments = ("--no-owner", "--exit-on-error", "--single-transaction", f"--dbname={found.url}", str(file))
                _run(programs, "pg_restore", *arguments)
            asyncio.run(migrate(found.url))
        except BaseException:
            asyncio.run(_execute(found.url, "DROP SCHEMA public CASCADE", f"ALTER SCHEMA {_ASIDE} RENAME TO public"))
            raise
        asyncio.run(_execute(found.url, f"DROP SCHEMA {_ASIDE} CASCADE"))
        number = asyncio.run(_number_of_entities(found.url))
    console.print(f"restored: {number} entities from {file}", markup=False)


def _programs(found: Installation) -> Binaries:
    programs = find_binaries(found.settings.postgres_bin)
    server = asyncio.run(_major(found.url))
    if server != programs.major:
        raise StartError(
            f"the server is PostgreSQL {server}, the programs for backup are {programs.major}",
            mend=f"Set KAIRO_POSTGRES_BIN to the programs of PostgreSQL {server} (on Debian /usr/lib/postgresql/{server}/bin).",
        )
    return programs


def _run(programs: Binaries, program: str, *arguments: str, what: str = "") -> None:
    answer = subprocess.run([programs.program(program), *arguments], capture_output=True, text=True, check=False)
    if answer.returncode:
        said = answer.stderr.strip().splitlines()
        raise StartError(
            f"{what or program + ' failed'}: {said[0] if said else 'it says nothing'}",
            mend="Check the file and the free space of the disk. What was there is unchanged.",
        )


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            for statement in statements:
                await connection.execute(statement)
    finally:
        await connection.close()


async def _major(url: str) -> int:
    connection = await asyncpg.connect(url)
    try:
        return int(connection.get_server_version().major)
    finally:
        await connection.close()


async def _number_of_entities(url: str) -> int:
    """All entities of the installation, as its owner; a superuser or a role that bypasses row security sees them all."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('public.entity') IS NULL"):
            return 0
        number: int = await connection.fetchval("SELECT count(*) FROM entity")
        return number
    finally:
        await connection.close()
