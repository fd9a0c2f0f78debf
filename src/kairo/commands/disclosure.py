"""How is the disclosure log signed and verified from the command line?"""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from kairo.commands.installation import Installation, installation, opened
from kairo.commands.interruptions import run
from kairo.commands.partial_files import written_beside
from kairo.commands.tenants import checked_code
from kairo.errors import BadRequestData, StartError
from kairo.platform.clock import system_clock
from kairo.settings import Settings
from kairo.trust.disclosure.proving import store
from kairo.trust.disclosure.proving.heads import Head
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.proofs import Prover
from kairo.trust.disclosure.proving.verifying import Verified, verify


def run_verification(
    settings: Settings, tenant: str | None, files: Sequence[Path], console: Console, progress: Console
) -> bool:
    """Verifies the log of one tenant, or of all. `files`: heads that were kept elsewhere. Says what is wrong; whether all is well."""
    outside = [_read(file) for file in files]
    code = checked_code(tenant) if tenant else None
    with installation(settings, must_exist=True) as found:
        verified = run(_verify(found, code, outside, progress))
    for one in verified:
        for problem in one.problems:
            console.print(f"{one.tenant}: {problem}", markup=False)
        state = f"{len(one.problems)} problems" if one.problems else "all is well"
        signed = f"{one.heads} signed heads, the last good one of {one.signed} rows" if one.heads else "not signed yet"
        console.print(f"{one.tenant}: {one.size} rows, {signed}: {state}", markup=False)
    if not verified:
        console.print("there is no disclosure log yet", markup=False)
    return not any(one.problems for one in verified)


def run_signing(settings: Settings, tenant: str | None, file: Path | None, console: Console, *, new_key: bool) -> None:
    """Signs the log as it is now, by a new key if so said; writes the head to the file."""
    code = checked_code(tenant or settings.tenant)
    keys = Keys(settings.data, system_clock)
    with installation(settings, must_exist=True) as found:
        key = keys.rotate() if new_key else keys.current()
        head = run(_sign(found, code, keys))
    if head is None:
        console.print(f"{code}: there are no rows to sign yet; the key is {key.id}", markup=False)
        return
    if file is not None:
        with written_beside(file) as partial:
            partial.write_bytes(head.json())
    console.print(f"{code}: {head.size} rows signed by key {head.key}, root {head.root.hex()}", markup=False)


async def _verify(found: Installation, tenant: str | None, outside: Sequence[Head], console: Console) -> list[Verified]:
    keys = Keys(found.settings.data, system_clock).public()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    verified = []
    async with opened(found, name="kairo verify-log") as database:
        tenants = [tenant] if tenant else sorted({*await store.all_tenants(database), *(head.tenant for head in outside)})
        with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
            for one in tenants:
                task = bar.add_task(one, total=None)
                heads = [head for head in outside if head.tenant == one or tenant]

                def said(done: int, of: int, task: int = task) -> None:
                    bar.update(task, completed=done, total=of)  # type: ignore[arg-type]

                verified.append(await verify(database, one, keys, heads, said))
    return verified


async def _sign(found: Installation, tenant: str, keys: Keys) -> Head | None:
    async with opened(found, size=1, name="kairo sign-log") as database:
        return await Prover(database, keys, system_clock).sign(tenant)


def _read(file: Path) -> Head:
    try:
        return Head.read(file.read_bytes())
    except BadRequestData as error:
        raise StartError(f"{file}: {error.detail}", mend=error.mend) from error
