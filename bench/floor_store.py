"""Which SQL does the floor run? The least that gives the same answers: plain tables, no scope, no row security, no history or audit.

Reads of one key are coalesced and writes share a commit, as in Kairo. A write leaves the very row that Kairo leaves in `entity`: the
same columns, values and two indexes. Lists by type, and by type and q, take the simplest condition that finds the same; near a point
it is the very condition that Kairo makes. Of residents the floor holds only what was granted, and a list of those who granted
something to the application with few grants.
"""

import asyncio
from collections.abc import Awaitable, Callable, KeysView, Mapping
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson

from bench.entities import TENANT
from kairo.context.contexts import CORE
from kairo.context.query import compile_query, read_query

_READ = "SELECT id, doc FROM plain_document WHERE id = any($1)"
_WRITE = """
INSERT INTO plain_row (tenant, id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at, change)
SELECT $1, u.id, u.type, u.doc, u.stamps, 'open', 'administrator:local', $1, $6, $6, $7 + u.number
FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::jsonb[]) WITH ORDINALITY AS u(id, type, doc, stamps, number)
ON CONFLICT (tenant, id) DO UPDATE SET type_key = excluded.type_key, doc = excluded.doc, modified_at = excluded.modified_at
"""
_PATCH = """
UPDATE entity e SET doc = jsonb_set(e.doc, ARRAY[u.attribute], (e.doc -> u.attribute) || u.fragment),
    stamps = jsonb_set(e.stamps, ARRAY[u.attribute, '@none', '1'], u.stamp), modified_at = $6, change = $7
FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::jsonb[]) AS u(id, attribute, fragment, stamp)
WHERE e.tenant = $1 AND e.id = u.id
"""
_LIST = """
SELECT e.id, e.doc FROM entity e WHERE e.tenant = $1 AND e.type_key = $2 AND {where} AND e.id > $3 ORDER BY e.id LIMIT 21
"""
_Q = """e.doc @? '$ ? (@."status"."value" == "open" && @."temperature"."value" > 20)'"""
_FEW = """
SELECT e.id, e.doc FROM plain_few f JOIN entity e ON e.tenant = $1 AND e.id = f.id WHERE e.type_key = $2 ORDER BY e.id LIMIT 21
"""
_NEAR = "SELECT e.id, e.doc FROM entity e WHERE e.tenant = $1 AND e.type_key = $2 AND {where} ORDER BY e.id LIMIT 21"
_PAST = """
SELECT at, instance -> 'value' AS value FROM plain_history WHERE entity = $1 AND attribute = $2 AND at >= $3 AND at < $4 ORDER BY at
"""
_MEANS = """
SELECT date_bin('1 hour', at, $3) AS hour, avg((instance -> 'value')::float8) AS mean FROM plain_history
WHERE entity = $1 AND attribute = $2 AND at >= $3 AND at < $4 GROUP BY 1 ORDER BY 1
"""
_NO_ATTRIBUTES = {"id", "type"}
_MOST = 1000  # keys or rows of one statement


class Gathering:
    """Whatever waits while a statement is under way goes into the next."""

    def __init__(self, work: Callable[[list[Any]], Awaitable[Mapping[Any, Any]]], slots: int) -> None:
        self._work = work
        self._slots = slots
        self._waiting: list[tuple[Any, asyncio.Future[Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, key: Any) -> "asyncio.Future[Any]":
        """What the statement that carries this key gives for it."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((key, answer))
        if len(self._tasks) < self._slots:
            task = asyncio.create_task(self._run())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return answer

    async def _run(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
            found = await self._work([key for key, _ in taken])
            for key, answer in taken:
                answer.set_result(found.get(key if isinstance(key, str) else key[0]))


class FloorStore:
    """The floor's database."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self._changes = 0
        self.reads = Gathering(self._read, 2)
        self.writes = Gathering(self._write, 1)
        self.patches = Gathering(self._patch, 1)

    @classmethod
    async def open(cls, url: str) -> "FloorStore":
        """Connects."""
        settings = {"jit": "off"}
        return cls(await asyncpg.create_pool(url, min_size=2, max_size=8, init=_init, reset=_keep, server_settings=settings))

    async def close(self) -> None:
        """Lets go of the database."""
        await self._pool.close()

    async def page(self, query: Mapping[str, str]) -> list[Any]:
        """Documents of a page."""
        if "geometry" in query:
            found = compile_query(read_query(query, CORE), 3)
            arguments: tuple[Any, ...] = (_NEAR.format(where=found.where), TENANT, query["type"], *found.parameters)
        elif "after" not in query:
            arguments = (_FEW, TENANT, query["type"])
        else:
            arguments = (_LIST.format(where=_Q if "q" in query else "true"), TENANT, query["type"], query["after"])
        return [row["doc"] for row in (await self._fetch(*arguments))[:20]]

    async def past(self, entity: str, attribute: str, start: datetime, end: datetime, *, means: bool) -> list[Any]:
        """Values in order of time, or their means by the hour."""
        return await self._fetch(_MEANS if means else _PAST, entity, attribute, start, end)

    async def _fetch(self, *arguments: Any) -> list[Any]:
        async with self._pool.acquire() as connection:
            found: list[Any] = await connection.fetch(*arguments)
            return found

    async def _read(self, keys: list[str]) -> dict[str, bytes]:
        return {row["id"]: row["doc"] for row in await self._fetch(_READ, keys)}

    async def _write(self, rows: list[tuple[str, str, bytes, KeysView[str]]]) -> dict[str, bool]:
        ids, types, docs, members = zip(*rows, strict=True)
        now = datetime.now(UTC)  # noqa: TID251 - no part of the program
        stamp = {"@none": [now, now]}
        stamps = [orjson.dumps(dict.fromkeys(names - _NO_ATTRIBUTES, stamp), option=orjson.OPT_UTC_Z) for names in members]
        async with self._pool.acquire() as connection:
            await connection.execute(_WRITE, TENANT, ids, types, docs, stamps, now, self._changes)
        self._changes += len(rows)
        return {}

    async def _patch(self, rows: list[tuple[str, str, bytes]]) -> dict[str, bool]:
        """The fragments of a gathering, the last one of each entity."""
        ids, names, fragments = zip(*{row[0]: row for row in rows}.values(), strict=True)
        now = datetime.now(UTC)  # noqa: TID251 - no part of the program
        self._changes += len(rows)
        stamps = [orjson.dumps(now, option=orjson.OPT_UTC_Z)] * len(ids)
        async with self._pool.acquire() as connection:
            await connection.execute(_PATCH, TENANT, ids, names, fragments, stamps, now, self._changes)
        return {}


async def _init(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=b"\x01".__add__, decoder=lambda value: value[1:]
    )


async def _keep(connection: Any) -> None:
    """Saves the round trip with which a pool resets a connection."""
