"""How are passwords, recovery codes and waits kept? The SQL of `staff_password`, `recovery_code` and `sign_in_wait`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kairo.trust.identity.signin.waits import Count

_SET = """
INSERT INTO staff_password (tenant, account, hash, totp_secret, totp_step, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, account) DO UPDATE SET hash = excluded.hash, totp_secret = excluded.totp_secret,
    totp_step = excluded.totp_step, changed_at = excluded.changed_at
"""
_GET = "SELECT hash, totp_secret, totp_step FROM staff_password WHERE tenant = $1 AND account = $2"
_STEP = "UPDATE staff_password SET totp_step = $3 WHERE tenant = $1 AND account = $2 AND totp_step < $3"
_REHASH = "UPDATE staff_password SET hash = $4 WHERE tenant = $1 AND account = $2 AND hash = $3"
_DELETE = "DELETE FROM staff_password WHERE tenant = $1 AND account = $2"
_CODES = """
INSERT INTO recovery_code (tenant, account, digest) SELECT $1, $2, code FROM unnest($3::text[]) AS u(code) ON CONFLICT DO NOTHING
"""
_USE_CODE = "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2 AND digest = $3"
_DELETE_CODES = "DELETE FROM recovery_code WHERE tenant = $1 AND account = $2"
_COUNTS = "SELECT name, failures, last_at, until FROM sign_in_wait WHERE tenant = $1 AND name = ANY($2::text[]) ORDER BY name FOR UPDATE"
_NEW_COUNTS = """
INSERT INTO sign_in_wait (tenant, name, failures, last_at, until) SELECT $1, n, 0, $3, $3 FROM unnest($2::text[]) AS u(n) ORDER BY n
ON CONFLICT DO NOTHING
"""
_COUNT = """
UPDATE sign_in_wait w SET failures = u.failures, last_at = u.last_at, until = u.until
FROM unnest($2::text[], $3::int[], $4::timestamptz[], $5::timestamptz[]) AS u(name, failures, last_at, until)
WHERE w.tenant = $1 AND w.name = u.name
"""
_FORGET = "DELETE FROM sign_in_wait WHERE tenant = $1 AND last_at < $2"
_KNOWN_DEVICE = """
SELECT true FROM credential WHERE tenant = $1 AND digest = $2 AND kind = 'device' AND principal = $3 AND expires_at > $4
"""
_KNOW_DEVICE = """
INSERT INTO credential (tenant, digest, kind, principal, created_at, expires_at) VALUES ($1, $2, 'device', $3, $4, $5)
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Password:
    """What is kept of a password: its hash, the secret of the one-time codes, the last step of them that was used."""

    hash: str
    totp_secret: str
    totp_step: int


async def keep(connection: Any, tenant: str, account: str, password: Password, codes: Sequence[str], now: datetime) -> None:
    """Keeps a new password in place of the one before, and new recovery codes (digests)."""
    await connection.execute(_SET, tenant, account, password.hash, password.totp_secret, password.totp_step, now)
    await connection.execute(_DELETE_CODES, tenant, account)
    await connection.execute(_CODES, tenant, account, list(codes))


async def get(connection: Any, tenant: str, account: str) -> Password | None:
    """What is kept of an account's password."""
    row = await connection.fetchrow(_GET, tenant, account)
    return Password(**dict(row.items())) if row else None


async def use_step(connection: Any, tenant: str, account: str, step: int) -> bool:
    """Uses a one-time code up; False where it, or a later one, was used."""
    return bool(await connection.execute(_STEP, tenant, account, step) == "UPDATE 1")


async def use_code(connection: Any, tenant: str, account: str, digest: str) -> bool:
    """Uses a recovery code up; False where there is no such code (any more)."""
    return bool(await connection.execute(_USE_CODE, tenant, account, digest) == "DELETE 1")


async def rehash(connection: Any, tenant: str, account: str, before: str, hashed: str) -> None:
    """Keeps the same password under today's parameters."""
    await connection.execute(_REHASH, tenant, account, before, hashed)


async def delete(connection: Any, tenant: str, account: str) -> None:
    """Forgets password and recovery codes of an account."""
    await connection.execute(_DELETE, tenant, account)
    await connection.execute(_DELETE_CODES, tenant, account)


async def counts(connection: Any, tenant: str, names: Sequence[str], now: datetime) -> list[Count]:
    """The counts of these names, locked until the unit ends; new ones begin at nothing."""
    await connection.execute(_NEW_COUNTS, tenant, list(names), now)
    return [Count(**dict(row.items())) for row in await connection.fetch(_COUNTS, tenant, list(names))]


async def count(connection: Any, tenant: str, found: Sequence[Count]) -> None:
    """Writes counts that are there."""
    rows = [(one.name, one.failures, one.last_at, one.until) for one in found]
    await connection.execute(_COUNT, tenant, *([row[column] for row in rows] for column in range(4)))


async def forget(connection: Any, tenant: str, before: datetime) -> None:
    """Forgets counts that nobody added to for long."""
    await connection.execute(_FORGET, tenant, before)


async def is_known_device(connection: Any, tenant: str, digest: str, principal: str, now: datetime) -> bool:
    """Whether this device has signed this account in before."""
    return await connection.fetchrow(_KNOWN_DEVICE, tenant, digest, principal, now) is not None


async def know_device(connection: Any, tenant: str, digest: str, principal: str, now: datetime, until: datetime) -> None:
    """Remembers a device that has signed this account in."""
    await connection.execute(_KNOW_DEVICE, tenant, digest, principal, now, until)
