"""Whom does each change concern? Events in the order of their commits, joined with the index of what is watched, then asked exactly.

Progress, what is owed and what is forgotten are one transaction: each event is matched once, whoever is killed when.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

from kairo.context.gate import Declarations, Gate, Scope
from kairo.context.subscriptions.definition import Definition
from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.events import Event
from kairo.context.subscriptions.delivery.memory import Memory
from kairo.context.subscriptions.delivery.noticing import Watched
from kairo.context.subscriptions.matching import view
from kairo.context.subscriptions.seeing import Eyes
from kairo.errors import TooManyResults
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.platform.observability.logs import logger

_MOST_EVENTS = 200
_MOST_PAIRS = 20_000  # about so many (event, subscription) in one transaction
_FIRST_EVENTS = 8
_PAUSE_EVERY = 500  # so often others in this process get their turn


@dataclass(frozen=True, slots=True)
class Matched:
    """What one step found: who is owed something now, and whether there is more."""

    subscriptions: set[str]
    more: bool


class Matcher:
    """Matches the events of one tenant at a time."""

    def __init__(self, database: Database, memory: Memory, gate: Gate, declarations: Declarations, clock: Clock) -> None:
        self._database = database
        self._memory = memory
        self._gate = gate
        self._declarations = declarations
        self._clock = clock
        self._eyes = Eyes(database, declarations, clock)
        self._watched: dict[str, tuple[int, Watched]] = {}
        self._events_at_once: dict[str, int] = {}
        self._log = logger("notifications")

    async def step(self, tenant: str) -> Matched:
        """Matches the next events of the tenant."""
        at_once = self._events_at_once.get(tenant, _FIRST_EVENTS)
        async with self._database.unit(tenant) as unit:
            connection = unit.connection
            version = await store.watch_version(connection, tenant)
            if not version:
                return Matched(set(), False)
            before = await store.progress(connection, tenant)
            rows = await store.events_after(connection, tenant, before, at_once)
            if not rows:
                return Matched(set(), False)
            events = {row["seq"]: self._memory.remember(tenant, row) for row in rows}
            watched = await self._watched_now(connection, tenant, version)
            keys = [key for event in events.values() for key in _keys(event, watched)]
            candidates = await store.candidates(connection, tenant, keys, self._clock()) if keys else []
            pairs = await self._decide(tenant, events, candidates)
            wanted = {seq for _, seq in pairs}
            await store.owe(connection, tenant, pairs, [seq for seq in events if seq not in wanted], rows[-1]["seq"])
        a_piece = max(1, len(candidates) // len(rows))
        self._events_at_once[tenant] = max(1, min(_MOST_EVENTS, _MOST_PAIRS // a_piece, at_once * 4))
        return Matched({id for id, _ in pairs}, len(rows) == at_once)

    async def _watched_now(self, connection: Any, tenant: str, version: int) -> Watched:
        """What is watched, from memory while the version is the same: most keys of an event then need not be asked at all."""
        known = self._watched.get(tenant)
        if known is None or known[0] != version:
            known = self._watched[tenant] = (version, Watched(await store.watched(connection, tenant)))
        return known[1]

    async def _decide(self, tenant: str, events: dict[int, Event], candidates: list[Any]) -> list[tuple[str, int]]:
        """Which candidates a change really concerns, under the scope that each subscriber has now."""
        definitions = await self._memory.definitions(tenant, {(row["id"], row["revision"]) for row in candidates})
        scopes: dict[tuple[str, str], Scope | None] = {}
        pairs: list[tuple[str, int]] = []
        for number, row in enumerate(candidates, 1):
            who = row["principal"], row["purpose"]
            if who not in scopes:
                scopes[who] = await self._gate.standing(who[0], tenant, who[1])
            scope, definition = scopes[who], definitions.get(row["id"])
            if scope is None or definition is None:
                continue
            try:
                concerned = await self._concerns(events[row["seq"]], definition, scope)
            except TooManyResults:  # whether it is concerned cannot be said: it is told so, by a dead letter
                concerned = True
            except Exception:  # noqa: BLE001 - one subscription must not keep the others from their notifications
                self._log.exception("a subscription cannot be asked", tenant=tenant)
                continue
            if concerned:
                pairs.append((row["id"], row["seq"]))
            if number % _PAUSE_EVERY == 0:
                await asyncio.sleep(0)
        return pairs

    async def _concerns(self, event: Event, definition: Definition, scope: Scope) -> bool:
        hidden = await self._eyes.hidden(event, scope)
        return hidden is not None and view(event, definition, scope, self._declarations, hidden) is not None


def _keys(event: Event, watched: Watched) -> list[tuple[int, str, str, str]]:
    """The rows of the index that an event has to be asked for."""
    pairs = watched.keys(event.types, {change.attribute for change in event.changes})
    return [(event.seq, kind, attribute, entity) for kind, attribute in pairs for entity in ("", event.entity)]
