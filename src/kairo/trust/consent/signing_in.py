"""What may an application know of who signs in to it? Asked in the same step, by the words of its purpose; kept as a consent like any.

Implements `kairo.trust.oauth.asking.ConsentAsker`. The application names attributes; people agree to categories of the purpose's
text: a category is agreed to when all of its attributes that were asked for are.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from kairo.context.gate import Scope
from kairo.platform.clock import Clock
from kairo.platform.db import Unit
from kairo.platform.i18n import DEFAULT_LANGUAGE, LANGUAGES, pick, strip_readings
from kairo.platform.manifests import Purpose
from kairo.trust.consent import permissions, rules, store
from kairo.trust.consent.keeping import Hand, Keeper, hand_of, turn
from kairo.trust.consent.purposes import Purposes
from kairo.trust.consent.rules import Act, Consent, State, Terms
from kairo.trust.consent.service import Database
from kairo.trust.identity.principals import person_of
from kairo.trust.oauth.asking import Ask, Question

_TYPE: Final = "Resident"


class SigningIn:
    """Asks residents who sign in to an application."""

    def __init__(self, database: Database, clock: Clock, purposes: Purposes) -> None:
        self._database = database
        self._clock = clock
        self._purposes = purposes
        self._keeper = Keeper(None)

    async def questions(self, access: Scope, ask: Ask, language: str) -> Sequence[Question]:
        """What is to be asked. A purpose that is not declared, or not for this application, asks for nothing."""
        asked = self._asked(ask)
        person = person_of(access.principal)
        if asked is None or person is None:
            return ()
        text, _ = asked
        now = self._clock()
        async with self._database.reading(access.tenant) as connection:
            former = await store.in_force(connection, access.tenant, person, ask.principal, text.id)
        agreed = former.terms.categories if former is not None and former.at(now) is State.GIVEN else ()
        return [
            Question(name, _words(text, id, language), id in agreed) for name, id in _categories(text, ask.attributes).items()
        ]

    async def agree(self, access: Scope, ask: Ask, attributes: Sequence[str]) -> None:
        """They said yes to these attributes, and no to the others that were asked for. What they agreed to besides stays."""
        asked = self._asked(ask)
        person = person_of(access.principal)
        if asked is None or person is None:
            return
        permissions.check_decide(access, person)
        text, digest = asked
        now, hand = self._clock(), hand_of(access, person)
        categories = _categories(text, ask.attributes)
        no = {id for name, id in categories.items() if name not in attributes}
        yes = set(categories.values()) - no
        async with self._database.unit(access.tenant) as unit:
            await turn(unit, now)
            former = await store.in_force(unit.connection, unit.tenant, person, ask.principal, text.id)
            stands = former if former is not None and former.at(now) is State.GIVEN else None
            agreed = set(stands.terms.categories) if stands is not None else set[str]()
            same_words = stands is not None and stands.terms.text == digest
            if stands is not None and (not yes or (same_words and yes <= agreed)):
                await self._narrow(unit, stands, agreed - no, hand, now)
                return
            said = rules.ordered(((agreed if same_words else set()) - no) | yes or no, text)
            terms = Terms(digest, said, rules.latest_end(text, now))
            await self._keeper.begin(unit, Act.GIVE if yes else Act.REFUSE, person, ask.principal, text, terms, hand, now)

    async def _narrow(self, unit: Unit, stands: Consent, rest: set[str], hand: Hand, now: datetime) -> None:
        """Leaves the rest of what stands, by its own words and until its own end."""
        terms = replace(stands.terms, categories=tuple(one for one in stands.terms.categories if one in rest))
        if terms == stands.terms:
            return
        act = Act.CHANGE if rest else Act.WITHDRAW
        await self._keeper.enter(unit, rules.after(stands, act, now, terms if rest else None), act, hand, now)

    async def withdraw(self, access: Scope, principal: str) -> None:
        """They take back all that they agreed to for this application, whatever for."""
        person = person_of(access.principal)
        if person is None:
            return
        permissions.check_decide(access, person)
        now = self._clock()
        async with self._database.unit(access.tenant) as unit:
            await turn(unit, now)
            for one in await store.all_between(unit.connection, unit.tenant, person, principal):
                if one.at(now) is State.GIVEN:
                    after = rules.after(one, Act.WITHDRAW, now)
                    await self._keeper.enter(unit, after, Act.WITHDRAW, hand_of(access, person), now)

    def _asked(self, ask: Ask) -> tuple[Purpose, str] | None:
        found = self._purposes.find(ask.purpose)
        if found is None or ask.principal not in found[0].recipients or not _categories(found[0], ask.attributes):
            return None
        return found


def _categories(text: Purpose, attributes: Sequence[str]) -> dict[str, str]:
    """Which category of a text each of these attributes of a resident belongs to; what none has is left out."""
    return {
        name: one.id
        for name in attributes
        for one in reversed(text.categories)
        if _TYPE in one.types and name in one.attributes
    }


def _words(text: Purpose, id: str, language: str) -> str:
    """A category in a language, on one line."""
    tag = next((known for known in LANGUAGES if known == language), DEFAULT_LANGUAGE)
    one = next(one for one in text.categories if one.id == id)
    return ": ".join(strip_readings(pick(said, tag)) for said in (one.title, one.text))
