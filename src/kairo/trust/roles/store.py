"""How are assignments of roles kept? The SQL of `role_assignment`; nothing is ever deleted, so that it can be said who had which role when."""

from datetime import datetime
from typing import Any, Final

from kairo.trust.roles.rules import Assignment

_COLUMNS: Final = (
    "a.id, a.principal, a.role, a.department, a.area, a.purpose, a.reason, a.since, a.until, a.proposed_by, a.proposed_at,"
    " a.confirm_by, a.confirmed_by, a.confirmed_at, a.ended_by, a.ended_at"
)
# What is in force at $3: neither ended nor waiting for a second person.
_IN_FORCE: Final = (
    "a.since <= $3 AND a.until > $3 AND a.ended_at IS NULL AND (a.confirm_by IS NULL OR a.confirmed_at IS NOT NULL)"
)
_INSERT: Final = """
INSERT INTO role_assignment (tenant, id, principal, role, department, area, purpose, reason, since, until, proposed_by, proposed_at,
                             confirm_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
"""
_GRANTS: Final = "SELECT g.id FROM access_grant g WHERE g.tenant = $1 AND g.principal = $2 AND g.purpose = $3 AND g.basis = $4"


async def insert(connection: Any, tenant: str, one: Assignment) -> None:
    """Keeps a new assignment."""
    when = (one.since, one.until, one.proposed_by, one.proposed_at, one.confirm_by)
    what = (one.id, one.principal, one.role, one.department, one.area, one.purpose, one.reason)
    await connection.execute(_INSERT, tenant, *what, *when)


async def locked(connection: Any, tenant: str, id: str) -> Assignment | None:
    """The assignment, held until the unit ends."""
    sql = f"SELECT {_COLUMNS} FROM role_assignment a WHERE a.tenant = $1 AND a.id = $2 FOR UPDATE"
    row = await connection.fetchrow(sql, tenant, id)
    return None if row is None else Assignment(**row)


async def confirm(connection: Any, tenant: str, id: str, by: str, now: datetime) -> None:
    """Notes the second person."""
    await connection.execute(
        "UPDATE role_assignment SET confirmed_by = $3, confirmed_at = $4 WHERE tenant = $1 AND id = $2", tenant, id, by, now
    )


async def end(connection: Any, tenant: str, id: str, by: str, now: datetime) -> None:
    """Notes who refused it or took it back."""
    await connection.execute(
        "UPDATE role_assignment SET ended_by = $3, ended_at = $4 WHERE tenant = $1 AND id = $2", tenant, id, by, now
    )


async def held(connection: Any, tenant: str, principal: str, now: datetime) -> list[Assignment]:
    """What a principal has in force, in order of time."""
    sql = f"SELECT {_COLUMNS} FROM role_assignment a WHERE a.tenant = $1 AND a.principal = $2 AND {_IN_FORCE} ORDER BY a.since, a.id"
    return [Assignment(**row) for row in await connection.fetch(sql, tenant, principal, now)]


async def holders(connection: Any, tenant: str, roles: list[str], now: datetime) -> set[str]:
    """Who has one of these roles in force."""
    sql = f"SELECT DISTINCT a.principal FROM role_assignment a WHERE a.tenant = $1 AND a.role = ANY($2) AND {_IN_FORCE}"
    return {row["principal"] for row in await connection.fetch(sql, tenant, roles, now)}


async def waiting(connection: Any, tenant: str, now: datetime, limit: int) -> list[Assignment]:
    """What waits for a second person, what ends first first."""
    sql = (
        f"SELECT {_COLUMNS} FROM role_assignment a WHERE a.tenant = $1 AND a.confirm_by > $2 AND a.confirmed_at IS NULL"
        " AND a.ended_at IS NULL AND a.until > $2 ORDER BY a.confirm_by, a.id LIMIT $3"
    )
    return [Assignment(**row) for row in await connection.fetch(sql, tenant, now, limit)]


async def known(connection: Any, tenant: str, *, since: datetime, limit: int, offset: int) -> list[Assignment]:
    """All whose end is after `since`, the newest first."""
    sql = (
        f"SELECT {_COLUMNS} FROM role_assignment a WHERE a.tenant = $1 AND a.until > $2"
        " ORDER BY a.proposed_at DESC, a.id LIMIT $3 OFFSET $4"
    )
    return [Assignment(**row) for row in await connection.fetch(sql, tenant, since, limit, offset)]


async def named(connection: Any, tenant: str, ids: list[str]) -> dict[str, Assignment]:
    """Assignments by id."""
    sql = f"SELECT {_COLUMNS} FROM role_assignment a WHERE a.tenant = $1 AND a.id = ANY($2)"
    return {row["id"]: Assignment(**row) for row in await connection.fetch(sql, tenant, ids)}


async def grants_of(connection: Any, tenant: str, one: Assignment) -> list[str]:
    """The ids of the grants that stand on an assignment."""
    found = await connection.fetch(_GRANTS, tenant, one.principal, one.purpose, one.basis)
    return sorted(row["id"] for row in found)
