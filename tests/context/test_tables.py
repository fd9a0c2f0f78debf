"""Does the live database keep the habits of the table manifest (docs/architecture.md)?"""

from kairo.parts import tables
from kairo.platform.db import Database, differences


async def test_the_database_is_as_the_manifest_says(database: Database) -> None:
    async with database.owner() as owner:
        assert await differences(owner, tables()) == []
