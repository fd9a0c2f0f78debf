"""How is a request made, completed, extended and decided, and what is done with the data by that? Each step is one unit with its record.

Two decisions reach further than the unit: a correction is written through the graph before it is decided, and consents are taken back
before the end of a use is decided. Each can be done once more: where the program stops between, the request still waits.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final, Protocol

from kairo.context.gate import Look, Scope
from kairo.context.graph import GraphInterface
from kairo.errors import BadRequestData, TooManyRequests
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.trust.identity.principals import PERSON, person_of
from kairo.trust.identity.sessions.session import Session
from kairo.trust.recording import record
from kairo.trust.rights import permissions
from kairo.trust.rights.cases import effects, reading, rules, store
from kairo.trust.rights.cases.deadlines import DECISION_DAYS, is_in_time, may_extend
from kairo.trust.rights.cases.exporting import MOST_ENTITIES, Export, export
from kairo.trust.rights.cases.rules import Act, Case, Kind, State, Step
from kairo.trust.rights.cases.store import About

MOST_SHOWN: Final = 200


class Accounts(Protocol):
    """Knows who has an account. Implemented by identity."""

    async def many(self, keys: Collection[str]) -> Mapping[str, Any]:
        """Accounts by key, of those that there are."""
        ...


class Witness(Protocol):
    """Keeps who looked. Implemented by disclosure."""

    async def saw(self, scope: Scope, looks: Sequence[Look], *, basis: str = "") -> None:
        """Keeps one record of these looks."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `entity` and `attribute`: what is to be corrected, where it is held here."""

    kind: Kind
    person: str
    text: str
    entity: str = ""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided. `withheld`: types that a partly granted disclosure leaves out; `value`: what a correction writes (None: nothing is
    written); `purposes`: for which the use ends (none named: all)."""

    act: Act
    text: str
    articles: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    value: str | None = None
    purposes: tuple[str, ...] = ()


class Cases:
    """The use cases. One for a process."""

    def __init__(
        self,
        database: Database,
        graph: GraphInterface,
        powers: permissions.Powers,
        accounts: Accounts,
        consents: effects.Consents,
        witness: Witness,
        clock: Clock,
        *,
        decision_days: int = DECISION_DAYS,
    ) -> None:
        self._database = database
        self._graph = graph
        self.powers = powers
        self._accounts = accounts
        self._consents = consents
        self._witness = witness
        self.clock = clock
        self._decision_days = decision_days

    def today(self) -> date:
        """The day in Japan."""
        return self.clock().astimezone(TOKYO).date()

    # By the person

    async def ask(self, scope: Scope, session: Session | None, asked: Asked) -> str:
        """A request by the person, or by who fully represents them: its id."""
        found = permissions.check_ask(scope, session, asked.person)
        channel = "device" if person_of(scope.principal) == asked.person else "proxy"
        return await self._receive(scope, asked, channel, found.ial, found.aal, "")

    async def record_paper(self, scope: Scope, asked: Asked, evidence: str) -> str:
        """What somebody asks for at the counter; `evidence`: what was seen there (77条2項). Raises BadRequestData for who is nobody."""
        permissions.check_record(await self.powers.standing(scope))
        seen = rules.checked_text(evidence)
        key = asked.person.removeprefix(PERSON)
        account = (await self._accounts.many([key])).get(key)
        if account is None or account.kind != "resident":
            raise BadRequestData("nobody is known by this key", detail_ja="この番号の方は登録されていません。")
        return await self._receive(scope, asked, "counter", 2, 0, seen)

    async def of(self, scope: Scope) -> list[Case]:
        """What the asker, and those whom they fully represent, asked for; the newest first."""
        permissions.check_see(scope)
        async with self._database.reading(scope.tenant) as connection:
            return await store.of_persons(connection, scope.tenant, scope.persons, MOST_SHOWN)

    async def own(self, scope: Scope, id: str) -> Case:
        """One of them. Raises ResourceNotFound for others', as for none."""
        permissions.check_see(scope)
        async with self._database.reading(scope.tenant) as connection:
            case = await store.get(connection, scope.tenant, id)
        if case is None or case.person not in scope.persons:
            raise permissions.unknown()
        return case

    async def complete(self, scope: Scope, session: Session | None, id: str, text: str) -> None:
        """The person's answer to what they were asked: the days count again."""
        permissions.check_ask(scope, session, (await self.own(scope, id)).person)
        await self._step(scope, id, Act.COMPLETE, rules.checked_text(text))

    async def withdraw(self, scope: Scope, session: Session | None, id: str) -> None:
        """The person takes it back."""
        permissions.check_ask(scope, session, (await self.own(scope, id)).person)
        await self._step(scope, id, Act.WITHDRAW, "")

    async def disclose(self, scope: Scope, session: Session | None, id: str) -> tuple[Case, Export]:
        """What was granted, to the person: everything that is held about them, as it is now."""
        case = await self.own(scope, id)
        permissions.check_ask(scope, session, case.person)
        return case, await self._export(scope, case)

    async def held(self, scope: Scope, person: str) -> list[About]:
        """What of the person can be corrected: of the asker, or of whom they represent."""
        permissions.check_see(scope)
        if person not in scope.persons:
            raise permissions.unknown()
        async with self._database.reading(scope.tenant) as connection:
            return await store.about(connection, scope.tenant, person, self.clock(), MOST_ENTITIES)

    # By staff

    async def waiting(self, scope: Scope) -> tuple[list[Case], list[Case]]:
        """Requests that wait, the oldest first, and the last ones that were decided. Reading them is a look at those who asked."""
        permissions.check_decide(await self.powers.standing(scope))
        over = rules.DECIDED | {State.WITHDRAWN}
        async with self._database.reading(scope.tenant) as connection:
            found = await store.in_states(connection, scope.tenant, rules.OPEN, MOST_SHOWN, newest=False)
            done = await store.in_states(connection, scope.tenant, over, 50, newest=True)
        await self._saw(scope, {one.person for one in (*found, *done)})
        return found, done

    async def one(self, scope: Scope, id: str) -> Case:
        """A request, for who decides."""
        permissions.check_decide(await self.powers.standing(scope))
        async with self._database.reading(scope.tenant) as connection:
            case = await store.get(connection, scope.tenant, id)
        if case is None:
            raise permissions.unknown()
        await self._saw(scope, {case.person})
        return case

    async def facts(self, scope: Scope, case: Case) -> tuple[list[About], list[tuple[str, str, str, str]], bool]:
        """What a decision needs: the entities about the person, the grants of their data, and whether they were disclosed within the
        90 days before (90条3項, 98条3項)."""
        async with self._database.reading(scope.tenant) as connection:
            about = await store.about(connection, scope.tenant, case.person, self.clock(), MOST_ENTITIES)
            grants = await store.grants_about(connection, scope.tenant, case.person)
            all_of = await store.of_persons(connection, scope.tenant, [case.person], MOST_SHOWN)
        met = [one.time.decided for one in all_of if one.kind is Kind.DISCLOSURE and one.state in rules.MET]
        return about, grants, any(is_in_time(day, case.time.received) for day in met)

    async def ask_more(self, scope: Scope, id: str, text: str) -> None:
        """Asks the person to complete it; until they have, the days do not count."""
        permissions.check_decide(await self.powers.standing(scope))
        await self._step(scope, id, Act.ASK, rules.checked_text(text))

    async def extend(self, scope: Scope, id: str, days: int, text: str) -> None:
        """Extends the time; the text, which the person reads, says why."""
        permissions.check_decide(await self.powers.standing(scope))
        await self._step(scope, id, Act.EXTEND, rules.checked_text(text), days=days)

    async def decide(self, scope: Scope, id: str, decision: Decision) -> None:
        """Grants, refuses, or grants a part; does with the data what follows from it."""
        case = await self.one(scope, id)
        text = rules.checked_text(decision.text)
        rules.check_decision(case.kind, decision.act, decision.articles)
        rules.after(case.state, decision.act, was_extended=rules.was_extended(case.steps))
        if case.kind is not Kind.DISCLOSURE and decision.withheld:
            raise BadRequestData("only a disclosure leaves types out", detail_ja="開示のほかでは選べません。")
        if bool(decision.withheld) and decision.act is not Act.PARTLY:
            raise BadRequestData("only a part that is granted leaves types out", detail_ja="一部開示のときだけ選べます。")
        did: list[str] = []
        if rules.DECISIONS[decision.act] in rules.MET:
            if case.kind is Kind.CORRECTION and decision.value is not None:
                did = [await effects.correct(self._graph, scope, case, decision.value)]
            if case.kind is Kind.USE_STOP:
                did = await effects.end_consents(self._database, self._consents, scope, case, frozenset(decision.purposes))
        await self._step(scope, id, decision.act, text, decision=replace(decision, text=text), did=did)

    async def hand_out(self, scope: Scope, id: str) -> tuple[Case, Export]:
        """What was granted, printed at the counter."""
        case = await self.one(scope, id)
        return case, await self._export(scope, case)

    # Within

    async def _receive(self, scope: Scope, asked: Asked, channel: str, ial: int, aal: int, evidence: str) -> str:
        is_correction = asked.kind is Kind.CORRECTION
        text = rules.checked_text(asked.text, required=asked.kind is not Kind.DISCLOSURE)
        now, id = self.clock(), secrets.token_hex(8)
        async with self._database.unit(scope.tenant) as unit:
            if is_correction and asked.entity:
                await effects.check_about(unit, asked.person, asked.entity, asked.attribute, now)
            if await store.number_open(unit.connection, unit.tenant, asked.person) >= rules.MOST_OPEN:
                raise TooManyRequests(
                    f"{rules.MOST_OPEN} requests wait for a decision already",
                    detail_ja=f"決定待ちの請求が{rules.MOST_OPEN}件あります。",
                    mend_ja="決定をお待ちいただくか、請求を取り下げてください。",
                )
            which = (asked.entity, asked.attribute) if is_correction else ("", "")
            who = (asked.kind, asked.person, scope.principal, channel, ial, aal, evidence)
            case = Case(id, *who, *which, text, State.RECEIVED, now, self._decision_days)
            await store.insert(unit.connection, unit.tenant, case)
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did=f"rights-{asked.kind}", what=id)
        return id

    async def _step(
        self,
        scope: Scope,
        id: str,
        act: Act,
        text: str,
        *,
        days: int = 0,
        decision: Decision | None = None,
        did: Sequence[str] = (),
    ) -> None:
        now = self.clock()
        async with self._database.unit(scope.tenant) as unit:
            case = await store.get(unit.connection, unit.tenant, id, lock=True)
            if case is None:
                raise permissions.unknown()
            state = rules.after(case.state, act, was_extended=rules.was_extended(case.steps))
            if act is Act.EXTEND and not may_extend(case.time, days, now.astimezone(TOKYO).date()):
                raise BadRequestData(
                    "it may be extended once, by 1 to 30 days, before the first period is over",
                    detail_ja="延長は、最初の期限までに1回だけ、1〜30日の範囲でできます。",
                )
            articles = _articles(case.kind, act, decision)
            withheld = case.withheld if decision is None else decision.withheld
            done = list(did)
            if case.kind is Kind.USE_STOP and state in rules.MET and decision is not None:
                done += await effects.end_grants(unit, scope, case, decision.purposes, now)
            step = Step(act, now, scope.principal, text, articles, days, tuple(dict.fromkeys(done)))
            await store.add_step(unit.connection, unit.tenant, case.id, step)
            await store.put(unit.connection, unit.tenant, case.id, state, withheld)
            says = [act, *articles]
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did=f"rights-{act}", what=case.id, says=says)

    async def _export(self, scope: Scope, case: Case) -> Export:
        if case.kind is not Kind.DISCLOSURE or case.state not in rules.MET:
            raise permissions.unknown()
        async with self._database.reading(scope.tenant) as connection:
            about = await store.about(connection, scope.tenant, case.person, self.clock(), MOST_ENTITIES)
            consents = await reading.consents_of(connection, scope.tenant, case.person)
            looks = await reading.looks_at(connection, scope.tenant, case.person)
        await self._saw(scope, {case.person})
        wanted = (self._graph, scope, case.person, about, case.withheld, self.clock())
        return await export(*wanted, consents=consents, looks=looks)

    async def _saw(self, scope: Scope, persons: Collection[str]) -> None:
        """That somebody saw who asked for what is a look at them."""
        if persons:
            looks = [Look(one, ("Resident",), ("rightsRequest",)) for one in sorted(persons)]
            await self._witness.saw(scope, looks, basis="law:rights")


def _articles(kind: Kind, act: Act, decision: Decision | None) -> tuple[str, ...]:
    if decision is not None:
        return decision.articles or (rules.GRANTED_BY[kind],)
    return {Act.ASK: (rules.COMPLETION[kind],), Act.EXTEND: (rules.EXTENSION[kind],)}.get(act, ())
