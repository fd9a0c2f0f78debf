"""How are @contexts kept in PostgreSQL? They belong to the installation, so they stand under its home tenant.

A context hosted here is kept under its path: by whichever of our own host names a client reached us, it is the same context.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import orjson

from kairo.context.contexts.keeping import ContextKind, StoredContext
from kairo.context.model.jsontext import canonical
from kairo.errors import Unavailable
from kairo.platform.db import Database, Record

PATH = "/ngsi-ld/v1/jsonldContexts/"
_LOCAL_ID_LENGTH = 24
_FLUSH_SECONDS = 5.0
_COLUMNS = "url, kind, body, stored_at, expires_at, hits, last_used_at"


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
    return StoredContext(
        row["url"],
        orjson.loads(row["body"]),
        ContextKind(row["kind"]),
        row["stored_at"],
        row["expires_at"],
        row["hits"],
        row["last_used_at"],
    )


def local_id(url: str) -> str:
    """By what a client names a stored context here: the end of its path, or of one kept from elsewhere a digest of its URL."""
    return url.removeprefix(PATH) if url.startswith(PATH) else sha256(url.encode()).hexdigest()[:_LOCAL_ID_LENGTH]


class PostgresContextStore:
    """Implements `ContextStore`."""

    def __init__(self, database: Database, tenant: str, own: frozenset[str] = LOOPBACK_HOSTS) -> None:
        self._database = database
        self._tenant = tenant
        self._own = own
        self._uses = Counter[str]()
        self._used_at: datetime | None = None

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

    async def named(self, name: str) -> StoredContext | None:
        """The context that a client names by its local id or by its whole URL (6.30.2)."""
        found = await self.get(name if ":" in name else PATH + name)
        if found is not None or ":" in name:
            return found
        row = await self._database.fetchrow(
            self._tenant,
            f"SELECT {_COLUMNS} FROM stored_context WHERE tenant = $1 AND kind = 'Cached'"
            f" AND left(encode(sha256(convert_to(url, 'UTF8')), 'hex'), {_LOCAL_ID_LENGTH}) = $2",
            self._tenant,
            name,
        )
        return _stored(row) if row else None

    async def number(self) -> int:
        """How many contexts were stored by clients or made here."""
        row = await self._database.fetchrow(
            self._tenant,
            "SELECT count(*) AS number FROM stored_context WHERE tenant = $1 AND kind <> 'Cached'",
            self._tenant,
        )
        return int(row["number"]) if row else 0

    async def implicit(self, context: Any, now: datetime) -> str:
        """The path under which this @context is served from now on (5.13.1, ImplicitlyCreated): one for equal ones."""
        document = {"@context": context}
        url = PATH + sha256(canonical(document)).hexdigest()[:32]
        if await self.get(url) is None:
            await self.put(StoredContext(url, document, ContextKind.IMPLICITLY_CREATED, now))
        return url

    def count(self, urls: Iterable[str], now: datetime) -> None:
        """Counts a use of each; written every few seconds, not with each request."""
        if not self._uses:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self._flush_soon)
        self._uses.update(urls)
        self._used_at = now

    def _flush_soon(self) -> None:
        self._flushing = asyncio.get_running_loop().create_task(self.flush())

    async def flush(self) -> None:
        """Writes the uses that were counted. What cannot be written is lost: it is a help for operators, not a record."""
        uses, self._uses = self._uses, Counter()
        if not uses:
            return
        with suppress(Unavailable):
            async with self._database.unit(self._tenant) as unit:
                await unit.connection.execute(
                    "UPDATE stored_context AS c SET hits = c.hits + u.number, last_used_at = greatest(c.last_used_at, $4)"
                    " FROM unnest($2::text[], $3::bigint[]) AS u(url, number) WHERE c.tenant = $1 AND c.url = u.url",
                    self._tenant,
                    [key_of(url, self._own) for url in uses],
                    list(uses.values()),
                    self._used_at,
                )

    async def delete(self, url: str) -> bool:
        """Forgets a context; whether it was there."""
        async with self._database.unit(self._tenant) as unit:
            answer = await unit.connection.execute(
                "DELETE FROM stored_context WHERE tenant = $1 AND url = $2", self._tenant, key_of(url, self._own)
            )
        return answer.endswith(" 1")
