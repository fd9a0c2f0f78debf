"""Does nothing go out but through a door that looks at the address first? Walked over the source: a new client is caught here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.house import SOURCE, name_of, python_files, tree

# Modules that open connections to addresses which come from data or settings: each asks the one guard.
GUARDED = {
    "src/kairo/context/contexts/fetching.py": "remote @contexts, from listed hosts",
    "src/kairo/context/subscriptions/transport/doors.py": "notifications over HTTP and MQTT",
    "src/kairo/trust/oauth/relying/outgoing.py": "another OpenID provider: discovery, keys, tokens, userinfo",
}
# Modules that open connections to the program itself.
OWN = {
    "src/kairo/commands/facts.py": "the application in this very process (ASGITransport), no socket",
    "src/kairo/commands/serve.py": "the program's own port, to hear whether it answers",
    "src/kairo/commands/addresses.py": "binds the program's own port, to hear whether it is free",
    "src/kairo/platform/http/listening.py": "sockets that this process holds already",
}
GUARD = ("kairo.platform.http.addresses", "is_allowed")
# Modules by which a program goes out; and functions of modules that do more than that.
CLIENTS = {"httpx", "aiohttp", "requests", "urllib3", "http.client", "urllib.request", "smtplib", "ftplib", "telnetlib", "poplib",
           "imaplib", "xmlrpc.client", "websockets", "paho", "ssl.get_server_certificate"}  # fmt: skip
CALLS = {"open_connection", "create_connection", "create_datagram_endpoint", "open_unix_connection", "sock_connect", "urlopen",
         "create_default_https_context"}  # fmt: skip
SOCKETS = {"socket", "create_connection", "socketpair"}


def goes_out(module: ast.Module) -> Iterator[str]:
    """What in a module opens connections."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if _is_client(one.name))
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{one.name}" for one in node.names if _is_client(f"{node.module}.{one.name}"))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
            if node.func.attr in CALLS or (owner == "socket" and node.func.attr in SOCKETS):
                yield f"{owner}.{node.func.attr}"


def _is_client(name: str) -> bool:
    return any(name == client or name.startswith(f"{client}.") for client in CLIENTS) or name == "asyncio.open_connection"


def asks_the_guard(module: ast.Module) -> bool:
    imported = any(
        isinstance(node, ast.ImportFrom) and node.module == GUARD[0] and GUARD[1] in {one.name for one in node.names}
        for node in ast.walk(module)
    )
    called = any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == GUARD[1] for node in ast.walk(module)
    )
    return imported and called


def test_what_goes_out_is_known() -> None:
    found = {name_of(path): sorted(set(goes_out(tree(path)))) for path in python_files("src/kairo/")}
    going = {name: ways for name, ways in found.items() if ways}
    unknown = {name: ways for name, ways in going.items() if name not in GUARDED and name not in OWN}
    assert not unknown, f"connect through a module that asks platform.http.addresses.is_allowed, and name it here: {unknown}"
    gone = sorted((set(GUARDED) | set(OWN)) - set(going))
    assert not gone, f"these go out no more, take them from the list: {gone}"


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_each_door_asks_the_one_guard(name: str) -> None:
    assert asks_the_guard(tree(SOURCE.parent.parent / name)), f"{name} must ask is_allowed before it connects"


@pytest.mark.parametrize("name", sorted(GUARDED))
def test_no_door_believes_the_environment_or_follows(name: str) -> None:
    """HTTP clients take no proxy from the environment, and follow no redirect by themselves."""
    for node in ast.walk(tree(SOURCE.parent.parent / name)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "AsyncClient":
            given = {one.arg: one.value for one in node.keywords}
            trust = given.get("trust_env")
            assert isinstance(trust, ast.Constant), name
            assert trust.value is False, name
            follow = given.get("follow_redirects")
            assert follow is None or (isinstance(follow, ast.Constant) and follow.value is False), name


@pytest.mark.parametrize(
    "text",
    ["import httpx", "import urllib.request", "from urllib.request import urlopen", "from aiohttp import ClientSession",
     "import http.client as h", "import asyncio\nasyncio.open_connection('x', 1)", "import socket\nsocket.create_connection(('x', 1))",
     "from asyncio import open_connection", "loop.create_connection(P, 'x', 1)"],
)  # fmt: skip
def test_a_new_client_is_seen(text: str) -> None:
    assert list(goes_out(ast.parse(text)))


def test_what_asks_nobody_is_seen(tmp_path: Path) -> None:
    assert not asks_the_guard(ast.parse("from kairo.platform.http.addresses import is_allowed"))
    assert not list(goes_out(ast.parse("from urllib.parse import urlsplit\nimport socket\nsocket.gethostname()")))
