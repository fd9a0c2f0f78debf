"""How are events, what is owed, and dead letters kept? The SQL of delivery: always one tenant, always sets of rows."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import orjson

from kairo.context.subscriptions.neighbours import Neighbour, Tree
from kairo.platform.clock import iso
from kairo.platform.db import Lookup

CHANNEL = "kairo_notifications"


class Connection(Protocol):
    """The part of an asyncpg connection that this store uses."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...
    async def fetchval(self, query: str, *args: Any) -> Any: ...
    async def execute(self, query: str, *args: Any) -> str: ...


# Noticing

_WATCHED = "SELECT DISTINCT type, attribute FROM subscription_watch WHERE tenant = $1"

_LINKS = """
SELECT DISTINCT w.type, s.links FROM subscription s
JOIN subscription_watch w ON w.tenant = $1 AND w.subscription = s.id WHERE s.tenant = $1 AND s.links IS NOT NULL
"""

_PART = (
    "coalesce((SELECT jsonb_object_agg(p.key, p.value) FROM jsonb_each({whole}) AS p WHERE p.key = ANY($3::text[])), '{{}}')"
)
_NEIGHBOURS = f"""
SELECT e.id, e.type_key, {_PART.format(whole="e.doc")} AS doc, {_PART.format(whole="e.stamps")} AS stamps, e.writer, e.created_at,
       e.modified_at, e.expires_at
FROM entity e WHERE e.tenant = $1 AND e.id = ANY($2::text[]) AND (e.expires_at IS NULL OR e.expires_at > $4)
"""

# The hint goes with the commit: whoever delivers hears of it when the event is there, and not at all if it never is.
_KEEP = """
WITH kept AS (
    INSERT INTO notification_event (tenant, seq, at, entity, state)
    SELECT $1, u.seq, u.at, u.entity, u.state
    FROM jsonb_to_recordset($2::jsonb) AS u(seq bigint, at timestamptz, entity text, state jsonb)
)
SELECT pg_notify($3, $1)
"""


async def watched(connection: Connection, tenant: str) -> list[tuple[str, str]]:
    """The watched pairs of type and attribute."""
    return [(row["type"], row["attribute"]) for row in await connection.fetch(_WATCHED, tenant)]


async def links(connection: Connection, tenant: str) -> list[tuple[str, Tree]]:
    """Where the conditions of subscriptions to each watched type lead."""
    return [(row["type"], orjson.loads(row["links"])) for row in await connection.fetch(_LINKS, tenant)]


async def neighbours(
    connection: Connection, tenant: str, ids: Sequence[str], names: Sequence[str], now: datetime
) -> dict[str, Neighbour]:
    """Those of these entities that are there, by id, with these attributes."""
    return {
        row["id"]: Neighbour(
            tuple(row["type_key"].split(" ")),
            orjson.loads(row["doc"]),
            orjson.loads(row["stamps"]),
            row["writer"],
            iso(row["created_at"]),
            iso(row["modified_at"]),
            None if row["expires_at"] is None else iso(row["expires_at"]),
        )
        for row in await connection.fetch(_NEIGHBOURS, tenant, list(ids), list(names), now)
    }


async def keep_events(connection: Connection, tenant: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps events of the commit that is under way, and wakes whoever delivers."""
    await connection.execute(_KEEP, tenant, orjson.dumps(rows), CHANNEL)


# Matching

_PROGRESS = """
INSERT INTO notification_progress AS p (tenant, seq) VALUES ($1, 0)
ON CONFLICT (tenant) DO UPDATE SET seq = p.seq RETURNING p.seq
"""

_EVENTS = """
SELECT seq, at, entity, state FROM notification_event WHERE tenant = $1 AND seq > $2 ORDER BY seq LIMIT $3
"""

_CANDIDATES = """
SELECT k.seq, s.id, s.revision, s.principal, s.purpose, min(t.failures) AS failures
FROM jsonb_to_recordset($2::jsonb) AS k(seq bigint, type text, attribute text, entity text)
JOIN subscription_watch w ON w.tenant = $1 AND w.type = k.type AND w.attribute = k.attribute AND w.entity = k.entity
JOIN subscription s ON s.tenant = $1 AND s.id = w.subscription
JOIN subscription_state t ON t.tenant = $1 AND t.subscription = s.id
WHERE s.since < k.seq AND s.is_active AND (s.expires_at IS NULL OR s.expires_at > $3)
GROUP BY k.seq, s.id, s.revision, s.principal, s.purpose ORDER BY k.seq, s.id
"""

_OWE = """
WITH owed AS (
    INSERT INTO notification (tenant, subscription, seq)
    SELECT $1, u.subscription, u.seq FROM unnest($2::text[], $3::bigint[]) AS u(subscription, seq)
    ON CONFLICT (tenant, subscription, seq) DO NOTHING
), forgotten AS (
    DELETE FROM notification_event WHERE tenant = $1 AND seq = ANY($4::bigint[])
)
UPDATE notification_progress SET seq = $5 WHERE tenant = $1
"""

_WATCH_VERSION = "SELECT watching FROM change_counter WHERE tenant = $1"


async def subscribed_tenants(owner: Connection) -> list[str]:
    """The tenants in which somebody ever subscribed."""
    return [row["tenant"] for row in await owner.fetch("SELECT tenant FROM change_counter WHERE watching > 0 ORDER BY tenant")]


async def progress(connection: Connection, tenant: str) -> int:
    """Up to which change events are matched; locked until the end of the transaction, so that no two match at once."""
    return int(await connection.fetchval(_PROGRESS, tenant))


async def events_after(connection: Connection, tenant: str, seq: int, most: int) -> list[Any]:
    """The next events in order."""
    return await connection.fetch(_EVENTS, tenant, seq, most)


async def candidates(
    connection: Connection, tenant: str, keys: Iterable[tuple[int, str, str, str]], now: datetime
) -> list[Any]:
    """Which active subscriptions watch (seq, type, attribute, entity): rows of (seq, id, revision, principal, purpose, failures)."""
    rows = [dict(zip(("seq", "type", "attribute", "entity"), key, strict=True)) for key in keys]
    return await connection.fetch(_CANDIDATES, tenant, orjson.dumps(rows), now)


async def owe(
    connection: Connection, tenant: str, pairs: Sequence[tuple[str, int]], unwanted: Sequence[int], matched_to: int
) -> None:
    """Writes who is owed which event, forgets events that nobody wants, and how far matching has come."""
    subscriptions, seqs = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    await connection.execute(_OWE, tenant, subscriptions, seqs, list(unwanted), matched_to)


async def watch_version(connection: Connection, tenant: str) -> int:
    """The version of what is watched; 0 where nobody ever subscribed, or there is no such tenant."""
    return int(await connection.fetchval(_WATCH_VERSION, tenant) or 0)


# Sending

# The state of a queue and its first rows. $3: how many rows.
QUEUE = Lookup("""
SELECT s.id, s.revision, s.principal, s.purpose, s.is_active, s.expires_at, t.failures, t.not_before, t.next_at, t.last_notification,
       ARRAY(SELECT n.seq FROM notification n WHERE n.tenant = s.tenant AND n.subscription = s.id ORDER BY n.seq LIMIT $3) AS seqs,
       (SELECT n.attempts FROM notification n WHERE n.tenant = s.tenant AND n.subscription = s.id ORDER BY n.seq LIMIT 1)
           AS attempts
FROM subscription s JOIN subscription_state t ON t.tenant = s.tenant AND t.subscription = s.id
WHERE s.tenant = $1 AND s.id = ANY($2::text[])
""")

BODY = Lookup("SELECT s.id, s.revision, s.body FROM subscription s WHERE s.tenant = $1 AND s.id = ANY($2::text[])")

EVENT = Lookup(
    "SELECT e.seq, e.at, e.entity, e.state FROM notification_event e WHERE e.tenant = $1 AND e.seq = ANY($2::bigint[])"
)

# Queues with something to do, and when: a look into the key of each, however long it is.
_WAITING = """
SELECT q.id, least(CASE WHEN q.has_some THEN coalesce(q.not_before, $2) END, q.next_at) AS at FROM (
    SELECT s.id, t.not_before, t.next_at,
           EXISTS (SELECT FROM notification n WHERE n.tenant = $1 AND n.subscription = s.id) AS has_some
    FROM subscription s JOIN subscription_state t ON t.tenant = $1 AND t.subscription = s.id
    WHERE s.tenant = $1 AND s.is_active
) AS q WHERE q.has_some OR q.next_at IS NOT NULL
"""

_VISITED = """
WITH visit AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb)
         AS u(subscription text, sent bigint, failed bigint, last_notification timestamptz, last_success timestamptz,
              last_failure timestamptz, failures int, not_before timestamptz, next_at timestamptz, last_error text)
), done AS (
    DELETE FROM notification n USING jsonb_to_recordset($3::jsonb) AS u(subscription text, seq bigint)
    WHERE n.tenant = $1 AND n.subscription = u.subscription AND n.seq = u.seq
), tried AS (
    UPDATE notification n SET attempts = n.attempts + 1 FROM jsonb_to_recordset($4::jsonb) AS u(subscription text, seq bigint)
    WHERE n.tenant = $1 AND n.subscription = u.subscription AND n.seq = u.seq
), died AS (
    INSERT INTO dead_letter (tenant, subscription, seq, at, attempts, error)
    SELECT $1, u.subscription, u.seq, $5, u.attempts, u.error
    FROM jsonb_to_recordset($6::jsonb) AS u(subscription text, seq bigint, attempts int, error text)
    JOIN subscription s ON s.tenant = $1 AND s.id = u.subscription
    ON CONFLICT (tenant, subscription, seq) DO UPDATE SET at = excluded.at, attempts = excluded.attempts, error = excluded.error
)
UPDATE subscription_state t SET
    times_sent = t.times_sent + v.sent, times_failed = t.times_failed + v.failed,
    last_notification = coalesce(v.last_notification, t.last_notification),
    last_success = coalesce(v.last_success, t.last_success), last_failure = coalesce(v.last_failure, t.last_failure),
    failures = v.failures, not_before = v.not_before,
    next_at = CASE WHEN t.next_at IS NULL THEN NULL ELSE coalesce(v.next_at, t.next_at) END,
    last_error = coalesce(v.last_error, CASE WHEN v.last_success IS NULL THEN t.last_error END)
FROM visit v WHERE t.tenant = $1 AND t.subscription = v.subscription
"""

_FORGET = """
DELETE FROM notification_event e WHERE e.tenant = $1 AND e.seq = ANY($2::bigint[])
    AND NOT EXISTS (SELECT FROM notification n WHERE n.tenant = $1 AND n.seq = e.seq)
    AND NOT EXISTS (SELECT FROM dead_letter d WHERE d.tenant = $1 AND d.seq = e.seq)
"""

_FORGET_ALL = """
DELETE FROM notification_event e WHERE e.tenant = $1
    AND e.seq <= (SELECT p.seq FROM notification_progress p WHERE p.tenant = $1)
    AND NOT EXISTS (SELECT FROM notification n WHERE n.tenant = $1 AND n.seq = e.seq)
    AND NOT EXISTS (SELECT FROM dead_letter d WHERE d.tenant = $1 AND d.seq = e.seq)
"""

_TOO_OLD = "DELETE FROM dead_letter WHERE tenant = $1 AND at < $2"

# The oldest of queues that are too long: they become dead letters, which are kept and can be sent again.
_TOO_MANY = """
WITH excess AS (
    SELECT x.subscription, x.seq, x.attempts FROM subscription_state t CROSS JOIN LATERAL (
        SELECT n.subscription, n.seq, n.attempts FROM notification n
        WHERE n.tenant = $1 AND n.subscription = t.subscription ORDER BY n.seq DESC OFFSET $2
    ) AS x WHERE t.tenant = $1 AND t.failures > 0
), gone AS (
    DELETE FROM notification n USING excess x WHERE n.tenant = $1 AND n.subscription = x.subscription AND n.seq = x.seq
)
INSERT INTO dead_letter (tenant, subscription, seq, at, attempts, error)
SELECT $1, x.subscription, x.seq, $3, x.attempts, $4 FROM excess x ON CONFLICT (tenant, subscription, seq) DO NOTHING
"""

# What was matched while its subscription was being deleted.
_ORPHANS = """
WITH owed AS (
    DELETE FROM notification n WHERE n.tenant = $1
        AND NOT EXISTS (SELECT FROM subscription s WHERE s.tenant = $1 AND s.id = n.subscription)
)
DELETE FROM dead_letter d WHERE d.tenant = $1
    AND NOT EXISTS (SELECT FROM subscription s WHERE s.tenant = $1 AND s.id = d.subscription)
"""

_WHERE_PENDING = "SELECT count(*) FROM notification WHERE tenant = $1"
_WHERE_DEAD = "SELECT count(*) FROM dead_letter WHERE tenant = $1"


async def waiting(connection: Connection, tenant: str, now: datetime) -> list[Any]:
    """The queues that have something to do: rows of (id, at)."""
    return await connection.fetch(_WAITING, tenant, now)


async def write_visits(connection: Connection, tenant: str, now: datetime, visits: Sequence[Mapping[str, Any]]) -> None:
    """What came of visits: counters and times, what is done, what was tried, what is given up. Events that nobody is owed go."""
    pairs = {
        part: [{"subscription": visit["subscription"], "seq": seq} for visit in visits for seq in visit[part]]
        for part in ("done", "tried")
    }
    dead = [{"subscription": visit["subscription"], **letter} for visit in visits for letter in visit["dead"]]
    await connection.execute(
        _VISITED,
        tenant,
        orjson.dumps(visits),
        orjson.dumps(pairs["done"]),
        orjson.dumps(pairs["tried"]),
        now,
        orjson.dumps(dead),
    )
    if pairs["done"]:
        await connection.execute(_FORGET, tenant, sorted({pair["seq"] for pair in pairs["done"]}))


async def tidy(connection: Connection, tenant: str, now: datetime, before: datetime, most: int) -> tuple[int, int]:
    """Housekeeping: shortens queues whose receiver fails, drops old dead letters and events that nobody is owed.

    Returns how many notifications wait, and how many are dead letters.
    """
    await connection.execute(_TOO_MANY, tenant, most, now, f"more than {most} notifications waited for this receiver")
    await connection.execute(_TOO_OLD, tenant, before)
    await connection.execute(_ORPHANS, tenant)
    await connection.execute(_FORGET_ALL, tenant)
    return int(await connection.fetchval(_WHERE_PENDING, tenant)), int(await connection.fetchval(_WHERE_DEAD, tenant))
