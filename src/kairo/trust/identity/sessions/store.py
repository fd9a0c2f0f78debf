"""How are sessions kept? Rows of `credential`, read together with the account and whom it represents: one statement a request."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from kairo.trust.identity.principals import Principal
from kairo.trust.identity.sessions.session import Session

# Whom an account represents in everything: by mandates of law that are in force, of persons who live here.
_PERSONS = """
ARRAY(
    SELECT m.person FROM mandate m JOIN account p ON p.tenant = m.tenant AND p.key = m.person
    WHERE m.tenant = $1 AND m.proxy = a.key AND m.kind IN ('parental', 'guardian') AND m.since <= $2 AND m.until > $2
      AND m.ended_at IS NULL AND p.status = 'active' AND a.status = 'active' ORDER BY m.person
) AS persons"""
# An account may sign in: rules.may_sign_in, once more in SQL. Who is no account (the administrator) is asked nothing.
_MAY = """
(split_part(c.principal, ':', 1) NOT IN ('resident', 'staff')
 OR a.status = 'active' OR (a.status = 'moved_out' AND a.kind = 'resident'))"""
_ACCOUNT = """
LEFT JOIN account a ON a.tenant = c.tenant AND a.key = split_part(c.principal, ':', 2) AND a.kind = split_part(c.principal, ':', 1)"""
_COLUMNS = """c.id, c.principal, c.aal, c.method, c.device, c.purpose, c.created_at, coalesce(c.last_used_at, c.created_at) AS
    last_used_at, c.expires_at, c.idle_ends_at, coalesce(a.name, '') AS name, coalesce(a.ial, 1) AS ial,
    coalesce(a.is_synthetic, false) AS is_synthetic, coalesce(a.status = 'moved_out', false) AS is_abroad"""
_IN_FORCE = "c.kind = 'session' AND c.expires_at > $2 AND (c.idle_ends_at IS NULL OR c.idle_ends_at > $2)"
_FIND = f"""
SELECT {_COLUMNS}, {_PERSONS} FROM credential c {_ACCOUNT}
WHERE c.tenant = $1 AND c.digest = $3 AND {_IN_FORCE} AND {_MAY}
"""
_OF = f"""
SELECT {_COLUMNS}, '{{}}'::text[] AS persons FROM credential c {_ACCOUNT}
WHERE c.tenant = $1 AND c.principal = $3 AND {_IN_FORCE} AND {_MAY} ORDER BY c.created_at DESC, c.id LIMIT 100
"""
_STANDING = f"""
SELECT {_PERSONS} FROM account a WHERE a.tenant = $1 AND a.key = $4 AND a.kind = $3
  AND (a.status = 'active' OR (a.status = 'moved_out' AND a.kind = 'resident'))
"""
_INSERT = """
INSERT INTO credential (tenant, digest, kind, principal, created_at, expires_at, id, aal, method, device, last_used_at, idle_ends_at)
VALUES ($1, $2, 'session', $3, $4, $5, $6, $7, $8, $9, $4, $10)
"""
_TOUCH = """
UPDATE credential SET last_used_at = $3, idle_ends_at = CASE WHEN idle_ends_at IS NULL THEN NULL ELSE $3 + $4::interval END
WHERE tenant = $1 AND digest = $2 AND kind = 'session' AND (idle_ends_at IS NULL OR idle_ends_at > $3)
"""
_PURPOSE = "UPDATE credential SET purpose = $4 WHERE tenant = $1 AND principal = $2 AND id = $3 AND kind = 'session'"
_REVOKE = "DELETE FROM credential WHERE tenant = $1 AND principal = $2 AND id = $3 AND kind = 'session'"
_REVOKE_ALL = (
    "DELETE FROM credential WHERE tenant = $1 AND principal = $2 AND kind = ANY($3::text[]) AND id IS DISTINCT FROM $4"
)


async def insert(connection: Any, tenant: str, digest: str, session: Session) -> None:
    """Keeps a new session."""
    await connection.execute(
        _INSERT, tenant, digest, session.principal.id, session.created_at, session.expires_at, session.id, session.aal,
        session.method, session.device, session.idle_ends_at,
    )  # fmt: skip


async def find(connection: Any, tenant: str, digest: str, now: datetime) -> Session | None:
    """The session in force with this digest, of someone who may sign in."""
    row = await connection.fetchrow(_FIND, tenant, now, digest)
    return _session(row) if row else None


async def of(connection: Any, tenant: str, principal: str, now: datetime) -> list[Session]:
    """The sessions of a principal, the latest first."""
    return [_session(row) for row in await connection.fetch(_OF, tenant, now, principal)]


async def persons_of(connection: Any, tenant: str, principal: str, now: datetime) -> tuple[str, ...] | None:
    """Whom a resident or a member of staff represents at this moment; None for an account that may not sign in."""
    kind, _, key = principal.partition(":")
    row = await connection.fetchrow(_STANDING, tenant, now, kind, key)
    return tuple(row["persons"]) if row else None


async def touch(connection: Any, tenant: str, digest: str, now: datetime, idle: timedelta) -> None:
    """The session was used now; its idle time begins anew."""
    await connection.execute(_TOUCH, tenant, digest, now, idle)


async def set_purpose(connection: Any, tenant: str, principal: str, id: str, purpose: str) -> bool:
    """Writes the duty that a session serves; False where the session is over."""
    return bool(await connection.execute(_PURPOSE, tenant, principal, id, purpose) == "UPDATE 1")


async def revoke(connection: Any, tenant: str, principal: str, id: str) -> bool:
    """Ends one session of a principal; False where there is none."""
    return bool(await connection.execute(_REVOKE, tenant, principal, id) == "DELETE 1")


async def revoke_all(connection: Any, tenant: str, principal: str, kinds: Sequence[str], *, but: str | None = None) -> int:
    """Ends all sessions (and credentials of the other kinds) of a principal, but one; how many."""
    done = await connection.execute(_REVOKE_ALL, tenant, principal, list(kinds), but)
    return int(done.rpartition(" ")[2])


def _session(row: Any) -> Session:
    values = dict(row.items())
    values["id"] = values["id"] or ""
    values["principal"] = Principal.named(values["principal"])
    values["persons"] = tuple(values["persons"])
    return Session(**values)
