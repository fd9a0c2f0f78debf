"""How is a file written that is whole or absent? Beside its place, readable by its owner only, and moved there at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kairo.errors import StartError


@contextmanager
def written_beside(file: Path) -> Iterator[Path]:
    """The path to write to. After the block the file is on the disk in its place; if the block raises, nothing is left.

    Raises StartError where the file cannot be made.
    """
    if not file.resolve().parent.is_dir():
        raise StartError(f"the folder of {file} does not exist", mend="Make it, or choose another file.")
    if file.is_dir():
        raise StartError(f"{file} is a folder", mend="Name a file in it.")
    partial = file.with_name(f".{file.name}.partial")
    try:  # from here on: a request to end may come as soon as the file is there
        _make(partial, file)
        yield partial
        _sync(partial)
        partial.replace(file)
        _sync(file.resolve().parent)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _make(partial: Path, file: Path) -> None:
    try:
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise StartError(
            f"{file} cannot be written: {error.strerror}", mend="Choose another file, or mend the rights."
        ) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
