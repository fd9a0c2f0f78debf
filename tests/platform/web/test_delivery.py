"""How do pages and files leave the house? Security headers, language addresses, caching, and the parts of others."""

import gzip
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, asgi, get
from litestar.testing import TestClient

from kairo.platform.web import LanguagePrefix, SecurityHeaders, StaticFiles, assets, content_security_policy, language_of
from kairo.platform.web.basemap import WESTERN_JAPAN, topology_features

ROOT = Path(__file__).resolve().parents[3]


async def call(app: Any, path: str, headers: Iterable[tuple[str, str]] = (), method: str = "GET", query: str = "") -> Any:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    rows = [(name.encode(), value.encode()) for name, value in headers]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "headers": rows,
        "query_string": query.encode(),
    }
    await app(scope, receive, send)
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}, sent[1].get("body", b"")


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = f"{language_of(scope)} {scope['path']} {scope['raw_path'].decode()}".encode()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


APP = LanguagePrefix(echo, ("/api",))
HTML = ("accept", "text/html,*/*")


async def test_the_language_is_taken_off_the_path() -> None:
    assert (await call(APP, "/en/buses"))[2] == b"en /buses /buses"
    assert (await call(APP, "/ja-x-easy"))[2] == b"ja-x-easy / /"
    assert (await call(APP, "/api/en/x", [HTML]))[2].endswith(b"/api/en/x /api/en/x")
    assert (await call(APP, "/buses", [("accept", "application/json")]))[2].startswith(b"ja /buses")


async def test_a_browser_is_led_to_its_language_on_this_site() -> None:
    status, headers, _ = await call(APP, "/buses", [HTML, ("accept-language", "en")], query="a=1")
    assert (status, headers["location"]) == (302, "/en/buses?a=1")
    assert "accept-language" in headers["vary"]
    _, headers, _ = await call(APP, "/", [HTML, ("accept-language", "en"), ("cookie", "x=1; kairo_language=ja-x-easy")])
    assert headers["location"] == "/ja-x-easy/"
    _, headers, _ = await call(APP, "//evil.example/x", [HTML])
    assert headers["location"] == "/ja/evil.example/x", "never to another host"
    _, headers, _ = await call(APP, "/a\r\nset-cookie: x", [HTML])
    assert "\n" not in headers["location"]
    assert (await call(APP, "/buses", [HTML], method="POST"))[0] == 200


def test_the_policy_allows_nothing_of_others() -> None:
    policy = content_security_policy()
    for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert "https://tiles.example" in content_security_policy("https://tiles.example/{z}/{x}/{y}.png")
    for wrong in ("http://tiles.example/{z}", "https://*.example/", "https://a b/", "https://u@x/{z}"):
        with pytest.raises(ValueError, match="https"):
            content_security_policy(wrong)


def test_the_headers_come_with_litestar_too() -> None:
    static = StaticFiles()

    @get("/", media_type="text/html", sync_to_thread=False)
    def home() -> str:
        return "x"

    app = Litestar([home, asgi("/static", is_mount=True, copy_scope=True)(static)], before_send=[SecurityHeaders().before_send])
    with TestClient(app) as client:
        assert client.get("/").headers["x-content-type-options"] == "nosniff"
        assert "default-src" in client.get("/").headers["content-security-policy"]
        found = client.get(static.address("css/kairo.css"))
        assert found.status_code == 200
        assert "immutable" in found.headers["cache-control"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "1.css").write_text("a{}" * 1000)
    (tmp_path / "secret.key").write_text("x")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "v.js").write_text("1")
    return tmp_path


async def test_files_are_kept_for_ever_under_their_hash(folder: Path) -> None:
    static = StaticFiles(folder)
    address = static.address("css/kairo.css")
    status, headers, body = await call(static, address, [("accept-encoding", "gzip, br")])
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert b"a{}a{}" in gzip.decompress(body)
    assert "immutable" in headers["cache-control"]
    assert (await call(static, address, [("if-none-match", headers["etag"])]))[0] == 304
    status, headers, body = await call(static, "/static/0000/css/kairo.css", method="HEAD")
    assert (status, body, headers["cache-control"]) == (200, b"", "public, no-cache")
    assert static.address("vendor/v.js").startswith("/static/vendor/")
    assert (await call(static, static.address("vendor/v.js")))[2] == b"1"


async def test_nothing_else_is_served(folder: Path) -> None:
    static = StaticFiles(folder)
    base = static.address("")
    for name in ("secret.key", "../conftest.py", "css/../secret.key", "nothing.css", "css/..%2f"):
        assert (await call(static, base + name))[0] == 404
    assert (await call(StaticFiles(folder, reload=True), base + "../../etc/passwd"))[0] == 404
    assert (await call(static, static.address("css/1.css"), method="POST"))[0] == 405


async def test_a_changed_file_has_a_new_address(folder: Path) -> None:
    before = StaticFiles(folder)
    assert before.address("css/kairo.css")
    (folder / "css" / "1.css").write_text("b{}")
    after = StaticFiles(folder)
    assert before.address("css/kairo.css") != after.address("css/kairo.css")
    assert before.address("vendor/v.js") == after.address("vendor/v.js")


def test_the_lock_file_names_no_address() -> None:
    for name in ("package.json", "package-lock.json"):
        assert "http" not in (ROOT / name).read_text(encoding="utf-8")
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert all(part.get("integrity") for name, part in lock["packages"].items() if name)


def test_a_topology_is_unfolded() -> None:
    topology = {
        "transform": {"scale": [0.5, 0.5], "translate": [130, 33]},
        "arcs": [[[0, 0], [2, 0], [0, 2]], [[0, 0], [0, 2], [2, 0]]],
        "objects": {
            "land": {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "id": "392", "arcs": [[0, ~1]]}]}
        },
    }
    [(code, geometry)] = topology_features(topology, "land")
    assert code == "392"
    assert geometry["coordinates"] == [[(130, 33), (131, 33), (131, 34), (130, 34), (130, 33)]]


@pytest.mark.slow
def test_assets_are_built_once(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    assert assets.build(target) is True
    assert assets.build(target) is False
    land = json.loads((target / "base-map.json").read_text())
    corners = re.findall(r"\[(-?[\d.]+), (-?[\d.]+)\]", json.dumps(land))
    west, south, east, north = WESTERN_JAPAN
    assert all(west <= float(x) <= east and south <= float(y) <= north for x, y in corners)
    assert {feature["properties"]["kind"] for feature in land["features"]} == {"japan", "neighbour"}
    assert (target / "base-map.json").stat().st_size < 150_000
    assert "sourceMappingURL" not in (target / "maplibre" / "maplibre-gl.mjs").read_text(encoding="utf-8")
    (target / "tokens.css").unlink()
    assert assets.build(target, force=True) is True
    assert (target / "tokens.css").exists()
