"""Where does the program listen, may it, and where do people reach it? Also of a program that runs already on the data folder."""

import errno
import ipaddress
import json
import os
import socket
from pathlib import Path

from kairo.errors import StartError
from kairo.settings import Settings

_FILE = "serving.json"


def address(settings: Settings) -> str:
    """Where people reach this installation."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{settings.port}"


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_port(host: str, port: int) -> None:
    """Raises StartError where the port cannot be listened on."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except (OSError, UnicodeError) as error:
        raise StartError(f"port {port} on {host} cannot be used: {_reason(error)}", mend=_mend(error, port)) from error


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _mend(error: Exception, port: int) -> str:
    number = error.errno if isinstance(error, OSError) else None
    other = port + 1 if port < 65535 else 8080
    if number == errno.EADDRINUSE:
        return f"Stop what uses it, or choose another: PORT={other} make run, or kairo serve --port {other}."
    if number == errno.EACCES:
        return "Ports below 1024 are root's: choose another (--port 8080) and let a reverse proxy listen on that one."
    return "Name an address of this machine with --host: 127.0.0.1 for this machine only, 0.0.0.0 for all of its addresses."


def publish_address(settings: Settings) -> None:
    """Notes where this program serves, for commands that run beside it. It holds while the process lives."""
    text = json.dumps({"pid": os.getpid(), "address": address(settings)})
    file = settings.data / _FILE
    fresh = file.with_name(f".{_FILE}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)


def withdraw_address(settings: Settings) -> None:
    """Takes the note back, if it is ours."""
    if _read(settings.data / _FILE).get("pid") == os.getpid():
        (settings.data / _FILE).unlink(missing_ok=True)


def published_address(settings: Settings) -> str | None:
    """Where a program serves this data folder now, or None."""
    note = _read(settings.data / _FILE)
    try:
        os.kill(int(str(note["pid"])), 0)
        return str(note["address"])
    except PermissionError:
        return str(note["address"])
    except (KeyError, ValueError, OSError):
        return None


def _read(file: Path) -> dict[str, object]:
    try:
        note = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}
