"""How is a backup brought back? In one transaction beside what is there, so that a failure or a crash leaves the old or the new.

The steps: is the file a whole backup of a version that this program knows; does the database hold anything that nobody said may
go; set the old aside, write the new, commit; migrate; drop the old. `platform/db/exchange.py` tells what a crash leaves.
"""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

from rich.console import Console

from kairo.commands.installation import Installation, bring_up_to_date, reached
from kairo.commands.interruptions import run
from kairo.commands.postgres_programs import Programs, complaint, programs_for
from kairo.commands.store import number_of_entities
from kairo.errors import StartError
from kairo.platform.db.app_role import ensure_app_role
from kairo.platform.db.exchange import BEGIN_EXCHANGE, COMMIT_EXCHANGE, finish_exchange, programs_at_work, undo_exchange
from kairo.platform.db.migration_files import difference, migration_files
from kairo.platform.db.owner import owner_of
from kairo.settings import Settings

_PIECE_BYTES = 1 << 20
_NO_BACKUP = "Name a file that `kairo backup` wrote, and wrote to its end."


def run_restore(settings: Settings, file: Path, console: Console, *, replace: bool) -> None:
    """Restores into an empty data folder or database; with `replace` also over one in use. On failure all is as before."""
    with reached(settings, exclusive=not settings.database_url) as found:
        programs = programs_for(found)
        check_backup(programs, file)
        run(_prepare(found, replace=replace))
        with console.status("restoring"):
            _exchange(programs, file)
            try:
                run(bring_up_to_date(found.url, finish=False))
            except BaseException:
                run(undo_exchange(found.url))
                raise
        run(finish_exchange(found.url))
        number = run(number_of_entities(found.url))
    console.print(f"restored: {number} entities from {file}", markup=False)


def check_backup(programs: Programs, file: Path) -> None:
    """Raises StartError for a file that is no backup of Kairo, or one of a newer version."""
    broken = f"{file} is no whole backup of Kairo"
    listed = programs.run("pg_restore", "--list", str(file), what=broken, mend=_NO_BACKUP)
    if not all(f" TABLE public {table} " in listed for table in ("kairo_migration", "entity")):
        raise StartError(f"{file} is a backup of some other database", mend=_NO_BACKUP)
    arguments = ("--data-only", "--table=kairo_migration", "--file=-", str(file))
    text = programs.run("pg_restore", *arguments, what=broken, mend=_NO_BACKUP)
    rows = text.partition("FROM stdin;\n")[2].partition("\n\\.")[0].splitlines()
    applied = {row.split("\t")[0]: row.split("\t")[1] for row in rows if "\t" in row}
    try:
        difference(migration_files(), applied)
    except StartError as error:
        raise StartError(f"{file} does not fit: {error.detail.replace('database', 'backup')}", mend=error.mend) from error


async def _prepare(found: Installation, *, replace: bool) -> None:
    """The role is there and nothing stands in the way, or StartError."""
    async with owner_of(found.url, name="kairo restore") as connection:
        busy = await programs_at_work(connection)
        if busy:
            raise StartError(f"Kairo runs on this database ({', '.join(busy)})", mend="Stop it everywhere, then restore.")
        await ensure_app_role(connection)
    if not replace and await number_of_entities(found.url):
        raise StartError(
            "the database holds entities already",
            mend="Restore into an empty data folder (--data DIR), or add --replace to replace what is there.",
        )


def _exchange(programs: Programs, file: Path) -> None:
    """One transaction: COMMIT is sent only when pg_restore has read the file to its end without complaint."""
    read = programs.command("pg_restore", "--no-owner", "--file=-", str(file))
    write = programs.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={programs.url}")
    with tempfile.TemporaryFile() as read_said, tempfile.TemporaryFile() as write_said:
        reader = subprocess.Popen(read, env=programs.environment, stdout=subprocess.PIPE, stderr=read_said)
        writer = subprocess.Popen(
            write, env=programs.environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=write_said
        )
        try:
            assert reader.stdout
            assert writer.stdin
            whole = False
            with suppress(BrokenPipeError):  # psql has ended: what it said tells why
                writer.stdin.write(BEGIN_EXCHANGE.encode())
                shutil.copyfileobj(reader.stdout, writer.stdin, _PIECE_BYTES)
                whole = reader.wait() == 0
                writer.stdin.write(COMMIT_EXCHANGE.encode() if whole else b"ROLLBACK;\n")
            with suppress(BrokenPipeError):
                writer.stdin.close()
            done = writer.wait() == 0
            broken = reader.poll() not in {None, 0}
        finally:
            for process in (reader, writer):
                process.kill()
                with suppress(BrokenPipeError):
                    process.__exit__(None, None, None)  # closes the pipes and waits
        if broken or (done and not whole):
            raise complaint(f"{file} is no whole backup of Kairo", _text(read_said), mend=_NO_BACKUP)
        if not done:
            raise complaint("the backup cannot be restored", _text(write_said))


def _text(said: IO[bytes]) -> str:
    said.seek(0)
    return said.read().decode(errors="replace")
