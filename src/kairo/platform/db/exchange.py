"""How is everything in a database replaced at once, so that a crash at any moment leaves the old or the new, and never half?

A restore runs in one transaction: `BEGIN_EXCHANGE` sets the old aside, the new is written in its place, and then COMMIT. After
that the new is whole and the old waits in a schema of its own, until the new has been migrated (`finish_exchange`) or could not
be (`undo_exchange`). A program that finds the old there at its start finishes what was interrupted.
"""

from kairo.platform.db.database import APP_ROLE
from kairo.platform.db.owner import owner_of
from kairo.platform.db.pool import Connection

ASIDE = "kairo_before_restore"
_USAGE = f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}; GRANT USAGE ON SCHEMA public TO PUBLIC;"
BEGIN_EXCHANGE = (
    "BEGIN;\nSET client_min_messages = warning;\n"
    f"DROP SCHEMA IF EXISTS {ASIDE} CASCADE;\nALTER SCHEMA public RENAME TO {ASIDE};\nCREATE SCHEMA public;\n{_USAGE}\n"
)
COMMIT_EXCHANGE = "COMMIT;\n"
UNDO_EXCHANGE = f"DROP SCHEMA public CASCADE; ALTER SCHEMA {ASIDE} RENAME TO public;"


async def is_exchange_unfinished(connection: Connection) -> bool:
    """Whether the old still waits beside the new."""
    return bool(await connection.fetchval("SELECT to_regnamespace($1) IS NOT NULL", ASIDE))


async def finish_exchange(url: str) -> bool:
    """Drops the old. Returns whether there was any."""
    async with owner_of(url, name="kairo restore") as connection:
        found = await is_exchange_unfinished(connection)
        if found:
            await connection.execute(f"DROP SCHEMA {ASIDE} CASCADE")
        return found


async def undo_exchange(url: str) -> None:
    """Puts the old back in place of the new, in one transaction."""
    async with owner_of(url, name="kairo restore") as connection, connection.transaction():
        await connection.execute(UNDO_EXCHANGE)


async def programs_at_work(connection: Connection) -> list[str]:
    """Names of the connections that other programs of Kairo hold to this database: who runs on it now."""
    rows = await connection.fetch(
        "SELECT DISTINCT application_name AS name FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE 'kairo %' AND pid <> pg_backend_pid() ORDER BY 1"
    )
    return [row["name"] for row in rows]
