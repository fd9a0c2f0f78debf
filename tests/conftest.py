"""What do all tests share? A PostgreSQL server for the session, a fresh migrated database for each test module; axe-core.

    async def test_x(database: Database) -> None: ...      # opened on this test's loop; the data last for the module
    def test_y(database_url: str) -> None: ...             # the same database by its URL

KAIRO_TEST_DATABASE_URL (a superuser's URL) takes a server of your own; KAIRO_TEST_POSTGRES_BIN other programs than the wheel's.
The server of the session runs without fsync; tests of durability start servers of their own.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from kairo.platform.db import Database, EmbeddedServer, migrate, start
from kairo.platform.web import assets

ROOT = Path(__file__).resolve().parents[1]
T = TypeVar("T")
_numbers = itertools.count(1)
_SHARED = pytest.StashKey[tuple[EmbeddedServer, Path]]()


def run_apart(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a loop of its own in another thread: pytest-asyncio's loops are left alone."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def postgres_bin() -> Path | None:
    """The programs that tests run: the wheel's, unless KAIRO_TEST_POSTGRES_BIN names others."""
    named = os.environ.get("KAIRO_TEST_POSTGRES_BIN")
    return Path(named) if named else None


def _start_throw_away() -> tuple[EmbeddedServer, Path]:
    folder = Path(tempfile.mkdtemp(prefix="kairo-test-"))
    return start(folder, postgres_bin=postgres_bin(), durable=False), folder


def _end_throw_away(server: EmbeddedServer, folder: Path) -> None:
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """With pytest-xdist: the controller starts one server for all workers."""
    if os.environ.get("KAIRO_TEST_DATABASE_URL"):
        return
    if _SHARED not in node.config.stash:
        node.config.stash[_SHARED] = _start_throw_away()
    node.workerinput["postgres_url"] = node.config.stash[_SHARED][0].url


def pytest_unconfigure(config: pytest.Config) -> None:
    if _SHARED in config.stash:
        _end_throw_away(*config.stash[_SHARED])


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A superuser's URL of the session's server."""
    given = os.environ.get("KAIRO_TEST_DATABASE_URL") or getattr(request.config, "workerinput", {}).get("postgres_url")
    if given:
        yield given
        return
    server, folder = _start_throw_away()
    yield server.url
    _end_throw_away(server, folder)


async def _administer(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _name(kind: str) -> str:
    return f"kairo_{kind}_{os.getpid()}_{next(_numbers)}"


@pytest.fixture(scope="session")
def migrated_template(postgres_url: str) -> Iterator[str]:
    """The name of a database with all migrations and no rows, to copy from."""
    name = _name("template")
    run_apart(_administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0"))
    run_apart(migrate(with_database(postgres_url, name)))
    yield name
    run_apart(_administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def database_url(postgres_url: str, migrated_template: str) -> Iterator[str]:
    """The URL (owner) of a fresh, migrated database of this test module."""
    name = _name("test")
    run_apart(_administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE {migrated_template}"))
    yield with_database(postgres_url, name)
    run_apart(_administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """The URL (owner) of a fresh database of this test module without any table."""
    name = _name("empty")
    run_apart(_administer(postgres_url, f"CREATE DATABASE {name} TEMPLATE template0"))
    yield with_database(postgres_url, name)
    run_apart(_administer(postgres_url, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The module's database, opened on the loop of this test."""
    async with await Database.open(database_url) as opened:
        yield opened


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source, from node_modules of the checkout; installed there where it is missing."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        assets.npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=ROOT)
    return path.read_text(encoding="utf-8")
