"""Is this machine fit, and is this installation well? Each check says what it found and, if something is amiss, the mend.

It changes nothing: no folder is made, no migration applied.
"""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from kairo import __version__
from kairo.commands.addresses import check_port, published_address
from kairo.commands.installation import Installation, reached
from kairo.commands.interruptions import run
from kairo.commands.tenants import checked_code
from kairo.context.indexing.store import indexes, values
from kairo.context.temporal.store import all_tenants
from kairo.context.types import Versions
from kairo.context.types.store import versions_in_use
from kairo.errors import KairoError
from kairo.parts import declarations, tables
from kairo.platform.clock import TOKYO, system_clock
from kairo.platform.db import Database, differences
from kairo.platform.db.binaries import find_binaries
from kairo.platform.db.exchange import is_exchange_unfinished
from kairo.platform.db.migrations import missing_migrations
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
    checks: list[Callable[[Settings], Iterator[Finding]]] = [
        _python, _programs, _tenant, _disk, _token, _assets, _port, _database,
    ]  # fmt: skip
    well = True
    for check in checks:
        for found in _found_by(check, settings):
            sign = "ok  " if not found.mend else "FAIL" if found.grave else "note"
            console.print(f"{sign}  {' '.join(found.what.split())}", markup=False)
            if found.mend:
                console.print(f"      → {found.mend}", markup=False)
                well = well and not found.grave
    return well


def _found_by(check: Callable[[Settings], Iterator[Finding]], settings: Settings) -> Iterator[Finding]:
    try:
        yield from check(settings)
    except KairoError as error:
        yield Finding(error.detail or error.title, error.mend)
    except OSError as error:
        yield Finding(
            f"{error.filename or check.__name__.strip('_')}: {error.strerror or error}", "Mend the rights or the disk."
        )


def _python(_: Settings) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = sys.version_info >= (3, 11)
    yield Finding(f"Kairo {__version__} on Python {version}", "" if fits else "Use Python 3.11 or later.")


def _programs(settings: Settings) -> Iterator[Finding]:
    if settings.database_url:
        yield Finding("a PostgreSQL server by URL is used; no embedded server is needed")
        return
    programs = find_binaries(settings.postgres_bin)
    yield Finding(f"programs of PostgreSQL {programs.major} in {programs.folder}")


def _tenant(settings: Settings) -> Iterator[Finding]:
    yield Finding(f"the home tenant is {checked_code(settings.tenant)}")


def _disk(settings: Settings) -> Iterator[Finding]:
    there = next(folder for folder in (settings.data.resolve(), *settings.data.resolve().parents) if folder.exists())
    free = shutil.disk_usage(there).free
    mend = "" if free >= LEAST_FREE_BYTES else f"Free some: at least {LEAST_FREE_BYTES / 1e9:.0f} GB should be there."
    yield Finding(f"{free / 1e9:.1f} GB free for the data folder {settings.data}", mend)


def _token(settings: Settings) -> Iterator[Finding]:
    file = settings.data / "admin.token"
    if file.exists() and file.stat().st_mode & 0o077:
        yield Finding(f"others can read {file}, which is the administrator", f"chmod 600 {file}", grave=False)


def _assets(_: Settings) -> Iterator[Finding]:
    import kairo

    folder = Path(kairo.__file__).resolve().parent / "platform" / "web" / "static" / "vendor"
    if (folder / "base-map.json").exists():
        yield Finding("page assets are built")
    else:
        yield Finding("page assets are not built", "Run `make assets`.", grave=False)


def _port(settings: Settings) -> Iterator[Finding]:
    running = None if settings.database_url else published_address(settings)
    if running:
        yield Finding(f"Kairo runs on this data folder, at {running}/")
        return
    try:
        check_port(settings.host, settings.port)
    except KairoError as error:
        yield Finding(error.detail, error.mend, grave=False)
    else:
        yield Finding(f"port {settings.port} on {settings.host} is free")


def _database(settings: Settings) -> Iterator[Finding]:
    if not settings.database_url and not (settings.data / "postgres" / "cluster").exists():
        yield Finding("there is no database in the data folder yet; the first `kairo serve` makes it")
        return
    with reached(settings) as found:
        yield from run(_inside(found, settings))


async def _inside(found: Installation, settings: Settings) -> list[Finding]:
    missing = await missing_migrations(found.url)
    async with await Database.open(found.url, size=1, name="kairo doctor", role=None) as database, database.owner() as owner:
        version = await owner.fetchval("SHOW server_version")
        beside = ", a Kairo is running" if found.runs_elsewhere else ""
        findings = [Finding(f"the database answers (PostgreSQL {version}{beside})")]
        encoding = await owner.fetchval("SHOW server_encoding")
        if encoding != "UTF8":
            findings.append(Finding(f"the database's encoding is {encoding}", "Make it anew with --encoding UTF8."))
        if await is_exchange_unfinished(owner):
            what = "a restore was interrupted when the new data were whole; the old ones still wait beside them"
            findings.append(Finding(what, "Nothing to do: the next start finishes it.", grave=False))
        if missing:
            what = f"{len(missing)} migrations are to be applied, the first is {missing[0]}"
            return [*findings, Finding(what, "Nothing to do: the next start applies them. Back up before.", grave=False)]
        wrong = await differences(owner, tables())
        findings += await _versions(database)
        findings += await _indexes(database, settings)
    if wrong:
        what = f"the tables differ from what this version expects: {wrong[0]}"
        return [*findings, Finding(what, "Restore a backup, or report it.")]
    return [*findings, Finding("all tables are as they should be")]


async def _indexes(database: Database, settings: Settings) -> list[Finding]:
    """Which attributes have an index by now, what it costs and whether it helps."""
    days, found = settings.index_unused_days, []
    since = system_clock().astimezone(TOKYO).date() - timedelta(days=days)
    for tenant in await all_tenants(database):
        for index in await indexes(database, tenant, since):
            rows = await values(database, tenant, index.id)
            which = f"attribute index on {index.attribute} of {index.type_key} (tenant {tenant})"
            found.append(Finding(f"{which}: {index.state}, {rows} rows, asked for {index.uses} times in {days} days"))
    return found


async def _versions(database: Database) -> list[Finding]:
    """Entities in other than the newest version of their types: of a newer Kairo, or still to be rewritten."""
    versions, found = Versions(declarations()), []
    for tenant in await all_tenants(database):
        for types, number, count in await versions_in_use(database, tenant):
            which = f"{count} entities of {types} (tenant {tenant}) are stored in"
            if versions.is_newer(types, number):
                mend = "Start the newer Kairo that wrote them. This one shows them as they are."
                found.append(Finding(f"{which} a version that this Kairo does not know ({number})", mend, grave=False))
            elif versions.is_old(types, number):
                mend = "Nothing to do: a running Kairo rewrites them, and shows them in the newest version until then."
                found.append(Finding(f"{which} an older version ({number})", mend, grave=False))
    return found
