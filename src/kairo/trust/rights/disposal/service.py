"""How is something disposed of? A list is proposed, a second person confirms it, all of it goes in one unit, and a certificate stays.

What has changed since it was proposed, so that its end is no longer over for long enough, is left where it is.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Unit
from kairo.platform.manifests import EntityType
from kairo.trust.identity.principals import PERSON
from kairo.trust.recording import record
from kairo.trust.rights.disposal import store
from kairo.trust.rights.disposal.rules import CONFIRMED_WITHIN, MOST_IN_LIST, Certificate, List, State, digest, state_of
from kairo.trust.rights.permissions import Powers, check_dispose, may_dispose
from kairo.trust.roles.four_eyes import Refusal, refusal
from kairo.trust.roles.service import refused_by

MOST_SHOWN: Final = 100


class Forgets(Protocol):
    """Forgets who a person was in the log of looks. Implemented by disclosure."""

    async def erase(self, unit: Unit, person: str, *, by: str, purpose: str) -> None:
        """In the unit that erases them elsewhere."""
        ...


class Disposal:
    """The use cases. One for a process."""

    def __init__(
        self, database: Database, types: Mapping[str, EntityType], powers: Powers, forgets: Forgets, clock: Clock
    ) -> None:
        self._database = database
        self._types = types
        self.powers = powers
        self._forgets = forgets
        self.clock = clock

    def kept(self) -> list[EntityType]:
        """The types that have a time after which they go, in order."""
        found = (one for one in self._types.values() if one.filing is not None and one.filing.kept_days is not None)
        return sorted(found, key=lambda one: one.type)

    async def due(self, scope: Scope) -> dict[str, int]:
        """How many entities of which type are due, up to what one list holds."""
        check_dispose(await self.powers.standing(scope))
        async with self._database.reading(scope.tenant) as connection:
            return {
                one.type: len(await store.due(connection, scope.tenant, one.type, self._before(one), MOST_IN_LIST))
                for one in self.kept()
            }

    async def propose(self, scope: Scope, kind: str) -> List:
        """A list of what of a type is due. Raises BadRequestData where nothing is."""
        check_dispose(await self.powers.standing(scope))
        declared, now = next((one for one in self.kept() if one.type == kind), None), self.clock()
        if declared is None or declared.filing is None or declared.filing.kept_days is None:
            raise BadRequestData(f"{kind[:80]!r} is kept for good, or is no type", detail_ja="保存年限のない種類です。")
        async with self._database.unit(scope.tenant) as unit:
            found = tuple(await store.due(unit.connection, unit.tenant, kind, self._before(declared), MOST_IN_LIST))
            if not found:
                raise BadRequestData("nothing of this type is due", detail_ja="保存年限を過ぎたものはありません。")
            persons = tuple(one for one in found if one.startswith(PERSON))
            days = declared.filing.kept_days
            times = (now, now + CONFIRMED_WITHIN)
            one = List(secrets.token_hex(8), kind, days, found, scope.principal, *times, persons=persons)
            await store.insert(unit.connection, unit.tenant, one)
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="disposal-propose", what=one.id)
        return one

    async def confirm(self, scope: Scope, id: str) -> Certificate:
        """The second person's word: it goes, now. Raises Forbidden for who proposed it, OutOfDate where it is late."""
        standing = await self.powers.standing(scope)
        check_dispose(standing)
        now = self.clock()
        async with self._database.unit(scope.tenant) as unit:
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="disposal-confirm", what=id[:64])
            one = await self._locked(unit, id)
            if (refused := refusal(one.proposed, scope.principal, now, may=may_dispose(standing))) is not None:
                raise refused_by(refused)
            before = now - timedelta(days=one.kept_days)
            gone = tuple(await store.due(unit.connection, unit.tenant, one.type, before, MOST_IN_LIST, one.entities))
            persons = [each for each in gone if each in one.persons]
            for person in persons:
                await self._forgets.erase(unit, person, by=scope.principal, purpose=scope.purpose)
            rows = await store.erase(unit.connection, unit.tenant, gone, persons)
            salt = secrets.token_bytes(16)
            digests = tuple(digest(salt, each) for each in gone)
            made = Certificate(one.id, now, one.type, one.proposed_by, scope.principal, salt, digests, rows)
            await store.certify(unit.connection, unit.tenant, made, gone)
        return made

    async def end(self, scope: Scope, id: str) -> None:
        """Nothing is disposed of by this list."""
        check_dispose(await self.powers.standing(scope))
        now = self.clock()
        async with self._database.unit(scope.tenant) as unit:
            if state_of(await self._locked(unit, id), now) is not State.PROPOSED:
                raise refused_by(Refusal.ENDED)
            await store.end(unit.connection, unit.tenant, id, scope.principal, now)
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="disposal-end", what=id)

    async def latest(self, scope: Scope) -> tuple[list[tuple[List, State, bool]], list[Certificate]]:
        """The latest lists, how they stand, whether the asker may confirm each; and the latest certificates."""
        standing = await self.powers.standing(scope)
        check_dispose(standing)
        now = self.clock()
        async with self._database.reading(scope.tenant) as connection:
            found = await store.latest(connection, scope.tenant, MOST_SHOWN)
            proofs = await store.certificates(connection, scope.tenant, MOST_SHOWN)
        may = [(one, state_of(one, now), refusal(one.proposed, scope.principal, now, may=True) is None) for one in found]
        return may, proofs

    def _before(self, kind: EntityType) -> datetime:
        days = kind.filing.kept_days if kind.filing is not None else None
        return self.clock() - timedelta(days=days or 0)

    async def _locked(self, unit: Unit, id: str) -> List:
        one = await store.locked(unit.connection, unit.tenant, id)
        if one is None:
            raise ResourceNotFound("there is no such list", detail_ja="その廃棄リストはありません。")
        return one
