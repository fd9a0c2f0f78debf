"""How does the program run? The supervisor: database first, then web and job workers; it prints where to look, and stops all."""

import asyncio
import ipaddress
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

from kairo.commands.installation import Installation, installation, opened
from kairo.errors import StartError
from kairo.platform.clock import system_clock
from kairo.platform.processes import Child, Supervisor
from kairo.settings import Settings
from kairo.trust.identity import Credentials

ROLES = ("web", "jobs")


def serve(
    settings: Settings, *, roles: Sequence[str] = ROLES, say: Callable[[str], None], prepare: Callable[[Installation], None]
) -> None:
    """Runs until it is stopped. `prepare` loads what must be there before the doors open (the demo's facts)."""
    if settings.open and not is_loopback(settings.host):
        raise StartError(
            f"--open lets anyone write, and {settings.host} can be reached from other machines",
            mend="Leave --open out, or use --host 127.0.0.1.",
        )
    if "web" in roles:
        check_port(settings.host, settings.port)
    with installation(settings, exclusive=not settings.database_url) as found:
        prepare(found)
        token, link = asyncio.run(_credentials(found))
        say(f"Kairo is at {address(settings)}/")
        say(f"  administrator, once:  {address(settings)}/enter?link={link}")
        say(f"  API token:            {token}")
        say("  stop with Ctrl-C")
        asyncio.run(_supervise(found, roles, say))
    say("Kairo has stopped.")


async def _credentials(found: Installation) -> tuple[Path, str]:
    """The file with the administrator's token, and the secret of a fresh one-time link."""
    path = found.settings.data / "admin.token"
    async with opened(found, size=1, name="kairo start") as database:
        credentials = Credentials(database, found.settings.tenant, system_clock)
        await credentials.administrator_token(path)
        return path, await credentials.new_link()


def new_link(found: Installation) -> str:
    """The address of a fresh one-time link for the administrator."""
    _, secret = asyncio.run(_credentials(found))
    return f"{address(found.settings)}/enter?link={secret}"


async def _supervise(found: Installation, roles: Sequence[str], say: Callable[[str], None]) -> None:
    environment = worker_environment(found)
    children: list[Child] = []
    if "web" in roles:
        children.append(Child("web", ["-m", "kairo.commands.web_worker"], environment))
    if "jobs" in roles:
        numbers = range(1, found.settings.job_workers + 1)
        children += [Child(f"jobs-{number}", ["-m", "kairo.commands.job_worker"], environment) for number in numbers]
    supervisor = Supervisor(children, say)
    keeping = asyncio.create_task(found.server.keep()) if found.server else None
    try:
        await supervisor.run()
    finally:
        if keeping:
            keeping.cancel()


def load_in_a_child(found: Installation) -> None:
    """Loads the demo's facts in a process of its own, so that the supervisor stays as small as it is."""
    environment = {**os.environ, **worker_environment(found)}
    done = subprocess.run([sys.executable, "-m", "kairo", "load", "--if-changed"], env=environment, check=False)
    if done.returncode:
        raise StartError("the facts of the demo were not loaded", mend="See the line above; then start again.")


def worker_environment(found: Installation) -> dict[str, str]:
    """The settings for child processes, as environment variables; the embedded server reaches them as a URL."""
    values: dict[str, str] = {}
    for item in fields(Settings):
        value = getattr(found.settings, item.name)
        if value is None or value == item.default:
            continue
        values[f"KAIRO_{item.name.upper()}"] = " ".join(value) if isinstance(value, tuple) else str(value)
    values["KAIRO_DATABASE_URL"] = found.url
    values["KAIRO_DATA"] = str(found.settings.data.resolve())
    metrics = found.settings.data.resolve() / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    values["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    values["MALLOC_ARENA_MAX"] = os.environ.get("MALLOC_ARENA_MAX", "2")
    return values


def address(settings: Settings) -> str:
    """Where people reach this installation."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


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
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"port {port} on {host} cannot be used: {error.strerror}",
                mend=f"Stop what uses it, or choose another: PORT={port + 1} make run, or kairo serve --port {port + 1}.",
            ) from error
        except OverflowError as error:
            raise StartError(f"{port} is no port", mend="Use a number from 1 to 65535.") from error
