"""Is every time aware, and passed in? Only platform/clock.py asks the machine (DESIGN: rules of the house)."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.house import name_of, python_files, tree

CLOCK = "src/kairo/platform/clock.py"
ASKS = {"now", "utcnow", "today", "fromtimestamp", "utcfromtimestamp"}


def breaches(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls that ask the machine for the time, and datetimes made without a zone."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        keywords = {keyword.arg for keyword in node.keywords}
        if isinstance(called, ast.Attribute) and ast.unparse(called.value).split(".")[-1] in {"datetime", "date"}:
            if called.attr == "fromtimestamp" and ("tz" in keywords or len(node.args) > 1):
                continue
            if called.attr in ASKS:
                yield node.lineno, ast.unparse(node)
        is_constructor = (isinstance(called, ast.Name) and called.id == "datetime") or (
            isinstance(called, ast.Attribute) and ast.unparse(called) == "datetime.datetime"
        )
        unpacked = None in keywords or any(isinstance(argument, ast.Starred) for argument in node.args)
        if is_constructor and "tzinfo" not in keywords and len(node.args) < 8 and not unpacked:
            yield node.lineno, ast.unparse(node)


def test_time_is_aware_and_passed_in() -> None:
    found = [
        f"{name_of(path)}:{line}: {text}"
        for path in python_files("src/")
        if name_of(path) != CLOCK
        for line, text in breaches(tree(path))
    ]
    assert not found, "take a Clock (kairo.platform.clock) instead:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        "datetime.now()",
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "datetime.fromtimestamp(0)",
        "datetime(2024, 1, 1)",
        "datetime.datetime(2024, 1, 1, 12)",
    ],
)
def test_the_rule_bites(code: str) -> None:
    assert list(breaches(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["clock()", "datetime(2024, 1, 1, tzinfo=UTC)", "datetime.fromtimestamp(0, UTC)", "datetime(*parts)", "self.now()"]
)
def test_the_rule_lets_pass(code: str) -> None:
    assert not list(breaches(ast.parse(code)))
