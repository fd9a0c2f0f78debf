"""What are people called, and who works where? What other parts of trust ask of identity, and hand in as protocols of their own."""

from collections.abc import Collection
from typing import Any

from kairo.trust.identity.accounts import store
from kairo.trust.identity.accounts.service import Accounts
from kairo.trust.identity.principals import PERSON, PrincipalKind

_MOST_STAFF = 20_000


class People:
    """The people of one municipality, by name. A protected person has a name for themselves alone."""

    def __init__(self, accounts: Accounts, tenant: str) -> None:
        self._accounts = accounts
        self._tenant = tenant

    async def display_name(self, tenant: str, who: str, *, by: str = "") -> str:
        """What a person (URI) or a principal is called; empty where nobody is known by it, or nobody may know. `by`: the principal
        who asks."""
        principal = f"{PrincipalKind.RESIDENT}:{who.removeprefix(PERSON)}" if who.startswith(PERSON) else who
        kind, _, key = principal.partition(":")
        found = (await self._accounts.many([key])).get(key) if tenant == self._tenant and key else None
        if found is None or found.kind != kind or (found.is_protected and by != principal):
            return ""
        return found.name

    async def names(self, principals: Collection[str]) -> dict[str, str]:
        """Names by principal, of those that have one."""
        return await self._accounts.names(principals)

    async def staff(self) -> list[tuple[str, str]]:
        """Principal and name of each member of staff, in order of their reading."""
        found = await self._accounts.every("staff", limit=_MOST_STAFF)
        return [(one.principal, one.name) for one in sorted(found, key=lambda one: (one.kana, one.key))]

    async def staff_of(self, connection: Any, tenant: str, department: str) -> list[str]:
        """The principals of the staff who work in a department now, in the caller's unit; `department`: its name, with or without
        `department:` before it."""
        if tenant != self._tenant:
            return []
        name = department.removeprefix("department:")
        return [one.principal for one in await store.of_department(connection, tenant, name, self._accounts.clock())]
