"""What do child processes get from the supervisor? All settings as environment variables, and a folder to count in."""

import os
import shutil
from dataclasses import fields
from pathlib import Path

from kairo.commands.installation import Installation
from kairo.settings import Settings, as_text, variable


def worker_environment(found: Installation) -> dict[str, str]:
    """The settings for child processes; the embedded server reaches them as a URL.

    Every setting is said, also one that has its default value: the variable in our own environment may say otherwise.
    """
    values = {variable(item.name): as_text(getattr(found.settings, item.name)) for item in fields(Settings)}
    values[variable("database_url")] = found.url
    values[variable("data")] = str(found.settings.data.resolve())
    values["MALLOC_ARENA_MAX"] = os.environ.get("MALLOC_ARENA_MAX", "2")
    return values


def metrics_folder(found: Installation) -> Path:
    """A fresh folder for the metrics of this program's processes. Those of programs that are gone are removed."""
    folder = found.settings.data.resolve() / "metrics"
    for old in folder.iterdir() if folder.is_dir() else ():
        if not _lives(old.name):
            shutil.rmtree(old, ignore_errors=True)
    own = folder / str(os.getpid())
    shutil.rmtree(own, ignore_errors=True)
    own.mkdir(mode=0o700, parents=True)
    return own


def _lives(name: str) -> bool:
    try:
        os.kill(int(name), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
