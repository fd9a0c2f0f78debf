"""How is a table of persons made, published and closed? Each step one atomic unit with its audit record.

A question is answered from the graph and the ledger as they are at one moment: where another table was made meanwhile, it is asked
anew, so that no two tables are released of which neither knew the other.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, ResourceNotFound, Unavailable
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.settings import Settings
from kairo.trust.anonymity import store
from kairo.trust.anonymity.deciding import Basis, Decided, decide, still_stands
from kairo.trust.anonymity.groups import Group
from kairo.trust.anonymity.permissions import STATISTICS, Offices, check_make
from kairo.trust.anonymity.releasing import Kept
from kairo.trust.anonymity.rules import Question, check_k, question_of
from kairo.trust.anonymity.sources import Sources
from kairo.trust.anonymity.tables import Release
from kairo.trust.recording import record

LONGEST_TITLE = 200
_TIMES = 5


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    ledger: dict[Group, Kept]
    sums: dict[Group, float]
    former: Release | None


class Statistics:
    """Makes tables. One for an installation."""

    def __init__(self, database: Database, sources: Sources, offices: Offices, settings: Settings, clock: Clock) -> None:
        self._database = database
        self.sources = sources
        self.offices = offices
        self._settings = settings
        self._clock = clock

    async def ask(
        self,
        scope: Scope,
        type: str,
        dimensions: Sequence[str],
        where: Sequence[str] = (),
        measure: str = "",
        k: int | None = None,
        title: str = "",
    ) -> Release:
        """The table that answers this: one that still stands, else a new one. Raises Forbidden, BadRequestData, TooComplexQuery."""
        await check_make(scope, self.offices, STATISTICS)
        k = check_k(self._settings.statistics_k if k is None else k, self._settings.statistics_k)
        kind = self.sources.kind(type)
        question = question_of(kind, dimensions, where, measure)
        written = store.digest_of("\n".join([*question.written(), str(k)]))
        for _ in range(_TIMES):
            known = await self._known(scope.tenant, question, written)
            basis, synthetic = await self._basis(scope, question, known)
            if known.former is not None and await asyncio.to_thread(still_stands, known.former, question, basis):
                return known.former
            decided = await asyncio.to_thread(decide, question, basis, k)
            made = self._release(scope, question, written, k, decided, _checked(title), synthetic)
            if await self._enter(scope, made, decided, known.version):
                return made
        raise Unavailable(
            "other tables of this population are made at the same time", detail_ja="同じ集団の別の集計が続いています。"
        )

    async def _known(self, tenant: str, question: Question, written: str) -> _Known:
        async with self._database.reading(tenant) as connection:
            version = await store.version(connection, tenant, question.type)
            ledger = await store.ledger(connection, tenant, question.type)
            sums = await store.sums(connection, tenant, question.type, question.measure) if question.measure else {}
            former = await store.latest(connection, tenant, question.type, written)
        return _Known(version, ledger, sums, former)

    async def _basis(self, scope: Scope, question: Question, known: _Known) -> tuple[Basis, bool]:
        kind = self.sources.kind(question.type)
        names = {attribute.name for attribute in kind.attributes}
        ledger = {group: kept for group, kept in known.ledger.items() if all(part.attribute in names for part in group)}
        parts = (*question.where, *(part for group in ledger for part in group))
        attributes = tuple(sorted({one.attribute.name for one in question.dimensions} | {part.attribute for part in parts}))
        people, protected = await self.sources.people(scope, kind, attributes, "a table")
        counted = people.counted(protected)
        above = {one.attribute.name: one.above for one in question.dimensions}
        places = {}
        for at, name in enumerate(attributes):
            found = await self.sources.places(scope.tenant, kind, name, {values[at] for values in counted}, above.get(name, ""))
            if found is not None:
                places[name] = found
        limits = (self._settings.statistics_max_values, self._settings.statistics_max_groups)
        return Basis(kind, attributes, counted, places, ledger, known.sums, *limits), people.synthetic

    def _release(
        self, scope: Scope, question: Question, written: str, k: int, decided: Decided, title: str, synthetic: bool
    ) -> Release:
        return Release(
            id=secrets.token_hex(8),
            population=question.type,
            question=written,
            k=k,
            measure=question.measure,
            axes=decided.axes,
            cells=decided.cells,
            kept=decided.kept,
            title=title,
            synthetic=synthetic,
            asked_by=scope.principal,
            purpose=scope.purpose,
            asked_at=self._clock(),
        )

    async def _enter(self, scope: Scope, made: Release, decided: Decided, seen: int) -> bool:
        async with self._database.unit(scope.tenant) as unit:
            if not await store.advance(unit.connection, scope.tenant, made.population, seen):
                return False
            await store.keep(unit.connection, scope.tenant, made.population, decided.outcome.ledger, decided.outcome.retired)
            if made.measure:
                await store.keep_sums(unit.connection, scope.tenant, made.population, made.measure, decided.sums)
            await store.add_release(unit.connection, scope.tenant, made)
            await record(unit, made.asked_at, by=scope.principal, purpose=scope.purpose, did="statistic", what=made.id)
        return True

    async def publish(self, scope: Scope, id: str, title: str) -> Release:
        """Opens a table to everybody. Raises ResourceNotFound, BadRequestData without a title."""
        if not title.strip():
            raise BadRequestData("a published table has a title", detail_ja="公開する表には題名が必要です。")
        return await self._open(scope, id, _checked(title), scope.principal, self._clock())

    async def unpublish(self, scope: Scope, id: str) -> Release:
        """Closes it again: nobody else is shown it from now on; what they hold they hold, and the ledger keeps it."""
        return await self._open(scope, id, None, None, None)

    async def _open(self, scope: Scope, id: str, title: str | None, by: str | None, at: datetime | None) -> Release:
        await check_make(scope, self.offices, STATISTICS)
        async with self._database.unit(scope.tenant) as unit:
            one = await store.release(unit.connection, scope.tenant, id)
            if one is None:
                raise _not_found(id)
            await store.publish(unit.connection, scope.tenant, id, by, at, one.title if title is None else title)
            did = "publish" if by else "unpublish"
            await record(unit, self._clock(), by=scope.principal, purpose=scope.purpose, did=did, what=id)
            changed = await store.release(unit.connection, scope.tenant, id)
        assert changed is not None
        return changed

    async def one(self, scope: Scope, id: str) -> Release:
        """A table, for staff. Raises Forbidden, ResourceNotFound."""
        await check_make(scope, self.offices, STATISTICS)
        return await self._found(scope.tenant, id, published=False)

    async def published(self, tenant: str, id: str) -> Release:
        """A table that everybody may see. Raises ResourceNotFound for all others."""
        return await self._found(tenant, id, published=True)

    async def _found(self, tenant: str, id: str, *, published: bool) -> Release:
        async with self._database.reading(tenant) as connection:
            found = await store.release(connection, tenant, id)
        if found is None or (published and found.published_at is None):
            raise _not_found(id)
        return found

    async def latest(self, tenant: str, *, all: bool, limit: int = 100) -> list[Release]:
        """The latest tables; all of them for staff only: the caller has checked that."""
        async with self._database.reading(tenant) as connection:
            return await store.releases(connection, tenant, all=all, limit=limit)


def label_of(release: Release, type: str) -> str:
    """What a table is called that has no title."""
    return release.title or f"{type}: " + " × ".join(one.written for one in release.axes)


def _checked(title: str) -> str:
    if len(title) > LONGEST_TITLE:
        raise BadRequestData(
            f"a title has at most {LONGEST_TITLE} characters", detail_ja=f"題名は{LONGEST_TITLE}文字までです。"
        )
    return title.strip()


def _not_found(id: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no table {id[:100]!r}", detail_ja="その統計表はありません。")
