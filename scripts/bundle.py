"""What does a city's inner network without internet install from? Writes dist/kairo-VERSION-PLATFORM.tar.gz.

The bundle is the checkout with its built page assets, the locked packages as files for this platform and this Python, and
an install.sh. `--try` unpacks it elsewhere and installs it with no index at all.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from pathlib import Path

from scripts.tracked_files import tracked_files

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "src" / "kairo" / "platform" / "web" / "static" / "vendor"
INSTALL = """\
#!/bin/sh
# Installs this bundle without internet: ./install.sh [FOLDER]. Without FOLDER it is set up where it stands.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
target=${1:-$here}
if [ "$target" != "$here" ]; then
    mkdir -p -- "$target"
    target=$(CDPATH= cd -- "$target" && pwd)
    cp -R -- "$here/." "$target/"
fi
cd -- "$target"
PYTHON=${PYTHON:-@PYTHON@}
export PYTHON
python=$(sh scripts/find_python.sh)
if [ "$("$python" -c 'import sys; print("python%d.%d" % sys.version_info[:2])')" != "@PYTHON@" ]; then
    echo "kairo: this bundle holds packages for @PYTHON@, and $python is another. Install @PYTHON@, or make a bundle with yours." >&2
    exit 1
fi
"$python" scripts/environment.py runtime
echo "Kairo is installed. Start it with:"
echo "  cd '$target' && .venv/bin/kairo demo"
"""


def _version() -> str:
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if line.startswith("version = "):
            return line.split('"')[1]
    raise SystemExit("kairo: pyproject.toml names no version")


def _python() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}"


def download(wheels: Path) -> int:
    """The locked packages for this platform, each checked by its hash. Gives their number."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "download",
        "--quiet",
        "--require-hashes",
        "--no-deps",
    ]
    done = subprocess.run(
        [*command, "--only-binary", ":all:", "--requirement", "requirements/runtime.txt", "--dest", str(wheels)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"{done.stderr.strip()}\nkairo: the packages could not be fetched; a bundle is made where there is internet"
        )
    return len(list(wheels.iterdir()))


def build() -> Path:
    """Writes the archive and its checksum."""
    assets = sorted(path for path in ASSETS.rglob("*") if path.is_file()) if ASSETS.exists() else []
    if not assets:
        raise SystemExit("kairo: the page assets are not built; run `make bundle`, which builds them first")
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    name = f"kairo-{_version()}-{platform}-{_python()}"
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        for path in [*tracked_files(), *assets]:
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        (folder / "wheels").mkdir()
        count = download(folder / "wheels")
        script = folder / "install.sh"
        script.write_text(INSTALL.replace("@PYTHON@", _python()))
        script.chmod(0o755)
        archive = ROOT / "dist" / f"{name}.tar.gz"
        archive.parent.mkdir(exist_ok=True)
        with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
            tar.add(folder, name, filter=_owned_by_nobody)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    archive.with_name(archive.name + ".sha256").write_text(f"{digest}  {archive.name}\n")
    print(f"{archive.relative_to(ROOT)}: {archive.stat().st_size // 2**20} MB, {count} packages, {len(assets)} asset files")
    return archive


def _owned_by_nobody(item: tarfile.TarInfo) -> tarfile.TarInfo:
    item.uid = item.gid = 0
    item.uname = item.gname = ""
    return item


def try_out(archive: Path) -> None:
    """Unpacks and installs the bundle in a temporary folder with a space in its name, and asks the program for its help."""
    with tempfile.TemporaryDirectory(prefix="kairo bundle ") as temporary:
        with tarfile.open(archive) as tar:
            tar.extractall(temporary, filter="data")
        (unpacked,) = Path(temporary).iterdir()
        target = Path(temporary) / "installed"
        subprocess.run(["sh", str(unpacked / "install.sh"), str(target)], check=True)
        shutil.rmtree(unpacked)
        python = target / ".venv" / "bin" / "python"
        where = subprocess.run(
            [python, "-c", "import kairo; print(kairo.__file__)"], capture_output=True, text=True, check=True
        )
        if not where.stdout.startswith(str(target)):
            raise SystemExit(f"kairo: the bundle runs from {where.stdout.strip()}, not from where it was installed")
        program = target / ".venv" / "bin" / "kairo"
        subprocess.run([program, "--help"], check=True, stdout=subprocess.DEVNULL)
    print("The bundle installs and runs without an index.")


def main() -> None:
    """Builds the bundle; with --try installs it too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--try", dest="trial", action="store_true", help="install it in a temporary folder afterwards")
    trial = parser.parse_args().trial
    archive = build()
    if trial:
        try_out(archive)


if __name__ == "__main__":
    main()
