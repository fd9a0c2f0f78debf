"""Is .venv there and as the lock files say? Makes and fills it if not; does nothing, in a blink, if so.

Run by `make` with the machine's Python before any package is there: the standard library only.
"""

import argparse
import fcntl
import hashlib
import json
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
# An unpacked bundle brings its packages and its page assets along, and then nothing is asked of any network.
WHEELS = ROOT / "wheels"
LOCKS = {
    "runtime": ("requirements/runtime.txt",) if WHEELS.exists() else ("requirements/runtime.txt", "requirements/assets.txt"),
    "dev": ("requirements/dev.txt",),
}
INSTALL = ["install", "--progress-bar", "off", "--root-user-action", "ignore"]
OFFLINE = ["--no-index", "--find-links", str(WHEELS)]


class SetupError(Exception):
    """Ends the program with one line that says what to do."""


def digest_of(names: Sequence[str], *, root: Path = ROOT) -> str:
    """What the environment is made from, as one text: the locks, the project's own tables, the Python, the place."""
    parts = hashlib.sha256()
    for name in names:
        parts.update(name.encode() + b"\0" + (root / name).read_bytes())
    project = tomllib.loads((root / "pyproject.toml").read_text())
    # Settings of the tools change nothing that is installed.
    parts.update(json.dumps([project.get("project"), project.get("build-system")], sort_keys=True).encode())
    return f"{parts.hexdigest()} {sys.version_info.major}.{sys.version_info.minor} {root}"


def stamp(kind: str) -> Path:
    """The file that remembers what was installed last."""
    return ENVIRONMENT / f".kairo-{kind}"


def is_fresh(kind: str) -> bool:
    """Whether nothing needs doing."""
    return PYTHON.exists() and stamp(kind).exists() and stamp(kind).read_text() == digest_of(LOCKS[kind])


def was_moved() -> bool:
    """Whether the folder was moved after the environment was made: the scripts in it then point to nowhere."""
    remembered = {path.read_text().split(" ", 2)[-1] for path in map(stamp, LOCKS) if path.exists()}
    return bool(remembered) and remembered != {str(ROOT)}


def make_environment() -> None:
    """Makes .venv where there is none, or none that runs."""
    runs = PYTHON.exists() and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    if runs and not was_moved():
        return
    print("Making the virtual environment .venv", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        tail = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no reason given"]
        raise SetupError(f"the virtual environment cannot be made ({tail[0]}). On Debian and Ubuntu: apt install python3-venv")


def pip(arguments: Sequence[str], *, packages: int = 0) -> None:
    """Runs pip; shows a count instead of its log, and the end of its log when it fails."""
    # --isolated: in a bundle, settings of this machine's pip must not send it to a network.
    program = [
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        *(["--isolated"] if WHEELS.exists() else []),
    ]
    with subprocess.Popen(
        [*program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT
    ) as process:
        log: list[str] = []
        seen = 0
        for line in process.stdout or ():
            log.append(line.rstrip())
            if packages and line.startswith("Collecting "):
                seen += 1
                if sys.stdout.isatty():
                    print(f"\r  {seen}/{packages} {line.split()[1][:50]:<50}", end="", flush=True)
        if packages and sys.stdout.isatty():
            print("\r" + " " * 72 + "\r", end="", flush=True)
    if process.returncode:
        print("\n".join(log[-15:]), file=sys.stderr)
        raise SetupError(
            "the packages could not be installed; the lines above say why. Without internet, use a bundle made by"
            " `make bundle` on a machine like this one (docs/operations.md)."
        )


def install(kind: str) -> None:
    """Installs the locked packages by hash and the checkout itself."""
    texts = [(ROOT / name).read_text() for name in LOCKS[kind]]
    count = sum(line[:1].isalnum() for text in texts for line in text.splitlines())
    print(f"Installing {count} locked packages (the first time takes a minute or two)", flush=True)
    # --no-deps: the locks are complete (`pip check` says so below), so pip needs not resolve anything.
    files = [part for name in LOCKS[kind] for part in ("--requirement", name)]
    source = OFFLINE if WHEELS.exists() else []
    pip([*INSTALL, "--require-hashes", "--no-deps", *source, *files], packages=count)
    pip([*INSTALL, "--no-deps", "--no-build-isolation", "--no-index", "--editable", "."])
    pip(["check"])
    covered = ["runtime", "dev"] if kind == "dev" else [kind]
    for name in covered:
        stamp(name).write_text(digest_of(LOCKS[name]))


def main() -> int:
    """Sets up what is asked for; two at a time wait for each other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(LOCKS))
    kind = parser.parse_args().kind
    try:
        if is_fresh(kind):
            return 0
        with (ROOT / "pyproject.toml").open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not is_fresh(kind):
                make_environment()
                install(kind)
    except (SetupError, OSError) as error:
        print(f"kairo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
