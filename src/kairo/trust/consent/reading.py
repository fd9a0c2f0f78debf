"""What may somebody see of consents? Persons (and who acts for them) all of their own, askers the state, clerks what they look up.

A clerk's look at a person's consents is told to the witness before it is shown; what a person sees of themselves is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kairo.context.gate import Look, Scope, Witness
from kairo.errors import BadRequestData
from kairo.platform.clock import Clock
from kairo.platform.manifests import Category, Purpose
from kairo.trust.consent import permissions, rules, store
from kairo.trust.consent.people import People
from kairo.trust.consent.purposes import Purposes
from kairo.trust.consent.rules import Channel, Consent, State
from kairo.trust.consent.service import Database
from kairo.trust.consent.store import Event

MOST: Final = 200  # consents of a person on one page; the last changed ones


@dataclass(frozen=True, slots=True)
class Shown:
    """A consent with the words that it was asked for or agreed to in. `present`: the purpose's words of today and their digest,
    None where it takes no consent any more. `state`: at the moment of looking."""

    consent: Consent
    state: State
    text: Purpose
    present: tuple[Purpose, str] | None
    ends_soon: bool

    @property
    def categories(self) -> list[Category]:
        """What is asked for or agreed to."""
        return rules.chosen(self.text, self.consent.terms)

    @property
    def has_new_words(self) -> bool:
        """Whether the purpose has other words by now."""
        return self.present is not None and self.present[1] != self.consent.terms.text


@dataclass(frozen=True, slots=True)
class Detail:
    """One consent with all that happened to it, and the words of each time."""

    shown: Shown
    events: Sequence[Event]
    texts: Mapping[str, Purpose]


class ConsentReader:
    """Reads the consents of an installation."""

    def __init__(
        self, database: Database, clock: Clock, purposes: Purposes, people: People, witness: Witness | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._purposes = purposes
        self._people = people
        self._witness = witness

    async def of_person(self, scope: Scope, person: str) -> list[Shown]:
        """What a person whom the asker is or acts for was asked for and agreed to, the last change first."""
        permissions.check_decide(scope, person)
        return await self._of_person(scope.tenant, person)

    async def to_me(self, scope: Scope) -> list[Shown]:
        """What others gave the asker, or were asked for by the asker; the last change first."""
        async with self._database.reading(scope.tenant) as connection:
            found = await store.of_recipient(connection, scope.tenant, scope.principal, MOST)
        return await self._with_words(scope.tenant, found)

    async def one(self, scope: Scope, id: str) -> Detail:
        """One consent. Raises ResourceNotFound for what is not there, or not the asker's to decide on."""
        detail = await self._detail(scope.tenant, id)
        if detail is None or not permissions.may_decide(scope, detail.shown.consent.subject):
            raise permissions.unknown()
        return detail

    async def asked(self, scope: Scope, id: str) -> State:
        """How a request of the asker stands. Raises ResourceNotFound for what somebody else asked for, too."""
        async with self._database.reading(scope.tenant) as connection:
            found = await store.get(connection, scope.tenant, id) if rules.is_id(id) else None
        if found is None or found.asked_by != scope.principal:
            raise permissions.unknown()
        return found.at(self._clock())

    async def at_counter(self, scope: Scope, person: str) -> list[Shown]:
        """A person's consents for the clerk before whom they stand."""
        permissions.check_record(scope)
        if not await self._people.display_name(scope.tenant, person):
            raise BadRequestData("nobody is known by this key", detail_ja="この番号の方は登録されていません。")
        await self._tell(scope, person)
        return await self._of_person(scope.tenant, person)

    async def recorded(self, scope: Scope, id: str) -> Detail:
        """A consent that the asker entered from paper: for its receipt. Raises ResourceNotFound for any other."""
        permissions.check_record(scope)
        detail = await self._detail(scope.tenant, id)
        entered = detail is not None and any(
            event.principal == scope.principal and event.channel in (Channel.PAPER, Channel.PROGRAM) for event in detail.events
        )
        if detail is None or not entered:
            raise permissions.unknown()
        await self._tell(scope, detail.shown.consent.subject)
        return detail

    async def _tell(self, scope: Scope, person: str) -> None:
        if self._witness is not None:
            await self._witness.saw(scope, [Look(person, ("Resident",), ("consents",))], basis="law:consent-counter")

    async def _of_person(self, tenant: str, person: str) -> list[Shown]:
        async with self._database.reading(tenant) as connection:
            found = await store.of_subject(connection, tenant, person, MOST)
        return await self._with_words(tenant, found)

    async def _with_words(self, tenant: str, found: Sequence[Consent]) -> list[Shown]:
        async with self._database.reading(tenant) as connection:
            texts = await store.texts(connection, tenant, [one.terms.text for one in found])
        return [self._shown(one, texts) for one in found]

    def _shown(self, one: Consent, texts: Mapping[str, Purpose]) -> Shown:
        now = self._clock()
        return Shown(one, one.at(now), texts[one.terms.text], self._purposes.find(one.purpose), one.ends_soon(now))

    async def _detail(self, tenant: str, id: str) -> Detail | None:
        async with self._database.reading(tenant) as connection:
            found = await store.get(connection, tenant, id) if rules.is_id(id) else None
            if found is None:
                return None
            events = await store.events(connection, tenant, id)
            texts = await store.texts(connection, tenant, [event.terms.text for event in events])
        return Detail(self._shown(found, texts), events, texts)
