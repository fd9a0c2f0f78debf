"""How does `kairo import` run? The catalogue's importers, as the administrator, with progress, a summary and a report file."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.app import Kairo
from kairo.capabilities.catalogue import IMPORTERS, Report
from kairo.capabilities.catalogue import run_import as run_catalogue_import
from kairo.commands.installation import Installation
from kairo.commands.settings_of import settings_for
from kairo.errors import StartError
from kairo.trust.identity import LOCAL_ADMINISTRATOR


def run_import(
    found: Installation,
    kind: str,
    files: Sequence[Path],
    tenant: str,
    console: Console,
    *,
    dry_run: bool,
    report: Path | None,
) -> int:
    """Imports and prints what happened. Returns the number of refused rows."""
    if kind not in IMPORTERS:
        kinds = "; ".join(f"{name} ({importer.title['ja']})" for name, importer in IMPORTERS.items())
        raise StartError(f"there is no import {kind!r}", mend=f"Kinds are: {kinds}.")
    if report is not None and not report.resolve().parent.is_dir():
        raise StartError(f"the folder of {report} does not exist", mend="Make it, or choose another file for --report.")
    done = asyncio.run(_import(found, kind, files, tenant, console, dry_run=dry_run))
    for line in done.summary_lines("ja"):
        console.print(line, markup=False)
    if report is not None:
        report.write_bytes(orjson.dumps(done.as_json(), option=orjson.OPT_INDENT_2))
        console.print(f"report: {report}", markup=False)
    return len(done.refused)


async def _import(
    found: Installation, kind: str, files: Sequence[Path], tenant: str, console: Console, *, dry_run: bool
) -> Report:
    async with await Kairo.open(settings_for(found), name="kairo import") as kairo:
        await kairo.graph.create_tenant(tenant, LOCAL_ADMINISTRATOR.id)
        scope = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, tenant)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(kind, total=None)

            def show(what: str, done: int, total: int) -> None:
                progress.update(task, description=what, completed=done, total=total)

            return await run_catalogue_import(kind, files, tenant, kairo.graph, scope, dry_run=dry_run, progress=show)
