"""Which tests run side by side, and which one at a time? Runs both kinds and ends with one verdict.

`python -m scripts.run_tests -k name` hands its arguments to pytest; `-m` narrows both kinds.
"""

import argparse
import os
import subprocess
import sys

ALONE = "browser or durability"
NOTHING_SELECTED = 5


def run(marks: str, arguments: list[str]) -> int:
    """One pytest run."""
    return subprocess.run([sys.executable, "-m", "pytest", "-m", marks, *arguments], check=False).returncode


def main() -> int:
    """Runs the two kinds; 0 only if both passed and something ran."""
    parser = argparse.ArgumentParser(description=__doc__, add_help=False)
    parser.add_argument("-m", dest="marks", default="")
    parser.add_argument("--workers", default=str(min(4, os.cpu_count() or 1)), help="processes for what may run side by side")
    known, arguments = parser.parse_known_args()
    narrowed = f"({known.marks}) and " if known.marks else ""
    side_by_side = run(f"{narrowed}not ({ALONE})", ["-n", known.workers, "--dist", "loadfile", *arguments])
    alone = run(f"{narrowed}({ALONE})", arguments)
    if side_by_side == alone == NOTHING_SELECTED:
        print("kairo: no test was selected", file=sys.stderr)
        return NOTHING_SELECTED
    return max(0 if code == NOTHING_SELECTED else code for code in (side_by_side, alone))


if __name__ == "__main__":
    sys.exit(main())
