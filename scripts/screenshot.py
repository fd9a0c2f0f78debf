"""How does the running program look? Starts it with the demo city and takes docs/images/home.png, the README's picture."""

import argparse
import contextlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.ensure_chromium import find_chromium

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "home.png"
START_SECONDS = 180
SETTLE_MILLISECONDS = 4000  # the map draws, and the first live values arrive


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextlib.contextmanager
def running() -> Iterator[str]:
    """A Kairo with the demo city in a temporary data folder; gives its address."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="kairo-picture-") as data:
        program = Path(sys.executable).with_name("kairo")
        process = subprocess.Popen([program, "demo", "--port", str(port), "--data", data], stdout=subprocess.DEVNULL)
        try:
            _wait(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            raise SystemExit(f"kairo: the program ended with {process.returncode} before it served a page")
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.5)
    raise SystemExit(f"kairo: {address} did not answer within {START_SECONDS} s")


def take(address: str, path: str, target: Path, *, width: int, height: int) -> None:
    """One picture of one page, in Japanese, as a desktop shows it."""
    chromium = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": height}, locale="ja-JP", timezone_id="Asia/Tokyo")
        page.goto(address + path, wait_until="load")
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target)
        browser.close()
    print(f"{target}: {target.stat().st_size // 1024} kB")


def main() -> None:
    """Takes the README's picture, or one of any page of a server that runs already."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="a server that runs already, instead of starting one")
    parser.add_argument("--path", default="/ja/")
    parser.add_argument("--output", type=Path, default=PICTURE)
    parser.add_argument("--width", type=int, default=1280)
    parser.add_argument("--height", type=int, default=1340)
    given = parser.parse_args()
    server = contextlib.nullcontext(given.address) if given.address else running()
    with server as address:
        take(address, given.path, given.output, width=given.width, height=given.height)


if __name__ == "__main__":
    main()
