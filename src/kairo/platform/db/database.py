"""How does a process reach the database, in which role, with which limits? One `Database` a process.

The URL's user owns the tables and runs migrations. What serves requests takes the role `kairo_app` with the connection's
first packet: neither owner nor superuser nor BYPASSRLS, so row-level security holds for it. Outside of a unit its sessions
are read-only.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from operator import itemgetter
from types import TracebackType
from typing import Any, Self

import asyncpg

from kairo.errors import StartError
from kairo.platform.db.failures import is_connection_error, mapped
from kairo.platform.db.pool import Connection, Held, Pool, Record
from kairo.platform.db.units import Unit, checked_tenant, unit

__all__ = ["APP_ROLE", "PLANNED_ONCE", "Connection", "Database", "Record", "connect"]

APP_ROLE = "kairo_app"
# Begins a reading statement whose plan does not depend on its parameters, and takes long to make: it is made once a connection.
PLANNED_ONCE = "/* planned once */ "
_CONNECT_SECONDS = 5.0
_SETTINGS = {"TimeZone": "UTC", "jit": "off", "client_min_messages": "warning"}
# Errors of a connection that no waiting will mend: unknown role, database, password, setting.
_NEVER = ("22023", "28", "3D", "42704", "42501")  # 42501: not a member of the role


class Database:
    """A pool of connections in the application's role, and the ways to use it."""

    def __init__(self, url: str, pool: Pool) -> None:
        self.url = url
        self._pool = pool

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        size: int = 8,
        wait_seconds: float = 10.0,
        statement_timeout_seconds: float = 15.0,
        idle_in_unit_seconds: float = 30.0,
        role: str | None = APP_ROLE,
        name: str = "kairo",
    ) -> Self:
        """Connect, at the most `size` connections; raises StartError when the server, database or role is not there."""
        settings = {
            "application_name": name,
            "statement_timeout": str(int(statement_timeout_seconds * 1000)),
            "idle_in_transaction_session_timeout": str(int(idle_in_unit_seconds * 1000)),
            "default_transaction_read_only": "on",
        }
        if role:
            settings["role"] = role
        pool = Pool(lambda: connect(url, settings), size=size, wait_seconds=wait_seconds)
        db = cls(url, pool)
        try:
            held = await pool.acquire()
            await db._refuse_privileges(held.connection, role)
        except asyncpg.PostgresError as error:
            await pool.close()
            raise _cannot_connect(error) from error
        except BaseException:
            await pool.close()
            raise
        pool.release(held)
        return db

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def unit(self, tenant: str) -> AbstractAsyncContextManager[Unit]:
        """One transaction of one tenant: committed at the end of the block, rolled back if the block raises."""
        return unit(self._pool, tenant)

    @asynccontextmanager
    async def reading(self, tenant: str) -> AsyncIterator[Connection]:
        """Statements that read, each by itself, on a session set to the tenant. A write here fails: the session is read-only."""
        checked_tenant(tenant)
        with mapped():
            held = await self._session_of(tenant)
            try:
                yield held.connection
            except BaseException:
                self._pool.settle(held)
                raise
            self._pool.release(held)

    async def fetch(self, tenant: str, statement: str, *arguments: Any) -> list[Record]:
        """The rows of one reading statement; tried on a second connection when the first turns out broken."""
        checked_tenant(tenant)
        with mapped():
            try:
                return await self._fetch(tenant, statement, arguments)
            except Exception as error:
                if not is_connection_error(error):
                    raise
                self._pool.discard_idle()
            return await self._fetch(tenant, statement, arguments)

    async def fetchrow(self, tenant: str, statement: str, *arguments: Any) -> Record | None:
        """The first row of one reading statement, or None."""
        rows = await self.fetch(tenant, statement, *arguments)
        return rows[0] if rows else None

    @asynccontextmanager
    async def owner(self, *, name: str = "kairo owner") -> AsyncIterator[Connection]:
        """A connection of its own as the owner of the tables: partitions, maintenance, looks at all tenants (`*`) where a policy
        lets the owner."""
        with mapped():
            connection = await connect(self.url, {"application_name": name, "app.tenant": "*"})
            try:
                yield connection
            finally:
                await connection.close(timeout=5)

    async def dedicated(self, *, name: str) -> Connection:
        """A connection outside of the pool that the caller keeps and closes: LISTEN, session locks."""
        with mapped():
            return await connect(self.url, {"application_name": name, "role": APP_ROLE})

    async def _fetch(self, tenant: str, statement: str, arguments: tuple[Any, ...]) -> list[Record]:
        held = await self._session_of(tenant, plans_once=statement.startswith(PLANNED_ONCE))
        try:
            rows = await held.connection.fetch(statement, *arguments)
        except BaseException:
            self._pool.settle(held)
            raise
        self._pool.release(held)
        return rows

    async def _session_of(self, tenant: str, *, plans_once: bool = False) -> Held:
        """A connection whose session is set to the tenant, and to this way of planning: one message when either changes, none
        otherwise."""
        for last in (False, False, True):
            held = await self._pool.acquire(tenant, plans_once=plans_once)
            if held.tenant == tenant and held.plans_once is plans_once:
                return held
            held.tenant = None
            mode = "force_generic_plan" if plans_once else "auto"
            try:
                await held.connection.execute(f"SET app.tenant = '{tenant}'; SET plan_cache_mode = {mode}")
            except BaseException as error:
                self._pool.discard(held)
                if last or not is_connection_error(error):
                    raise
                self._pool.discard_idle()
            else:
                held.tenant, held.plans_once = tenant, plans_once
                return held
        raise AssertionError("unreachable")

    @staticmethod
    async def _refuse_privileges(connection: Connection, role: str | None) -> None:
        """Row-level security must hold for the application's role: no superuser, no BYPASSRLS."""
        row = await connection.fetchrow("SELECT rolsuper OR rolbypassrls AS above FROM pg_roles WHERE rolname = current_user")
        if role and row and row["above"]:
            raise StartError(
                f"the database role {role} is a superuser or bypasses row-level security",
                mend=f"ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS;",
            )


async def connect(url: str, settings: dict[str, str]) -> Connection:
    """One connection with our settings, jsonb and json as bytes, and a statement cache large enough for the whole program."""
    connection: Connection = await asyncpg.connect(
        url,
        timeout=_CONNECT_SECONDS,
        server_settings=_SETTINGS | settings,
        statement_cache_size=500,
        max_cached_statement_lifetime=0,
    )
    try:
        await connection.set_type_codec(
            "jsonb", schema="pg_catalog", format="binary", encoder=_to_jsonb, decoder=itemgetter(slice(1, None))
        )
        await connection.set_type_codec("json", schema="pg_catalog", format="binary", encoder=_to_bytes, decoder=bytes)
    except BaseException:
        connection.terminate()
        raise
    return connection


def _to_bytes(value: bytes | str) -> bytes:
    return value.encode() if isinstance(value, str) else value


def _to_jsonb(value: bytes | str) -> bytes:
    """PostgreSQL's binary form of jsonb: a version byte, then the JSON text."""
    return b"\x01" + (value.encode() if isinstance(value, str) else value)


def _cannot_connect(error: asyncpg.PostgresError) -> StartError:
    mend = None
    if (error.sqlstate or "").startswith(_NEVER):
        mend = "Check KAIRO_DATABASE_URL (user, password, database), and run `kairo doctor`."
    return StartError(f"the database refuses the connection: {error}", mend=mend)
