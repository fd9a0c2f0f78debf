"""How is one HTTP request read and answered? Bounded, lazily parsed, and without a framework between the bytes and the handler."""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from kairo.errors import InvalidRequest, LengthRequired, PayloadTooLarge, UriTooLong
from kairo.platform.http.patience import Patience, late, seconds_for

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_patience = Patience()
_DIGITS = re.compile(r"[0-9]{1,18}")
# What a browser may make of an answer that is no page: nothing but what its type says, in no frame, without loading anything, once.
_NO_PAGE = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
_LONE_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a request is read: bytes of body, bytes of the path and of the query string. And how long a short body may take
    to come; a long one gets a second more for each 16 KiB."""

    body_bytes: int = 16 * 1024 * 1024
    query_bytes: int = 8192
    body_seconds: float = 60.0


class Request:
    """One request. Header names are lower case; of a repeated header the values are joined by a comma (RFC 9110 5.3)."""

    def __init__(self, scope: Scope, receive: Receive, limits: Limits, path: dict[str, str] | None = None) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.path_values = path or {}
        self._receive = receive
        self._limits = limits
        self._body: bytes | None = None
        self._headers: dict[str, str] | None = None
        self._query: dict[str, str] | None = None

    @property
    def path(self) -> str:
        """The decoded path."""
        return str(self.scope["path"])

    @property
    def client(self) -> str:
        """The peer's address, or an empty string."""
        peer = self.scope.get("client")
        return str(peer[0]) if peer else ""

    @property
    def body_bytes(self) -> int | None:
        """The length of the body in bytes, None where it was not read."""
        return None if self._body is None else len(self._body)

    # Read when first asked for; functools.cached_property takes a lock, which costs more than reading the headers.
    @property
    def headers(self) -> dict[str, str]:
        """Headers by lower-case name."""
        if self._headers is None:
            self._headers = self._read_headers()
        return self._headers

    @property
    def query(self) -> dict[str, str]:
        """The query parameters. A repeated one is an error: which of the two was meant cannot be known."""
        if self._query is None:
            self._query = self._read_query()
        return self._query

    def _read_headers(self) -> dict[str, str]:
        given = self.scope["headers"]
        found = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in given
        }  # lower case comes from the server (ASGI)
        if len(found) == len(given):
            return found
        found.clear()
        for name, value in given:
            key = name.decode("latin-1")
            text = value.decode("latin-1")
            found[key] = f"{found[key]}, {text}" if key in found else text
        return found

    def _read_query(self) -> dict[str, str]:
        raw: bytes = self.scope["query_string"]
        if not raw:
            return {}
        if len(raw) > self._limits.query_bytes:
            raise UriTooLong(
                f"the query string has {len(raw)} bytes; at most {self._limits.query_bytes} are read",
                detail_ja=f"クエリ文字列が{len(raw)}バイトあります。上限は{self._limits.query_bytes}バイトです。",
            )
        try:
            pairs = parse_qsl(
                raw.decode("ascii"), keep_blank_values=True, strict_parsing=False, errors="strict", max_num_fields=100
            )
            _refuse_lone_percent(raw)
        except ValueError as error:
            raise InvalidRequest(
                "the query string is not percent-encoded UTF-8 with at most 100 parameters",
                detail_ja="クエリ文字列がUTF-8のパーセント符号化ではないか、パラメーターが100個を超えています。",
            ) from error
        values: dict[str, str] = {}
        for name, value in pairs:
            if name in values:
                raise InvalidRequest(
                    f"query parameter {name!r} is given twice", detail_ja=f"パラメーター「{name}」が2回指定されています。"
                )
            values[name] = value
        return values

    async def body(self) -> bytes:
        """The whole body. Raises LengthRequired, or PayloadTooLarge as soon as the limit is passed, before the rest is read."""
        if self._body is None:
            self._body = await self._read()
        return self._body

    async def _read(self) -> bytes:
        limit = self._limits.body_bytes
        declared = self.headers.get("content-length")
        if declared is None:
            raise LengthRequired("there is no Content-Length", detail_ja="Content-Length がありません。")
        length = int(declared) if _DIGITS.fullmatch(declared) else -1
        if length > limit:
            raise _too_large(length, limit)
        try:
            with _patience.within(seconds_for(length, self._limits.body_seconds)):
                return await self._received(length)
        except TimeoutError:
            raise late() from None

    async def _received(self, length: int) -> bytes:
        limit = self._limits.body_bytes
        message = await self._receive()
        first: bytes = message.get("body", b"")
        # What is as long as was declared is all there is: the server's word that nothing follows need not be waited for.
        if len(first) == length or not message.get("more_body", False):
            if len(first) > limit:
                raise _too_large(len(first), limit)
            return first
        parts, size = [first], len(first)
        while size != length and message.get("more_body", False):
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise InvalidRequest("the connection was closed before the whole body had come")
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > limit:
                raise _too_large(size, limit)
        return b"".join(parts)


def _refuse_lone_percent(raw: bytes) -> None:
    """Raises ValueError for a `%` that two hexadecimal digits do not follow: which character was meant cannot be known."""
    if _LONE_PERCENT.search(raw):
        raise ValueError("a % without two hexadecimal digits")


def _too_large(size: int, limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"the body has at least {size} bytes; at most {limit} are read",
        detail_ja=f"本文が{size}バイト以上あります。上限は{limit}バイトです。",
    )


@dataclass(slots=True)
class Response:
    """An answer that is ready to be sent. `headers` do not hold Content-Length: it is added when sent."""

    status: int = 200
    body: bytes = b""
    content_type: bytes = b"application/json"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)

    async def send(self, send: Send, *, head: bool = False) -> None:
        """Sends status, headers and body; to a HEAD the headers that a GET would get, and no body (RFC 9110 9.3.2)."""
        headers = [*self.headers, *_NO_PAGE]
        if self.body or self.status not in {204, 304}:
            headers.append((b"content-length", str(len(self.body)).encode()))
        if self.body:
            headers.append((b"content-type", self.content_type))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else self.body})


def path_segments(scope: Scope, limits: Limits) -> list[str]:
    """The decoded segments of the path. A `%2F` inside a segment stays part of it (entity ids may hold one).

    Raises UriTooLong, and InvalidRequest where the path is not percent-encoded UTF-8.
    """
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    try:
        path = raw.split(b"?")[0]
        if len(path) > limits.query_bytes:
            raise UriTooLong(
                f"the path has {len(path)} bytes; at most {limits.query_bytes} are read",
                detail_ja=f"パスが{len(path)}バイトあります。上限は{limits.query_bytes}バイトです。",
            )
        segments = path.decode("utf-8").split("/")[1:]
        if b"%" not in path:
            return segments
        _refuse_lone_percent(path)
        return [unquote(part, errors="strict") for part in segments]
    except ValueError as error:
        raise InvalidRequest(
            "the path is not percent-encoded UTF-8", detail_ja="パスがUTF-8のパーセント符号化ではありません。"
        ) from error
