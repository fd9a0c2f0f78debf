"""What is remembered between notifications? Definitions by their revision and events by their number, within bounds.

Both never change once made, so what is remembered is never too old; what is asked for is looked up together with others.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

import orjson

from kairo.context.subscriptions.definition import Definition
from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.events import Event, event_of
from kairo.platform.db import Coalescer, Database

_MOST_DEFINITIONS = 10_000
_MOST_EVENTS_BYTES = 32 * 1024 * 1024
_CHUNK = 500

V = TypeVar("V")


class _Recent(Generic[V]):
    """The values used last, up to a total weight."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._values: OrderedDict[tuple[Any, ...], tuple[V, int]] = OrderedDict()

    def get(self, key: tuple[Any, ...]) -> V | None:
        found = self._values.get(key)
        if found is None:
            return None
        self._values.move_to_end(key)
        return found[0]

    def put(self, key: tuple[Any, ...], value: V, weight: int = 1) -> None:
        if key in self._values:
            self._weight -= self._values.pop(key)[1]
        self._values[key] = (value, weight)
        self._weight += weight
        while self._weight > self._most and len(self._values) > 1:
            self._weight -= self._values.popitem(last=False)[1][1]


class Memory:
    """One for the process that delivers."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = Coalescer(database, max_waiting=100_000)
        self._definitions = _Recent[Definition](_MOST_DEFINITIONS)
        self._events = _Recent[Event](_MOST_EVENTS_BYTES)

    async def close(self) -> None:
        """Answers what waits."""
        await self.reads.close()

    async def definition(self, tenant: str, id: str, revision: int) -> Definition | None:
        """A definition of at least this revision, or None where the subscription is gone."""
        known = self._definitions.get((tenant, id, revision))
        if known is not None:
            return known
        row = await self.reads.get(tenant, store.BODY, id)
        return None if row is None else self._read(tenant, row)

    async def definitions(self, tenant: str, wanted: Iterable[tuple[str, int]]) -> dict[str, Definition]:
        """Definitions by id; those of subscriptions that are gone are left out."""
        found: dict[str, Definition] = {}
        missing: list[str] = []
        for id, revision in wanted:
            known = self._definitions.get((tenant, id, revision))
            if known is None:
                missing.append(id)
            else:
                found[id] = known
        for start in range(0, len(missing), _CHUNK):
            rows = await self._database.fetch(tenant, store.BODY.statement, tenant, missing[start : start + _CHUNK])
            found |= {row["id"]: self._read(tenant, row) for row in rows}
        return found

    def _read(self, tenant: str, row: Any) -> Definition:
        definition = Definition.of(row["id"], orjson.loads(row["body"]))
        self._definitions.put((tenant, row["id"], row["revision"]), definition)
        return definition

    def remember(self, tenant: str, record: Any) -> Event:
        """The event of a row, remembered: whoever is told of it will ask for it soon."""
        event = event_of(record)
        self._events.put((tenant, event.seq), event, len(record["state"]) * 4)
        return event

    async def events(self, tenant: str, seqs: Sequence[int]) -> dict[int, Event]:
        """Events by number."""
        found = {seq: known for seq in seqs if (known := self._events.get((tenant, seq))) is not None}
        missing = [seq for seq in seqs if seq not in found]
        for start in range(0, len(missing), _CHUNK):
            part = missing[start : start + _CHUNK]
            rows = await asyncio.gather(*(self.reads.get(tenant, store.EVENT, seq) for seq in part))
            found |= {seq: self.remember(tenant, row) for seq, row in zip(part, rows, strict=True) if row is not None}
        return found
