"""What can be done with the log by people? See who looked, ask about a look, answer, audit, and be forgotten."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kairo.context.gate import Look, Scope
from kairo.errors import AlreadyExists, OutOfDate, ResourceNotFound, TooManyRequests
from kairo.platform.clock import Clock
from kairo.platform.db import Connection, Database, Unit
from kairo.trust.disclosure import rules, store
from kairo.trust.disclosure.asking import store as asking
from kairo.trust.disclosure.asking.store import Question
from kairo.trust.disclosure.log import Log
from kairo.trust.disclosure.permissions import AUDIT, Powers, check_audit, check_see_own
from kairo.trust.disclosure.records import pseudonym_in
from kairo.trust.disclosure.viewing import hints
from kairo.trust.disclosure.viewing import store as viewing
from kairo.trust.disclosure.viewing.store import Seen, Wanted
from kairo.trust.disclosure.viewing.words import People, account_of
from kairo.trust.recording import record

SHOWN = 200  # looks of a page, before those that are alike are one
QUESTIONS_SHOWN = 100
_PAIRS = 20_000


@dataclass(frozen=True, slots=True)
class Shown:
    """Looks, with who pseudonyms are and what principals are called. `following`: before which number the next ones are."""

    looks: Sequence[Seen]
    persons: dict[bytes, str]
    names: dict[str, str]
    following: int | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """What an auditor sees of a period."""

    shown: Shown
    hours: list[tuple[str, object, int, int]]
    hints: list[hints.Hint]


class Disclosure:
    """The use cases. One for a process."""

    def __init__(self, database: Database, log: Log, people: People, powers: Powers, clock: Clock) -> None:
        self._database = database
        self.log = log
        self._people = people
        self._powers = powers
        self.clock = clock

    async def looks_at(self, scope: Scope, wanted: Wanted, *, own: bool) -> tuple[Shown, list[tuple[str, str, int]], int]:
        """The looks at whoever asks: by others, or by themselves. Beside them who looked at all in that time for which purpose, and how
        often they looked themselves."""
        person = check_see_own(scope)
        async with self._database.reading(scope.tenant) as connection:
            pseudonym = await viewing.pseudonym_of(connection, scope.tenant, person)
            if pseudonym is None:
                return Shown([], {}, {}), [], 0
            mine = f"resident:{pseudonym.hex()}"
            found = await viewing.at_person(connection, scope.tenant, pseudonym, wanted, mine, SHOWN, are_own=own)
            kinds = await viewing.kinds(connection, scope.tenant, pseudonym, wanted.since, wanted.until)
            persons = await self._persons(connection, scope.tenant, found, [who for who, _, _ in kinds])
        others = [one for one in kinds if one[0] != mine]
        principals = {one.principal for one in found} | {who for who, _, _ in others}
        names = await self._names(principals, persons)
        following = found[-1].seq if len(found) == SHOWN else None
        return Shown(found, persons, names, following), others, sum(looks for who, _, looks in kinds if who == mine)

    async def questions_of(self, scope: Scope) -> list[Question]:
        """What whoever asks has asked about looks."""
        person = check_see_own(scope)
        async with self._database.reading(scope.tenant) as connection:
            return await asking.of_person(connection, scope.tenant, person)

    async def ask(self, scope: Scope, seq: int, text: str) -> str:
        """Asks about a look at oneself: the question's id. Raises ResourceNotFound for a look at somebody else, as for none."""
        person, said, now = check_see_own(scope), rules.checked_text(text, rules.LONGEST_QUESTION), self.clock()
        id = secrets.token_hex(8)
        async with self._database.unit(scope.tenant) as unit:
            pseudonym = await viewing.pseudonym_of(unit.connection, scope.tenant, person)
            if pseudonym is None or not await viewing.is_about(unit.connection, scope.tenant, pseudonym, seq):
                raise ResourceNotFound("there is no such look", detail_ja="その記録はありません。")
            if await asking.number_open(unit.connection, scope.tenant, person) >= rules.MOST_OPEN:
                raise TooManyRequests(
                    f"{rules.MOST_OPEN} questions wait for an answer already",
                    detail_ja=f"回答待ちの質問が{rules.MOST_OPEN}件あります。",
                    mend_ja="回答をお待ちください。お急ぎの場合は市役所へお電話ください。",
                )
            if not await asking.ask(unit.connection, scope.tenant, id, seq, person, said, now):
                raise AlreadyExists("this look was asked about already", detail_ja="この記録については質問済みです。")
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="ask-about-look", what=id)
        return id

    async def check_audit(self, scope: Scope) -> None:
        """Raises unless whoever asks may see all looks (permissions.py)."""
        check_audit(await self._powers.standing(scope))

    async def open_questions(
        self, scope: Scope
    ) -> tuple[list[Question], list[Question], Shown, dict[int, tuple[object, str, str]]]:
        """Questions that wait, the last ones that were answered, and the looks that they are about. Reading them is a look at those
        who asked."""
        await self.check_audit(scope)
        async with self._database.reading(scope.tenant) as connection:
            waiting = await asking.all_of(connection, scope.tenant, "open", QUESTIONS_SHOWN)
            answered = (await asking.all_of(connection, scope.tenant, "answered", 1000))[-QUESTIONS_SHOWN:]
            looks = await asking.looks(connection, scope.tenant, [one.seq for one in (*waiting, *answered)])
            persons = await self._persons(connection, scope.tenant, [], [principal for _, principal, _ in looks.values()])
        asked = sorted({one.person for one in (*waiting, *answered)})
        if asked:
            await self.log.saw(scope, [Look(person, ("Resident",), ("accessQuestion",)) for person in asked], basis="question")
        names = await self._names(
            {principal for _, principal, _ in looks.values()} | {account_of(one) for one in asked}, persons
        )
        return waiting, answered[::-1], Shown([], persons, names), dict(looks)

    async def answer(self, scope: Scope, id: str, text: str) -> None:
        """Answers a question, once. Raises OutOfDate where somebody else did, or where it is not there (any more)."""
        await self.check_audit(scope)
        said, now = rules.checked_text(text, rules.LONGEST_ANSWER), self.clock()
        async with self._database.unit(scope.tenant) as unit:
            if await asking.answer(unit.connection, scope.tenant, id[:64], said, now, scope.principal) is None:
                raise OutOfDate("this question was answered already", detail_ja="この質問には回答済みです。")
            await record(unit, now, by=scope.principal, purpose=scope.purpose, did="answer-about-look", what=id[:64])

    async def audit(self, scope: Scope, wanted: Wanted) -> Audit:
        """All looks of a period, with hints. That somebody looked is a row itself, before anything is shown."""
        await self.check_audit(scope)
        tenant, since, until = scope.tenant, wanted.since, wanted.until
        async with self._database.reading(tenant) as connection:
            found = await viewing.search(connection, tenant, wanted, SHOWN)
            hours = await viewing.hours(connection, tenant, since, until)
            lookers = await viewing.looked_at(connection, tenant, since, until, hints.LOOKERS)
            pairs = await viewing.pairs(connection, tenant, since, until, _PAIRS)
            baseless = await viewing.baseless(connection, tenant, since, until)
            persons = await self._persons(
                connection, tenant, found, {*(one[0] for one in hours), *(one[0] for one in baseless)}
            )
        await self.log.processing(scope, AUDIT, sum(one.subjects for one in found), "disclosure log")
        known = await self._people.names({account_of(person) for _, person in pairs} | {principal for principal, _ in pairs})
        by_person = {**known, **{person: known.get(account_of(person), "") for _, person in pairs}}
        unusual = [
            *hints.of_hours(hints.Hour(*one) for one in hours),
            *hints.of_lookers(lookers),
            *hints.of_names(pairs, by_person),
            *hints.of_bases(baseless),
        ]
        principals = {one.principal for one in found} | {one.who for one in unusual} | {one[0] for one in hours}
        following = found[-1].seq if len(found) == SHOWN else None
        names = await self._names(principals, {})  # without those of residents
        return Audit(Shown(found, persons, names, following), list(hours), unusual)

    async def erase(self, unit: Unit, person: str, *, by: str, purpose: str) -> None:
        """Forgets who a person was in the log, in the unit that erases them elsewhere. The tree stays as it is."""
        now = self.clock()
        await store.lock(unit.connection, unit.tenant, now)  # no look is being written under the key that goes
        pseudonym = await store.erase(unit.connection, unit.tenant, person)
        if pseudonym is not None:
            await record(unit, now, by=by, purpose=purpose, did="erase-disclosure-key", what=f"pseudonym:{pseudonym.hex()}")

    async def _persons(
        self, connection: Connection, tenant: str, looks: Sequence[Seen], principals: Collection[str]
    ) -> dict[bytes, str]:
        wanted = {one for look in looks for one in look.persons}
        wanted |= {one for principal in principals if (one := pseudonym_in(principal)) is not None}
        wanted |= {one for look in looks if (one := pseudonym_in(look.principal)) is not None}
        return await viewing.who(connection, tenant, wanted)

    async def _names(self, principals: Collection[str], persons: dict[bytes, str]) -> dict[str, str]:
        """Of principals as the log has them: residents by the persons that their pseudonyms are."""
        return dict(await self._people.names({*principals, *(account_of(person) for person in persons.values())}))
