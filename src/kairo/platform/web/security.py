"""What may a page of ours load and do in a browser? The headers of every answer, in one place.

No script and no style stands in the page itself, and nothing comes from another host; a map tile server is the one exception
that an operator may switch on.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from kairo.platform.http.messages import App, Receive, Scope, Send


def content_security_policy(tiles: str = "") -> str:
    """The policy. `tiles` is the address pattern of raster tiles (setting `map_tiles`); its origin alone is allowed."""
    origin = ""
    if tiles:
        parts = urlsplit(tiles)
        if parts.scheme != "https" or not parts.hostname or any(sign in parts.netloc for sign in "'\"; ,{}*@"):
            raise ValueError(f"map tiles must come from an https address, not {tiles!r}")
        origin = f" https://{parts.netloc}"
    return "; ".join(
        (
            "default-src 'self'",
            f"img-src 'self' data: blob:{origin}",
            *((f"connect-src 'self'{origin}",) if origin else ()),
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "form-action 'self'",
        )
    )


def security_headers(tiles: str = "") -> list[tuple[bytes, bytes]]:
    """The headers of every answer. Where it is read by https, the edge adds HSTS (platform/http/https.py)."""
    rows = [
        ("content-security-policy", content_security_policy(tiles)),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "strict-origin-when-cross-origin"),
        ("permissions-policy", "camera=(), microphone=(), payment=(), usb=(), geolocation=(self)"),
        ("cross-origin-opener-policy", "same-origin"),
    ]
    return [(name.encode(), value.encode()) for name, value in rows]


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer that does not bring its own of the same name.

    `before_send` is the same for Litestar's hook of that name.
    """

    def __init__(self, app: App | None = None, *, tiles: str = "") -> None:
        self._app = app
        self._headers = security_headers(tiles)

    async def before_send(self, message: Any, scope: Any) -> None:
        """Adds the headers to the message that begins an answer."""
        if message["type"] == "http.response.start":
            rows: Iterable[tuple[bytes, bytes]] = message.get("headers", [])
            present = {name.lower() for name, _ in rows}
            message["headers"] = [*rows, *(row for row in self._headers if row[0] not in present)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            raise RuntimeError("SecurityHeaders was made without an application; use its before_send")

        async def with_headers(message: Scope) -> None:
            await self.before_send(message, scope)
            await send(message)

        await self._app(scope, receive, with_headers)
