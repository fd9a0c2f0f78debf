"""How are @contexts kept in PostgreSQL? They belong to the installation, so they stand under its home tenant.

A context hosted here is kept under its path: by whichever of our own host names a client reached us, it is the same context.
"""

from urllib.parse import urlsplit

import orjson

from kairo.context.contexts.keeping import ContextKind, StoredContext
from kairo.platform.db import Database, Record

PATH = "/ngsi-ld/v1/jsonldContexts/"
_COLUMNS = "url, kind, body, stored_at, expires_at"


LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def own_hosts(public_url: str, host: str) -> frozenset[str]:
    """The host names under which this installation is reached: those of the settings `public_url` and `host`, and loopback."""
    return LOOPBACK_HOSTS | {name for name in (urlsplit(public_url).hostname, host) if name}


def key_of(url: str, own: frozenset[str]) -> str:
    """What a context is kept under: the path of one hosted here, else its URL."""
    try:
        parts = urlsplit(url)
    except ValueError:  # [ and ] that hold no IPv6 address
        return url
    ours = parts.path.startswith(PATH) and (not parts.netloc or parts.hostname in own)
    return parts.path if ours else url


def _stored(row: Record) -> StoredContext:
    return StoredContext(row["url"], orjson.loads(row["body"]), ContextKind(row["kind"]), row["stored_at"], row["expires_at"])


class PostgresContextStore:
    """Implements `ContextStore`."""

    def __init__(self, database: Database, tenant: str, own: frozenset[str] = LOOPBACK_HOSTS) -> None:
        self._database = database
        self._tenant = tenant
        self._own = own

    async def get(self, url: str) -> StoredContext | None:
        """The context of this URL, fresh or not."""
        row = await self._database.fetchrow(
            self._tenant,
            f"SELECT {_COLUMNS} FROM stored_context WHERE tenant = $1 AND url = $2",
            self._tenant,
            key_of(url, self._own),
        )
        return _stored(row) if row else None

    async def put(self, context: StoredContext) -> None:
        """Keeps the context in place of the one of the same URL; a fetched one never replaces one that a user stored."""
        async with self._database.unit(self._tenant) as unit:
            await unit.connection.execute(
                "INSERT INTO stored_context (tenant, url, kind, body, stored_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)"
                " ON CONFLICT (tenant, url) DO UPDATE SET kind = excluded.kind, body = excluded.body,"
                " stored_at = excluded.stored_at, expires_at = excluded.expires_at"
                " WHERE stored_context.kind = 'Cached' OR excluded.kind <> 'Cached'",
                self._tenant,
                key_of(context.url, self._own),
                context.kind.value,
                orjson.dumps(context.document),
                context.stored_at,
                context.expires_at,
            )

    async def all(self, kind: ContextKind | None = None) -> list[StoredContext]:
        """All contexts that are kept, or those of one kind."""
        rows = await self._database.fetch(
            self._tenant,
            f"SELECT {_COLUMNS} FROM stored_context WHERE tenant = $1 AND ($2::text IS NULL OR kind = $2) ORDER BY url",
            self._tenant,
            kind.value if kind else None,
        )
        return [_stored(row) for row in rows]

    async def delete(self, url: str) -> bool:
        """Forgets a context; whether it was there."""
        async with self._database.unit(self._tenant) as unit:
            answer = await unit.connection.execute(
                "DELETE FROM stored_context WHERE tenant = $1 AND url = $2", self._tenant, key_of(url, self._own)
            )
        return answer.endswith(" 1")
