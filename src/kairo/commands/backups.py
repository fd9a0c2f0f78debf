"""How is everything backed up? By PostgreSQL's own dump of one moment in one file, which appears only when it is complete."""

from pathlib import Path

from rich.console import Console

from kairo.commands.installation import Installation
from kairo.commands.partial_files import written_beside
from kairo.commands.postgres_programs import programs_for
from kairo.platform.db.exchange import ASIDE


def run_backup(found: Installation, file: Path, console: Console) -> None:
    """Writes the backup beside its place and then puts it there; the program may run meanwhile."""
    with written_beside(file) as partial:
        programs = programs_for(found)
        arguments = (
            "--format=custom",
            f"--exclude-schema={ASIDE}",
            "--no-owner",
            f"--file={partial}",
            f"--dbname={programs.url}",
        )
        with console.status("backing up"):
            programs.run("pg_dump", *arguments)
    size = file.stat().st_size / 1e6
    console.print(f"backup: {file} ({size:.1f} MB). It holds personal data: keep it safe.", markup=False)
