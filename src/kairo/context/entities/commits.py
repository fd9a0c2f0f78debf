"""How do operations become rows? States are loaded once, operations folded in order in Python, everything written at once.

`Applier.apply` is what the shared commit calls with all submissions that wait (docs/architecture.md, "One way in").
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import msgspec

from kairo.context.entities import store
from kairo.context.entities.entry import Entry
from kairo.context.entities.permissions import Permissions, restored, types_of, without
from kairo.context.entities.refusals import require_class
from kairo.context.entities.rows import Row, history_row, is_all_of_document, moved, row_of, type_key_of
from kairo.context.entities.rules import Create, Delete, Operation, Outcome, State, Upsert
from kairo.context.expiring import Expire, expiry_scope
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.granting.subjects import subject_rows
from kairo.context.indexing.writing import ByType, KeptIndexes, rekey
from kairo.context.subscriptions.delivery.events import Happening
from kairo.context.temporal.writing.pasts import past_of
from kairo.context.temporal.writing.store import add_pasts
from kairo.context.types.incoming import gives_all, in_newest_version
from kairo.context.types.versions import Rewrite, Versions
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.observability import metrics
from kairo.platform.turns import Turns


class Command(msgspec.Struct, frozen=True):
    """One operation on one entity."""

    entity: str
    operation: Operation


class Submission(msgspec.Struct, frozen=True):
    """What one request wants changed, or a part of it (parts.py). `request` is its id, for the audit record; its commands succeed
    or fail one by one. `weight`: about how many bytes they bring."""

    scope: Scope
    commands: tuple[Command, ...]
    request: str = ""
    weight: int = 0


Result = Outcome | KairoError


class Unit(Protocol):
    """The part of an atomic unit that is used here: its tenant, its connection, what is done after its commit."""

    @property
    def tenant(self) -> str: ...
    @property
    def connection(self) -> Any: ...
    def after_commit(self, call: Callable[[], object]) -> None: ...


class Watchers(Protocol):
    """Who reacts to changes? Asked once a change, so that only changes that somebody waits for enter the outbox."""

    def watch(self, types: Sequence[str]) -> bool: ...


class Noticer(Protocol):
    """Who tells subscribers? Told of every change of a commit, within it; `version` says what subscriptions watch by now."""

    async def note(self, unit: Unit, version: int, now: datetime, happenings: Sequence[Happening]) -> None: ...


class Applier:
    """Applies submissions of one tenant within one transaction."""

    def __init__(self, declarations: Declarations, watchers: Watchers, noticer: Noticer, clock: Clock) -> None:
        self._declarations = declarations
        self._watchers = watchers
        self._noticer = noticer
        self._clock = clock
        self._versions = Versions(declarations)
        self._indexes = KeptIndexes()

    async def apply(self, unit: Unit, submissions: Sequence[Submission]) -> list[list[Result]]:
        """The results of every submission's commands, in order. Raises only what concerns the whole commit."""
        wanted = sum(len(submission.commands) for submission in submissions)
        asked = self._clock()
        ids = sorted({command.entity for submission in submissions for command in submission.commands})
        begun = await store.lock_and_load(unit.connection, unit.tenant, wanted, asked, ids)
        if begun is None:
            await self._new_tenant(unit, submissions, asked)
            begun = await store.lock_and_load(unit.connection, unit.tenant, wanted, asked, ids)
            assert begun is not None
        (last, watching, now, indexing), stored = begun
        entries = {id: Entry.of(row, self._versions, now) for id, row in stored.items()}
        if over := sum(entry.is_over for entry in entries.values()):  # each ends by a change of its own, before all others
            turn = await store.lock_tenant(unit.connection, unit.tenant, over, asked)
            assert turn is not None
            last, wanted = turn.last_change, wanted + over
        fold = _Fold(self._declarations, self._watchers, self._versions, now, entries, last - wanted, is_watched=watching > 0)
        results = [await fold.submission(submission) for submission in submissions]
        writes = await fold.writes(await self._indexes.of(unit, indexing))
        if writes is not None:
            await store.write(unit.connection, unit.tenant, writes)
            if writes.pasts:
                await add_pasts(unit.connection, unit.tenant, now, writes.pasts)
            await self._noticer.note(unit, watching, now, fold.happenings)
            unit.after_commit(partial(metrics.CHANGES.inc, len(writes.changes)))
        return results

    async def _new_tenant(self, unit: Unit, submissions: Sequence[Submission], now: datetime) -> None:
        """A tenant begins with its first entity (5.5.10): only what creates one makes the tenant too."""
        maker = next((item.scope for item in submissions if item.scope.may_create_tenant and _creates(item)), None)
        if maker is None:
            raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")
        await store.create_tenant(unit.connection, unit.tenant, now, maker.principal)


class _Fold:
    """The running states of the entities that one commit touches, and the rows that follow from them."""

    def __init__(
        self,
        declarations: Declarations,
        watchers: Watchers,
        versions: Versions,
        now: datetime,
        entries: dict[str, Entry],
        last_change: int,
        *,
        is_watched: bool,
    ) -> None:
        self._declarations = declarations
        self._permissions = Permissions(declarations)
        self._watchers = watchers
        self._versions = versions
        self._now = now
        self._number = last_change
        self._rows = store.Writes(now)
        # Of the instances of this commit none has another's moment and number.
        self._written: Counter[tuple[str, str, str]] = Counter()
        self._is_watched = is_watched  # somebody subscribed once
        self._turns = Turns()
        self.happenings: list[Happening] = []
        self._entries = entries

    async def submission(self, submission: Submission) -> list[Result]:
        """Folds the commands of one submission; each succeeds or fails by itself."""
        results: list[Result] = []
        for command in submission.commands:
            if self._turns.is_over:
                await self._turns.give()
            try:
                results.append(self._command(submission, command))
            except KairoError as error:
                results.append(error)
        return results

    def _command(self, submission: Submission, command: Command) -> Outcome:
        scope = submission.scope
        entry = self._entries.get(command.entity) or Entry.none(scope.tenant)
        if entry.is_over:
            ended = self._end(command.entity, entry, scope.tenant)
            if isinstance(command.operation, Expire):
                return ended
        operation, old = command.operation, entry.state
        if isinstance(operation, Rewrite) and not self._is_old(entry):
            return Outcome(old, is_nothing=True)
        if self._versions.any_upcasts:
            operation = in_newest_version(operation, old, self._declarations, self._now)
        on_old = scope if old is None else scope.on(types_of(old.doc))
        self._permissions.begin(on_old, operation, entry.data_class, entry.writer if old is not None else None)
        hidden = self._permissions.hidden(scope, operation, old)
        outcome = operation.apply(without(old, hidden), self._now)
        if outcome.is_nothing:
            return outcome
        data_class = entry.data_class
        if outcome.state is not None:
            data_class = self._declarations.class_of(types := types_of(outcome.state.doc))
            if old is None or data_class is not entry.data_class or scope.types is not None:
                require_class(scope.on(types), data_class, entry.writer if old is not None else None)
            self._permissions.finish(scope, old, outcome)
            outcome = restored(outcome, old, hidden)
        self._take(submission, command, entry, outcome, data_class)
        entry.versions = {} if gives_all(operation) else entry.versions
        return outcome

    def _end(self, entity: str, entry: Entry, tenant: str) -> Outcome:
        """Removes an entity whose time was over before this commit."""
        entry.is_over = False
        outcome = Delete().apply(entry.state, self._now)
        self._take(Submission(expiry_scope(tenant), ()), Command(entity, Expire()), entry, outcome, entry.data_class)
        return outcome

    def _take(self, submission: Submission, command: Command, entry: Entry, outcome: Outcome, data_class: DataClass) -> None:
        """Makes an outcome the entity's state, under the next number."""
        self._number += 1
        if entry.state is not None:
            known = (self._number, entry.data_class, entry.writer, entry.controller)
            past = past_of(self._declarations, entry.state, outcome.state, command.entity, *known)
            if past is not None:
                self._rows.pasts.append(past)
        entry.data_class = data_class
        self._record(submission, command, entry, outcome)
        entry.writer = entry.writer if entry.state is not None else submission.scope.principal
        entry.state = outcome.state
        entry.change = self._number
        self._entries[command.entity] = entry

    def _is_old(self, entry: Entry) -> bool:
        """Whether the entity is still to be stored in the newest version of its types."""
        row = entry.stored
        return row is not None and not entry.change and self._versions.is_old(row.type_key, row.type_version)

    def _record(self, submission: Submission, command: Command, entry: Entry, outcome: Outcome) -> None:
        """The history rows, the audit record and the pending reaction of one command."""
        number, rows, entity, scope = self._number, self._rows, command.entity, submission.scope
        if entry.creation is not None:  # it is no longer all that happened
            self._remember(entity, *entry.creation)
            entry.creation = None
        if entry.stored is None and is_all_of_document(outcome):
            entry.creation = (number, outcome)
            names: Iterable[str] = outcome.updated
        else:
            self._remember(entity, number, outcome)
            names = dict.fromkeys([change.attribute for change in outcome.changes])
        rows.changes.append(
            {
                "seq": number,
                "principal": scope.principal,
                "purpose": scope.purpose,
                "operation": command.operation.name,
                "entity": entity,
                "attributes": " ".join(names),
                "request": submission.request,
            }
        )
        if isinstance(command.operation, Rewrite):
            return  # for the world nothing changed: nobody is told
        if self._is_watched:
            writer = entry.writer if entry.state is not None and entry.writer is not None else scope.principal
            self.happenings.append(Happening(number, entity, entry.state, outcome.state, outcome.changes, writer))
        for state in (entry.state, outcome.state):  # also who must forget a former type
            if state is not None and self._watchers.watch(types_of(state.doc)):
                rows.outbox.append({"seq": number, "entity": entity})
                break

    def _remember(self, entity: str, number: int, outcome: Outcome) -> None:
        """The history rows of one change."""
        for change in outcome.changes:
            key = (entity, change.attribute, change.dataset)
            self._rows.history.append(history_row(entity, number, change, self._written[key], self._now))
            self._written[key] += 1

    async def writes(self, indexes: ByType) -> store.Writes | None:
        """All rows of this commit, those of the tenant's attribute indexes included, or None when nothing changed."""
        if not self._rows.changes:
            return None
        rows = self._rows
        for id, entry in self._entries.items():
            if not entry.change:
                continue
            if self._turns.is_over:
                await self._turns.give()
            if entry.state is not None:
                (rows.made if entry.stored is None else rows.changed).append(self._row(entry, entry.state))
            elif entry.stored is not None:
                rows.deleted.append(id)
            before, after = (one.doc if one else None for one in (entry.stored, entry.state))
            placed, gone = moved(id, before, after)
            rows.geometries += placed
            rows.geometries_gone += gone
            if self._declarations.have_subjects:
                rows.subjects += subject_rows(id, before, after, self._declarations)
            if indexes:
                rekey(indexes, rows, id, before, after)
        return rows

    def _row(self, entry: Entry, state: State) -> Row:
        types = types_of(state.doc)
        type_key = type_key_of(types)
        row = row_of(state, self._now)
        row["type_key"] = type_key
        row["data_class"] = entry.data_class.value
        row["writer"] = entry.writer
        row["controller"] = entry.controller
        row["type_version"] = self._versions.number_of(type_key, entry.versions)
        row["change"] = entry.change
        row["history_of_all"] = entry.creation is not None
        if withheld := self._declarations.withheld(types, state.doc):
            row["withheld"] = " ".join(withheld)
        return row


def _creates(submission: Submission) -> bool:
    return any(isinstance(command.operation, Create | Upsert) for command in submission.commands)
