"""Which requests wait for who decides? One line in the console's inbox, with the nearest deadline."""

from collections.abc import Sequence
from datetime import datetime, time

from kairo.context.gate import Scope
from kairo.platform.clock import TOKYO, Clock
from kairo.platform.db import Database
from kairo.trust.rights.cases import deadlines, store
from kairo.trust.rights.cases.rules import OPEN
from kairo.trust.rights.permissions import Powers, may_decide
from kairo.trust.roles.inbox import Waiting

MOST = 1000


class RightsInbox:
    """Implements `kairo.trust.roles.inbox.Inbox`."""

    def __init__(self, database: Database, powers: Powers, clock: Clock) -> None:
        self._database = database
        self._powers = powers
        self._clock = clock

    async def waiting_for(self, access: Scope) -> Sequence[Waiting]:
        """See `Inbox`."""
        if not may_decide(await self._powers.standing(access)):
            return []
        async with self._database.reading(access.tenant) as connection:
            found = await store.in_states(connection, access.tenant, OPEN, MOST, newest=False)
        if not found:
            return []
        today = self._clock().astimezone(TOKYO).date()
        nearest = min(deadlines.due(one.time, today) for one in found)
        until = datetime.combine(nearest, time(23, 59), TOKYO)
        return [Waiting("rights.wait", "/console/requests", until, {"count": len(found)})]
