"""How do operations become rows? States are loaded once, operations folded in order in Python, everything written at once.

`Applier.apply` is what the shared commit calls with all submissions that wait (docs/architecture.md, "One way in").
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from kairo.context.entities import store
from kairo.context.entities.permissions import Permissions, restored, types_of, without
from kairo.context.entities.refusals import require_class
from kairo.context.entities.rules import Create, Operation, Outcome, State, Upsert
from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.model import GeometryEntry, geometries
from kairo.context.query.cells import cell_of
from kairo.errors import KairoError, NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.observability import metrics


@dataclass(frozen=True, slots=True)
class Command:
    """One operation on one entity."""

    entity: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Submission:
    """What one request wants changed. `request` is its id, for the audit record; its commands succeed or fail one by one."""

    scope: Scope
    commands: tuple[Command, ...]
    request: str = ""


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


@dataclass(slots=True)
class _Entry:
    """One entity while a commit is folded: what is stored, what it has become, and who wrote it last."""

    stored: store.StoredEntity | None
    state: State | None
    data_class: DataClass
    writer: str | None
    controller: str
    change: int = 0
    creation: tuple[int, Outcome] | None = None  # its only change so far, if that made it and its history is its document


def type_key_of(types: Iterable[str]) -> str:
    """The one spelling of a set of types: sorted, joined by a space (names hold none)."""
    return " ".join(sorted(set(types)))


def scopes_of(doc: dict[str, Any]) -> list[str]:
    """The NGSI-LD scopes of a stored form, as a list."""
    scopes = doc.get("scope", [])
    return scopes if isinstance(scopes, list) else [scopes]


def geometries_of(doc: dict[str, Any]) -> dict[tuple[str, str], GeometryEntry]:
    """The geometries of a stored form by attribute and dataset."""
    return {(place.attribute, place.dataset): place for place in geometries(doc)}


class Applier:
    """Applies submissions of one tenant within one transaction."""

    def __init__(self, declarations: Declarations, watchers: Watchers, clock: Clock) -> None:
        self._declarations = declarations
        self._watchers = watchers
        self._clock = clock

    async def apply(self, unit: Unit, submissions: Sequence[Submission]) -> list[list[Result]]:
        """The results of every submission's commands, in order. Raises only what concerns the whole commit."""
        wanted = sum(len(submission.commands) for submission in submissions)
        now = self._clock()
        last = await store.lock_tenant(unit.connection, unit.tenant, wanted)
        if last is None:
            last = await self._new_tenant(unit, submissions, wanted, now)
        ids = {command.entity for submission in submissions for command in submission.commands}
        stored = await store.load(unit.connection, unit.tenant, sorted(ids))
        fold = _Fold(self._declarations, self._watchers, now, stored, last - wanted)
        results = [fold.submission(submission) for submission in submissions]
        writes = fold.writes()
        if writes is not None:
            await store.write(unit.connection, unit.tenant, writes)
            unit.after_commit(partial(metrics.CHANGES.inc, len(writes.changes)))
        return results

    async def _new_tenant(self, unit: Unit, submissions: Sequence[Submission], wanted: int, now: datetime) -> int:
        """A tenant begins with its first entity (5.5.10): only what creates one makes the tenant too."""
        maker = next((item.scope for item in submissions if item.scope.may_create_tenant and _creates(item)), None)
        if maker is None:
            raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")
        await store.create_tenant(unit.connection, unit.tenant, now, maker.principal)
        last = await store.lock_tenant(unit.connection, unit.tenant, wanted)
        assert last is not None
        return last


class _Fold:
    """The running states of the entities that one commit touches, and the rows that follow from them."""

    def __init__(
        self,
        declarations: Declarations,
        watchers: Watchers,
        now: datetime,
        stored: dict[str, store.StoredEntity],
        last_change: int,
    ) -> None:
        self._declarations = declarations
        self._permissions = Permissions(declarations)
        self._watchers = watchers
        self._now = now
        self._number = last_change
        self._rows = store.Writes(now)
        self._entries = {
            id: _Entry(
                row, State(row.doc, row.stamps, row.created_at, row.modified_at), row.data_class, row.writer, row.controller
            )
            for id, row in stored.items()
        }

    def submission(self, submission: Submission) -> list[Result]:
        """Folds the commands of one submission; each succeeds or fails by itself."""
        results: list[Result] = []
        for command in submission.commands:
            try:
                results.append(self._command(submission, command))
            except KairoError as error:
                results.append(error)
        return results

    def _command(self, submission: Submission, command: Command) -> Outcome:
        scope = submission.scope
        entry = self._entries.get(command.entity) or _Entry(None, None, DataClass.UNDECLARED, None, scope.tenant)
        operation, old = command.operation, entry.state
        self._permissions.begin(scope, operation, entry.data_class, entry.writer if old is not None else None)
        hidden = self._permissions.hidden(scope, operation, old)
        outcome = operation.apply(without(old, hidden), self._now)
        if outcome.is_nothing:
            return outcome
        if outcome.state is not None:
            data_class = self._declarations.class_of(types_of(outcome.state.doc))
            if old is None or data_class is not entry.data_class:
                require_class(scope, data_class, entry.writer if old is not None else None)
            self._permissions.finish(scope, old, outcome)
            outcome = restored(outcome, old, hidden)
            entry.data_class = data_class
        self._number += 1
        self._record(submission, command, entry, outcome)
        entry.writer = entry.writer if entry.state is not None else scope.principal
        entry.state = outcome.state
        entry.change = self._number
        self._entries[command.entity] = entry
        return outcome

    def _record(self, submission: Submission, command: Command, entry: _Entry, outcome: Outcome) -> None:
        """The history rows, the audit record and the pending reaction of one command."""
        number, rows, entity, scope = self._number, self._rows, command.entity, submission.scope
        names = dict.fromkeys(change.attribute for change in outcome.changes)
        if entry.creation is not None:  # it is no longer all that happened
            self._remember(entity, *entry.creation)
            entry.creation = None
        if _is_all_of_document(outcome):
            entry.creation = (number, outcome)
        else:
            self._remember(entity, number, outcome)
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
        states = [state for state in (entry.state, outcome.state) if state is not None]
        if any(self._watchers.watch(types_of(state.doc)) for state in states):  # also who must forget a former type
            rows.outbox.append({"seq": number, "entity": entity})

    def _remember(self, entity: str, number: int, outcome: Outcome) -> None:
        """The history rows of one change."""
        for change in outcome.changes:
            instance = change.instance
            self._rows.history.append(
                {
                    "entity": entity,
                    "attribute": change.attribute,
                    "dataset": change.dataset,
                    "change": number,
                    "operation": change.operation,
                    "observed_at": instance.get("observedAt") if instance else None,
                    "instance": instance,
                }
            )

    def writes(self) -> store.Writes | None:
        """All rows of this commit, or None when nothing changed."""
        if not self._rows.changes:
            return None
        for id, entry in self._entries.items():
            if not entry.change:
                continue
            old = geometries_of(entry.stored.doc) if entry.stored else {}
            if entry.state is None:
                if entry.stored is not None:
                    self._rows.deleted.append(id)
                self._rows.geometries_gone.extend(_place(id, key) for key in old)
                continue
            self._rows.entities.append(self._row(id, entry, entry.state))
            new = geometries_of(entry.state.doc)
            for key, place in new.items():
                if key not in old or old[key].geometry != place.geometry:
                    box = dict(zip(("west", "south", "east", "north"), place.box, strict=True))
                    row = {**_place(id, key), "cell": cell_of(place.box), **box, "geometry": place.geometry}
                    self._rows.geometries.append(row)
            self._rows.geometries_gone.extend(_place(id, key) for key in old if key not in new)
        return self._rows

    def _row(self, id: str, entry: _Entry, state: State) -> store.Row:
        types = types_of(state.doc)
        declared = self._declarations.by_type.get(types[0])
        return {
            "id": id,
            "type_key": type_key_of(types),
            "scopes": " ".join(scopes_of(state.doc)),
            "doc": state.doc,
            "stamps": state.stamps,
            "data_class": entry.data_class.value,
            "withheld": " ".join(self._declarations.withheld(types, state.doc)),
            "writer": entry.writer,
            "controller": entry.controller,
            "type_version": declared.version if declared else 1,
            "created_at": state.created_at,
            "modified_at": state.modified_at,
            "expires_at": state.doc.get("expiresAt"),
            "change": entry.change,
            "history_of_all": entry.creation is not None,
        }


def _is_all_of_document(outcome: Outcome) -> bool:
    """Whether the history rows of a creation are the document's attributes one by one: a single instance of each, no more."""
    if not outcome.created or outcome.state is None:
        return False
    doc = outcome.state.doc
    return len(outcome.changes) == len(doc) - 2 and "scope" not in doc and "expiresAt" not in doc


def _place(entity: str, key: tuple[str, str]) -> store.Row:
    return {"entity": entity, "attribute": key[0], "dataset": key[1]}


def _creates(submission: Submission) -> bool:
    return any(isinstance(command.operation, Create | Upsert) for command in submission.commands)
