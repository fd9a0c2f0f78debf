"""Does a file of the repository name a package registry or a place on one developer's machine?

A lock with an address installs from one place only, and a path of one machine works on no other. The patterns are put
together from parts, so that this file does not find itself.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ADDRESS = re.compile(r"(?:https?|file)://", re.IGNORECASE)
"""Any address: what a lock file must not hold."""

_REGISTRIES = [
    ("py", "pi.org"),
    ("pythonhosted", ".org"),
    ("registry", ".npmjs.org"),
    ("registry", ".npmmirror.com"),
    ("registry", ".yarnpkg.com"),
    ("npm.pkg", ".github.com"),
    ("conda", ".anaconda.org"),
    ("proxy", ".golang.org"),
    ("deb", ".debian.org"),
]
REGISTRY = re.compile("|".join(re.escape(head + tail) for head, tail in _REGISTRIES), re.IGNORECASE)
"""Hosts of package registries."""

_HOMES = [("/ro", "ot/"), ("/ho", r"me/[a-z][\w.-]*/"), ("/Us", r"ers/[A-Za-z][\w.-]*/"), ("/wo", "rk/"), ("/opt/", "wheels")]
MACHINE_PATH = re.compile(r"(?<![\w.${}*/-])(?:" + "|".join(head + tail for head, tail in _HOMES) + ")")
"""A folder that stands on one machine only. The same word inside a longer path or an address does not match."""

LOCK_FILES = re.compile(r"^(?:requirements/[\w.-]+\.txt|(?:.*/)?package-lock\.json)$")
BINARY_SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".woff", ".woff2", ".zip", ".gz", ".parquet", ".xlsx"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line that must not be there."""

    path: str
    line: int
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}: {self.text.strip()[:120]}"


def tracked_files(root: Path = ROOT) -> list[Path]:
    """Every file that git would hold: tracked, or new and not ignored. Without git (an unpacked bundle): every file."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        hidden = {".venv", ".kairo", "node_modules", "vendor", "__pycache__"}
        return sorted(
            path for path in root.rglob("*") if path.is_file() and not hidden.intersection(path.relative_to(root).parts)
        )
    names = listed.stdout.decode().split("\0")
    return sorted(path for name in names if name and (path := root / name).is_file())


def findings(paths: Iterable[Path], root: Path = ROOT) -> Iterator[Finding]:
    """Every line of these files that names a registry, a machine's folder or, in a lock file, any address."""
    for path in paths:
        name = path.relative_to(root).as_posix()
        if path.suffix in BINARY_SUFFIXES:
            continue
        rules = [("names a package registry", REGISTRY), ("names a folder of one machine", MACHINE_PATH)]
        if LOCK_FILES.match(name):
            # "funding" in package-lock.json is an address for people, not one to install from; npm leaves no other.
            rules.append(("a lock file with an address", ADDRESS))
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            for what, pattern in rules:
                if pattern.search(line) and not (pattern is ADDRESS and '"url":' in line):
                    yield Finding(name, number, what, line)


def main() -> int:
    """Prints what is found; exit code 1 if anything is."""
    found = list(findings(tracked_files()))
    for finding in found:
        print(finding, file=sys.stderr)
    if found:
        print(f"kairo: {len(found)} lines name a registry or a machine; leave the address out", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
