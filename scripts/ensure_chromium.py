"""Which Chromium do the browser tests drive? The one on PATH, else Debian's package (as root), else Playwright's own.

Tests ask `find_chromium()`: a path to hand to Playwright, or None for Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_APPLICATIONS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def _runs(program: Path) -> bool:
    """Whether it starts: Ubuntu has a `chromium-browser` that only tells where to get one."""
    try:
        done = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def find_chromium() -> Path | None:
    """A Chromium of this machine, from CHROMIUM=…, PATH or macOS' applications; None means Playwright's own."""
    chosen = os.environ.get("CHROMIUM")
    on_path = [Path(found) for name in NAMES if (found := shutil.which(name))]
    candidates = [Path(chosen)] if chosen else [*on_path, *(path for path in MAC_APPLICATIONS if path.exists())]
    return next((path for path in candidates if _runs(path)), None)


def _own_chromium() -> Path | None:
    """Playwright's own download, if it is there."""
    asked = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=False)
    path = Path(done.stdout.strip() or "/nonexistent")
    return path if path.exists() else None


def _is_root() -> bool:
    return os.geteuid() == 0


def _distribution() -> str:
    try:
        lines = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition("=")[2].strip('"') for line in lines if line.startswith("ID=")), "")


def _apt_install(package: str) -> bool:
    """Installs a Debian package; refreshes the lists when it is not found at first."""
    print(f"Installing {package}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package]
    for command in (install, ["apt-get", "update", "--quiet"], install):
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
        if command is install and done.returncode == 0:
            return True
    return False


def ensure_chromium() -> bool:
    """Gets a Chromium by the first way that works."""
    if find_chromium():
        return True
    if _is_root() and _distribution() == "debian" and _apt_install("chromium") and find_chromium():
        return True
    if _own_chromium():
        return True
    print("Downloading Playwright's Chromium", flush=True)
    dependencies = ["--with-deps"] if _is_root() and shutil.which("apt-get") else []
    subprocess.run([sys.executable, "-m", "playwright", "install", *dependencies, "chromium"], check=False)
    return _own_chromium() is not None


def ensure_japanese_font() -> bool:
    """Whether there is a font that has Japanese; installs Noto CJK as root on Debian and Ubuntu."""
    if not shutil.which("fc-list"):
        return sys.platform == "darwin" or (
            _is_root() and shutil.which("apt-get") is not None and _apt_install("fonts-noto-cjk")
        )
    if subprocess.run(["fc-list", ":lang=ja"], capture_output=True, check=False).stdout.strip():
        return True
    return _is_root() and shutil.which("apt-get") is not None and _apt_install("fonts-noto-cjk")


def main() -> int:
    """Gets both; a missing font is a warning, a missing browser an error."""
    if not ensure_japanese_font():
        print("kairo: no Japanese font was found; pictures will show boxes. apt install fonts-noto-cjk", file=sys.stderr)
    if ensure_chromium():
        return 0
    print("kairo: no Chromium was found and none could be installed. As root: apt install chromium", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
