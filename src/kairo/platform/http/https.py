"""What is different where a request came by https? The browser is told to stay with https (HSTS, RFC 6797), and the cookies that open
something go by a name that no neighbour under the same domain can set (`__Host-`, RFC 6265bis 4.1.3.2).

Inside, a cookie has one name either way: the prefix is put on and taken off here, at the edge. By plain http, as on one's own machine,
browsers refuse the prefix.
"""

from typing import Any, Final

from kairo.platform.http.messages import Scope

Headers = list[tuple[bytes, bytes]]

PREFIX: Final = b"__Host-"
GUARDED: Final = frozenset({b"kairo_session", b"kairo_device", b"kairo_login"})
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def came_in(scope: Scope) -> None:
    """Gives guarded cookies the names that they have inside. One without the prefix is dropped: anybody may have set it."""
    if scope.get("scheme") == "https":
        scope["headers"] = [row for name, value in scope["headers"] if (row := _inward(name, value)) is not None]


def goes_out(scope: Scope, headers: Any) -> Headers:
    """The headers of an answer as they leave."""
    if scope.get("scheme") != "https":
        return [*headers]
    return [*((name, _outward(value) if name == b"set-cookie" else value) for name, value in headers), _HSTS]


def _inward(name: bytes, value: bytes) -> tuple[bytes, bytes] | None:
    if name != b"cookie":
        return name, value
    kept = []
    for part in value.split(b";"):
        cookie, sign, said = part.strip().partition(b"=")
        if cookie.startswith(PREFIX) and cookie.removeprefix(PREFIX) in GUARDED:
            kept.append(cookie.removeprefix(PREFIX) + sign + said)
        elif cookie not in GUARDED:
            kept.append(cookie + sign + said)
    return (name, b"; ".join(kept)) if kept else None


def _outward(value: bytes) -> bytes:
    if value.partition(b"=")[0] not in GUARDED:
        return value
    flags = {part.strip().lower() for part in value.split(b";")[1:]}
    return PREFIX + value + (b"" if b"secure" in flags else b"; Secure")  # else a browser would not even delete it
