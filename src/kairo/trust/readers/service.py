"""Who may see this, and why: answered from the tables that the broker joins, with the words of whoever decided each basis."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.trust.readers import store
from kairo.trust.readers.rules import Proxy, Reader, readers

MOST_GRANTS = 5000
MOST_ABOUT = 500


@dataclass(frozen=True, slots=True)
class Explained:
    """Who decided what a grant stands on. `what`: the name of the role, the reason of the release, the title of the consent (a text by
    language); `by` and `second`: principals; `department`: where whoever reads works; `purpose`: its words, by language."""

    what: Mapping[str, str]
    by: str = ""
    second: str = ""
    department: str = ""
    since: datetime | None = None
    purpose: Mapping[str, str] = field(default_factory=dict)


class Explains(Protocol):
    """A part that grants stand on: roles, emergency releases, consents. Asked for the ids behind `<kind>:` of a basis."""

    async def explain(self, tenant: str, ids: Collection[str]) -> Mapping[str, Explained]:
        """Those that are known, by id."""
        ...


class Mandates(Protocol):
    """Who acts for whom. Implemented by identity."""

    async def proxies_of(self, tenant: str, persons: Collection[str]) -> Collection[Proxy]:
        """Everyone who acts for one of these persons now, with all persons for whom they act."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Who may read an attribute, and what is known of each basis."""

    about: frozenset[str]
    readers: tuple[Reader, ...]
    explained: Mapping[str, Explained]


class Readers:
    """One for an installation. `explains`: by kind of basis (`role`, `emergency`, `consent`)."""

    def __init__(
        self, database: Database, clock: Clock, explains: Mapping[str, Explains], mandates: Mandates | None = None
    ) -> None:
        self._database = database
        self._clock = clock
        self._explains = explains
        self._mandates = mandates

    async def who(self, tenant: str, entity: str, attribute: str) -> Answer | None:
        """Everyone who may read this attribute now; None where there is no such entity, or it has no such attribute."""
        async with self._database.reading(tenant) as connection:
            held = await store.held(connection, tenant, entity, attribute, self._clock(), MOST_GRANTS)
        if held is None:
            return None
        persons = held.about | {person for person, _ in held.roles}
        granted = {person for grant in held.grants if (person := grant.subject) is not None}
        proxies = await self._mandates.proxies_of(tenant, persons | granted) if self._mandates else ()
        found = tuple(readers(held, proxies))
        return Answer(held.about, found, await self._explained(tenant, found))

    async def about(self, tenant: str, persons: Collection[str]) -> list[tuple[str, str, list[str]]]:
        """What is held about these persons: entity, its types, and the personal attributes that are about them."""
        async with self._database.reading(tenant) as connection:
            return await store.about(connection, tenant, persons, self._clock(), MOST_ABOUT)

    async def _explained(self, tenant: str, found: Collection[Reader]) -> dict[str, Explained]:
        bases = {reason.basis for reader in found for reason in reader.reasons if reason.basis}
        known: dict[str, Explained] = {}
        for kind, part in self._explains.items():
            ids = [basis.partition(":")[2] for basis in bases if basis.partition(":")[0] == kind]
            if ids:
                known |= {f"{kind}:{id}": one for id, one in (await part.explain(tenant, ids)).items()}
        return known
