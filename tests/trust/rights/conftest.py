"""The whole program with the demo's people, for tests of rights and duties."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from kairo.platform.db import Database
from tests.trust.roles.hall import Hall, open_hall


@pytest_asyncio.fixture
async def hall(database: Database, tmp_path: Path) -> AsyncIterator[Hall]:
    """Databases are a module's: what tests before left behind is taken away."""
    async with database.owner() as owner:
        await owner.execute("TRUNCATE rights_case, rights_step, use_stop, disposal_list, disposal_certificate, breach")
        await owner.execute("DELETE FROM access_grant WHERE basis LIKE 'law:%'")
        await owner.execute("UPDATE account SET ial = 2")
    async with open_hall(database, tmp_path) as opened:
        yield opened
        await opened.kairo.disclosure.close()
