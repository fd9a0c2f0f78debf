"""What is it measured against? The least that could give the same answers: a bare granian handler over asyncpg, no gate, no rules.

Reads of one key are coalesced, from a plain table; writes share a commit, as in Kairo, and leave the very row that Kairo leaves
in `entity`: the same columns, values and two indexes, but no row security, no checks, no history, audit or index rows.
Lists run on a copy of Kairo's tables, as the owner, without scope and row-level security: by type and q the simplest condition
that finds the same, near a point the very condition that Kairo makes.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, KeysView
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import orjson

from kairo.context.contexts import CORE
from kairo.context.query import compile_query, read_query
from kairo.platform.processes.collector import settle

TABLES = """
CREATE TABLE plain_document (id text PRIMARY KEY, doc bytea NOT NULL);
CREATE TABLE plain_row (LIKE entity INCLUDING ALL) WITH (fillfactor = 80);
"""
_READ = "SELECT id, doc FROM plain_document WHERE id = any($1)"
_WRITE = """
INSERT INTO plain_row (tenant, id, type_key, doc, stamps, data_class, writer, controller, created_at, modified_at, change)
SELECT $1, u.id, u.type, u.doc, u.stamps, 'open', 'administrator:local', $1, $6, $6, $7 + u.number
FROM unnest($2::text[], $3::text[], $4::jsonb[], $5::jsonb[]) WITH ORDINALITY AS u(id, type, doc, stamps, number)
ON CONFLICT (tenant, id) DO UPDATE SET type_key = excluded.type_key, doc = excluded.doc, modified_at = excluded.modified_at
"""
_LIST = """
SELECT e.id, e.doc FROM entity e WHERE e.tenant = $1 AND e.type_key = $2 AND e.doc @? $3::jsonpath AND e.id > $4
ORDER BY e.id LIMIT 21
"""
_Q = '$ ? (@."status"."value" == "open" && @."temperature"."value" > 20)'
_NEAR = "SELECT e.id, e.doc FROM entity e WHERE e.tenant = $1 AND e.type_key = $2 AND {where} ORDER BY e.id LIMIT 21"
_TENANT = "352039"
_NO_ATTRIBUTES = {"id", "type"}
MOST = 1000  # keys or rows of one statement
Answer = tuple[int, bytes]


class Gathering:
    """Whatever waits while a statement is under way goes into the next."""

    def __init__(self, work: Callable[[list[Any]], Awaitable[dict[Any, Any]]], slots: int) -> None:
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
            taken, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            found = await self._work([key for key, _ in taken])
            for key, answer in taken:
                answer.set_result(found.get(key if isinstance(key, str) else key[0]))


class Floor:
    """The bare application."""

    def __init__(self) -> None:
        self._pool: Any = None
        self._changes = 0
        self._reads = Gathering(self._read, 2)
        self._writes = Gathering(self._write, 1)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        status, body = await self._answer(scope, receive)
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        path: str = scope["path"]
        if scope["method"] == "GET":
            if len(path) > 21:
                return 200, await self._reads.ask(path[21:])
            return 200, await self._list(dict(parse_qsl(scope["query_string"].decode())))
        message = await receive()
        body: bytes = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        if path.endswith("/upsert"):
            return await self._upsert(orjson.loads(body))
        doc = orjson.loads(body)
        await self._writes.ask((doc["id"], doc["type"], body, doc.keys()))
        return 201, b""

    async def _upsert(self, docs: list[Any]) -> Answer:
        await asyncio.gather(*[self._writes.ask((doc["id"], doc["type"], orjson.dumps(doc), doc.keys())) for doc in docs])
        return 201, orjson.dumps([doc["id"] for doc in docs])

    async def _list(self, query: dict[str, str]) -> bytes:
        if "q" in query:
            arguments: tuple[Any, ...] = (_LIST, _TENANT, query["type"], _Q, query["after"])
        else:
            found = compile_query(read_query(query, CORE), 3)
            arguments = (_NEAR.format(where=found.where), _TENANT, query["type"], *found.parameters)
        async with self._pool.acquire() as connection:
            rows = await connection.fetch(*arguments)
        return b"[" + b",".join([row["doc"] for row in rows[:20]]) + b"]"

    async def _read(self, keys: list[str]) -> dict[str, bytes]:
        async with self._pool.acquire() as connection:
            return {row["id"]: row["doc"] for row in await connection.fetch(_READ, keys)}

    async def _write(self, rows: list[tuple[str, str, bytes, KeysView[str]]]) -> dict[str, bool]:
        ids, types, docs, members = zip(*rows, strict=True)
        now = datetime.now(UTC)  # noqa: TID251 - no part of the program
        stamp = {"@none": [now, now]}
        stamps = [orjson.dumps(dict.fromkeys(names - _NO_ATTRIBUTES, stamp), option=orjson.OPT_UTC_Z) for names in members]
        async with self._pool.acquire() as connection:
            await connection.execute(_WRITE, _TENANT, ids, types, docs, stamps, now, self._changes)
        self._changes += len(rows)
        return {}

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._pool = await asyncpg.create_pool(
                    os.environ["KAIRO_DATABASE_URL"],
                    min_size=2,
                    max_size=8,
                    init=_init,
                    reset=_keep,
                    server_settings={"jit": "off"},
                )
                settle()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._pool.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _init(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", format="binary", encoder=b"\x01".__add__, decoder=lambda value: value[1:]
    )


async def _keep(connection: Any) -> None:
    """Saves the round trip with which a pool resets a connection."""


def worker() -> Floor:
    """The factory that the server calls."""
    return Floor()
