"""How do changes reach open pages within a second? Ids travel as hints between processes; each web worker reads once what its
listeners want, under the scope of the public, and hands it to their streams."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from kairo.context.gate import Scope
from kairo.context.graph import Doc, GraphInterface
from kairo.context.reading import attributes_of, content_of, types_of, value_of
from kairo.platform.db import Database, Listener, notify
from kairo.platform.observability.logs import logger

CHANNEL = "kairo_changes"
SEND_SECONDS = 0.2
READ_SECONDS = 0.5
HINT_BYTES = 7000
LISTENERS_MOST = 2000
WAITING_MOST = 20  # updates that wait for one slow listener; then the oldest go
HEARTBEAT_SECONDS = 15.0
ALL = "*"

Update = dict[str, Any]


class _Listening:
    """One open stream: which entities or types it wants."""

    def __init__(self, types: frozenset[str], ids: frozenset[str]) -> None:
        self.types = types
        self.ids = ids
        self.queue: asyncio.Queue[list[Update]] = asyncio.Queue(WAITING_MOST)

    def offer(self, updates: list[Update]) -> None:
        if self.queue.full():
            self.queue.get_nowait()
        self.queue.put_nowait(updates)


class LiveHub:
    """One a process. `announce` is called after each commit; `listen` gives a stream its updates."""

    def __init__(self, database: Database, graph: GraphInterface, public: Callable[[str], Scope], tenant: str) -> None:
        self._database = database
        self._graph = graph
        self._public = public
        self._tenant = tenant
        self._changed: dict[str, dict[str, None]] = {}
        self._wanted: dict[str, None] = {}
        self._listening: set[_Listening] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._sending: asyncio.Task[None] | None = None
        self._reading = asyncio.Event()
        self._listener: Listener | None = None
        self._log = logger("live")

    async def start(self) -> None:
        """Listens to hints (web workers)."""
        self._listener = Listener(self._database, [CHANNEL], self._heard)
        await self._listener.__aenter__()
        self._tasks.append(asyncio.create_task(self._read(), name="live reading"))

    async def close(self) -> None:
        """Ends all streams."""
        if self._listener is not None:
            await self._listener.__aexit__(None, None, None)
        tasks = [*self._tasks, *([self._sending] if self._sending else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # Telling

    def announce(self, tenant: str, ids: list[str]) -> None:
        """Notes that entities changed; all processes hear of it within a fifth of a second."""
        self._changed.setdefault(tenant, {}).update(dict.fromkeys(ids))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.create_task(self._send(), name="live hints")

    async def _send(self) -> None:
        await asyncio.sleep(SEND_SECONDS)
        changed, self._changed = self._changed, {}
        try:
            for tenant, ids in changed.items():
                async with self._database.unit(tenant) as unit:
                    for payload in payloads(tenant, list(ids)):
                        await notify(unit.connection, CHANNEL, payload)
        except Exception:  # noqa: BLE001 - a hint may get lost, the change is stored
            self._log.warning("hints were not sent", exc_info=True)

    # Hearing

    def _heard(self, _channel: str, payload: str) -> None:
        tenant, _, ids = payload.partition(" ")
        if tenant == self._tenant and self._listening:
            self._wanted.update(dict.fromkeys(ids.split(" ")))
            self._reading.set()

    async def _read(self) -> None:
        while True:
            await self._reading.wait()
            await asyncio.sleep(READ_SECONDS)
            self._reading.clear()
            wanted, self._wanted = list(self._wanted), {}
            try:
                docs = await self._graph.get_many(self._public(self._tenant), wanted)
            except Exception:  # noqa: BLE001 - the next hint brings the next try
                self._log.warning("live values could not be read", exc_info=True)
                continue
            self._hand_out(list(docs.values()))

    def _hand_out(self, docs: list[Doc]) -> None:
        updates = [(frozenset(types_of(doc)), doc["id"], updates_of(doc)) for doc in docs]
        for listening in self._listening:
            found = [
                update
                for types, id, those in updates
                if id in listening.ids or types & listening.types or ALL in listening.types
                for update in those
            ]
            if found:
                listening.offer(found)

    async def listen(self, types: frozenset[str], ids: frozenset[str]) -> AsyncIterator[list[Update]]:
        """Updates of entities of these types or with these ids; an empty list now and then, to show that the line is up."""
        if len(self._listening) >= LISTENERS_MOST:
            return
        listening = _Listening(types, ids)
        self._listening.add(listening)
        try:
            while True:
                try:
                    yield await asyncio.wait_for(listening.queue.get(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield []
        finally:
            self._listening.discard(listening)


def payloads(tenant: str, ids: list[str]) -> list[str]:
    """Hints of at most HINT_BYTES each: the tenant and ids, joined by spaces (ids hold none). What is longer is left out."""
    found: list[str] = []
    current = tenant
    for id in ids:
        if len(f"{tenant} {id}".encode()) > HINT_BYTES:
            continue
        if len(f"{current} {id}".encode()) > HINT_BYTES:
            found.append(current)
            current = tenant
        current = f"{current} {id}"
    return [*found, current] if current != tenant else found


def updates_of(doc: Doc) -> list[Update]:
    """What a page's live values need of an entity: numbers, texts and places that carry a time of observation."""
    updates: list[Update] = []
    location = value_of(doc, "location")
    point = location.get("coordinates") if isinstance(location, dict) and location.get("type") == "Point" else None
    for name, instances in attributes_of(doc):
        observed = instances[0].get("observedAt")
        if observed is None:
            continue
        content = content_of(instances[0])
        update: Update = {"id": doc["id"], "attribute": name, "observedAt": observed}
        if name == "location":
            update |= {"value": None, "coordinates": point}
        elif isinstance(content, int | float | str):
            update["value"] = content
        else:
            continue
        updates.append(update)
    return updates
