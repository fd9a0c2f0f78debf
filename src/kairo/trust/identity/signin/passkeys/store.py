"""How are passkeys and challenges kept? The SQL of `passkey` and `passkey_challenge`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

_COLUMNS = "id, account, public_key, sign_count, label, is_backed_up, created_at, last_used_at"
_INSERT = """
INSERT INTO passkey (tenant, id, account, public_key, sign_count, label, is_backed_up, created_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM passkey WHERE tenant = $1 AND account = $3) < $9
ON CONFLICT DO NOTHING
"""
_GET = f"SELECT {_COLUMNS} FROM passkey WHERE tenant = $1 AND id = $2 FOR UPDATE"
_OF = f"SELECT {_COLUMNS} FROM passkey WHERE tenant = $1 AND account = $2 ORDER BY created_at, id"
_USED = "UPDATE passkey SET sign_count = $3, is_backed_up = $4, last_used_at = $5 WHERE tenant = $1 AND id = $2"
_DELETE = "DELETE FROM passkey WHERE tenant = $1 AND account = $2 AND id = $3"
_DELETE_ALL = "DELETE FROM passkey WHERE tenant = $1 AND account = $2"
_OPEN = """
INSERT INTO passkey_challenge (tenant, digest, account, source, expires_at)
SELECT $1, $2, $3, $4, $5
WHERE (SELECT count(*) FROM passkey_challenge WHERE tenant = $1 AND source = $4 AND expires_at > $6) < $7
"""
_TAKE = "DELETE FROM passkey_challenge WHERE tenant = $1 AND digest = $2 RETURNING account, expires_at"
_FORGET = "DELETE FROM passkey_challenge WHERE tenant = $1 AND expires_at <= $2"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key of an account. `id`: in base64url; `is_backed_up`: it is on more devices than one."""

    id: str
    account: str
    public_key: bytes
    sign_count: int
    label: str
    is_backed_up: bool
    created_at: datetime
    last_used_at: datetime | None = None


async def insert(connection: Any, tenant: str, passkey: Passkey, most: int) -> bool:
    """Keeps a new passkey; False where it is known already, or the account has as many as it may."""
    given = (passkey.id, passkey.account, passkey.public_key, passkey.sign_count, passkey.label, passkey.is_backed_up)
    return bool(await connection.execute(_INSERT, tenant, *given, passkey.created_at, most) == "INSERT 0 1")


async def locked(connection: Any, tenant: str, id: str) -> Passkey | None:
    """The passkey, which nobody uses until the unit ends."""
    row = await connection.fetchrow(_GET, tenant, id)
    return Passkey(**dict(row.items())) if row else None


async def of(connection: Any, tenant: str, account: str) -> list[Passkey]:
    """The passkeys of an account, the oldest first."""
    return [Passkey(**dict(row.items())) for row in await connection.fetch(_OF, tenant, account)]


async def used(connection: Any, tenant: str, id: str, sign_count: int, now: datetime, *, is_backed_up: bool) -> None:
    """It signed once more."""
    await connection.execute(_USED, tenant, id, sign_count, is_backed_up, now)


async def delete(connection: Any, tenant: str, account: str, id: str) -> bool:
    """Forgets one; False where the account has no such passkey."""
    return bool(await connection.execute(_DELETE, tenant, account, id) == "DELETE 1")


async def delete_all(connection: Any, tenant: str, account: str) -> int:
    """Forgets all of an account; how many."""
    return int((await connection.execute(_DELETE_ALL, tenant, account)).rpartition(" ")[2])


async def open_challenge(
    connection: Any, tenant: str, digest: str, account: str | None, source: str, expires_at: datetime, now: datetime, most: int
) -> bool:
    """Keeps a challenge until it is answered or over; False where too many of this source wait."""
    done = await connection.execute(_OPEN, tenant, digest, account, source, expires_at, now, most)
    return bool(done == "INSERT 0 1")


async def take_challenge(connection: Any, tenant: str, digest: str) -> tuple[str | None, datetime] | None:
    """Uses a challenge up: for whom a passkey is made (None: someone signs in) and when it ends; None where there is none."""
    row = await connection.fetchrow(_TAKE, tenant, digest)
    return (row["account"], row["expires_at"]) if row else None


async def forget_challenges(connection: Any, tenant: str, now: datetime) -> None:
    """Forgets those that nobody answered in time."""
    await connection.execute(_FORGET, tenant, now)
