"""Which pages of other sites may call the API from a browser? Those whose origin the operator lists (Fetch standard, CORS).

Never with the session of this site's pages: a request that another site's page sends has its cookies taken off before anybody
sees them, and browsers are not told that they might send any.
"""

from collections.abc import MutableMapping
from typing import Any, Final

from kairo.platform.http.messages import App, Receive, Scope, Send

_ALLOWED_HEADERS: Final = b"Accept, Accept-Language, Authorization, Content-Type, Link, NGSILD-Tenant, Prefer"
_EXPOSED_HEADERS: Final = (
    b"Allow, Content-Range, Link, Location, NGSILD-Next-After, NGSILD-Next-Instance, NGSILD-Results-Count, NGSILD-Tenant, "
    b"Preference-Applied, Retry-After, X-Request-Id"
)
_KEPT_SECONDS: Final = b"600"
_ANY: Final = "*"


class Cors:
    """An ASGI application around one that other sites' pages may call. `origins`: such as `https://map.example`, or `*`."""

    def __init__(self, inner: App, origins: tuple[str, ...]) -> None:
        self._inner = inner
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if origin is None:
            await self._inner(scope, receive, send)
            return
        scope["headers"] = [item for item in scope["headers"] if item[0] != b"cookie"]
        allowed = origin.decode("latin-1") in self._origins or _ANY in self._origins
        preflight = scope["method"] == "OPTIONS" and any(
            name == b"access-control-request-method" for name, _ in scope["headers"]
        )

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                extra = [(b"vary", b"Origin")]
                if allowed:
                    extra += _headers(origin, message, preflight=preflight)
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self._inner(scope, receive, sending)


def _headers(origin: bytes, message: MutableMapping[str, Any], *, preflight: bool) -> list[tuple[bytes, bytes]]:
    """What tells the browser that the page may read this answer, or send what it asked about."""
    headers = [(b"access-control-allow-origin", origin)]
    if not preflight:
        return [*headers, (b"access-control-expose-headers", _EXPOSED_HEADERS)]
    methods = next((value for name, value in message["headers"] if name == b"allow"), b"")
    return [
        *headers,
        (b"access-control-allow-methods", methods),
        (b"access-control-allow-headers", _ALLOWED_HEADERS),
        (b"access-control-max-age", _KEPT_SECONDS),
    ]
