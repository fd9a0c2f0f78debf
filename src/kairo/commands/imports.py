"""How does `kairo import` run? The catalogue's importers, as the administrator, with progress, a summary and a report file."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kairo.app import Kairo
from kairo.capabilities.catalogue import IMPORTERS, Report
from kairo.capabilities.catalogue import run_import as run_catalogue_import
from kairo.commands.installation import Installation
from kairo.commands.interruptions import run
from kairo.commands.partial_files import written_beside
from kairo.commands.settings_of import settings_for
from kairo.trust.identity import LOCAL_ADMINISTRATOR


def run_import(
    found: Installation, kind: str, files: Sequence[Path], tenant: str, console: Console, *, dry_run: bool, report: Path | None
) -> int:
    """Imports and prints what happened. Returns the number of refused rows. What is stored before a failure stays; running
    the import again goes on from there."""
    with written_beside(report) if report else nullcontext() as partial:
        done = run(_import(found, kind, files, tenant, console, dry_run=dry_run))
        if partial is not None:
            partial.write_bytes(orjson.dumps(done.as_json(), option=orjson.OPT_INDENT_2))
    for line in done.summary_lines(_language()):
        console.print(line, markup=False)
    if report is not None:
        console.print(f"report: {report}", markup=False)
    return len(done.refused)


def check_kind(kind: str) -> None:
    """Raises BadParameter for a kind that is not known, with those that are."""
    if kind not in IMPORTERS:
        kinds = ", ".join(f"{name} ({importer.title['ja']})" for name, importer in IMPORTERS.items())
        raise typer.BadParameter(f"{kind!r} is none of {kinds}.", param_hint="KIND")


def _language() -> str:
    """The language of the summary: that of the terminal, if it is Japanese."""
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if wanted.startswith("ja") else "en"


async def _import(
    found: Installation, kind: str, files: Sequence[Path], tenant: str, console: Console, *, dry_run: bool
) -> Report:
    async with await Kairo.open(settings_for(found), name="kairo import") as kairo:
        if not dry_run:
            await kairo.graph.create_tenant(tenant, LOCAL_ADMINISTRATOR.id)
        scope = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, tenant)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(kind, total=None)

            def show(what: str, done: int, total: int) -> None:
                progress.update(task, description=what, completed=done, total=total)

            return await run_catalogue_import(kind, files, tenant, kairo.graph, scope, dry_run=dry_run, progress=show)
