"""Has a migration changed after it was recorded? Forward only: a recorded file stays as it is, for ever.

`make fix` records new migrations in tests/house/migrations.lock; tests/house/test_migrations.py compares. Before the
first release `--rewrite` may record anew, since no database with data of others exists yet.
"""

import argparse
import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests" / "house" / "migrations.lock"
HEADER = "# Migrations as they were recorded: SHA-256 and path. Lines are added by `make fix` and never change.\n"


def migration_files(root: Path = ROOT) -> list[Path]:
    """Every migration of the program, in the order of their numbers."""
    found = [path for path in (root / "src" / "kairo").glob("**/migrations/*") if path.suffix in {".sql", ".py"}]
    return sorted((path for path in found if path.name != "__init__.py"), key=lambda path: path.name)


def checksum(path: Path) -> str:
    """The file's SHA-256; line ends do not count."""
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def recorded(lock: Path = LOCK) -> dict[str, str]:
    """Path → checksum, as recorded."""
    lines = lock.read_text().splitlines() if lock.exists() else []
    pairs = (line.split("  ", 1) for line in lines if line and not line.startswith("#"))
    return {path: digest for digest, path in pairs}


def problems(root: Path = ROOT, lock: Path = LOCK) -> list[str]:
    """What is wrong: a recorded migration that changed or went. New ones are not wrong, only not recorded yet."""
    present = {path.relative_to(root).as_posix(): checksum(path) for path in migration_files(root)}
    found = []
    for name, digest in recorded(lock).items():
        if name not in present:
            found.append(f"{name} was recorded and is gone: put it back; what it did is undone by a new migration")
        elif present[name] != digest:
            found.append(f"{name} changed after it was recorded: put it back and write a new migration")
    return found


def unrecorded(root: Path = ROOT, lock: Path = LOCK) -> list[str]:
    """Migrations that are not in the lock yet."""
    known = recorded(lock)
    names = (path.relative_to(root).as_posix() for path in migration_files(root))
    return [name for name in names if name not in known]


def main() -> int:
    """Records new migrations; refuses when a recorded one changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewrite", action="store_true", help="record everything anew (before the first release only)")
    rewrite = parser.parse_args().rewrite
    wrong = [] if rewrite else problems()
    if wrong:
        print("\n".join(f"kairo: {line}" for line in wrong), file=sys.stderr)
        return 1
    new = unrecorded()
    if new or rewrite:
        rows = [f"{checksum(path)}  {path.relative_to(ROOT).as_posix()}\n" for path in migration_files()]
        LOCK.write_text(HEADER + "".join(rows))
    for name in new:
        print(f"recorded {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
