"""Which migrations does this version of Kairo have, in which order? Plain .sql files in folders called `migrations`.

They stand beside the stores (`src/kairo/**/migrations/NNNN_name.sql`). The number is unique in the whole program and is the
order; a package takes a block of ten (0010 context, 0020 …). A file that was released is never changed: the next one mends it.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from kairo.errors import StartError

_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
_KAIRO = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class MigrationFile:
    """One file: its name without suffix, its text, and the digest by which a later change is noticed."""

    name: str
    text: str

    @property
    def number(self) -> int:
        """The place in the order."""
        return int(self.name[:4])

    @property
    def digest(self) -> str:
        """SHA-256 of the text, trailing blank space aside."""
        return hashlib.sha256(self.text.rstrip().encode()).hexdigest()


def migration_files(folders: Sequence[Path] | None = None) -> list[MigrationFile]:
    """All files in order. Raises StartError where a name is wrong or a number is used twice."""
    folders = sorted(_KAIRO.rglob("migrations")) if folders is None else folders
    paths = sorted((path for folder in folders for path in folder.glob("*.sql")), key=lambda path: path.name)
    files = [MigrationFile(path.stem, path.read_text(encoding="utf-8")) for path in paths]
    for path in paths:
        if not _NAME.fullmatch(path.name):
            raise StartError(f"{path} is not named like a migration", mend="Name it NNNN_name.sql.")
    for file in files:
        if file.text.strip() and not file.text.rstrip().endswith(";"):
            raise StartError(f"the migration {file.name} does not end with a semicolon", mend="End it with one.")
    for one, other in pairwise(files):
        if one.number == other.number:
            raise StartError(f"two migrations have the number {one.number:04}: {one.name}, {other.name}", mend="Renumber one.")
    return files


def difference(files: Sequence[MigrationFile], applied: dict[str, str]) -> list[str]:
    """Names still to apply. Raises StartError when the database knows more than we, or a file changed after it was applied."""
    known = {file.name: file for file in files}
    newer = sorted(set(applied) - set(known))
    if newer:
        raise StartError(
            f"the database was written by a newer Kairo (it has {newer[-1]})",
            mend="Update Kairo, or restore a backup from before the update.",
        )
    changed = [name for name, digest in applied.items() if known[name].digest != digest]
    if changed:
        raise StartError(
            f"the migration {changed[0]} was changed after this database had applied it",
            mend="Take the change back and write it as a new migration; in development, delete the data folder.",
        )
    return [file.name for file in files if file.name not in applied]
