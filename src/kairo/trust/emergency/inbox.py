"""Which emergency releases wait for this officer? Those that nobody confirmed yet, drills marked."""

from collections.abc import Sequence

from kairo.context.gate import Scope
from kairo.trust.emergency.service import Emergency
from kairo.trust.roles.inbox import Waiting
from kairo.trust.roles.service import Roles


class EmergencyInbox:
    """Implements `kairo.trust.roles.inbox.Inbox`."""

    def __init__(self, emergency: Emergency, roles: Roles) -> None:
        self._emergency = emergency
        self._roles = roles

    async def waiting_for(self, access: Scope) -> Sequence[Waiting]:
        """See `Inbox`."""
        found = await self._emergency.waiting(await self._roles.standing(access))
        return [
            Waiting("emergency.waits", f"/console/emergency#{one.id}", one.confirm_by, {"reason": one.reason}, one.is_drill)
            for one in found
        ]
