"""What can be done with a consent? Each use case is one atomic unit: the event, the state, the audit record and the grants.

Whoever changes anything takes the tenant's lock first, so two devices come one after the other: the second one meets what the first
one left, and is told so. A consent in force has exactly the grants that its text says; one that is over has none.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Protocol

from kairo.context.gate import Scope
from kairo.errors import BadRequestData, OutOfDate
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.platform.manifests import Purpose
from kairo.trust.consent import permissions, rules, store
from kairo.trust.consent.codes.codes import use as use_code
from kairo.trust.consent.keeping import SYSTEM, Hand, Keeper, hand_of, turn
from kairo.trust.consent.people import Members, People, principal_of
from kairo.trust.consent.purposes import Purposes
from kairo.trust.consent.rules import Act, Channel, Consent, State, Terms
from kairo.trust.identity.accounts.account import Account
from kairo.trust.identity.accounts.rules import Status
from kairo.trust.identity.principals import PrincipalKind

EVIDENCE_MOST: Final = 200


class Database(Protocol):
    """The part of the database that consent needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class ConsentService:
    """The consents of an installation."""

    def __init__(
        self, database: Database, clock: Clock, purposes: Purposes, people: People, members: Members | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._people = people
        self._keeper = Keeper(members)
        self.purposes = purposes

    async def ask(
        self, scope: Scope, purpose: str, code: str, categories: Sequence[str] | None = None, days: int | None = None
    ) -> Consent:
        """Asks the person whose code this is (see `codes`; it is used up). The request waits for their answer."""
        text, digest = self.purposes.open(purpose)
        return await self.ask_until(scope, purpose, code, _asked(text, digest, categories, days, self._clock()))

    async def ask_until(self, scope: Scope, purpose: str, code: str, terms: Terms) -> Consent:
        """As `ask`, with terms: the answer may say all of them, or less."""
        text = self._shown(purpose, terms.text)
        permissions.check_ask(scope, text)
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            subject = await use_code(unit, code, now)
            hand = Hand(scope.principal, Channel.PROGRAM if permissions.is_application(scope) else Channel.DEVICE)
            return await self._keeper.begin(unit, Act.ASK, subject, scope.principal, text, terms, hand, now)

    async def give(self, scope: Scope, subject: str, purpose: str, code: str, terms: Terms) -> Consent:
        """Gives the resident whose code this is access to a person's data. `terms.text` is the text that the person was shown."""
        permissions.check_decide(scope, subject)
        text = self._shown(purpose, terms.text)
        if text.audience != "family":
            raise BadRequestData(f"{purpose} is not for a resident", detail_ja="この利用目的は、家族や知人には使えません。")
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            recipient = principal_of(await use_code(unit, code, now))
            permissions.check_favour(scope, subject, recipient)
            return await self._keeper.begin(unit, Act.GIVE, subject, recipient, text, terms, hand_of(scope, subject), now)

    async def answer(self, scope: Scope, id: str, terms: Terms | None) -> Consent:
        """Answers a request: with terms by yes, to all of it or less; without any by no."""
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            before = await _own(unit, scope, id)
            act = Act.REFUSE if terms is None else Act.GIVE
            after = rules.after(before, act, now, terms)
            if terms is not None:
                permissions.check_favour(scope, before.subject, before.recipient)
                text = self._shown(before.purpose, terms.text)
                rules.check_terms(terms, text, now, within=before.terms)
                await store.add_text(unit.connection, unit.tenant, terms.text, text, now)
            return await self._keeper.enter(unit, after, act, hand_of(scope, before.subject), now)

    async def change(self, scope: Scope, id: str, terms: Terms) -> Consent:
        """Narrows what was agreed to, by its own text, or agrees to another selection by the purpose's present text."""
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            before = await _own(unit, scope, id)
            after = rules.after(before, Act.CHANGE, now, terms)
            if rules.is_narrower(terms, before.terms):
                agreed = await store.texts(unit.connection, unit.tenant, [before.terms.text])
                rules.check_terms(terms, agreed[before.terms.text], now, within=before.terms)
            else:
                permissions.check_favour(scope, before.subject, before.recipient)
                text = self._shown(before.purpose, terms.text)
                rules.check_terms(terms, text, now)
                await store.add_text(unit.connection, unit.tenant, terms.text, text, now)
            return await self._keeper.enter(unit, after, Act.CHANGE, hand_of(scope, before.subject), now)

    async def withdraw(self, scope: Scope, id: str) -> Consent:
        """Takes it back: from now on nothing is read by it."""
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            before = await _own(unit, scope, id)
            after = rules.after(before, Act.WITHDRAW, now)
            return await self._keeper.enter(unit, after, Act.WITHDRAW, hand_of(scope, before.subject), now)

    async def record(
        self, scope: Scope, act: Act, subject: str, recipient: str, purpose: str, terms: Terms, evidence: str
    ) -> Consent:
        """Enters at the counter what a person signed on paper: a yes or a no; or asks them, to answer on their own device."""
        permissions.check_record(scope)
        text = self._shown(purpose, terms.text)
        await self._check_known(scope, text, subject, recipient)
        hand = Hand(scope.principal, Channel.PROGRAM) if act is Act.ASK else _paper(scope, evidence)
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            return await self._keeper.begin(unit, act, subject, recipient, text, terms, hand, now)

    async def check_paper(self, scope: Scope, subject: str, recipient: str, purpose: str, terms: Terms, evidence: str) -> None:
        """Raises what `record` would raise for a yes, before the clerk looks at it a second time."""
        permissions.check_record(scope)
        text = self._shown(purpose, terms.text)
        await self._check_known(scope, text, subject, recipient)
        rules.check_terms(terms, text, self._clock())
        _paper(scope, evidence)

    async def withdraw_on_paper(self, scope: Scope, subject: str, id: str, evidence: str) -> Consent:
        """Enters at the counter that a person takes a consent back."""
        permissions.check_record(scope)
        hand = _paper(scope, evidence)
        now = self._clock()
        async with self._database.unit(scope.tenant) as unit:
            await turn(unit, now)
            before = await store.get(unit.connection, unit.tenant, id) if rules.is_id(id) else None
            if before is None or before.subject != subject:
                raise permissions.unknown()
            return await self._keeper.enter(unit, rules.after(before, Act.WITHDRAW, now), Act.WITHDRAW, hand, now)

    async def expire(self, tenant: str, limit: int) -> int:
        """Marks what is over in a tenant, at most `limit` at a time; how many."""
        now = self._clock()
        async with self._database.unit(tenant) as unit:
            await turn(unit, now)
            over = await store.over(unit.connection, tenant, now, limit)
            for before in over:
                after = rules.after(before, Act.EXPIRE, now)
                await self._keeper.enter(unit, after, Act.EXPIRE, Hand(SYSTEM, Channel.PROGRAM), now)
        return len(over)

    async def regrant(self, tenant: str) -> int:
        """Gives and withdraws what consents to departments open, where their staff is not who it was; how many consents that touched."""
        now, touched = self._clock(), 0
        async with self._database.unit(tenant) as unit:
            await turn(unit, now)
            for consent in await store.to_departments(unit.connection, tenant):
                if consent.at(now) is State.GIVEN:
                    touched += await self._keeper.regrant(unit, consent, SYSTEM, now)
        return touched

    async def follow(self, unit: Unit, before: Account, account: Account, now: datetime, by: str) -> None:
        """What follows from a change of an account, in its unit: who died, moved out or closed it sees and shows nothing any more;
        who becomes protected (支援措置) is seen by no other resident until they agree anew."""
        if account.kind != PrincipalKind.RESIDENT:
            return
        await turn(unit, now)
        is_over = account.status is not Status.ACTIVE
        given = await store.given_by(unit.connection, unit.tenant, account.person)
        ends = [
            one for one in given if is_over or (account.is_protected and one.recipient.startswith(f"{PrincipalKind.RESIDENT}:"))
        ]
        if is_over:
            ends += await store.all_in_force(unit.connection, unit.tenant, account.principal)
        for one in ends:
            if one.at(now) is State.GIVEN and (is_over or not before.is_protected):
                after = rules.after(one, Act.WITHDRAW, now)
                await self._keeper.enter(unit, after, Act.WITHDRAW, Hand(by, Channel.PROGRAM), now)

    def _shown(self, purpose: str, digest: str) -> Purpose:
        """The present text of a purpose, if it is the one that the person was shown."""
        text, present = self.purposes.open(purpose)
        if digest != present:
            raise OutOfDate(
                f"the text of the purpose {purpose} is another one by now",
                detail_ja="説明の文章が新しくなりました。",
                mend="Read the new text, then decide; nothing was changed.",
                mend_ja="新しい文章を読んでから、もう一度お決めください。何も変更されていません。",
            )
        return text

    async def _check_known(self, scope: Scope, text: Purpose, subject: str, recipient: str) -> None:
        """Names at the counter lead to somebody."""
        if text.audience != "family" and recipient not in text.recipients:
            raise BadRequestData(
                f"{recipient[:80]!r} is no recipient of {text.id}", detail_ja="この利用目的の提供先ではありません。"
            )
        if recipient == principal_of(subject):
            raise BadRequestData("the two are one person", detail_ja="ご自分自身を相手に選ぶことはできません。")
        whom = (subject, recipient) if text.audience == "family" else (subject,)
        for one in whom:
            if not await self._people.display_name(scope.tenant, one):
                raise BadRequestData(
                    "nobody is known by this key",
                    detail_ja="この番号の方は登録されていません。",
                    mend="Take the key from the resident's page at the counter.",
                    mend_ja="住民の窓口画面に表示された番号を入力してください。",
                )


async def _own(unit: Unit, scope: Scope, id: str) -> Consent:
    """A consent that the asker may decide on. Raises ResourceNotFound."""
    found = await store.get(unit.connection, unit.tenant, id) if rules.is_id(id) else None
    if found is None or not permissions.may_decide(scope, found.subject):
        raise permissions.unknown()
    return found


def _paper(scope: Scope, evidence: str) -> Hand:
    written = " ".join(evidence.split())
    if not written or len(written) > EVIDENCE_MOST or not written.isprintable():
        raise BadRequestData(
            f"say in 1 to {EVIDENCE_MOST} characters where the signed paper lies",
            detail_ja=f"署名された書面の保管番号を、{EVIDENCE_MOST}文字以内で入力してください。",
        )
    return Hand(scope.principal, Channel.PAPER, written)


def _asked(text: Purpose, digest: str, categories: Sequence[str] | None, days: int | None, now: datetime) -> Terms:
    """What is asked for; what is not said is all, for as long as the purpose allows."""
    wanted = [one.id for one in text.categories] if categories is None else categories
    if days is not None and not 0 < days <= text.longest_days:
        raise BadRequestData(
            f"days is a whole number from 1 to {text.longest_days}", detail_ja=f"日数は1から{text.longest_days}までです。"
        )
    return Terms(digest, rules.ordered(wanted, text), rules.end_after(days or text.longest_days, now))
