"""Which questions about looks wait for an answer? One line in the inbox of who may answer them; whose they are is not said there."""

from collections.abc import Sequence

from kairo.context.gate import Scope
from kairo.platform.db import Database
from kairo.trust.disclosure.asking import store
from kairo.trust.disclosure.permissions import Powers, may_audit
from kairo.trust.roles.inbox import Waiting


class QuestionsInbox:
    """Implements `kairo.trust.roles.inbox.Inbox`."""

    def __init__(self, database: Database, powers: Powers) -> None:
        self._database = database
        self._powers = powers

    async def waiting_for(self, access: Scope) -> Sequence[Waiting]:
        """See `Inbox`."""
        if not may_audit(await self._powers.standing(access)):
            return []
        async with self._database.reading(access.tenant) as connection:
            count = await store.number_waiting(connection, access.tenant)
        return [Waiting("disclosure.questions.wait", "/console/questions", values={"count": count})] if count else []
