"""What happens when a queue has its turn? Its first notifications are rendered, sent in order, and what came of it is written.

Rendered at this moment, under the scope that the subscriber has at this moment: a right that was withdrawn stops what is pending.
A notification keeps its id over all tries, so that a receiver can tell a second copy.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kairo.context.contexts import ContextResolver, TermMap
from kairo.context.gate import Gate
from kairo.context.graph import Graph
from kairo.context.subscriptions.definition import Definition, queries
from kairo.context.subscriptions.delivery import store
from kairo.context.subscriptions.delivery.memory import Memory
from kairo.context.subscriptions.delivery.telling import Teller
from kairo.context.subscriptions.dispatcher import pause_after
from kairo.context.subscriptions.linking import linked
from kairo.context.subscriptions.rendering import message, periodic
from kairo.context.subscriptions.transport import Message, Undelivered
from kairo.context.subscriptions.transport.post import Sender
from kairo.errors import KairoError, TooManyResults, Unavailable
from kairo.platform.db import Database, SharedCommit, Unit
from kairo.platform.observability import metrics
from kairo.platform.observability.logs import logger

_AT_ONCE = 20  # notifications of one queue in a visit; then the others have their turn
_LOOKED_AT = 200  # changes that a visit asks for
_SUMMED_UP = 5_000  # changes that one throttled notification sums up: it falls behind only where more come in its interval
_VISIT_SECONDS = 5.0
_NAMESPACE = uuid.UUID("5b0f1b9e-6e0c-4d0e-9d0b-6a1f0c7b1d15")


@dataclass(slots=True)
class Outcome:
    """What came of a visit: a row of `store.write_visits`."""

    subscription: str
    failures: int
    sent: int = 0
    failed: int = 0
    last_notification: datetime | None = None
    last_success: datetime | None = None
    last_failure: datetime | None = None
    not_before: datetime | None = None
    next_at: datetime | None = None
    last_error: str | None = None
    done: list[int] = field(default_factory=list)
    tried: list[int] = field(default_factory=list)
    dead: list[dict[str, Any]] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        """As the store takes it."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Limits:
    """`attempts`: tries before a notification is a dead letter. `page`: entities in one periodic notification. `linked`: those that
    come along with it at the most."""

    attempts: int
    page: int
    linked: int


class Visitor:
    """Visits the queues of an installation. `home` is the tenant that needs no header."""

    def __init__(
        self, database: Database, memory: Memory, graph: Graph, gate: Gate, contexts: ContextResolver, sender: Sender, home: str,
        limits: Limits,
    ) -> None:  # fmt: skip
        self._memory = memory
        self._graph = graph
        self._gate = gate
        self._contexts = contexts
        self._sender = sender
        self._home = home
        self._limits = limits
        self._teller = Teller(graph, limits.linked)
        self._clock = graph.clock
        self._log = logger("notifications")
        self._commit: SharedCommit[Outcome, None] = SharedCommit(database, self._write, max_waiting=100_000)

    async def close(self) -> None:
        """Waits until what was sent is written."""
        await self._commit.close()

    async def visit(self, tenant: str, id: str) -> tuple[datetime | None, bool]:
        """One turn of a queue: when the next is due (None: nothing is left to do), and whether all went well."""
        now = self._clock()
        most = _LOOKED_AT
        row = await self._memory.reads.get(tenant, store.QUEUE, id, most)
        if row is None or not row["is_active"]:
            return None, True
        seqs: list[int] = row["seqs"]
        if row["expires_at"] is not None and row["expires_at"] <= now:
            if seqs:
                await self._commit.submit(tenant, Outcome(id, 0, done=seqs))
            return (now if len(seqs) == most else None), True
        is_periodic = row["next_at"] is not None and row["next_at"] <= now
        if not is_periodic and not seqs:
            return row["next_at"], True
        if row["not_before"] is not None and row["not_before"] > now:
            return row["not_before"], False
        definition = await self._memory.definition(tenant, id, row["revision"])
        if definition is None:
            return None, True
        free_at = _free_at(definition, row["last_notification"])
        if not is_periodic and free_at is not None and free_at > now:
            return free_at, True
        outcome = Outcome(id, row["failures"])
        if is_periodic:
            await self._periodic(tenant, row, definition, outcome)
        else:
            if definition.throttling_seconds and len(seqs) == most:
                most = _SUMMED_UP
                more = await self._memory.reads.get(tenant, store.QUEUE, id, most)
                seqs = more["seqs"] if more is not None else seqs
            await self._changes(tenant, row, seqs, definition, outcome)
        await self._commit.submit(tenant, outcome)
        if outcome.not_before is not None:
            return outcome.not_before, False
        if len(outcome.done) < len(seqs) or len(seqs) == most:
            return _free_at(definition, outcome.last_notification) or now, True
        return outcome.next_at or row["next_at"], True

    # What is sent

    async def _changes(self, tenant: str, row: Any, seqs: Sequence[int], definition: Definition, outcome: Outcome) -> None:
        """The next changes of the queue: one notification each, or, where they are throttled, one with the latest of each entity."""
        scope = await self._gate.standing(row["principal"], tenant, row["purpose"])
        throttled = definition.throttling_seconds > 0
        seqs = seqs if throttled else seqs[:_AT_ONCE]
        if scope is None:
            outcome.done += seqs
            metrics.NOTIFICATIONS.labels("withheld").inc(len(seqs))
            return
        events = await self._memory.events(tenant, seqs)
        try:
            terms = await self._contexts.resolve(definition.context)
        except KairoError as error:
            self._failed(definition, outcome, [seqs[0]], row["attempts"], f"@context: {error.detail}")
            return
        began = self._clock()
        attempts = row["attempts"] or 0
        for group in [seqs] if throttled else [[seq] for seq in seqs]:
            try:
                data = await self._teller.data([events[seq] for seq in group if seq in events], definition, scope, terms)
            except TooManyResults as error:  # the same however often it is tried: given up at once, to be replayed
                self._given_up(outcome, group, attempts, f"{error.detail}. {error.mend}")
                attempts = 0
                continue
            except Unavailable as error:  # the record of the look cannot be written now: it waits
                self._failed(definition, outcome, group, attempts, error.detail)
                return
            except Exception as error:  # noqa: BLE001 - what cannot be rendered becomes a dead letter, and the next has its turn
                self._log.warning("a notification cannot be rendered", tenant=tenant, exc_info=True)
                self._failed(definition, outcome, group, attempts, f"it cannot be rendered: {type(error).__name__}")
                return
            if not data:
                outcome.done += group
                metrics.NOTIFICATIONS.labels("withheld").inc(len(group))
                continue
            letter = self._message(tenant, definition, data, terms, str(group[-1]))
            if not await self._send(definition, letter, outcome, group, attempts):
                return
            attempts = 0
            if (self._clock() - began).total_seconds() > _VISIT_SECONDS:
                return

    async def _periodic(self, tenant: str, row: Any, definition: Definition, outcome: Outcome) -> None:
        """All entities that the subscription selects, by pages; no notification where there are none (5.8.6)."""
        assert definition.interval_seconds is not None
        now = self._clock()
        late = (now - row["next_at"]).total_seconds() // definition.interval_seconds
        outcome.next_at = row["next_at"] + timedelta(seconds=(late + 1) * definition.interval_seconds)
        scope = await self._gate.standing(row["principal"], tenant, row["purpose"])
        if scope is None:
            metrics.NOTIFICATIONS.labels("withheld").inc()
            return
        try:
            terms = await self._contexts.resolve(definition.context)
            number = 0
            for query in queries(definition):
                after: str | None = ""
                while after is not None:
                    shows = definition.projection.shows
                    found = await self._graph.search(scope, query, limit=self._limits.page, after=after or None, shows=shows)
                    after = found.after
                    if not found.rows:
                        break
                    number += 1
                    link, behind = await linked(self._graph, scope, found.rows, definition, terms, self._limits.linked)
                    data = [*periodic(found.rows, definition, terms, link), *behind.values()]
                    letter = self._message(tenant, definition, data, terms, f"{row['next_at'].isoformat()} {number}")
                    if not await self._send(definition, letter, outcome, [], 0):
                        return
        except KairoError as error:
            self._failed(definition, outcome, [], 0, error.detail)

    def _message(self, tenant: str, definition: Definition, data: list[dict[str, Any]], terms: TermMap, of: str) -> Message:
        id = f"urn:ngsi-ld:Notification:{uuid.uuid5(_NAMESPACE, f'{tenant} {definition.id} {of}')}"
        named = tenant if tenant != self._home else None
        return message(definition, data, terms, id=id, at=self._clock(), tenant=named)

    async def _send(
        self, definition: Definition, letter: Message, outcome: Outcome, seqs: Sequence[int], attempts: int
    ) -> bool:
        """Sends one notification and notes what came of it."""
        try:
            await self._sender.send(definition.endpoint, letter)
        except Undelivered as error:
            self._failed(definition, outcome, seqs, attempts, str(error))
            return False
        now = self._clock()
        outcome.sent += 1
        outcome.last_notification = outcome.last_success = now
        outcome.failures, outcome.last_error = 0, None
        outcome.done += seqs
        metrics.NOTIFICATIONS.labels("sent").inc()
        return True

    def _failed(self, definition: Definition, outcome: Outcome, seqs: Sequence[int], attempts: int, reason: str) -> None:
        now = self._clock()
        pause = max(pause_after(outcome.failures), timedelta(seconds=definition.endpoint.cooldown_seconds))
        outcome.sent += 1
        outcome.failed += 1
        outcome.failures += 1
        outcome.last_notification = outcome.last_failure = now
        outcome.not_before, outcome.last_error = now + pause, reason[:500]
        metrics.NOTIFICATIONS.labels("failed").inc()
        if attempts + 1 >= self._limits.attempts:
            self._dead(outcome, seqs, attempts + 1, reason)
        else:
            outcome.tried += seqs

    def _given_up(self, outcome: Outcome, seqs: Sequence[int], attempts: int, reason: str) -> None:
        """Not for its receiver's fault, which is not made to wait for it."""
        outcome.sent += 1
        outcome.failed += 1
        outcome.last_notification = outcome.last_failure = self._clock()
        outcome.last_error = reason[:500]
        metrics.NOTIFICATIONS.labels("failed").inc()
        self._dead(outcome, seqs, attempts + 1, reason)

    @staticmethod
    def _dead(outcome: Outcome, seqs: Sequence[int], attempts: int, reason: str) -> None:
        outcome.done += seqs
        outcome.dead += [{"seq": seq, "attempts": attempts, "error": reason[:500]} for seq in seqs]
        metrics.NOTIFICATIONS.labels("dead").inc(len(seqs))

    async def _write(self, unit: Unit, outcomes: Sequence[Outcome]) -> list[None]:
        await store.write_visits(unit.connection, unit.tenant, self._clock(), [outcome.row() for outcome in outcomes])
        return [None] * len(outcomes)


def _free_at(definition: Definition, last: datetime | None) -> datetime | None:
    """When a throttled subscription may be told again."""
    if last is None or not definition.throttling_seconds:
        return None
    return last + timedelta(seconds=definition.throttling_seconds)
