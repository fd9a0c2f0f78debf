"""How are credentials kept? Only their digests; the SQL of the table `credential`."""

from datetime import datetime
from typing import Any, Protocol


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


async def insert(
    connection: Connection,
    tenant: str,
    digest: str,
    kind: str,
    principal: str,
    created_at: datetime,
    expires_at: datetime | None,
) -> None:
    """Keeps a new credential; the same digest again (a token read from its file) stays as it is."""
    await connection.execute(
        "INSERT INTO credential (tenant, digest, kind, principal, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (tenant, digest) DO NOTHING",
        tenant,
        digest,
        kind,
        principal,
        created_at,
        expires_at,
    )


async def find(connection: Connection, tenant: str, digest: str, kinds: list[str], now: datetime) -> str | None:
    """The principal of a credential that is still valid, or None."""
    row = await connection.fetchrow(
        "SELECT principal FROM credential WHERE tenant = $1 AND digest = $2 AND kind = ANY($3::text[])"
        " AND (expires_at IS NULL OR expires_at > $4)",
        tenant,
        digest,
        kinds,
        now,
    )
    return str(row["principal"]) if row else None


async def has_token(connection: Connection, tenant: str, principal: str, now: datetime) -> bool:
    """Whether a token of the principal is valid."""
    row = await connection.fetchrow(
        "SELECT true FROM credential WHERE tenant = $1 AND principal = $2 AND kind = 'token'"
        " AND (expires_at IS NULL OR expires_at > $3) LIMIT 1",
        tenant,
        principal,
        now,
    )
    return row is not None


async def use_link(connection: Connection, tenant: str, digest: str, now: datetime) -> str | None:
    """Uses up a one-time link: its principal the first time, None ever after and when it has expired."""
    row = await connection.fetchrow(
        "UPDATE credential SET used_at = $3 WHERE tenant = $1 AND digest = $2 AND kind = 'link' AND used_at IS NULL"
        " AND expires_at > $3 RETURNING principal",
        tenant,
        digest,
        now,
    )
    return str(row["principal"]) if row else None


async def delete(connection: Connection, tenant: str, digest: str) -> None:
    """Ends a session."""
    await connection.execute("DELETE FROM credential WHERE tenant = $1 AND digest = $2", tenant, digest)


async def delete_expired(connection: Connection, tenant: str, now: datetime) -> None:
    """Forgets credentials whose time is over."""
    await connection.execute("DELETE FROM credential WHERE tenant = $1 AND expires_at < $2", tenant, now)


async def enrolment(connection: Connection, tenant: str, digest: str, now: datetime) -> str | None:
    """The principal who may enrol by this link, as long as it was not used."""
    row = await connection.fetchrow(
        "SELECT principal FROM credential WHERE tenant = $1 AND digest = $2 AND kind = 'enrolment' AND expires_at > $3",
        tenant,
        digest,
        now,
    )
    return str(row["principal"]) if row else None


async def use_enrolment(connection: Connection, tenant: str, digest: str, now: datetime) -> bool:
    """Uses the link up; False where it was used, or its time is over."""
    done = await connection.execute(
        "DELETE FROM credential WHERE tenant = $1 AND digest = $2 AND kind = 'enrolment' AND expires_at > $3",
        tenant,
        digest,
        now,
    )
    return done == "DELETE 1"
