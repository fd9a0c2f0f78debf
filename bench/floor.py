"""What is it measured against? The least that could give the same answers: a bare granian handler, no gate, no rules, no checks."""

import asyncio
import os
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import orjson

from bench.floor_store import FloorStore
from kairo.platform.processes.collector import settle

_ENTITIES = "/ngsi-ld/v1/entities/"
_PASTS = "/ngsi-ld/v1/temporal/entities/"
Answer = tuple[int, bytes]


class Floor:
    """The bare application."""

    def __init__(self) -> None:
        self._store: Any = None

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
            if path.startswith(_ENTITIES):
                return 200, await self._store.reads.ask(path[len(_ENTITIES) :])
            query = dict(parse_qsl(scope["query_string"].decode()))
            if path.startswith(_PASTS):
                return 200, await self._past(path[len(_PASTS) :], query)
            return 200, b"[" + b",".join(await self._store.page(query)) + b"]"
        message = await receive()
        body: bytes = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        if path.endswith("/upsert"):
            return await self._upsert(orjson.loads(body))
        if scope["method"] == "PATCH":
            id, _, attribute = path[len(_ENTITIES) :].partition("/attrs/")
            orjson.loads(body)
            await self._store.patches.ask((id, attribute, body))
            return 204, b""
        doc = orjson.loads(body)
        await self._store.writes.ask((doc["id"], doc["type"], body, doc.keys()))
        return 201, b""

    async def _upsert(self, docs: list[Any]) -> Answer:
        ask = self._store.writes.ask
        await asyncio.gather(*[ask((doc["id"], doc["type"], orjson.dumps(doc), doc.keys())) for doc in docs])
        return 201, orjson.dumps([doc["id"] for doc in docs])

    async def _past(self, id: str, query: dict[str, str]) -> bytes:
        name = query["attrs"]
        start, end = datetime.fromisoformat(query["timeAt"]), datetime.fromisoformat(query["endTimeAt"])
        means = "aggrMethods" in query
        rows = await self._store.past(id, name, start, end, means=means)
        if means:
            shown: Any = {"type": "Property", "avg": [(row["mean"], row["hour"]) for row in rows]}
        else:
            shown = {"type": "Property", "values": [(orjson.Fragment(row["value"]), row["at"]) for row in rows]}
        return orjson.dumps({"id": id, "type": "BenchSensor", name: shown}, option=orjson.OPT_UTC_Z)

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._store = await FloorStore.open(os.environ["KAIRO_DATABASE_URL"])
                settle()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._store.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def worker() -> Floor:
    """The factory that the server calls."""
    return Floor()
