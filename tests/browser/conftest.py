"""What do the browser tests share? The real program, started once with a small made-up import, and a Chromium that visits it."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from kairo.platform.web import assets
from scripts.ensure_chromium import find_chromium
from tests.capabilities.catalogue.made_up import emergency, evacuation

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = ("--no-sandbox", "--disable-background-networking", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
STARTS_WITHIN_SECONDS = 90
# Set before any script of the page: what the policy forbade, and the map once it is there.
WATCH = """
window.forbidden = [];
document.addEventListener("securitypolicyviolation", (event) => window.forbidden.push(`${event.violatedDirective} ${event.blockedURI}`));
document.addEventListener("kairo:map", (event) => { window.theMap = event.detail.map; });
"""


@dataclass(frozen=True)
class Program:
    """The running program: its address, and the one-time link of the administrator."""

    base: str
    link: str
    data: Path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _shelters(folder: Path) -> list[str]:
    spots = [(131.47 + number / 500, 34.17) for number in range(12)]
    files = {
        "emergency.json": [
            emergency(number, at=at, called=f"架空第{number}小学校", 地震="1") for number, at in enumerate(spots, 1)
        ],
        "evacuation.json": [evacuation(number, at=at, called=f"架空第{number}小学校") for number, at in enumerate(spots, 1)],
    }
    for name, features in files.items():
        document = {"type": "FeatureCollection", "name": "352039", "features": features}
        (folder / name).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return [str(folder / name) for name in files]


def _wait_for_greeting(server: "subprocess.Popen[bytes]", log: Path) -> str:
    """The one-time link, once the program has said that it answers."""
    until = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < until:
        said = log.read_text(encoding="utf-8", errors="replace")
        if found := re.search(r"(http://\S+/enter\?link=\S+)", said):
            return found[1]
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the program did not start:\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """`kairo demo` on a free port and an empty folder, with the made-up shelters imported beside it."""
    assets.build()
    folder = tmp_path_factory.mktemp("program")
    log, data, port = folder / "log.txt", folder / "data", _free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("KAIRO_")}
    kairo = [sys.executable, "-m", "kairo.cli"]
    with log.open("wb") as out:
        server = subprocess.Popen(
            [*kairo, "demo", "--port", str(port), "--data", str(data)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=ROOT,
        )
    try:
        link = _wait_for_greeting(server, log)
        files = _shelters(folder)
        command = [*kairo, "import", "shelters", *files, "--tenant", "352039", "--data", str(data)]
        subprocess.run(command, check=True, env=environ, cwd=ROOT, capture_output=True, timeout=60)
        yield Program(f"http://127.0.0.1:{port}", link, data)
    finally:
        server.terminate()
        server.wait(timeout=30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module: Playwright's loop must not be open when tests of other folders run loops of their own."""
    with sync_playwright() as play:
        found = find_chromium()
        started = play.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield started
        started.close()


class Visitor:
    """Someone with a browser: opens pages, and keeps what went wrong on them in `trouble`."""

    def __init__(self, browser: Browser, base: str, width: int = 1280, height: int = 900, **more: Any) -> None:
        self.base = base
        self.context: BrowserContext = browser.new_context(viewport={"width": width, "height": height}, locale="ja-JP", **more)
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.trouble: list[str] = []
        self.page.on("console", lambda message: self.trouble.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", self._look)

    def _look(self, request: Any) -> None:
        if not request.url.startswith((self.base, "blob:", "data:")):
            self.trouble.append(f"asks another host: {request.url}")

    def goto(self, path: str) -> int:
        """Opens a page of the program; its status."""
        answer = self.page.goto(self.base + path, wait_until="load")
        assert answer is not None
        return answer.status

    def close(self) -> None:
        """Closes the window."""
        self.context.close()


@pytest.fixture
def visit(browser: Browser, program: Program) -> Iterator[Any]:
    """`visit(path, width)` opens a page in a window of its own and gives the visitor."""
    visitors: list[Visitor] = []

    def opened(path: str, width: int = 1280, height: int = 900, **more: Any) -> Visitor:
        visitor = Visitor(browser, program.base, width, height, **more)
        visitors.append(visitor)
        visitor.goto(path)
        return visitor

    yield opened
    for visitor in visitors:
        visitor.close()
