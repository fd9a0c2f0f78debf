"""What are people called, and who is on the staff? Identity's accounts, as the pages of roles, releases and readers ask for them."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

MOST_STAFF = 1000


class Accounts(Protocol):
    """The part of identity's accounts that this needs."""

    async def names(self, principals: Collection[str]) -> dict[str, str]: ...
    async def every(self, kind: str, *, after: str = "", limit: int = 100) -> Sequence[Any]: ...


class Directory:
    """Implements `kairo.trust.roles.pages.People`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def names(self, principals: Collection[str]) -> Mapping[str, str]:
        """Names by principal, of those that have one."""
        return await self._accounts.names(principals)

    async def staff(self) -> Sequence[tuple[str, str]]:
        """Principal and name of each active member of staff, in order of their names."""
        found = await self._accounts.every("staff", limit=MOST_STAFF)
        return sorted(((one.principal, one.name) for one in found), key=lambda pair: (pair[1], pair[0]))
