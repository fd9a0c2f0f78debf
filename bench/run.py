"""How does a whole measurement go? Fill, measure cell by cell, fill more, measure again, then notifications and the idle demo."""

import contextlib
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from bench import footprint, notifications, report
from bench.results import Row, row_of, row_of_delivery
from bench.rounds import Result, measure
from bench.scenarios import FOOTPRINT, NAMES, NOTIFIED, cells
from bench.sides import Say, Sides, Sizes
from kairo.errors import StartError

WHOLE = Sizes(100_000, 1_000_000, 10_000_000, 20_000)
QUICK = Sizes(10_000, 10_000, 300_000, 1000)
_BYTES_A_THING, _BYTES_A_VALUE = 7000, 800  # on both sides together, copies on their way included
_QUICK_SHARE = 0.05  # of subscriptions and changes


@dataclass(frozen=True, slots=True)
class How:
    """How it is measured: `seconds` of a round, `rounds` of a cell; some cells have more or fewer."""

    quick: bool
    rounds: int
    seconds: float
    sizes: Sizes


def run(
    only: Sequence[str],
    *,
    quick: bool,
    json: Path | None,
    rounds: int | None,
    seconds: float | None,
    sizes: Sizes | None = None,
) -> None:
    """Measures what was asked for, prints the table, writes JSON where asked; a whole run also writes bench/results.md. What cannot
    be measured is left out, and told by a StartError at the end."""
    chosen = set(only or NAMES)
    how = How(quick, rounds or (1 if quick else 3), seconds or (0.5 if quick else 3.0), sizes or (QUICK if quick else WHOLE))
    say = _clock()
    rows, failures = _speed(chosen, how, say)
    found = None
    if FOOTPRINT in chosen and (only or not quick):
        say("memory and start of the idle demo")
        found = footprint.measure()
    sys.stdout.write("\n\n".join([*([report.table(rows)] if rows else []), *([found.text] if found else [])]) + "\n")
    told = {**asdict(how), "failures": failures}
    if json is not None:
        json.write_bytes(report.as_json(rows, found, told))
    if not only and not quick:
        report.RESULTS.write_text(report.page(rows, found, told), "utf-8")
    if failures:
        raise StartError(f"{len(failures)} of the measurements failed: {failures[0]}", mend="Try those again with --only.")


def _require_room(sizes: Sizes) -> None:
    """Raises StartError where the temporary folder is too small for both sides' databases."""
    needed = sizes.most_things * _BYTES_A_THING + sizes.instances * _BYTES_A_VALUE
    folder = tempfile.gettempdir()
    if shutil.disk_usage(folder).free < needed:
        raise StartError(
            f"{needed / 1e9:.0f} GB are needed in {folder}, and not free",
            mend="Name another folder with TMPDIR, or free space.",
        )


def _clock() -> Say:
    """Says what is done on the error output, and when."""
    began = time.monotonic()
    console = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(line: str) -> None:
        passed = int(time.monotonic() - began)
        console.print(f"{passed // 60:2d}:{passed % 60:02d} {line}", markup=False)

    return say


def _speed(chosen: set[str], how: How, say: Say) -> tuple[list[Row], list[str]]:
    """The rows of all cells, and what failed."""
    plan = cells(chosen, sorted({how.sizes.things, how.sizes.most_things}), how.rounds, quick=how.quick)
    notified = [kind for kind in NOTIFIED if kind.name in chosen]
    rows: list[Row] = []
    failures: list[str] = []
    bases: dict[tuple[str, int], Result] = {}
    if not plan and not notified:
        return rows, failures
    _require_room(how.sizes)
    with tempfile.TemporaryDirectory(prefix="kairo-bench-") as folder, Sides(Path(folder), how.sizes, say) as sides:

        @contextlib.contextmanager
        def trying(what: str) -> Iterator[None]:
            try:
                yield
                say(f"{what}: {rows[-1].per_cpu_second:,.0f} {rows[-1].unit} a CPU-second")
            except Exception as error:  # noqa: BLE001 - the others can be measured all the same
                failures.append(f"{what}: {type(error).__name__}: {str(error)[:500]}")
                say(failures[-1])
                sides.kairo.end()
                sides.floor.end()

        sides.fill(how.sizes.things)
        for number, cell in enumerate(plan, 1):
            with trying(f"{number}/{len(plan)} {cell.scenario.title}, {cell.variation}"):
                if cell.things > sides.stored:
                    sides.fill(cell.things)
                elif number > 1 and plan[number - 2].scenario.writes and not cell.scenario.writes:
                    sides.tidy()
                key = (cell.scenario.name, cell.things)
                result = measure(sides, cell, how.seconds)
                if cell.is_base:
                    bases[key] = result
                rows.append(row_of(result, bases.get(key)))
        share = _QUICK_SHARE if how.quick else 1.0
        for kind in notified:
            with trying(kind.title):
                delivered = notifications.measure(sides, kind, rounds=how.rounds, seconds=how.seconds, share=share)
                rows.append(row_of_delivery(delivered, sides.stored))
    return sorted(rows, key=lambda row: (row.things, NAMES.index(row.name))), failures
