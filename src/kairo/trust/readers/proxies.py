"""Who fully represents whom now? Identity's mandates by law, as the readers of data; those by a person's wish are grants."""

from collections.abc import Collection
from typing import Any, Protocol

from kairo.platform.clock import Clock
from kairo.trust.identity.mandates import store
from kairo.trust.identity.principals import PERSON, PrincipalKind
from kairo.trust.readers.rules import Proxy


class Database(Protocol):
    """The part of the database that this needs."""

    def reading(self, tenant: str) -> Any: ...


class Proxies:
    """Implements `kairo.trust.readers.service.Mandates`, for the municipality that keeps the accounts."""

    def __init__(self, database: Database, tenant: str, clock: Clock) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def proxies_of(self, tenant: str, persons: Collection[str]) -> Collection[Proxy]:
        """See `Mandates`."""
        keys = sorted(person.removeprefix(PERSON) for person in persons if person.startswith(PERSON))
        if tenant != self._tenant or not keys:
            return ()
        async with self._database.reading(tenant) as connection:
            found = await store.by_law(connection, tenant, keys, self._clock())
        return [
            Proxy(f"{PrincipalKind.RESIDENT}:{proxy}", f"{PERSON}{person}", until, by) for person, proxy, until, by in found
        ]
