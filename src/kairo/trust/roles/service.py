"""How does a role come to be given, confirmed and taken back, and which duty does somebody choose? Each use case is one unit.

What an assignment opens are grants on the basis `role:<id>`, written with it (or with its confirmation, where a second person is
needed) and withdrawn with its end. They end by themselves with it.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kairo.context.gate import Declarations, Scope
from kairo.context.granting import give, withdraw
from kairo.errors import BadRequestData, Forbidden, OutOfDate, ResourceNotFound
from kairo.platform.clock import Clock
from kairo.platform.db import Database, Unit
from kairo.platform.handling import Role
from kairo.trust.readers.service import Explained
from kairo.trust.recording import record
from kairo.trust.roles import store
from kairo.trust.roles.four_eyes import SAYS, Refusal, refusal
from kairo.trust.roles.permissions import Standing, check_confirm, check_grant, may_confirm
from kairo.trust.roles.rules import (
    CONFIRM,
    Assignment,
    State,
    check_roles,
    dangers,
    faults,
    grants_of,
    may_stand_alone,
    powers,
    state_of,
)

KEPT_SHOWN = timedelta(days=366)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody asks for: this role for this person."""

    principal: str
    role: str
    department: str
    area: str
    purpose: str
    reason: str
    since: datetime
    until: datetime


class Roles:
    """One for an installation."""

    def __init__(
        self,
        database: Database,
        declarations: Declarations,
        roles: Iterable[Role],
        clock: Clock,
        *,
        longest_days: int = 1100,
        confirm_hours: int = 72,
    ) -> None:
        """`longest_days`: how long an assignment lasts at most; `confirm_hours`: how long a proposal waits for the second person."""
        self._database = database
        self._types = declarations.by_type
        self.known: Mapping[str, Role] = check_roles(roles, self._types)
        self._clock = clock
        self._longest = timedelta(days=longest_days)
        self._confirm_within = timedelta(hours=confirm_hours)

    async def standing(self, scope: Scope) -> Standing:
        """With which powers the asker acts now."""
        bare = Standing(scope.tenant, scope.principal, scope.purpose)
        if bare.is_administrator or not scope.principal.startswith("staff:"):
            return bare
        held = await self.duties(scope.tenant, scope.principal)
        return replace(bare, powers=powers(self.known, held, scope.purpose), held=tuple(held))

    async def may(self, scope: Scope, power: str) -> bool:
        """Whether the asker has this power now."""
        return (await self.standing(scope)).may(power)

    async def duties(self, tenant: str, principal: str) -> list[Assignment]:
        """What somebody can choose from: their assignments that are in force."""
        async with self._database.reading(tenant) as connection:
            found = await store.held(connection, tenant, principal, self._clock())
        return [one for one in found if one.role in self.known]

    async def duty(self, standing: Standing, id: str) -> Assignment:
        """The assignment that somebody chooses as their duty. Raises ResourceNotFound for one that is not theirs, or not in force."""
        for one in standing.held:
            if one.id == id:
                return one
        raise _unknown(id)

    async def propose(self, standing: Standing, wanted: Proposal) -> Assignment:
        """Gives the role at once, or proposes it where a second person must confirm. Raises BadRequestData that says all that is wrong."""
        check_grant(standing)
        role = self._role(wanted.role)
        now = self._clock()
        async with self._database.unit(standing.tenant) as unit:
            needs_second = bool(dangers(role, self._types)) and not await self._alone(unit, standing, role, now)
            one = Assignment(
                secrets.token_hex(8),
                **{name: getattr(wanted, name) for name in Proposal.__slots__},
                proposed_by=standing.principal,
                proposed_at=now,
                confirm_by=now + self._confirm_within if needs_second else None,
            )
            if wrong := faults(role, one, self._types, now, self._longest):
                raise BadRequestData("; ".join(en for en, _ in wrong), detail_ja="。".join(ja for _, ja in wrong) + "。")
            await store.insert(unit.connection, unit.tenant, one)
            did = "role-propose" if needs_second else "role-give"
            await record(unit, now, by=standing.principal, purpose=standing.purpose, did=did, what=one.id)
            if not needs_second:
                await self._open(unit, role, one, now)
        return one

    async def confirm(self, standing: Standing, id: str) -> Assignment:
        """The second person's word: from now on it holds. Raises Forbidden for who may not be that person, OutOfDate where it is late."""
        check_confirm(standing)
        now = self._clock()
        async with self._database.unit(standing.tenant) as unit:
            one = await self._locked(unit, id)
            refused = refusal(one.proposed, standing.principal, now, may=may_confirm(standing))
            if refused is None and state_of(one, now) is State.LAPSED:
                refused = Refusal.LATE
            if refused is not None:
                raise refused_by(refused)
            role = self._role(one.role)
            await store.confirm(unit.connection, unit.tenant, id, standing.principal, now)
            await record(unit, now, by=standing.principal, purpose=standing.purpose, did="role-confirm", what=id)
            await self._open(unit, role, one, now)
        return replace(one, confirmed_by=standing.principal, confirmed_at=now)

    async def end(self, standing: Standing, id: str) -> None:
        """Refuses what waits, or takes back what was given: its grants are gone with the commit. Who may give or confirm roles may end
        them alone, and everyone their own."""
        now = self._clock()
        async with self._database.unit(standing.tenant) as unit:
            one = await store.locked(unit.connection, unit.tenant, id)
            if one is None or one.principal != standing.principal:
                (check_confirm if may_confirm(standing) else check_grant)(standing)
            if one is None:
                raise _unknown(id)
            if state_of(one, now) not in {State.PROPOSED, State.TO_COME, State.IN_FORCE}:
                raise refused_by(Refusal.ENDED)
            await store.end(unit.connection, unit.tenant, id, standing.principal, now)
            await record(unit, now, by=standing.principal, purpose=standing.purpose, did="role-end", what=id)
            for grant in await store.grants_of(unit.connection, unit.tenant, one):
                await withdraw(unit, grant, now, by=standing.principal, purpose=standing.purpose)

    async def all(self, tenant: str, *, offset: int = 0) -> list[tuple[Assignment, State]]:
        """Assignments that hold, are to hold, wait, or ended within a year; the newest first."""
        now = self._clock()
        async with self._database.reading(tenant) as connection:
            found = await store.known(connection, tenant, since=now - KEPT_SHOWN, limit=MOST_SHOWN, offset=offset)
        return [(one, state_of(one, now)) for one in found]

    async def waiting(self, standing: Standing) -> list[Assignment]:
        """What this person can confirm now."""
        if not may_confirm(standing):
            return []
        now = self._clock()
        async with self._database.reading(standing.tenant) as connection:
            found = await store.waiting(connection, standing.tenant, now, MOST_SHOWN)
        return [one for one in found if refusal(one.proposed, standing.principal, now, may=True) is None]

    async def explain(self, tenant: str, ids: Collection[str]) -> dict[str, Explained]:
        """Who gave these assignments (trust/readers)."""
        async with self._database.reading(tenant) as connection:
            found = await store.named(connection, tenant, sorted(ids))
        return {id: self._explained(one) for id, one in found.items()}

    def _explained(self, one: Assignment) -> Explained:
        role = self.known.get(one.role)
        title, purposes = (role.title, role.purposes) if role else ({"ja": one.role}, {})
        people = (one.proposed_by, one.confirmed_by or "", one.department, one.since)
        return Explained(title, *people, purposes.get(one.purpose, {}))

    def needs_second(self, role: str) -> bool:
        """Whether a second person must confirm assignments of this role, as the rule is."""
        return bool(dangers(self.known[role], self._types))

    async def _open(self, unit: Unit, role: Role, one: Assignment, now: datetime) -> None:
        for grant in grants_of(role, one, now):
            await give(unit, grant, now, by=one.proposed_by)

    async def _alone(self, unit: Unit, standing: Standing, role: Role, now: datetime) -> bool:
        if not standing.is_administrator:
            return False
        confirming = [name for name, known in self.known.items() if CONFIRM in known.may]
        return may_stand_alone(role, len(await store.holders(unit.connection, unit.tenant, confirming, now)))

    async def _locked(self, unit: Unit, id: str) -> Assignment:
        one = await store.locked(unit.connection, unit.tenant, id)
        if one is None:
            raise _unknown(id)
        return one

    def _role(self, name: str) -> Role:
        if name not in self.known:
            raise BadRequestData(f"there is no role {name[:80]!r}", detail_ja="その役割はありません。")
        return self.known[name]


def refused_by(refused: Refusal) -> Forbidden | OutOfDate:
    """The error for someone who may not say the second word."""
    detail, detail_ja = SAYS[refused]
    kind: Callable[..., Forbidden | OutOfDate] = (
        OutOfDate if refused in {Refusal.LATE, Refusal.CONFIRMED, Refusal.ENDED, Refusal.NO_NEED} else Forbidden
    )
    return kind(detail, detail_ja=f"{detail_ja}。")


def _unknown(id: str) -> ResourceNotFound:
    return ResourceNotFound(f"there is no assignment {id[:80]!r}", detail_ja="その役割の割り当てはありません。")
