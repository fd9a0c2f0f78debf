"""How does `kairo export` run? Entities of a tenant as NGSI-LD, one a line or as an array, written beside and then put in place."""

import asyncio
import os
from pathlib import Path

import orjson
from rich.console import Console

from kairo.app import Kairo
from kairo.commands.installation import Installation
from kairo.commands.settings_of import settings_for
from kairo.errors import StartError
from kairo.trust.identity import LOCAL_ADMINISTRATOR


def run_export(found: Installation, file: Path, tenant: str, types: str, console: Console) -> None:
    """Writes the file; an existing one is replaced only when all is written."""
    if file.suffix not in {".jsonl", ".json"}:
        raise StartError(f"{file.name} has no known ending", mend="Use .jsonl (one entity a line) or .json (an array).")
    if not file.resolve().parent.is_dir():
        raise StartError(f"the folder of {file} does not exist", mend="Make it, or choose another file.")
    number = asyncio.run(_export(found, file, tenant, types))
    console.print(f"{number} entities written to {file}", markup=False)


async def _export(found: Installation, file: Path, tenant: str, types: str) -> int:
    lines = file.suffix == ".jsonl"
    partial = file.with_name(f".{file.name}.partial")
    number = 0
    async with await Kairo.open(settings_for(found), name="kairo export") as kairo:
        await kairo.graph.require_tenant(tenant)
        scope = kairo.gate.scope_of(LOCAL_ADMINISTRATOR, tenant)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(b"" if lines else b"[\n")
            async for doc in kairo.graph.every(scope, types):
                out.write((b"" if lines or not number else b",\n") + orjson.dumps(doc) + (b"\n" if lines else b""))
                number += 1
            out.write(b"" if lines else b"\n]\n")
    partial.replace(file)
    return number
