"""What does the same SQL cost without the program? Recorded statements, sent again and again by PostgreSQL's own pgbench.

Parameters are read from a table once a client and script and then sent with each statement, as prepared statements (`-M prepared`).
What is written anew must have ids and numbers of its own: those of the recording begin with nine digits (`Fresh`) that stand nowhere
else, and the script has them replaced by others, with one call of `replace()` for each parameter that holds them.
"""

import asyncio
import os
import re
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from bench.recording import Recording, Statement
from kairo.platform.db.binaries import find_binaries
from kairo.platform.db.database import APP_ROLE

_MOST_SCRIPTS = 100  # pgbench takes 128
_ROWS = "bench_parameter"
_PARAMETER = re.compile(r"\$(\d+)(::jsonb)?")
_ROLE = ("-c", f"role={APP_ROLE}", "-c", "TimeZone=UTC", "-c", "jit=off", "-c", "default_transaction_read_only=on")
_PLANS_ONCE = ("-c", "plan_cache_mode=force_generic_plan")


class Fresh:
    """Hands out beginnings of numbers: nine digits that no other number of the measurement begins with; four more may follow."""

    def __init__(self) -> None:
        self.next = 777_000_000

    def take(self, number: int = 1) -> int:
        """The first of so many."""
        self.next += number
        assert self.next < 1_000_000_000
        return self.next - number


class Replay:
    """A recording as scripts of pgbench on the database where it was made."""

    def __init__(self, url: str, tenant: str, folder: Path, recording: Recording, fresh: Fresh, marker: int | None) -> None:
        """`marker`: the beginning of the numbers in the recording, where it writes."""
        self._url = url
        self._folder = folder
        self._fresh = fresh
        self._marker = marker
        self._settings = (*_ROLE, *(_PLANS_ONCE if recording.plans_once else ()), "-c", f"app.tenant={tenant}")
        size = -(-len(recording.pieces) // _MOST_SCRIPTS)
        self._scripts = [
            [statement for piece in recording.pieces[at : at + size] for statement in piece]
            for at in range(0, len(recording.pieces), size or 1)
        ]
        self._requests_a_script = recording.requests / max(1, len(self._scripts))

    @property
    def is_empty(self) -> bool:
        """Whether the database was not asked at all."""
        return not self._scripts

    def prepare(self) -> None:
        """Writes the scripts, and their parameters into a table."""
        self._folder.mkdir()
        rows: list[tuple[int, str, str]] = []
        for number, statements in enumerate(self._scripts):
            text, values = script(statements, number, self._marker)
            (self._folder / f"{number}.sql").write_text(text, "utf-8")
            rows += [(number, name, value) for name, value in values.items()]
        asyncio.run(_store(self._url, rows))

    def run(self, seconds: float) -> tuple[float, float]:
        """Runs for so long (whole seconds): requests that were answered, and pgbench's own CPU seconds."""
        begin = self._fresh.take(500_000 if self._marker is not None else 0)
        parts = urlsplit(self._url)
        command = [find_binaries().program("pgbench"), "-n", "-M", "prepared", "-c", "1", "-T", str(max(1, round(seconds)))]
        command += ["-h", parse_qs(parts.query)["host"][0], "-U", parts.username or "", "-D", f"fresh={begin}"]
        for number in range(len(self._scripts)):
            command += ["-D", f"is_read_{number}=0", "-f", str(self._folder / f"{number}.sql")]
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "PGOPTIONS": " ".join(self._settings)}
        before = os.times()
        done = subprocess.run([*command, parts.path.strip("/")], env=environment, capture_output=True, text=True, check=False)
        after = os.times()
        found = re.search(r"transactions actually processed: (\d+)", done.stdout)
        failed = re.search(r"failed transactions: ([1-9]\d*)", done.stdout)
        if done.returncode or not found or failed:
            raise RuntimeError(f"pgbench failed: {done.stdout[-500:]}{done.stderr[-2000:]}")
        used = after.children_user + after.children_system - before.children_user - before.children_system
        return int(found[1]) * self._requests_a_script, used


def script(statements: Sequence[Statement], number: int, marker: int | None) -> tuple[str, dict[str, str]]:
    """A script of pgbench, and its parameters by name."""
    values: dict[str, str] = {}
    lines: list[str] = []
    for place, (sql, arguments) in enumerate(statements):
        texts = [None if argument is None else literal(argument) for argument in arguments]
        names = [f"p{number}_{place}_{at}" for at in range(1, len(texts) + 1)]
        values |= {name: text for name, text in zip(names, texts, strict=True) if text is not None}
        named = _named(sql, names, texts, marker).strip().rstrip(";")
        lines += [
            f"{part};" for part in ([named] if texts else named.split("; "))
        ]  # BEGIN and SET LOCAL are one packet of Kairo's
    columns = ", ".join(f"max(value) FILTER (WHERE name = '{name}') AS {name}" for name in values)
    head = [f"\\if :is_read_{number} = 0", f"SELECT {columns} FROM {_ROWS} WHERE script = {number} \\gset"]
    head += [f"\\set is_read_{number} 1", "\\endif"]
    if marker is not None:
        head.append("\\set fresh :fresh + 1")
    return "\n".join([*(head if values else []), *lines, ""]), values


def _named(sql: str, names: Sequence[str], texts: Sequence[str | None], marker: int | None) -> str:
    """The SQL with pgbench's names in place of `$1`, `$2`, …"""

    def put(found: "re.Match[str]") -> str:
        at = int(found[1]) - 1
        cast = found[2] or ""
        if marker is not None and str(marker) in (texts[at] or ""):
            return f"replace(:{names[at]}, '{marker}', :fresh){cast}"
        return f":{names[at]}{cast}"

    return _PARAMETER.sub(put, sql)


def literal(value: Any) -> str:
    """A parameter as PostgreSQL reads it from text."""
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple):
        items = (literal(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return "{" + ",".join(f'"{item}"' for item in items) + "}"
    return str(value)


async def _store(url: str, rows: Sequence[tuple[int, str, str]]) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(
            f"DROP TABLE IF EXISTS {_ROWS};"
            f"CREATE TABLE {_ROWS} (script int, name text, value text, PRIMARY KEY (script, name));"
            f"GRANT SELECT ON {_ROWS} TO {APP_ROLE}"
        )
        await connection.copy_records_to_table(_ROWS, records=rows)
    finally:
        await connection.close()
