"""What do the tests of the page kit share? A strict kit, and for browser tests a Chromium and the preview in a server."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from kairo.platform.web import Kit, Site, StaticFiles, assets, links

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def kit() -> Kit:
    """A kit that raises where a message, a value of one or a variable is missing."""
    site = Site(
        operator="山口市", phone="083-000-0000", phone_hours="平日", sign_in="/sign-in", footer=links([("案内", "/about")])
    )
    return Kit(site, static=StaticFiles(), strict=True)


@pytest.fixture(scope="session")
def chromium_path() -> str | None:
    """Where Chromium is: on PATH, else playwright's own (None). Skips where there is neither."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        if not Path(play.chromium.executable_path).exists():
            pytest.skip("no Chromium: install Debian's package chromium, or run `playwright install chromium`")
    return None


@pytest.fixture(scope="session")
def browser(chromium_path: str | None) -> Iterator[Any]:
    """One browser for the session."""
    from playwright.sync_api import sync_playwright

    arguments = ["--no-sandbox", "--disable-background-networking", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium_path, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="session")
def preview() -> Iterator[str]:
    """The address of the preview, with the parts of others built."""
    assets.build()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    server = subprocess.Popen(
        [sys.executable, "-m", "kairo.platform.web.preview", "--port", str(port)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    for _ in range(150):
        try:
            with urlopen(f"{address}/ja/", timeout=2):
                break
        except (URLError, OSError):
            time.sleep(0.1)
    else:
        raise RuntimeError("the preview did not start")
    yield address
    server.terminate()
    server.wait(timeout=20)
