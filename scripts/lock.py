"""Which exact packages may be installed? Writes requirements/*.txt from pyproject.toml: every file by hash, no address.

`make lock` adds what pyproject.toml newly asks for; `make lock UPGRADE=1` takes the newest of everything.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from scripts.tracked_files import ADDRESS

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"
HEADER = "# Written by `make lock` from pyproject.toml. Installed with pip --require-hashes; holds no address.\n"
# The largest first: the others are held to its versions.
LOCKS: dict[str, list[str]] = {
    "dev.txt": ["pyproject.toml", "--group", "build", "--group", "assets", "--group", "dev", "--group", "test"],
    "runtime.txt": ["pyproject.toml", "--group", "build", "--constraint", "requirements/dev.txt"],
    "assets.txt": ["--group", "assets", "--constraint", "requirements/dev.txt"],
}
COMMON = [
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-header",
    "--no-annotate",
    "--universal",
    "--python-version=3.11",
    "--quiet",
]


def ensure_uv() -> Path:
    """Path of uv, which is installed for locking only: nothing else needs it."""
    found = Path(sys.executable).parent / "uv"
    if not found.exists():
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "uv"], check=True)
    return found


def write(uv: Path, name: str, inputs: list[str], *, upgrade: bool) -> None:
    """Writes one lock file; the versions in it stay unless `upgrade`."""
    target = FOLDER / name
    command = [str(uv), "pip", "compile", *inputs, *COMMON, "--output-file", str(target)]
    if upgrade and name == "dev.txt":
        command.append("--upgrade")
    elif upgrade:
        target.unlink(missing_ok=True)
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    text = target.read_text()
    if ADDRESS.search(text):
        raise SystemExit(f"kairo: {target.name} holds an address; the lock is not usable")
    target.write_text(HEADER + text)
    print(f"{target.relative_to(ROOT)}: {sum(line[:1].isalnum() for line in text.splitlines())} packages")


def main() -> None:
    """Writes all lock files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = parser.parse_args().upgrade
    uv = ensure_uv()
    FOLDER.mkdir(exist_ok=True)
    for name, inputs in LOCKS.items():
        write(uv, name, inputs, upgrade=upgrade)


if __name__ == "__main__":
    main()
