"""Is each file one room with one question? Sizes, docstrings, and no folder for things without a home."""

import ast
import re

from tests.house.house import compare_with_exceptions, exceptions, name_of, python_files, repository, tree

LONG = 300
TOO_LONG = 450
HOMELESS = {"utils", "util", "helpers", "helper", "misc", "common", "shared", "lib"}
CODE = ("src/", "tests/", "scripts/", "bench/")


def lengths() -> dict[str, int]:
    """Lines of every file of code that a person wrote."""
    suffixes = {".py", ".js", ".mjs", ".css", ".html", ".sql"}
    return {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in repository()
        if path.suffix in suffixes and name_of(path).startswith(CODE)
    }


def test_no_file_is_too_long() -> None:
    found = {name: count for name, count in lengths().items() if count > TOO_LONG}
    assert not found, f"more than {TOO_LONG} lines: split it by the questions it answers: {found}"


def test_long_files_only_get_fewer() -> None:
    listed = {line.split()[0]: int(line.split()[1]) for line in exceptions("long_files.txt")}
    found = {name: count for name, count in lengths().items() if count > LONG}
    grown = {name: count for name, count in found.items() if count > listed.get(name, LONG)}
    mended = sorted(set(listed) - set(found))
    assert not grown, f"more than {LONG} lines, or than tests/house/long_files.txt allows: {grown}"
    assert not mended, f"no longer long: take these lines out of tests/house/long_files.txt: {mended}"


def test_every_module_says_what_it_answers() -> None:
    silent = [
        name_of(path) for path in python_files("src/", "scripts/", "tests/", "bench/") if not ast.get_docstring(tree(path))
    ]
    compare_with_exceptions(
        [name for name in silent if not name.endswith("tests/__init__.py")],
        "modules_without_docstring.txt",
        "a module's docstring says which question the file answers",
    )


def test_no_folder_for_the_homeless() -> None:
    found = [name for name in map(name_of, python_files(*CODE)) if HOMELESS.intersection(re.split(r"[/.]", name))]
    assert not found, f"name the file after what it does: {found}"
