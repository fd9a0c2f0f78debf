"""Where is the secret from which the keys of extracts follow? In one file of the data folder, read by its owner only."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from kairo.errors import StartError

_BYTES = 32


def kept_secret(path: Path) -> bytes:
    """The secret, which is made on first use. The file appears whole or not at all, and the first of two that make it wins.

    Without it nobody can continue a series of extracts; whoever has it can tell who is who in all of them. Raises StartError.
    """
    if not path.exists():
        _make(path)
    found = path.read_bytes()
    if len(found) != _BYTES:
        raise StartError(
            f"{path} holds no secret", mend="Restore it from a backup; without it series of extracts cannot be continued."
        )
    return found


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)
