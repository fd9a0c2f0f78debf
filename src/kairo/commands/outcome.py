"""How does a command end? With its exit code, and for everything that can be foreseen one line that says what to do."""

import errno
import os
from dataclasses import dataclass

from kairo.errors import KairoError

DONE, FAILED, WRONG_USAGE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code and the line, if there is one."""

    code: int
    line: str = ""


def outcome_of(error: BaseException) -> Outcome | None:
    """How the program ends with this error, or None for one that nobody foresaw."""
    if isinstance(error, KairoError):
        return Outcome(FAILED, _line(error.detail or error.title, error.mend))
    if isinstance(error, BrokenPipeError):
        return Outcome(FAILED)  # whoever read us (`| head`) has enough
    if isinstance(error, OSError) and error.errno in _MENDS:
        what = f"{os.fsdecode(error.filename)}: {error.strerror}" if error.filename else str(error.strerror)
        return Outcome(FAILED, _line(what, _MENDS[error.errno]))
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):  # typer's own: a wrong command line
        return Outcome(WRONG_USAGE, _line(error.format_message(), "Run `kairo --help`, or the same command with --help."))
    return None


_MENDS = {
    errno.ENOSPC: "The disk is full: free space there, then try again. Nothing was half written.",
    errno.EDQUOT: "The quota is used up: free space there, then try again. Nothing was half written.",
    errno.EFBIG: "The file would be larger than is allowed here (ulimit -f). Nothing was half written.",
    errno.EACCES: "Run as the user who may, or choose another file or folder.",
    errno.EPERM: "Run as the user who may, or choose another file or folder.",
    errno.EROFS: "The disk is read-only: choose another file or folder.",
    errno.ENOENT: "Check the name.",
    errno.ENOTDIR: "A part of that path is a file: check the name.",
    errno.EISDIR: "Name a file, not a folder.",
    errno.EMFILE: "Raise the limit of open files (ulimit -n).",
    errno.EIO: "The disk fails: look at the system's log, and at your backups.",
}


def _line(what: str, mend: str) -> str:
    """One line, however many the text had."""
    text = " ".join(what.split()).rstrip(".")
    return f"kairo: {text}. {' '.join(mend.split())}"
