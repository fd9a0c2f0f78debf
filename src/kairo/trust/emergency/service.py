"""How is an emergency release opened, confirmed and closed, and whom does it concern? Each use case is one unit with its audit record.

A drill takes the same steps, and gives no grant and leaves no notice to anyone.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kairo.context.gate import Declarations
from kairo.context.granting import give, withdraw
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Unit
from kairo.trust.emergency import store
from kairo.trust.emergency.permissions import check_close
from kairo.trust.emergency.rules import (
    CONFIRMED_WITHIN,
    RUNNING,
    Item,
    Opening,
    Release,
    State,
    ended_at,
    faults,
    grants_of,
    state_of,
)
from kairo.trust.readers.service import Explained
from kairo.trust.recording import record
from kairo.trust.roles.four_eyes import Refusal, refusal
from kairo.trust.roles.permissions import Standing, check_confirm, check_open_emergency, may_confirm
from kairo.trust.roles.service import refused_by

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """What a resident is told afterwards: why, when, what of them, for whom it was readable."""

    id: str
    reason: str
    opened_at: datetime
    ended_at: datetime
    items: tuple[Item, ...]
    recipients: tuple[str, ...]
    was_confirmed: bool


class Emergency:
    """One for an installation."""

    def __init__(self, database: Database, declarations: Declarations, clock: Clock, *, longest_hours: int = 72) -> None:
        self._database = database
        self._types = declarations.by_type
        self._clock = clock
        self._longest = timedelta(hours=longest_hours)

    async def open(self, standing: Standing, wanted: Opening) -> Release:
        """Opens it: recipients read at once, for 15 minutes. Raises BadRequestData that says all that is wrong."""
        check_open_emergency(standing)
        now = self._clock()
        if wrong := faults(wanted, self._types, now, self._longest):
            raise BadRequestData("; ".join(en for en, _ in wrong), detail_ja="。".join(ja for _, ja in wrong) + "。")
        names = ("is_drill", "reason", "area", "recipients", "items", "until")
        one = Release(
            secrets.token_hex(8),
            **{name: getattr(wanted, name) for name in names},
            opened_by=standing.principal,
            opened_at=now,
            confirm_by=now + CONFIRMED_WITHIN,
        )
        async with self._database.unit(standing.tenant) as unit:
            await store.insert(unit.connection, unit.tenant, one)
            await self._record(unit, standing, one, "open", now)
            await self._give(unit, standing, one, now)
        return one

    async def confirm(self, standing: Standing, id: str) -> Release:
        """The second officer's word: it goes on to its end. Raises Forbidden for the one who opened it, OutOfDate where it is late."""
        check_confirm(standing)
        now = self._clock()
        async with self._database.unit(standing.tenant) as unit:
            one = await self._locked(unit, id)
            refused = refusal(one.proposed, standing.principal, now, may=may_confirm(standing))
            if refused is None and state_of(one, now) is not State.OPEN:
                refused = Refusal.LATE
            if refused is not None:
                raise refused_by(refused)
            await store.confirm(unit.connection, unit.tenant, id, standing.principal, now)
            await self._record(unit, standing, one, "confirm", now)
            await self._take_back(unit, standing, one, now)
            one = replace(one, confirmed_by=standing.principal, confirmed_at=now)
            await self._give(unit, standing, one, now)
        return one

    async def close(self, standing: Standing, id: str) -> None:
        """Closes it: nothing is read by it from the commit on. Who may open or confirm may close, alone."""
        check_close(standing)
        now = self._clock()
        async with self._database.unit(standing.tenant) as unit:
            one = await self._locked(unit, id)
            if state_of(one, now) not in RUNNING:
                raise refused_by(Refusal.ENDED)
            await store.close(unit.connection, unit.tenant, id, standing.principal, now)
            await self._record(unit, standing, one, "close", now)
            await self._take_back(unit, standing, one, now)
            if not one.is_drill:
                await store.tell(unit.connection, unit.tenant, one)

    async def latest(self, tenant: str) -> list[tuple[Release, State]]:
        """The latest releases and drills, newest first."""
        now = self._clock()
        async with self._database.reading(tenant) as connection:
            return [(one, state_of(one, now)) for one in await store.known(connection, tenant, MOST_SHOWN)]

    async def naming(self, tenant: str, principal: str) -> list[Release]:
        """The releases and drills that run now and name somebody as recipient: what they can choose as their duty."""
        async with self._database.reading(tenant) as connection:
            return [one for one in await store.running(connection, tenant, self._clock()) if principal in one.recipients]

    async def waiting(self, standing: Standing) -> list[Release]:
        """What this officer can confirm now."""
        if not may_confirm(standing):
            return []
        now = self._clock()
        async with self._database.reading(standing.tenant) as connection:
            found = await store.running(connection, standing.tenant, now)
        return [one for one in found if refusal(one.proposed, standing.principal, now, may=True) is None]

    async def notices_for(self, tenant: str, person: str) -> list[Notice]:
        """What a person (a URI) is told: the releases that concerned them and are over, newest first."""
        now = self._clock()
        async with self._database.reading(tenant) as connection:
            found = await store.notices(connection, tenant, person, now, MOST_SHOWN)
        return [
            Notice(one.id, one.reason, one.opened_at, ended_at(one), one.items, one.recipients, one.confirmed_at is not None)
            for one in found
        ]

    async def explain(self, tenant: str, ids: Collection[str]) -> dict[str, Explained]:
        """Who opened these releases, and why (trust/readers)."""
        async with self._database.reading(tenant) as connection:
            found = await store.named(connection, tenant, sorted(ids))
        return {
            id: Explained({"ja": one.reason}, one.opened_by, one.confirmed_by or "", since=one.opened_at)
            for id, one in found.items()
        }

    async def _give(self, unit: Unit, standing: Standing, one: Release, now: datetime) -> None:
        for grant in grants_of(one, now):
            await give(unit, grant, now, by=standing.principal)
        if not one.is_drill:
            await store.tell(unit.connection, unit.tenant, one)

    async def _take_back(self, unit: Unit, standing: Standing, one: Release, now: datetime) -> None:
        for grant in await store.grants_of(unit.connection, unit.tenant, one):
            await withdraw(unit, grant, now, by=standing.principal, purpose=standing.purpose)

    async def _record(self, unit: Unit, standing: Standing, one: Release, did: str, now: datetime) -> None:
        kind = "emergency-drill" if one.is_drill else "emergency"
        await record(unit, now, by=standing.principal, purpose=standing.purpose, did=f"{kind}-{did}", what=one.id)

    async def _locked(self, unit: Unit, id: str) -> Release:
        one = await store.locked(unit.connection, unit.tenant, id)
        if one is None:
            raise ResourceNotFound(f"there is no release {id[:80]!r}", detail_ja="その緊急提供はありません。")
        return one
