"""How does the language come from the address? `/en/buses` is `/buses` in English; `/buses` leads to the visitor's language.

`LanguagePrefix` stands in front of the whole program, so that every page is routed once, without a prefix.
"""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote

from kairo.platform.http.messages import App, Receive, Scope, Send
from kairo.platform.i18n import DEFAULT_LANGUAGE, Language, negotiate, split_language

LANGUAGE_COOKIE = "kairo_language"
LANGUAGE_SCOPE_KEY = "kairo.language"


class LanguagePrefix:
    """ASGI middleware: takes the language off the path; sends a browser that asks for a page without one to its language.

    Paths under `unprefixed` (interfaces for programs, files) are never touched.
    """

    def __init__(self, app: App, unprefixed: tuple[str, ...]) -> None:
        self._app = app
        self._unprefixed = tuple(path.rstrip("/") for path in unprefixed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = str(scope["path"])
        language, rest = split_language(path)
        if language is not None:
            raw: bytes = scope.get("raw_path") or quote(path).encode()
            scope = {**scope, "path": rest, "raw_path": raw[len(language) + 1 :] or b"/", LANGUAGE_SCOPE_KEY: language}
        elif _asks_for_page(scope) and not any(path == root or path.startswith(root + "/") for root in self._unprefixed):
            await _redirect(scope, send, path)
            return
        await self._app(scope, receive, send)


def language_of(scope: Scope) -> Language:
    """The language of this request: of its address, else of its headers."""
    found: Language | None = scope.get(LANGUAGE_SCOPE_KEY)
    return found or _preferred(scope)


def _header(scope: Scope, name: bytes) -> str:
    return b",".join(value for key, value in scope["headers"] if key.lower() == name).decode("latin-1")


def _asks_for_page(scope: Scope) -> bool:
    return scope["method"] in {"GET", "HEAD"} and "text/html" in _header(scope, b"accept")


def _preferred(scope: Scope) -> Language:
    try:
        cookie = SimpleCookie(_header(scope, b"cookie").replace(",", ";")).get(LANGUAGE_COOKIE)
    except CookieError:
        cookie = None
    accept = _header(scope, b"accept-language")
    return negotiate(accept, cookie.value if cookie else "") if accept or cookie else DEFAULT_LANGUAGE


async def _redirect(scope: Scope, send: Send, path: str) -> None:
    """302, since the answer differs by visitor. The path is quoted anew and begins with one slash, so it stays on this site."""
    query: bytes = scope.get("query_string", b"")
    target = f"/{_preferred(scope)}/{quote(path.lstrip('/'))}".encode() + (b"?" + query if query else b"")
    headers = [(b"location", target), (b"vary", b"accept-language, cookie"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 302, "headers": [*headers, (b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
