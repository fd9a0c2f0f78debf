"""How is a mandate recorded and ended? One unit each: the row, the grants that follow from it, the audit record.

One by law makes its person one of the proxy's `Scope.persons` as long as it is in force (sessions/store.py asks at each request).
One by the person's wish is a grant of these types to the proxy, with its end: `access_grant`, basis `mandate:<id>`.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from kairo.context.granting import Grant, give, withdraw
from kairo.errors import AlreadyExists, Forbidden, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.trust.identity.accounts import store as accounts_store
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.mandates import rules, store
from kairo.trust.identity.mandates.rules import BY_LAW, Kind, Mandate
from kairo.trust.identity.principals import PERSON
from kairo.trust.recording import record

PURPOSE, GRANTED_FOR = "identity", "family"


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Mandates:
    """The mandates of one municipality. `types`: the personal entity types that one may cover."""

    def __init__(self, database: Database, tenant: str, clock: Clock, types: Collection[str]) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self.types = tuple(sorted(types))

    async def make(
        self,
        kind: Kind,
        *,
        person: str,
        proxy: str,
        by: str,
        until: datetime | None = None,
        types: Sequence[str] = (),
        evidence: str = "",
    ) -> Mandate:
        """Records a mandate from now on. `person`, `proxy`: keys; `by`: the principal who records it, the person herself or a
        clerk, whose right the caller has checked. Raises BadRequestData, ResourceNotFound or AlreadyExists."""
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            found = await accounts_store.by_key(unit.connection, self._tenant, [person, proxy], now, lock=True)
            if person not in found or proxy not in found:
                raise rules.unknown()
            ends = rules.ends_at(kind, found[person], until, now)
            mandate = Mandate(
                secrets.token_hex(8), kind, person, proxy, now, ends, by, tuple(sorted(set(types))), evidence.strip()[:500], now
            )
            rules.check(mandate, found[person], found[proxy], self.types, now)
            if await store.has_same(unit.connection, self._tenant, mandate, now):
                raise AlreadyExists("there is such a mandate already", detail_ja="同じ代理がすでに登録されています。")
            await store.insert(unit.connection, self._tenant, mandate, now)
            said = (f"{kind} by {proxy}", mandate.evidence)
            await record(unit, now, by=by, purpose=PURPOSE, did="mandate", what=f"{PERSON}{person}", says=said)
            if kind not in BY_LAW:
                await give(unit, _grant(mandate), now, by=by)
        return mandate

    async def of(self, key: str) -> list[Mandate]:
        """All mandates over a resident and by them, the latest first; those that are over, too."""
        async with self._database.reading(self._tenant) as connection:
            return await store.of(connection, self._tenant, key)

    async def end(self, id: str, *, by: str, is_counter: bool = False, about: str = "", reason: str = "") -> None:
        """Ends a mandate at once. `is_counter`: `by` is a clerk, whose right the caller has checked, before whom one of the two
        (`about`, a key) stands. Whoever has no part in it is told that there is none."""
        now = self._clock()
        async with self._database.unit(self._tenant) as unit:
            found = await store.locked(unit.connection, self._tenant, id)
            asks = f"resident:{about}" if is_counter else by
            mine = found is not None and asks in {f"resident:{found.person}", f"resident:{found.proxy}"}
            if found is None or not mine or not found.in_force(now):
                raise ResourceNotFound("there is no such mandate", detail_ja="この代理はありません。")
            if not rules.may_end(found, by, is_counter=is_counter):
                raise Forbidden(
                    "what the law gives ends at the counter",
                    detail_ja="法律で決まっている代理は、窓口で終了の手続きをします。",
                    mend="Ask at the counter.",
                    mend_ja="窓口でお手続きください。",
                )
            await self._end(unit, [found], now, by, reason)

    async def follow(self, unit: Unit, before: Account, account: Account, now: datetime, by: str) -> None:
        """Ends what does not outlive a change of an account (accounts/service.py), in the unit of that change."""
        over = [
            one
            for one in await store.still_open(unit.connection, self._tenant, account.key, now)
            if not rules.outlives(one, account)
        ]
        await self._end(unit, over, now, by, "the account changed")

    async def _end(self, unit: Unit, mandates: Sequence[Mandate], now: datetime, by: str, reason: str) -> None:
        if not mandates:
            return
        await store.end(unit.connection, self._tenant, [one.id for one in mandates], now, by)
        for one in mandates:
            await record(
                unit, now, by=by, purpose=PURPOSE, did="end-mandate", what=f"{PERSON}{one.person}", says=(one.id, reason)
            )
            if one.kind not in BY_LAW:
                await withdraw(unit, _id(one), now, by=by, purpose=GRANTED_FOR)


def _id(mandate: Mandate) -> str:
    return f"mandate:{mandate.id}"


def _grant(mandate: Mandate) -> Grant:
    return Grant(
        _id(mandate), f"resident:{mandate.proxy}", GRANTED_FOR, mandate.types, _id(mandate), mandate.since, mandate.until,
        subject=f"{PERSON}{mandate.person}",
    )  # fmt: skip
