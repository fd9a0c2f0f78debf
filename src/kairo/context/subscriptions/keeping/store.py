"""How are subscriptions and their dead letters read and changed? The SQL of their keeping; delivery has its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.context.subscriptions.neighbours import Tree


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchrow(self, query: str, *args: Any) -> Any: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


# The tenant's turn, as every writer takes it, and a new version of what is watched: what this transaction does to subscriptions
# holds for every commit after it, and for none before.
_TURN = "UPDATE change_counter SET watching = watching + 1 WHERE tenant = $1 RETURNING last_change, watching"

_INSERT = """
WITH made AS (
    INSERT INTO subscription (tenant, id, principal, body, revision, since, is_active, expires_at, created_at, modified_at, links, purpose)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $11, $12) ON CONFLICT (tenant, id) DO NOTHING RETURNING id
)
INSERT INTO subscription_state (tenant, subscription, next_at) SELECT $1, made.id, $10 FROM made RETURNING subscription
"""

_UPDATE = """
WITH changed AS (
    UPDATE subscription SET body = $3, revision = $4, since = $5, is_active = $6, expires_at = $7, modified_at = $8, links = $10
    WHERE tenant = $1 AND id = $2
)
UPDATE subscription_state SET next_at = $9, failures = 0, not_before = NULL WHERE tenant = $1 AND subscription = $2
"""

_WATCH = """
WITH old AS (
    DELETE FROM subscription_watch WHERE tenant = $1 AND subscription = $2
      AND (type, attribute, entity) NOT IN (SELECT u.type, u.attribute, u.entity
           FROM jsonb_to_recordset($3::jsonb) AS u(type text, attribute text, entity text))
)
INSERT INTO subscription_watch (tenant, type, attribute, entity, subscription)
SELECT $1, u.type, u.attribute, u.entity, $2 FROM jsonb_to_recordset($3::jsonb) AS u(type text, attribute text, entity text)
ON CONFLICT (tenant, type, attribute, entity, subscription) DO NOTHING
"""

_DELETE = """
WITH watch AS (
    DELETE FROM subscription_watch WHERE tenant = $1 AND subscription = $2
), owed AS (
    DELETE FROM notification WHERE tenant = $1 AND subscription = $2
), dead AS (
    DELETE FROM dead_letter WHERE tenant = $1 AND subscription = $2
), state AS (
    DELETE FROM subscription_state WHERE tenant = $1 AND subscription = $2
)
DELETE FROM subscription WHERE tenant = $1 AND id = $2
"""

_COLUMNS = """
s.id, s.principal, s.purpose, s.body, s.revision, s.since, s.is_active, s.expires_at, s.created_at, s.modified_at, t.times_sent,
t.times_failed, t.last_notification, t.last_success, t.last_failure, t.failures, t.next_at, t.last_error
"""
_FROM = "FROM subscription s JOIN subscription_state t ON t.tenant = s.tenant AND t.subscription = s.id"

_ONE = f"SELECT {_COLUMNS} {_FROM} WHERE s.tenant = $1 AND s.id = $2"

_LOCKED = f"SELECT {_COLUMNS} {_FROM} WHERE s.tenant = $1 AND s.id = $2 FOR UPDATE OF s"

_PAGE = f"""
SELECT {_COLUMNS} {_FROM} WHERE s.tenant = $1 AND ($2::text IS NULL OR s.principal = $2) AND s.id > $3
ORDER BY s.id OFFSET $4 LIMIT $5
"""

_COUNT = "SELECT count(*) FROM subscription s WHERE s.tenant = $1 AND ($2::text IS NULL OR s.principal = $2)"

_DEAD = """
SELECT d.seq, d.at, d.attempts, d.error, e.entity, e.at AS happened_at
FROM dead_letter d JOIN notification_event e ON e.tenant = d.tenant AND e.seq = d.seq
WHERE d.tenant = $1 AND d.subscription = $2 ORDER BY d.seq LIMIT $3
"""

_NUMBERS = """
SELECT k.id, (SELECT count(*) FROM notification n WHERE n.tenant = $1 AND n.subscription = k.id) AS waiting,
       (SELECT count(*) FROM dead_letter d WHERE d.tenant = $1 AND d.subscription = k.id) AS dead
FROM unnest($2::text[]) AS k(id)
"""

_REPLAY = """
WITH taken AS (
    DELETE FROM dead_letter WHERE tenant = $1 AND subscription = $2 RETURNING seq
), owed AS (
    INSERT INTO notification (tenant, subscription, seq) SELECT $1, $2, taken.seq FROM taken
    ON CONFLICT (tenant, subscription, seq) DO NOTHING
), now_due AS (
    UPDATE subscription_state SET failures = 0, not_before = NULL WHERE tenant = $1 AND subscription = $2
)
SELECT count(*) FROM taken
"""

_DISCARD = "DELETE FROM dead_letter WHERE tenant = $1 AND subscription = $2"


async def take_turn(connection: Connection, tenant: str) -> tuple[int, int] | None:
    """Locks the tenant: its last change number and the new version of what is watched. None: no such tenant."""
    row = await connection.fetchrow(_TURN, tenant)
    return None if row is None else (row["last_change"], row["watching"])


async def insert(
    connection: Connection,
    tenant: str,
    id: str,
    principal: str,
    body: dict[str, Any],
    revision: int,
    since: int,
    is_active: bool,
    expires_at: datetime | None,
    now: datetime,
    next_at: datetime | None,
    links: Tree,
    purpose: str,
) -> bool:
    """Keeps a new subscription. False: there is one with this id. `links`: where its conditions lead."""
    written = (id, principal, orjson.dumps(body), revision, since, is_active, expires_at, now, next_at, _given(links), purpose)
    return await connection.fetchval(_INSERT, tenant, *written) is not None


async def update(
    connection: Connection,
    tenant: str,
    id: str,
    body: dict[str, Any],
    revision: int,
    since: int,
    is_active: bool,
    expires_at: datetime | None,
    now: datetime,
    next_at: datetime | None,
    links: Tree,
) -> None:
    """Replaces the definition; a pause after failures ends, for the reason of the change may have been just that."""
    written = (orjson.dumps(body), revision, since, is_active, expires_at, now, next_at, _given(links))
    await connection.execute(_UPDATE, tenant, id, *written)


def _given(links: Tree) -> bytes | None:
    return orjson.dumps(links) if links else None


async def set_watch(connection: Connection, tenant: str, id: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Replaces what a subscription watches."""
    given = [{"type": kind, "attribute": attribute, "entity": entity} for kind, attribute, entity in rows]
    await connection.execute(_WATCH, tenant, id, orjson.dumps(given))


async def delete(connection: Connection, tenant: str, id: str) -> None:
    """Forgets a subscription, what it is owed and its dead letters."""
    await connection.execute(_DELETE, tenant, id)


async def one(connection: Connection, tenant: str, id: str, *, lock: bool = False) -> Any:
    """The row of a subscription, or None."""
    return await connection.fetchrow(_LOCKED if lock else _ONE, tenant, id)


async def page(connection: Connection, tenant: str, principal: str | None, after: str, offset: int, limit: int) -> list[Any]:
    """Subscriptions in order of id, of one principal or of all."""
    return await connection.fetch(_PAGE, tenant, principal, after, offset, limit)


async def count(connection: Connection, tenant: str, principal: str | None) -> int:
    """How many there are."""
    return int(await connection.fetchval(_COUNT, tenant, principal))


async def dead_letters(connection: Connection, tenant: str, id: str, most: int) -> list[Any]:
    """The oldest dead letters."""
    return await connection.fetch(_DEAD, tenant, id, most)


async def numbers(connection: Connection, tenant: str, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """How many notifications wait and how many are dead, by subscription."""
    return {row["id"]: (row["waiting"], row["dead"]) for row in await connection.fetch(_NUMBERS, tenant, list(ids))}


async def replay(connection: Connection, tenant: str, id: str) -> int:
    """Makes dead letters wait again, at once: how many."""
    return int(await connection.fetchval(_REPLAY, tenant, id))


async def discard(connection: Connection, tenant: str, id: str) -> int:
    """Forgets dead letters: how many."""
    return int((await connection.execute(_DISCARD, tenant, id)).split()[-1])
