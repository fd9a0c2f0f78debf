"""Which measurements are there, and how are they run? `python -m bench [--quick] [--only kind …]`; see README.md."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path

from bench import footprint
from bench.peers import Sides
from bench.report import machine, table, write
from bench.rounds import Scenario, measure

SCENARIOS = (
    Scenario("retrieve", "GET an entity by id", goal=0.5),
    Scenario("create", "POST (create) an entity, durable", writes=True, same_bytes=False, goal=0.5),
    Scenario("create_placed", "the same with a place among its attributes", writes=True, same_bytes=False),
    Scenario("list_20", "GET a list of 20 by type and q", connections=16),
    Scenario("near_20", "GET 20 near a point", connections=16),
    Scenario("upsert_20", "batch upsert of 20 new entities", connections=16, units=20, writes=True, same_bytes=False),
    Scenario("upsert_1000", "batch upsert of 1,000 new entities", connections=4, units=1000, writes=True, same_bytes=False),
)
NOT_QUICK = frozenset({"create_placed"})


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main() -> None:
    """Runs what was asked for and prints the table; a whole run also measures memory and writes bench/results.md."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Speed as ratios to a floor measured in the same run.")
    parser.add_argument("--quick", action="store_true", help="speed only, fewer entities, shorter rounds: under 90 seconds")
    parser.add_argument("--only", nargs="+", default=[], metavar="KIND", choices=[one.kind for one in SCENARIOS])
    parser.add_argument("--entities", type=int, default=0, help="how many entities are stored (a multiple of 1,000)")
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=0.0)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are ended
    stored = given.entities or (10_000 if given.quick else 100_000)
    rounds = given.rounds or (3 if given.quick else 5)
    seconds = given.seconds or (0.5 if given.quick else 4.0)
    left_out = NOT_QUICK if given.quick else frozenset[str]()
    chosen = [one for one in SCENARIOS if (one.kind in given.only if given.only else one.kind not in left_out)]
    with tempfile.TemporaryDirectory(prefix="kairo-bench-") as folder, Sides(Path(folder), stored=stored, say=_say) as sides:
        results = [measure(sides, one, stored=stored, rounds=rounds, seconds=seconds, say=_say) for one in chosen]
    text = table(results)
    sys.stdout.write(text + "\n")
    if not given.only and not given.quick:
        write(text, machine(stored, rounds, seconds))
        footprint.measure(footprint.IDLE_SECONDS)


if __name__ == "__main__":
    main()
