"""Has the schema of a published version of an entity type changed? A version that was recorded stays as it is, for ever.

`make fix` records new versions in tests/house/schemas.lock; tests/house/test_schemas.py compares. Words (titles) do not count.
Before the first release `--rewrite` may record anew, since no program of others was written against them yet.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from kairo.context.types.schemas import digest_of
from kairo.platform.manifests import EntityType

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tests" / "house" / "schemas.lock"
HEADER = "# Versions of entity types as they were recorded: SHA-256 of schema and @context. Lines are added by `make fix` and stay.\n"


def present(kinds: Iterable[EntityType] | None = None) -> dict[str, str]:
    """Version → digest, of all declared types: `Sensor/v1`."""
    if kinds is None:
        from kairo.parts import declarations

        kinds = declarations().by_type.values()
    return {f"{kind.type}/v{number}": digest_of(kind, number) for kind in kinds for number in range(1, kind.version + 1)}


def recorded(lock: Path = LOCK) -> dict[str, str]:
    """Version → digest, as recorded."""
    lines = lock.read_text().splitlines() if lock.exists() else []
    pairs = (line.split("  ", 1) for line in lines if line and not line.startswith("#"))
    return {version: digest for digest, version in pairs}


def problems(found: Mapping[str, str], lock: Path = LOCK) -> list[str]:
    """What is wrong: a recorded version that changed or went. New ones are not wrong, only not recorded yet."""
    how = "put it back and declare the next version (docs/how-to-add-a-service.md, chapter Versions)"
    return [
        f"{version} was published and {'has changed' if version in found else 'is gone'}: {how}"
        for version, digest in recorded(lock).items()
        if found.get(version) != digest
    ]


def main() -> int:
    """Records new versions; refuses when a recorded one changed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewrite", action="store_true", help="record everything anew (before the first release only)")
    rewrite = parser.parse_args().rewrite
    found = present()
    wrong = [] if rewrite else problems(found)
    if wrong:
        print("\n".join(f"kairo: {line}" for line in wrong), file=sys.stderr)
        return 1
    new = sorted(found.keys() - recorded().keys())
    if new or rewrite:
        LOCK.write_text(HEADER + "".join(f"{found[version]}  {version}\n" for version in sorted(found)))
    for version in new:
        print(f"recorded {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
