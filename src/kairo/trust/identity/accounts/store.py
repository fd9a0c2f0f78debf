"""How are accounts kept? The SQL of `account` and `staff_post`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Status, name_key

_COLUMNS = """a.key, a.kind, a.name, a.kana, a.born_on, a.district, a.household, a.controller, a.login, a.status, a.has_guardian,
    a.is_protected, a.is_synthetic, a.ial,
    (SELECT p.department FROM staff_post p WHERE p.tenant = a.tenant AND p.account = a.key AND p.since <= $2
     ORDER BY p.since DESC LIMIT 1) AS department"""
_BY_KEY = f"SELECT {_COLUMNS} FROM account a WHERE a.tenant = $1 AND a.key = ANY($3::text[]) ORDER BY a.key"
_LOCKED = f"{_BY_KEY} FOR UPDATE OF a"
_BY_LOGINS = f"SELECT {_COLUMNS} FROM account a WHERE a.tenant = $1 AND a.login = ANY($3::text[]) AND a.kind = 'staff'"
_LOCKED_BY_LOGINS = f"{_BY_LOGINS} ORDER BY a.key FOR UPDATE OF a"
# Exactly this name and birth date, of residents of this municipality whom one may find.
_EXACTLY = f"""
SELECT {_COLUMNS} FROM account a
WHERE a.tenant = $1 AND a.name_key = $3 AND a.born_on = $4 AND a.kind = 'resident' AND a.status = 'active' AND NOT a.is_protected
ORDER BY a.key LIMIT 20
"""
_HOUSEHOLD = f"""
SELECT {_COLUMNS} FROM account a
WHERE a.tenant = $1 AND a.household = $3 AND a.status = 'active' AND NOT a.is_protected ORDER BY a.born_on, a.key LIMIT 100
"""
_OF_KIND = f"""
SELECT {_COLUMNS} FROM account a WHERE a.tenant = $1 AND a.kind = $3 AND a.key > $4 AND a.status = 'active' ORDER BY a.key LIMIT $5
"""
_OF_DEPARTMENT = f"""
SELECT {_COLUMNS} FROM account a
WHERE a.tenant = $1 AND a.kind = 'staff' AND a.status = 'active'
  AND a.key IN (SELECT p.account FROM staff_post p WHERE p.tenant = $1 AND p.department = $3 AND p.since <= $2)
  AND $3 = (SELECT p.department FROM staff_post p WHERE p.tenant = a.tenant AND p.account = a.key AND p.since <= $2
            ORDER BY p.since DESC LIMIT 1)
ORDER BY a.key
"""
_UNPUBLISHED = (
    f"SELECT {_COLUMNS} FROM account a WHERE a.tenant = $1 AND NOT a.is_published AND a.key > $3 ORDER BY a.key LIMIT $4"
)
_PUBLISHED = "UPDATE account SET is_published = true WHERE tenant = $1 AND key = ANY($2::text[])"
_INSERT = """
INSERT INTO account (tenant, key, kind, name, name_key, kana, born_on, district, household, controller, login, status, has_guardian,
                     is_protected, is_synthetic, ial, created_at, changed_at, is_published)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17, $18)
ON CONFLICT DO NOTHING
"""
_UPDATE = """
UPDATE account SET name = $3, name_key = $4, kana = $5, district = $6, household = $7, status = $8, has_guardian = $9,
       is_protected = $10, ial = $11, changed_at = $12, is_published = (kind <> 'resident')
WHERE tenant = $1 AND key = $2
"""
_POST = """
INSERT INTO staff_post (tenant, account, since, department)
SELECT $1, u.account, u.since, u.department FROM unnest($2::text[], $3::timestamptz[], $4::text[]) AS u(account, since, department)
ON CONFLICT (tenant, account, since) DO UPDATE SET department = excluded.department
"""


async def by_key(connection: Any, tenant: str, keys: Sequence[str], now: datetime, *, lock: bool = False) -> dict[str, Account]:
    """The accounts with these keys; `lock`: nobody changes them until the unit ends."""
    rows = await connection.fetch(_LOCKED if lock else _BY_KEY, tenant, now, list(keys))
    return {row["key"]: _account(row) for row in rows}


async def by_logins(
    connection: Any, tenant: str, logins: Sequence[str], now: datetime, *, lock: bool = False
) -> dict[str, Account]:
    """The staff who sign in by these names, by name; `lock`: nobody changes them until the unit ends."""
    rows = await connection.fetch(_LOCKED_BY_LOGINS if lock else _BY_LOGINS, tenant, now, list(logins))
    return {row["login"]: _account(row) for row in rows}


async def exactly(connection: Any, tenant: str, name: str, born_on: date, now: datetime) -> list[Account]:
    """Residents of just this name and birth date; nobody who is protected, dead or gone."""
    return [_account(row) for row in await connection.fetch(_EXACTLY, tenant, now, name_key(name), born_on)]


async def of_household(connection: Any, tenant: str, household: str, now: datetime) -> list[Account]:
    """Who lives in a household; nobody who is protected."""
    return [_account(row) for row in await connection.fetch(_HOUSEHOLD, tenant, now, household)]


async def of_kind(connection: Any, tenant: str, kind: str, now: datetime, *, after: str, limit: int) -> list[Account]:
    """Active accounts of a kind, in order of key."""
    return [_account(row) for row in await connection.fetch(_OF_KIND, tenant, now, kind, after, limit)]


async def of_department(connection: Any, tenant: str, department: str, now: datetime) -> list[Account]:
    """The staff who work in a department at this moment."""
    return [_account(row) for row in await connection.fetch(_OF_DEPARTMENT, tenant, now, department)]


async def unpublished(connection: Any, tenant: str, now: datetime, *, after: str, limit: int) -> list[Account]:
    """Accounts of which the graph does not say yet what is known here."""
    return [_account(row) for row in await connection.fetch(_UNPUBLISHED, tenant, now, after, limit)]


async def published(connection: Any, tenant: str, keys: Sequence[str]) -> None:
    """The graph says of these accounts what their rows say."""
    await connection.execute(_PUBLISHED, tenant, list(keys))


async def insert(connection: Any, tenant: str, account: Account, now: datetime) -> bool:
    """Keeps a new account; False where its key or its login is taken."""
    done = await connection.execute(
        _INSERT, tenant, account.key, account.kind, account.name, name_key(account.name), account.kana, account.born_on,
        account.district, account.household, account.controller, account.login, account.status.value, account.has_guardian,
        account.is_protected, account.is_synthetic, account.ial, now, account.kind != "resident",
    )  # fmt: skip
    if done != "INSERT 0 1":
        return False
    if account.department:
        await post(connection, tenant, [(account.key, now, account.department)])
    return True


async def update(connection: Any, tenant: str, account: Account, now: datetime) -> None:
    """Writes what may change of an account; the graph is to be told."""
    await connection.execute(
        _UPDATE, tenant, account.key, account.name, name_key(account.name), account.kana, account.district, account.household,
        account.status.value, account.has_guardian, account.is_protected, account.ial, now,
    )  # fmt: skip


async def post(connection: Any, tenant: str, lines: Sequence[tuple[str, datetime, str]]) -> None:
    """(account, since, department): where staff work from then on."""
    await connection.execute(_POST, tenant, *([line[column] for line in lines] for column in range(3)))


def _account(row: Any) -> Account:
    values = dict(row.items())
    return replace(Account(**values), status=Status(values["status"]))
