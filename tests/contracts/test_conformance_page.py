"""Is docs/conformance.md true? Every test that it names exists, and every operation that is routed is on it."""

import ast
import re
from pathlib import Path

from kairo.context.api.app import routes
from tests.house.house import ROOT

PAGE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
API = ROOT / "tests" / "context" / "api"
NAMED = re.compile(r"`([\w./]+\.py)::(\w+)`")


def names_in(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(node, "name")}


def path_of(name: str) -> Path:
    return ROOT / name if name.startswith("tests/") else (API / name).resolve()


def test_every_test_that_is_named_exists() -> None:
    named = NAMED.findall(PAGE)
    assert len(named) > 40
    missing = [f"{file}::{test}" for file, test in named if not path_of(file).exists() or test not in names_in(path_of(file))]
    assert not missing


def test_every_routed_clause_is_on_the_page_and_holds() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for clause in {route.clause for route in routes(None, None) if route.clause}:  # type: ignore[arg-type]
        mine = [row for row in rows if re.search(rf"(?<![\d.]){re.escape(clause)}(?![\d.])", row.split("|")[1])]
        assert mine, f"{clause} is routed and not on the page"
        assert all(row.split("|")[3].strip().startswith("yes") for row in mine)


def test_what_holds_names_its_test() -> None:
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) == 6 and cells[3].startswith("yes"):
            assert NAMED.search(cells[4]), line
