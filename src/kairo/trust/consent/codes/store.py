"""How are codes kept? In clear, for they live for minutes and open nothing by themselves; and how many wrong ones were tried."""

from datetime import datetime
from typing import Any, Protocol


class Connection(Protocol):
    """The part of an asyncpg connection that a store uses."""

    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


_PUT = """
INSERT INTO consent_code (tenant, person, code, expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, person) DO UPDATE SET code = excluded.code, expires_at = excluded.expires_at
"""
_TAKEN = "SELECT true FROM consent_code c WHERE c.tenant = $1 AND c.code = $2"
_OF_PERSON = "SELECT c.code, c.expires_at FROM consent_code c WHERE c.tenant = $1 AND c.person = $2 AND c.expires_at > $3"
_PERSON = "SELECT c.person FROM consent_code c WHERE c.tenant = $1 AND c.code = $2 AND c.expires_at > $3"
_USE = "DELETE FROM consent_code c WHERE c.tenant = $1 AND c.code = $2 AND c.expires_at > $3 RETURNING c.person"
_FORGET = "DELETE FROM consent_code c WHERE c.tenant = $1 AND c.expires_at <= $2"
_TRY = """
INSERT INTO consent_code_trial (tenant, principal, hour, wrong) VALUES ($1, $2, $3, 1)
ON CONFLICT (tenant, principal, hour) DO UPDATE SET wrong = consent_code_trial.wrong + 1 RETURNING wrong
"""
_RIGHT = "UPDATE consent_code_trial SET wrong = wrong - 1 WHERE tenant = $1 AND principal = $2 AND hour = $3"
_FORGET_TRIALS = "DELETE FROM consent_code_trial c WHERE c.tenant = $1 AND c.hour < $2"


async def put(connection: Connection, tenant: str, person: str, code: str, expires_at: datetime) -> None:
    """Keeps a person's code in place of the one before."""
    await connection.execute(_PUT, tenant, person, code, expires_at)


async def is_taken(connection: Connection, tenant: str, code: str) -> bool:
    """Whether this code is somebody's."""
    return bool(await connection.fetchval(_TAKEN, tenant, code))


async def of_person(connection: Connection, tenant: str, person: str, now: datetime) -> Any:
    """The code of a person (code, expires_at), or None."""
    return await connection.fetchrow(_OF_PERSON, tenant, person, now)


async def person(connection: Connection, tenant: str, code: str, now: datetime) -> str | None:
    """Whose code this is."""
    found: str | None = await connection.fetchval(_PERSON, tenant, code, now)
    return found


async def use(connection: Connection, tenant: str, code: str, now: datetime) -> str | None:
    """Uses it up: whose it was the first time, None ever after."""
    found: str | None = await connection.fetchval(_USE, tenant, code, now)
    return found


async def tried(connection: Connection, tenant: str, principal: str, hour: datetime) -> int:
    """Counts a try as a wrong one; how many there were in this hour."""
    return int(await connection.fetchval(_TRY, tenant, principal, hour))


async def was_right(connection: Connection, tenant: str, principal: str, hour: datetime) -> None:
    """Takes the count of a try back."""
    await connection.execute(_RIGHT, tenant, principal, hour)


async def forget(connection: Connection, tenant: str, now: datetime, hour: datetime) -> None:
    """Forgets codes whose time is over, and tries before an hour."""
    await connection.execute(_FORGET, tenant, now)
    await connection.execute(_FORGET_TRIALS, tenant, hour)
