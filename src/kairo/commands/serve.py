"""How does the program run? The supervisor: database first, then web and job workers; it prints where to look, and stops all."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from kairo.commands.addresses import address, check_port, is_loopback, publish_address, published_address, withdraw_address
from kairo.commands.installation import Installation, installation, opened
from kairo.commands.interruptions import run
from kairo.commands.worker_environment import metrics_folder, worker_environment
from kairo.errors import StartError
from kairo.platform.clock import system_clock
from kairo.platform.db.folder_lock import FolderLock
from kairo.platform.observability.logs import configure, logger
from kairo.platform.processes import Child, Supervisor
from kairo.settings import Settings
from kairo.trust.identity.credentials import Credentials

ROLES = ("web", "jobs")
_ANSWERS_WITHIN_SECONDS = 30.0


def serve(
    settings: Settings, *, roles: Sequence[str] = ROLES, say: Callable[[str], None], prepare: Callable[[Installation], None]
) -> None:
    """Runs until it is stopped. `prepare` loads what must be there before the doors open (the demo's facts)."""
    if settings.open and not is_loopback(settings.host):
        raise StartError(
            f"--open lets anyone write, and {settings.host} can be reached from other machines",
            mend="Leave --open out, or use --host 127.0.0.1.",
        )
    configure(settings.log_format, settings.log_level)
    if "web" in roles:
        _check_doors(settings)
    with installation(settings, exclusive=not settings.database_url) as found:
        prepare(found)
        token, secret = run(_credentials(found))
        folder = metrics_folder(found)
        try:
            if "web" in roles:
                publish_address(settings)
            run(_supervise(found, roles, folder, say, _greeting(settings, roles, token, secret)))
        finally:
            withdraw_address(settings)
            shutil.rmtree(folder, ignore_errors=True)
    say("Kairo has stopped.")


def _check_doors(settings: Settings) -> None:
    """The port is free, or StartError; a Kairo on the same folder is named as such, for no other port would help."""
    try:
        check_port(settings.host, settings.port)
    except StartError:
        if not settings.database_url and FolderLock.holder(settings.data.resolve() / "postgres") is not None:
            FolderLock.take(settings.data.resolve() / "postgres").release()  # raises: it names who has the folder
        raise


def _greeting(settings: Settings, roles: Sequence[str], token: Path, secret: str) -> list[str]:
    if "web" not in roles:
        return ["Job workers run.", "  stop with Ctrl-C"]
    return [
        f"Kairo is at {address(settings)}/",
        f"  administrator, once:  {address(settings)}/enter?link={secret}",
        f"  API token:            {token}",
        "  stop with Ctrl-C",
    ]


async def _credentials(found: Installation) -> tuple[Path, str]:
    """The file with the administrator's token, and the secret of a fresh one-time link."""
    path = found.settings.data / "admin.token"
    async with opened(found, size=1, name="kairo start") as database:
        credentials = Credentials(database, found.settings.tenant, system_clock)
        await credentials.administrator_token(path)
        return path, await credentials.new_link()


def new_link(found: Installation) -> str:
    """The address of a fresh one-time link for the administrator, at the program that runs on the data folder if one does."""
    _, secret = run(_credentials(found))
    return f"{published_address(found.settings) or address(found.settings)}/enter?link={secret}"


async def _supervise(
    found: Installation, roles: Sequence[str], metrics: Path, say: Callable[[str], None], greeting: list[str]
) -> None:
    environment = {**worker_environment(found), "PROMETHEUS_MULTIPROC_DIR": str(metrics)}
    children: list[Child] = []
    if "web" in roles:
        children.append(Child("web", ["-m", "kairo.commands.web_worker"], environment))
    if "jobs" in roles:
        numbers = range(1, found.settings.job_workers + 1)
        children += [Child(f"jobs-{number}", ["-m", "kairo.commands.job_worker"], environment) for number in numbers]
    supervisor = Supervisor(children, logger("supervisor").warning)
    beside = [asyncio.create_task(_greet(found.settings, "web" in roles, say, greeting))]
    if found.server:
        beside.append(asyncio.create_task(found.server.keep()))
    try:
        await supervisor.run()
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _greet(settings: Settings, web: bool, say: Callable[[str], None], greeting: list[str]) -> None:
    """Says where to look as soon as there is something to see."""
    if web:
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
                while not await _answers(settings):  # noqa: ASYNC110 - another process is waited for
                    await asyncio.sleep(0.05)
    for line in greeting:
        say(line)


async def _answers(settings: Settings) -> bool:
    """Whether the web workers answer a request."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    try:
        async with asyncio.timeout(5):
            reader, writer = await asyncio.open_connection(host, settings.port)
            try:
                writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:
        return False


def load_in_a_child(found: Installation) -> None:
    """Loads the demo's facts in a process of its own, so that the supervisor stays as small as it is."""
    if run(_are_facts_loaded(found)):
        return
    environment = {**os.environ, **worker_environment(found)}
    done = subprocess.run([sys.executable, "-m", "kairo", "load", "--if-changed"], env=environment, check=False)
    if done.returncode:
        raise StartError("the facts of the demo were not loaded", mend="See the line above; then start again.")


async def _are_facts_loaded(found: Installation) -> bool:
    """Whether just these facts were loaded before: asked here, for the child takes a second to start."""
    from kairo.commands.loaded_facts import are_loaded

    async with opened(found, size=1, name="kairo start") as database:
        return await are_loaded(database, found.settings.tenant)
