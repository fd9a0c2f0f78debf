"""What do the tests of applications share? One set of signing keys (they take long to make), and a city."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.oauth.keys import Keys
from tests.trust.oauth.city import City, city
from tests.trust.oauth.partners import Asker


@pytest.fixture(scope="session")
def signing_keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with keys, made once."""
    path = tmp_path_factory.mktemp("keys") / "oauth.keys"
    Keys(path, system_clock)._ring()
    return path


@pytest_asyncio.fixture
async def town(database: Database, signing_keys: Path, tmp_path: Path) -> AsyncIterator[City]:
    """The program with its own data folder."""
    shutil.copy(signing_keys, tmp_path)
    async with city(database, tmp_path) as found:
        yield found


@pytest.fixture
def asker(town: City) -> Asker:
    """Consent that the test looks into, in place of the real one."""
    found = Asker(town)
    town.kairo.oauth.asker = found
    town.kairo.oauth.applications._asker = found
    return found
