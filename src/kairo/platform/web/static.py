"""How do stylesheets, scripts and the base map reach a browser? From memory, under an address that holds their hash.

`/static/<hash>/css/kairo.css` may be kept for ever; the hash covers the whole folder, so that relative imports between modules
hold. Parts of others (`vendor/`) have a hash of their own: a release of ours does not fetch them anew.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass
from email.utils import formatdate
from functools import cached_property
from pathlib import Path
from typing import Any

from kairo.platform.http.messages import Receive, Scope, Send

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"
BUNDLE = "css/kairo.css"
_TYPES = {
    ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json", ".geojson": "application/geo+json", ".svg": "image/svg+xml", ".png": "image/png",
    ".txt": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2",
}  # fmt: skip
_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"public, no-cache"
_NOT_FOUND = "見つかりません / not found".encode()


@dataclass(slots=True)
class _File:
    body: bytes
    type: bytes
    etag: bytes
    zipped: bytes | None = None

    def gzipped(self) -> bytes | None:
        """The body compressed, made at the first request; None where that would not help."""
        if self.zipped is None:
            self.zipped = gzip.compress(self.body, 9, mtime=0) if len(self.body) > 1024 else b""
        return self.zipped if self.zipped and len(self.zipped) < len(self.body) else None


class StaticFiles:
    """The files of the kit: their addresses, and an ASGI application that serves them below `/static/`.

    `reload` looks at the disk for every file, for those who work on it.
    """

    def __init__(self, folder: Path = FOLDER, *, reload: bool = False) -> None:
        self._folder = folder
        self._reload = reload

    def address(self, name: str) -> str:
        """The address of a file (`css/kairo.css`), with the hash of what it belongs to."""
        if name.startswith("vendor/"):
            return f"{PREFIX}vendor/{self._hashes[1]}/{name.removeprefix('vendor/')}"
        return f"{PREFIX}{self._hashes[0]}/{name}"

    def base_map(self) -> dict[str, Any]:
        """The offline base map as GeoJSON; an empty collection where `assets` has not been built."""
        return self._base_map

    def find(self, path: str) -> tuple[_File, bool] | None:
        """The file at `<hash>/css/kairo.css` or `vendor/<hash>/…` (path below /static/), and whether the hash is the present one."""
        first, _, rest = path.partition("/")
        if first == "vendor":
            given, _, name = rest.partition("/")
            known, name = self._hashes[1], f"vendor/{name}"
        else:
            given, known, name = first, self._hashes[0], rest
        found = self._read(name) if self._reload else self._files.get(name)
        return (found, given == known and not self._reload) if found else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope["path"])
        path = path.removeprefix(PREFIX).strip(
            "/"
        )  # mounted in Litestar, it comes without the prefix and with a slash at its end
        headers = {name.lower(): value for name, value in scope["headers"]}
        found = self.find(path)
        if found is None or scope["method"] not in {"GET", "HEAD"}:
            await _send(send, 404 if found is None else 405, {b"content-type": b"text/plain; charset=utf-8"}, _NOT_FOUND)
            return
        file, present = found
        answer = {
            b"content-type": file.type, b"etag": file.etag, b"vary": b"accept-encoding", b"x-content-type-options": b"nosniff",
            b"cache-control": _FOR_EVER if present else _ASK_AGAIN,
        }  # fmt: skip
        if file.etag in headers.get(b"if-none-match", b""):
            await _send(send, 304, answer, None)
            return
        body = file.body
        zipped = file.gzipped() if b"gzip" in headers.get(b"accept-encoding", b"") else None
        if zipped is not None:
            answer[b"content-encoding"] = b"gzip"
            body = zipped
        await _send(send, 200, answer, body, head=scope["method"] == "HEAD")

    @cached_property
    def _files(self) -> dict[str, _File]:
        found: dict[str, _File] = {}
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                file = self._read(name)
                if file is not None:
                    found[name] = file
        found[BUNDLE] = self._bundle()
        return found

    @cached_property
    def _hashes(self) -> tuple[str, str]:
        own, vendor = hashlib.sha256(), hashlib.sha256()
        for name, file in self._files.items():
            (vendor if name.startswith("vendor/") else own).update(name.encode() + b"\0" + file.etag)
        return own.hexdigest()[:12], vendor.hexdigest()[:12]

    @cached_property
    def _base_map(self) -> dict[str, Any]:
        file = self._files.get("vendor/base-map.json")
        empty: dict[str, Any] = {"type": "FeatureCollection", "features": []}
        return json.loads(file.body) if file else empty

    def _bundle(self) -> _File:
        """All stylesheets in one, so that the first paint waits for one request: the design tokens, then ours by name."""
        tokens = self._folder / "vendor" / "tokens.css"
        sheets = [tokens] if tokens.exists() else []
        sheets += sorted((self._folder / "css").glob("*.css"))
        return _file(b"@layer vendor, tokens, base, layout, parts, print;\n" + b"\n".join(map(Path.read_bytes, sheets)), ".css")

    def _read(self, name: str) -> _File | None:
        if name == BUNDLE:
            return self._bundle()
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder.resolve()) or not path.is_file() or path.suffix not in _TYPES:
            return None
        return _file(path.read_bytes(), path.suffix)


def _file(body: bytes, suffix: str) -> _File:
    return _File(body, _TYPES[suffix].encode(), b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"')


async def _send(send: Send, status: int, headers: dict[bytes, bytes], body: bytes | None, *, head: bool = False) -> None:
    rows = [*headers.items(), (b"date", formatdate(usegmt=True).encode())]
    if body is not None:
        rows.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": rows})
    await send({"type": "http.response.body", "body": b"" if head or body is None else body})
