"""Does the role exist that requests are served with? Migrations make it where they may, else say what a DBA must run."""

import asyncpg

from kairo.errors import StartError
from kairo.platform.db.database import APP_ROLE
from kairo.platform.db.pool import Connection

_STATE = """
SELECT r.rolsuper OR r.rolbypassrls AS above, pg_has_role(current_user, r.oid, $2) AS member
FROM pg_roles r WHERE r.rolname = $1"""
_TWO_AT_ONCE = {"42710", "23505", "XX000"}  # roles are shared by all databases of a server: another one made it just now


async def ensure_app_role(connection: Connection) -> None:
    """Make the role and make the owner a member of it. Raises StartError with the exact SQL if that is not permitted."""
    may = "SET" if connection.get_server_version().major >= 16 else "MEMBER"  # since 16 membership alone is not enough
    state = await connection.fetchrow(_STATE, APP_ROLE, may)
    if state is None:
        await _run(connection, f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS")
        state = await connection.fetchrow(_STATE, APP_ROLE, may)
    if state and state["above"]:
        raise StartError(
            f"the database role {APP_ROLE} is a superuser or bypasses row-level security",
            mend=f"Let a database administrator run: ALTER ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS;",
        )
    if state and not state["member"]:
        await _run(connection, f"GRANT {APP_ROLE} TO CURRENT_USER")
    await connection.execute(f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}")


async def _run(connection: Connection, statement: str) -> None:
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError as error:
        user = await connection.fetchval("SELECT quote_ident(current_user)")
        raise StartError(
            f"the database user {user} may not create or take the role {APP_ROLE}",
            mend="Let a database administrator run: "
            f"CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; GRANT {APP_ROLE} TO {user};",
        ) from error
    except asyncpg.PostgresError as error:
        if error.sqlstate not in _TWO_AT_ONCE:
            raise
