"""Is this machine fit, and is this installation well? Each check says what it found and, if something is amiss, the mend."""

import asyncio
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from kairo import __version__
from kairo.commands.installation import Installation, installation
from kairo.commands.serve import check_port
from kairo.errors import KairoError
from kairo.platform.db import Database, differences
from kairo.platform.db.binaries import find_binaries
from kairo.platform.web.static import FOLDER
from kairo.settings import Settings

LEAST_FREE_BYTES = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `mend` is empty where all is well; `grave` says that Kairo cannot run so."""

    what: str
    mend: str = ""
    grave: bool = True


def run_doctor(settings: Settings, console: Console) -> bool:
    """Prints every finding; whether Kairo can run."""
    checks: list[Callable[[Settings], Finding]] = [_python, _programs, _disk, _assets, _port, _database]
    well = True
    for check in checks:
        try:
            found = check(settings)
        except KairoError as error:
            found = Finding(error.detail or error.title, error.mend)
        sign = "ok  " if not found.mend else "FAIL" if found.grave else "note"
        console.print(f"{sign}  {found.what}", markup=False)
        if found.mend:
            console.print(f"      → {found.mend}", markup=False)
            well = well and not found.grave
    return well


def _python(_: Settings) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding(
        f"Kairo {__version__} on Python {version}", "" if sys.version_info >= (3, 11) else "Use Python 3.11 or later."
    )


def _programs(settings: Settings) -> Finding:
    if settings.database_url:
        return Finding("a PostgreSQL server by URL is used; no embedded server is needed")
    programs = find_binaries(settings.postgres_bin)
    return Finding(f"programs of PostgreSQL {programs.major} in {programs.folder}")


def _disk(settings: Settings) -> Finding:
    folder = settings.data if settings.data.exists() else Path.cwd()
    free = shutil.disk_usage(folder).free
    mend = "" if free >= LEAST_FREE_BYTES else f"Free some: at least {LEAST_FREE_BYTES / 1e9:.0f} GB should be there."
    return Finding(f"{free / 1e9:.1f} GB free for the data folder {settings.data}", mend)


def _assets(_: Settings) -> Finding:
    built = (FOLDER / "vendor" / "base-map.json").exists()
    return Finding(
        "page assets are built" if built else "page assets are not built", "" if built else "Run `make setup`.", grave=False
    )


def _port(settings: Settings) -> Finding:
    try:
        check_port(settings.host, settings.port)
    except KairoError as error:
        return Finding(error.detail, "Nothing to do if that is Kairo itself; else choose another port.", grave=False)
    return Finding(f"port {settings.port} on {settings.host} is free")


def _database(settings: Settings) -> Finding:
    with installation(settings) as found:
        wrong, version = asyncio.run(_inside(found))
    if wrong:
        return Finding(
            f"the database ({version}) differs from what this version expects: {wrong[0]}", "Restore a backup, or report it."
        )
    beside = found.server is not None and not found.server.started_here
    return Finding(
        f"the database answers ({version}{', a server is running' if beside else ''}), and its tables are as they should be"
    )


async def _inside(found: Installation) -> tuple[list[str], str]:
    from kairo.app import tables

    async with await Database.open(found.url, size=1, name="kairo doctor") as database, database.owner() as owner:
        version = await owner.fetchval("SHOW server_version")
        return await differences(owner, tables()), f"PostgreSQL {version}"
