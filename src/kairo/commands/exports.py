"""How does `kairo export` run? Entities of a tenant as NGSI-LD, one a line or as an array, in a file that is whole or absent."""

from pathlib import Path

import orjson
from rich.console import Console

from kairo.app import Kairo
from kairo.commands.installation import Installation
from kairo.commands.interruptions import run
from kairo.commands.partial_files import written_beside
from kairo.commands.settings_of import settings_for
from kairo.trust.identity import LOCAL_ADMINISTRATOR


def run_export(found: Installation, file: Path, tenant: str, types: str, console: Console) -> None:
    """Writes the file; an existing one is replaced only when all is written."""
    with written_beside(file) as partial, console.status("exporting"):
        number = run(_export(found, partial, tenant, types, lines=file.suffix == ".jsonl"))
    console.print(f"{number} entities written to {file}", markup=False)


async def _export(found: Installation, file: Path, tenant: str, types: str, *, lines: bool) -> int:
    number = 0
    async with await Kairo.open(settings_for(found), name="kairo export") as kairo:
        await kairo.graph.require_tenant(tenant)
        scope = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, tenant)
        with file.open("wb") as out:
            out.write(b"" if lines else b"[\n")
            async for doc in kairo.graph.every(scope, types):
                out.write((b"" if lines or not number else b",\n") + orjson.dumps(doc) + (b"\n" if lines else b""))
                number += 1
            out.write(b"" if lines else b"\n]\n")
    return number
