"""Is everything that gets installed pinned by hash, from pyproject.toml and package.json, and without an address?"""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.house.house import ROOT

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;]+)(?P<rest>.*(?:\n    --hash=.*)*)", re.MULTILINE)
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GROUPS: dict[str, list[str]] = PROJECT["dependency-groups"]


def canonical(requirement: str) -> str:
    """The normalised name of a requirement."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


def pins(lock: str) -> dict[tuple[str, str], str]:
    """(name, version) → the rest of the entry with its hashes."""
    text = (ROOT / "requirements" / lock).read_text()
    return {(canonical(match["name"]), match["version"]): match["rest"] for match in PIN.finditer(text)}


@pytest.mark.parametrize(
    ("lock", "wanted"),
    [
        ("runtime.txt", [*PROJECT["project"]["dependencies"], *GROUPS["build"]]),
        ("assets.txt", GROUPS["assets"]),
        ("dev.txt", [*PROJECT["project"]["dependencies"], *(item for group in GROUPS.values() for item in group)]),
    ],
)
def test_what_is_asked_for_is_locked(lock: str, wanted: list[str]) -> None:
    locked = {name for name, _ in pins(lock)}
    missing = sorted({canonical(item) for item in wanted} - locked)
    assert not missing, f"run `make lock`: {missing}"


@pytest.mark.parametrize("lock", ["runtime.txt", "assets.txt", "dev.txt"])
def test_every_pin_has_hashes(lock: str) -> None:
    entries = pins(lock)
    lines = (ROOT / "requirements" / lock).read_text().splitlines()
    assert len(entries) == sum(line[:1].isalnum() for line in lines) > 0
    bare = [name for name, rest in entries.items() if "--hash=sha256:" not in rest]
    assert not bare
    options = [line for line in lines if line.startswith("-")]
    assert not options, f"no index, no links: {options}"


def test_the_locks_agree() -> None:
    everything = pins("dev.txt").keys()
    assert pins("runtime.txt").keys() <= everything
    assert pins("assets.txt").keys() <= everything


def test_page_packages_are_pinned_and_hashed() -> None:
    lock: dict[str, Any] = json.loads((ROOT / "package-lock.json").read_text())
    wanted: dict[str, Any] = json.loads((ROOT / "package.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry], (
        "npm install --omit-lockfile-registry-resolved"
    )
    assert not [name for name, entry in packages.items() if not str(entry.get("integrity", "")).startswith("sha512-")]
    for name, version in {**wanted.get("dependencies", {}), **wanted.get("devDependencies", {})}.items():
        assert re.fullmatch(r"[\d.]+", version), f"{name}: name one version, not a range"
        assert packages[f"node_modules/{name}"]["version"] == version
