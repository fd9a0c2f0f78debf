"""How is Kairo measured from the command line? By the package `bench/` of the checkout, which is no part of an installed program."""

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

import kairo
from kairo.errors import StartError


def run_bench(only: Sequence[str], json: Path | None, *, quick: bool, rounds: int | None, seconds: float | None) -> None:
    """Measures. Raises StartError where there is nothing to measure with, BadParameter for a name that is none."""
    if sys.platform != "linux":
        raise StartError("kairo bench reads CPU times from /proc, which only Linux has", mend="Run it on Linux.")
    scenarios, run = (_module(name) for name in ("scenarios", "run"))
    names = [name for given in only for name in given.replace(",", " ").split()]
    for name in names:
        if name not in scenarios.NAMES:
            raise typer.BadParameter(f"{name!r} is none of {', '.join(scenarios.NAMES)}.", param_hint="--only")
    if json is not None and not json.absolute().parent.is_dir():
        raise StartError(f"there is no folder {json.absolute().parent}", mend="Name a file in a folder that is there.")
    run.run(names, quick=quick, json=json, rounds=rounds, seconds=seconds)


def _module(name: str) -> Any:
    """A module of the checkout's bench."""
    root = Path(kairo.__file__).parents[2]
    if not (root / "bench" / "scenarios.py").is_file():
        raise StartError(
            "kairo bench runs from a checkout only: an installed Kairo does not have what measures it",
            mend="Run `make bench` in a checkout.",
        )
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    return importlib.import_module(f"bench.{name}")
