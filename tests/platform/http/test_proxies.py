"""Whose word is taken for who asks? X-Forwarded-* count from the proxies that the settings name, and from nobody else."""

from typing import Any

import pytest

from kairo.platform.http.proxies import TrustedProxies

PROXY, STRANGER, CLIENT = "10.0.0.1", "198.51.100.9", "203.0.113.5"


def asked(trusted: tuple[str, ...], peer: str | None, **headers: str) -> tuple[str | None, str, str]:
    """Client, scheme and host as the program sees them."""
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": "http",
        "client": (peer, 4711) if peer else None,
        "headers": [
            (b"host", b"inner:8080"),
            *((f"x-forwarded-{name}".encode(), text.encode()) for name, text in headers.items()),
        ],
    }
    TrustedProxies(trusted).apply(scope)
    hosts = [value.decode() for name, value in scope["headers"] if name == b"host"]
    assert len(hosts) == 1
    return scope["client"][0] if scope["client"] else None, scope["scheme"], hosts[0]


SENT = {"for": CLIENT, "proto": "https", "host": "city.example.jp"}


@pytest.mark.parametrize(
    ("trusted", "peer", "headers", "expected"),
    [
        ((), PROXY, SENT, (PROXY, "http", "inner:8080")),
        ((), "127.0.0.1", SENT, ("127.0.0.1", "http", "inner:8080")),
        ((PROXY,), STRANGER, SENT, (STRANGER, "http", "inner:8080")),
        ((PROXY,), None, SENT, (None, "http", "inner:8080")),
        ((PROXY,), PROXY, {}, (PROXY, "http", "inner:8080")),
        ((PROXY,), PROXY, SENT, (CLIENT, "https", "city.example.jp")),
        (("10.0.0.0/8",), PROXY, SENT, (CLIENT, "https", "city.example.jp")),
        (("::1",), "::1", SENT, (CLIENT, "https", "city.example.jp")),
        ((PROXY,), PROXY, {"for": f"1.2.3.4, {CLIENT}"}, (CLIENT, "http", "inner:8080")),  # what stands left anyone may write
        ((PROXY, "10.0.0.2"), PROXY, {"for": f"1.2.3.4, {CLIENT}, 10.0.0.2"}, (CLIENT, "http", "inner:8080")),
        ((PROXY, "10.0.0.2"), PROXY, {"for": "10.0.0.2"}, (PROXY, "http", "inner:8080")),
        ((PROXY,), PROXY, {"proto": "javascript"}, (PROXY, "http", "inner:8080")),
        ((PROXY,), PROXY, {"proto": "HTTPS"}, (PROXY, "https", "inner:8080")),
    ],
)
def test_truth_table(
    trusted: tuple[str, ...], peer: str | None, headers: dict[str, str], expected: tuple[str | None, str, str]
) -> None:
    assert asked(trusted, peer, **headers) == expected


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="nginx"):
        TrustedProxies(("nginx",))
