"""Where does SQL stand, and does each statement name its tenant? (DESIGN: SQL stands in store.py; no query without tenant.)"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.house import SOURCE, compare_with_exceptions, name_of, python_files, texts, tree

STATEMENT = re.compile(
    r"^\s*(?:--[^\n]*\n\s*)*"
    r"(?:SELECT\s|INSERT\s+INTO\s|UPDATE\s+(?:ONLY\s+)?[\w{}\".]+\s+(?:AS\s+)?(?:\w+\s+)?SET\s|DELETE\s+FROM\s"
    r"|WITH\s+(?:RECURSIVE\s+)?\w+\s*(?:\([^)]*\)\s*)?AS\s|COPY\s+[\w{}(]|MERGE\s+INTO\s|TRUNCATE\s|LOCK\s+TABLE\s)"
)
# What Citus does not carry to the nodes, or what makes a row depend on the machine that wrote it (the scale-out habits).
UNSTEADY = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|random|nextval|gen_random_uuid)\s*\(\s*|\bMERGE\s+INTO\b", re.IGNORECASE
)
NOT_CARRIED = re.compile(r"\bset_config\s*\(", re.IGNORECASE)
SQL_FOLDERS = (SOURCE / "platform" / "db", SOURCE / "context" / "query")


def statements(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The SQL statements that a module writes."""
    return ((line, text) for line, text in texts(module) if STATEMENT.match(text))


def may_hold_sql(path: Path) -> bool:
    return path.name == "store.py" or any(folder in path.parents for folder in SQL_FOLDERS)


def is_store(path: Path) -> bool:
    """Stores and the query builder; platform/db runs the statements of others and asks PostgreSQL's own tables."""
    return may_hold_sql(path) and SOURCE / "platform" / "db" not in path.parents


def shortened(path: Path, text: str) -> str:
    return f"{name_of(path)}: {' '.join(text.split())[:90]}"


def test_sql_stands_in_stores_only() -> None:
    found = [
        shortened(path, text) for path in python_files("src/") if not may_hold_sql(path) for _, text in statements(tree(path))
    ]
    compare_with_exceptions(found, "sql_elsewhere.txt", "SQL stands in store.py, platform/db and context/query; move it there")


def test_every_statement_names_its_tenant() -> None:
    found = [
        shortened(path, text)
        for path in python_files("src/")
        if is_store(path)
        for _, text in statements(tree(path))
        if not re.search(r"\btenant\b", text)
    ]
    compare_with_exceptions(found, "sql_without_tenant.txt", "no query runs without a tenant; add `tenant = $n`")


def test_times_and_keys_are_parameters() -> None:
    found = [
        f"{name_of(path)}:{line}: {' '.join(text.split())[:90]}"
        for path in python_files("src/")
        if may_hold_sql(path)
        for line, text in statements(tree(path))
        if (UNSTEADY.search(text) and not text.lstrip().startswith("SELECT")) or NOT_CARRIED.search(text)
    ]
    assert not found, "pass times and keys as parameters; set the tenant by SET LOCAL:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "code",
    [
        'x = "SELECT a FROM b"',
        'x = f"""\nSELECT {columns} FROM b"""',
        'x = "INSERT INTO b (a)" " VALUES ($1)"',
        'x = "UPDATE b SET a = 1"',
        'x = "UPDATE entity e SET a = 1"',
        'x = "WITH a AS (SELECT 1) SELECT 1"',
        'x = "-- why\\nDELETE FROM b"',
        'run("DELETE FROM " + table)',
    ],
)
def test_sql_is_seen(code: str) -> None:
    assert len(list(statements(ast.parse(code)))) == 1


@pytest.mark.parametrize(
    "code", ['x = "Select a file"', 'x = "UPDATE your browser"', '"""SELECT is explained here."""', 'x = "WITH care"']
)
def test_prose_is_not_sql(code: str) -> None:
    assert not list(statements(ast.parse(code)))


def test_constants_are_put_in() -> None:
    module = ast.parse('SCOPED = "e.tenant = $1"\nGET = f"SELECT doc FROM entity e WHERE {SCOPED}"')
    assert [text for _, text in statements(module)] == ["SELECT doc FROM entity e WHERE e.tenant = $1"]


def test_what_functions_of_the_module_add_is_put_in() -> None:
    module = ast.parse(
        'def where(x):\n    return f"e.tenant = $1 AND {x}"\n\nGET = f"SELECT doc FROM entity e WHERE {where(3)}"'
    )
    assert "e.tenant = $1" in next(text for _, text in statements(module))
