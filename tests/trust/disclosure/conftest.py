"""What do tests of the proofs share? One signed log for a module."""

from pathlib import Path

import pytest

from tests.conftest import run_apart
from tests.trust.disclosure import signed


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the keys lie."""
    return tmp_path_factory.mktemp("keys")


@pytest.fixture(scope="module")
def filled(database_url: str, folder: Path) -> str:
    """The URL of a database with a signed log (signed.py)."""
    run_apart(signed.fill(database_url, folder))
    return database_url
