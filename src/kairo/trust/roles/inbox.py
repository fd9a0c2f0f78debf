"""What waits for the person who asks? A part that has such things gives an `Inbox`; the page /console shows all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from kairo.context.gate import Scope
from kairo.trust.roles.service import Roles

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `key` and `values` are a message of the part; `until`: when it is too late."""

    key: str
    href: str
    until: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    is_drill: bool = False


class Inbox(Protocol):
    """A part in which things wait for people."""

    async def waiting_for(self, access: Scope) -> Sequence[Waiting]:
        """What waits for this asker now, the most urgent first; nothing for who may do nothing about it."""
        ...


class RolesInbox:
    """Assignments that wait for a second person."""

    def __init__(self, roles: Roles) -> None:
        self._roles = roles

    async def waiting_for(self, access: Scope) -> Sequence[Waiting]:
        """See `Inbox`."""
        found = await self._roles.waiting(await self._roles.standing(access))
        return [Waiting("roles.waits", f"/console/roles#{one.id}", one.confirm_by, {"id": one.id}) for one in found]
