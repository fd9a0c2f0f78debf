"""How is a change of a consent written? What happened, how it stands now, the audit record and the grants, within one unit."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from kairo.context import granting
from kairo.context.entities.store import lock_tenant
from kairo.context.gate import Scope
from kairo.context.granting import Grant
from kairo.errors import AlreadyExists, BadRequestData, NonexistentTenant
from kairo.platform.db import Unit
from kairo.platform.manifests import Purpose
from kairo.trust.consent import permissions, rules, store
from kairo.trust.consent.people import Members, principal_of
from kairo.trust.consent.rules import Act, Channel, Consent, State, Terms
from kairo.trust.recording import record

SYSTEM: Final = "system:consent"  # who marks what is over by itself


@dataclass(frozen=True, slots=True)
class Hand:
    """By whose hand something is entered, and how the person's will came here. `evidence`: where the signed paper lies."""

    principal: str
    channel: Channel
    evidence: str = ""


def hand_of(scope: Scope, subject: str) -> Hand:
    """The hand of a person, or of who acts for them, on a device."""
    return Hand(scope.principal, Channel.PROXY if permissions.is_proxy(scope, subject) else Channel.DEVICE)


async def turn(unit: Unit, now: datetime) -> None:
    """Takes the tenant's lock, before anything is read that is to be changed."""
    if await lock_tenant(unit.connection, unit.tenant, 0, now) is None:
        raise NonexistentTenant(f"there is no tenant {unit.tenant!r}", detail_ja=f"テナント「{unit.tenant}」はありません。")


class Keeper:
    """Writes changes; whoever calls holds the tenant's lock."""

    def __init__(self, members: Members | None) -> None:
        self._members = members

    async def begin(
        self, unit: Unit, act: Act, subject: str, recipient: str, text: Purpose, terms: Terms, hand: Hand, now: datetime
    ) -> Consent:
        """A consent that begins with this act."""
        if recipient == principal_of(subject):
            raise BadRequestData("the two are one person", detail_ja="ご自分自身を相手に選ぶことはできません。")
        rules.check_terms(terms, text, now)
        await store.add_text(unit.connection, unit.tenant, terms.text, text, now)
        is_asked = act is Act.ASK
        if is_asked and await store.waiting(unit.connection, unit.tenant, subject, recipient, text.id, now):
            raise AlreadyExists(
                "a request for this purpose waits for this person's answer already",
                detail_ja="同じ利用目的の依頼が、すでに回答を待っています。",
                mend="Wait for the answer.",
                mend_ja="回答をお待ちください。",
            )
        answer_by = min(now + timedelta(days=rules.ANSWER_DAYS), terms.until) if is_asked else None
        asked_by = hand.principal if is_asked else None
        consent = Consent(
            secrets.token_hex(8),
            subject,
            recipient,
            text.id,
            {Act.ASK: State.ASKED, Act.GIVE: State.GIVEN, Act.REFUSE: State.REFUSED}[act],
            1 if act is Act.GIVE else 0,
            terms,
            now.replace(microsecond=0),
            asked_by,
            answer_by,
        )
        return await self.enter(unit, consent, act, hand, now)

    async def enter(self, unit: Unit, after: Consent, act: Act, hand: Hand, now: datetime) -> Consent:
        """Writes what happened, how it stands now, the audit record and the grants. What was in force before gives way."""
        if act is Act.GIVE:
            await self._replace(unit, after, hand, now)
        await self.keep(unit, after, hand.principal, now)
        await self._note(unit, after, act, hand, now)
        return after

    async def _replace(self, unit: Unit, by: Consent, hand: Hand, now: datetime) -> None:
        former = await store.in_force(unit.connection, unit.tenant, by.subject, by.recipient, by.purpose)
        if former is None:
            return
        is_over = former.at(now) is State.EXPIRED
        act = Act.EXPIRE if is_over else Act.WITHDRAW
        gone = rules.after(former, act, now)
        await self.keep(unit, gone, hand.principal, now)
        whose = Hand(SYSTEM, Channel.PROGRAM) if is_over else hand
        await self._note(unit, gone, act, whose, now, None if is_over else by.id)

    async def _note(
        self, unit: Unit, consent: Consent, act: Act, hand: Hand, now: datetime, replaced_by: str | None = None
    ) -> None:
        await store.add_event(
            unit.connection,
            unit.tenant,
            consent,
            now,
            act=act,
            principal=hand.principal,
            channel=hand.channel,
            evidence=hand.evidence,
            replaced_by=replaced_by,
        )
        did, what = f"consent-{act.value}", rules.basis_of(consent.id)
        await record(unit, now, by=hand.principal, purpose=consent.purpose, did=did, what=what, says=consent.terms.categories)

    async def keep(self, unit: Unit, consent: Consent, by: str, now: datetime) -> None:
        """Keeps how it stands, and brings its grants to what it says now. The words that it names are kept already."""
        wanted = await self._wanted(unit, consent)
        await self._bring(unit, consent, wanted, by, now)
        await store.put(unit.connection, unit.tenant, consent, now, [one.id for one in wanted])

    async def regrant(self, unit: Unit, consent: Consent, by: str, now: datetime) -> bool:
        """Brings the grants to who reads by it now; whether any was not as it is to be."""
        wanted = await self._wanted(unit, consent)
        is_other = await self._bring(unit, consent, wanted, by, now)
        if is_other:
            await store.put_grants(unit.connection, unit.tenant, consent.id, [one.id for one in wanted])
        return is_other

    async def _wanted(self, unit: Unit, consent: Consent) -> list[Grant]:
        if consent.state is not State.GIVEN:
            return []
        texts = await store.texts(unit.connection, unit.tenant, [consent.terms.text])
        readers = await self._readers(unit, consent.recipient)
        return rules.grants_of(consent, texts[consent.terms.text], readers)

    async def _bring(self, unit: Unit, consent: Consent, wanted: list[Grant], by: str, now: datetime) -> bool:
        ids = {one.id for one in wanted}
        standing = await store.grants(unit.connection, unit.tenant, consent.id)
        for id in standing:
            if id not in ids:
                await granting.withdraw(unit, id, now, by=by, purpose=consent.purpose)
        for one in wanted:
            if one.id not in standing:
                await granting.give(unit, one, now, by=by)
        return ids != set(standing)

    async def _readers(self, unit: Unit, recipient: str) -> list[str]:
        if not recipient.startswith("department:"):
            return [recipient]
        return [] if self._members is None else await self._members.staff_of(unit.connection, unit.tenant, recipient)
