"""How are PostgreSQL's own programs (pg_dump, pg_restore, psql) called? Those of the server's major version, without the
password in the list of processes, and with what they say turned into one line with the mend."""

import os
import re
import subprocess
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from kairo.commands.installation import Installation
from kairo.commands.interruptions import run
from kairo.errors import StartError
from kairo.platform.db.binaries import Binaries, find_binaries
from kairo.platform.db.owner import owner_of

_FULL = "No space left on device"
_MENDS = {
    _FULL: "Free space there, then try again. What was there is unchanged.",
    "row-level security": "The database's user must see every row: let a database administrator run ALTER ROLE … BYPASSRLS.",
    "permission denied": "The database's user lacks a right that the line names.",
    "unsupported version": "The file was written by a newer PostgreSQL: set KAIRO_POSTGRES_BIN to its programs.",
}
_ORDINARY_MEND = "Check the file and the free space of the disk. What was there is unchanged."


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs for one database. `url` has no password; `environment` has."""

    binaries: Binaries
    url: str
    environment: dict[str, str]

    def command(self, program: str, *arguments: str) -> list[str]:
        """The command line of one program."""
        return [self.binaries.program(program), *arguments]

    def run(self, program: str, *arguments: str, what: str = "", mend: str = "") -> str:
        """What the program writes. Raises StartError with what it complains of; `what` is said instead of the program's name."""
        done = subprocess.run(
            self.command(program, *arguments), env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise complaint(what or f"{program} failed", done.stderr, mend=mend)
        return done.stdout


def programs_for(found: Installation) -> Programs:
    """The programs for the database of an installation. Raises StartError where their version is not the server's."""
    binaries = find_binaries(found.settings.postgres_bin)
    server = run(_major_of_server(found.url))
    if server != binaries.major:
        raise StartError(
            f"the server is PostgreSQL {server}, the programs for backup and restore are {binaries.major}",
            mend=f"Set KAIRO_POSTGRES_BIN to the programs of PostgreSQL {server} (on Debian /usr/lib/postgresql/{server}/bin).",
        )
    parts = urlsplit(found.url)
    place = parts.netloc.rpartition("@")[2]
    user = f"{parts.netloc.rpartition('@')[0].partition(':')[0]}@" if "@" in parts.netloc else ""
    # Variables of libpq that the caller set for another server must not lead the embedded one astray.
    environment = {name: value for name, value in os.environ.items() if found.server is None or not name.startswith("PG")}
    environment |= {"LC_ALL": "C", "PGAPPNAME": "kairo backup"}
    if parts.password is not None:
        environment["PGPASSWORD"] = unquote(parts.password)
    return Programs(binaries, urlunsplit(parts._replace(netloc=user + place)), environment)


def complaint(what: str, said: str, *, mend: str = "") -> StartError:
    """The error for what a program said on its error output: the first line that tells a reason, and what mends it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    found = next((line for line in lines if _FULL in line), "")
    found = found or next((line for line in lines if re.search(r"error:|ERROR:|FATAL:", line)), "")
    reason = found or (lines[0] if lines else "it gives no reason")
    known = next((text for sign, text in _MENDS.items() if sign in reason), "")
    return StartError(f"{what}: {reason}", mend=known or mend or _ORDINARY_MEND)


async def _major_of_server(url: str) -> int:
    async with owner_of(url, name="kairo backup") as connection:
        return int(connection.get_server_version().major)
