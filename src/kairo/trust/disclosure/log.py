"""Who looked at whose data? Implements `kairo.context.gate.Witness`: a look is a row, committed before anything is handed on.

Looks of requests that meet share one commit, as changes do. The bases stand in the row as they were at the second of the look.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kairo.context.gate import Look, Scope
from kairo.errors import NonexistentTenant
from kairo.platform.clock import Clock
from kairo.platform.db import Connection, Database, SharedCommit, Unit
from kairo.trust.disclosure import store
from kairo.trust.disclosure.records import Key, Part, Record, hidden
from kairo.trust.identity.principals import person_of

ADMINISTRATION, PROCESSING, SELF = "administration", "processing", "self"
_BATCH = 500
_BATCH_ENTITIES = 20_000


@dataclass(frozen=True, slots=True)
class _Member:
    """What is to become one row."""

    kind: str
    scope: Scope
    at: datetime  # the second of the look
    purpose: str
    entities: int
    basis: str = ""
    looks: Sequence[Look] = ()
    what: str = ""


class Log:
    """The log of an installation. One for a process; `close()` before the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._clock = clock
        self._commit: SharedCommit[_Member, None] = SharedCommit(
            database, self._append, max_members=_BATCH, weigh=lambda one: len(one.looks), max_weight=_BATCH_ENTITIES
        )

    async def close(self) -> None:
        """Keeps all that waits."""
        await self._commit.close()

    async def saw(self, scope: Scope, looks: Sequence[Look], *, basis: str = "") -> None:
        """See `Witness`. Raises KairoError where the row could not be kept. Without looks: a number about too many to name. `basis`:
        one that no grant says, beside what the grants say."""
        await self._commit.submit(scope.tenant, _Member("look", scope, self._second(), scope.purpose, len(looks), basis, looks))

    async def processing(self, scope: Scope, purpose: str, count: int, what: str) -> None:
        """One row for Kairo's own work on the data of many: how many entities, and in a few words what was done. It names nobody."""
        await self._commit.submit(scope.tenant, _Member("processing", scope, self._second(), purpose, count, what=what))

    def _second(self) -> datetime:
        return self._clock().astimezone(UTC).replace(microsecond=0)

    async def _append(self, unit: Unit, members: Sequence[_Member]) -> list[Exception | None]:
        now = self._clock()
        turn = await store.lock(unit.connection, unit.tenant, now)
        if turn is None:
            raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")
        tree, last = turn
        at = max(now, last)  # a clock that went back does not turn the order round
        found = await _Found.of(unit.connection, unit.tenant, members)
        records, leaves, nodes = [], [], list[tuple[int, int, bytes]]()

        def settled(level: int, position: int, subtree: bytes) -> bytes:
            nodes.append((level, position, subtree))
            return subtree

        for number, member in enumerate(members):
            record = found.record(unit.tenant, tree.size, at, number, member)
            leaf = record.leaf()
            tree.append(leaf, settled)
            records.append(record)
            leaves.append(leaf)
        await store.write(unit.connection, unit.tenant, at, records, leaves, nodes, found.keys, tree)
        return [None] * len(members)


class _Found:
    """What the database says of the looks of one commit: whom they were about, on which bases, under which pseudonyms."""

    def __init__(
        self, about: list[list[tuple[Look, list[store.About]]]], pseudonyms: dict[str, bytes], keys: list[Key]
    ) -> None:
        self._about = about
        self._pseudonyms = pseudonyms
        self.keys = keys

    @staticmethod
    async def of(connection: Connection, tenant: str, members: Sequence[_Member]) -> "_Found":
        """Asks for all looks of all members at once."""
        askers = _Numbers()
        shapes = _Numbers()
        entries: tuple[list[int], list[int], list[str]] = ([], [], [])
        for member in members:
            scope = member.scope
            asker = askers.of((scope.principal, scope.purpose, scope.persons, member.at))
            for look in member.looks:
                entries[0].append(asker)
                entries[1].append(shapes.of((look.types, look.attributes)))
                entries[2].append(look.entity)
        rows: list[store.About] = []
        if entries[0]:
            rows = await store.about(
                connection,
                tenant,
                [
                    dict(zip(("n", "principal", "purpose", "persons", "at"), (n, *one), strict=True))
                    for one, n in askers.items()
                ],
                [{"n": n, "types": types, "attributes": attributes} for (types, attributes), n in shapes.items()],
                entries,
            )
        by_entry: list[list[store.About]] = [[] for _ in entries[0]]
        for row in rows:
            by_entry[row.entry].append(row)
        each = iter(by_entry)
        about = [[(look, next(each)) for look in member.looks] for member in members]
        known = {row.subject: row.pseudonym for row in rows if row.subject is not None and row.pseudonym is not None}
        needed = {row.subject for row in rows if row.subject is not None}
        others = {person for member in members for person in _acting(member.scope)} - known.keys()
        if others:
            known |= await store.pseudonyms(connection, tenant, sorted(others))
        keys = [Key.new(subject) for subject in sorted((needed | others) - known.keys())]
        return _Found(about, known | {one.subject: one.pseudonym for one in keys}, keys)

    def record(self, tenant: str, seq: int, at: datetime, number: int, member: _Member) -> Record:
        """The row of one member."""
        scope = member.scope
        parts: dict[tuple[tuple[str, ...], ...], int] = {}
        subjects = set()
        for look, rows in self._about[number]:
            for row in rows:
                bases = (*_bases(scope, row), *([member.basis] if member.basis else []))
                part = (look.types, tuple(look.attributes if row.attributes is None else sorted(row.attributes)), bases)
                place = parts.setdefault(part, len(parts))
                if row.subject is not None:
                    subjects.add((self._pseudonyms[row.subject], place))
        return Record(
            tenant,
            seq,
            at,
            member.kind,
            hidden(scope.principal, self._pseudonyms),
            [self._pseudonyms[one] for one in scope.persons],
            member.purpose,
            [_part(*one) for one in parts] if member.kind == "look" else [_part((), (), (PROCESSING,))],
            member.entities,
            member.what,
            sorted(subjects),
        )


def _bases(scope: Scope, row: store.About) -> tuple[str, ...]:
    """On which bases the asker got what is about a person. None: what was granted at the read was withdrawn before this row."""
    kind = scope.principal.partition(":")[0]
    if kind == "administrator":
        return (ADMINISTRATION,)
    if kind == "system":
        return (PROCESSING,)
    return (SELF, *row.bases) if row.subject in scope.persons else tuple(row.bases)


def _part(types: Sequence[str], attributes: Sequence[str], bases: Sequence[str]) -> Part:
    return {"types": list(types), "attributes": list(attributes), "bases": list(bases)}


def _acting(scope: Scope) -> set[str]:
    """The persons whom a scope names."""
    own = person_of(scope.principal)
    return {*scope.persons, *([own] if own else [])}


class _Numbers(dict[Any, int]):
    """Numbers what is alike once."""

    def of(self, one: Any) -> int:
        return self.setdefault(one, len(self))
