"""Where do the persons come from? From the graph, under a scope of Kairo's own, with one record of the processing.

The record is kept before anything that was made of the data is handed on. Here also stand the protocols of what others provide.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import GraphInterface
from kairo.context.reading import value_of
from kairo.errors import ResourceNotFound, TooManyResults
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.manifests import EntityType
from kairo.trust.anonymity.axes import Places
from kairo.trust.anonymity.groups import Value
from kairo.trust.anonymity.population import People
from kairo.trust.anonymity.rules import declared
from kairo.trust.identity.principals import PERSON

_PREFIX = "urn:ngsi-ld:"


class Record(Protocol):
    """Who keeps that many people's data were gone through: trust/disclosure."""

    async def processing(self, scope: Scope, purpose: str, count: int, what: str) -> None:
        """One row: how many entities, and in a few words what was done. Committed when it returns."""
        ...


class Shield(Protocol):
    """Who knows which persons are under protection (DV等支援措置): trust/identity."""

    async def protected(self, tenant: str, persons: Collection[str]) -> Collection[str]:
        """Those of them who are."""
        ...


class Accounts(Protocol):
    """Who knows accounts by key: trust/identity. Each says `is_protected`."""

    async def many(self, keys: Iterable[str]) -> Mapping[str, Any]: ...


class AccountsShield:
    """Asks the accounts of residents who is protected. Persons without an account are not known to be."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def protected(self, tenant: str, persons: Collection[str]) -> Collection[str]:
        """See `Shield`."""
        found = await self._accounts.many(person.removeprefix(PERSON) for person in persons if person.startswith(PERSON))
        return {f"{PERSON}{key}" for key, account in found.items() if account.is_protected}


class Sources:
    """Gathers persons. One for an installation."""

    def __init__(
        self, graph: GraphInterface, declarations: Declarations, record: Record, shield: Shield, clock: Clock, most_persons: int
    ) -> None:
        self._graph = graph
        self._declarations = declarations
        self._record = record
        self._shield = shield
        self._clock = clock
        self._most = most_persons

    def kind(self, type: str) -> EntityType:
        """The declared personal type. Raises ResourceNotFound."""
        found = self._declarations.by_type.get(type)
        if found is None or found.data_class != "personal":
            raise ResourceNotFound(
                f"there is no population {type[:100]!r}", detail_ja=f"「{type[:100]}」という集団はありません。"
            )
        return found

    def kinds(self) -> list[EntityType]:
        """The types whose persons can be counted."""
        return [
            kind for _, kind in sorted(self._declarations.by_type.items()) if kind.data_class == "personal" and kind.attributes
        ]

    async def people(
        self, asker: Scope, kind: EntityType, attributes: Sequence[str], what: str
    ) -> tuple[People, Collection[str]]:
        """All persons with these attributes, and who of them is protected. Raises TooManyResults beyond the setting."""
        wanted = [declared(kind, name) for name in attributes]
        people = People(wanted, self._clock().astimezone(TOKYO).date(), self._declarations)
        own = Scope(asker.tenant, "system:anonymity", asker.purpose, frozenset(DataClass))
        async for doc in self._graph.every(own, kind.type):
            people.add(doc)
            if people.entities > self._most:
                raise TooManyResults(
                    f"more than {self._most:,} entities of {kind.type}", detail_ja=f"対象が{self._most:,}件を超えています。"
                )
        await self._record.processing(asker, asker.purpose, people.entities, f"anonymity: {what} of {kind.type}")
        return people, await self._shield.protected(asker.tenant, people.by_person.keys())

    async def places(self, tenant: str, kind: EntityType, name: str, values: Iterable[Value], above: str = "") -> Places | None:
        """Where a relationship can lead to, as everybody knows: all entities of the one open type that these values name, with what
        they belong to by their attribute `above`. None where it is no relationship, or leads to what is not open."""
        ids = [value[1:] for value in values if isinstance(value, str) and value.startswith("=")]
        types = {id.removeprefix(_PREFIX).partition(":")[0] for id in ids if id.startswith(_PREFIX)}
        if (
            declared(kind, name).kind != "Relationship"
            or len(types) != 1
            or self._declarations.class_of(types) is not DataClass.OPEN
        ):
            return None
        public = Scope(tenant, "system:anonymity", "public", frozenset({DataClass.OPEN}))
        found = {}
        async for doc in self._graph.every(public, types.pop()):
            over = value_of(doc, above) if above else None
            found[doc["id"]] = over if isinstance(over, str) else ""
        return found
