"""How are rights and duties put together? What their pages are handed."""

from typing import Any

from kairo.context.gate import Declarations
from kairo.context.graph import GraphInterface
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.trust.consent.service import ConsentService
from kairo.trust.disclosure.log import Log
from kairo.trust.identity.accounts.service import Accounts
from kairo.trust.rights.breaches.service import Breaches
from kairo.trust.rights.cases.inbox import RightsInbox
from kairo.trust.rights.cases.service import Cases
from kairo.trust.rights.disposal.service import Disposal, Forgets
from kairo.trust.roles.service import Roles


class RightsDesk:
    """The use cases of this part. One for a process."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        declarations: Declarations,
        graph: GraphInterface,
        roles: Roles,
        accounts: Accounts,
        consent: ConsentService,
        log: Log,
        forgets: Forgets,
    ) -> None:
        self.cases = Cases(database, graph, roles, accounts, consent, log, clock)
        self.disposal = Disposal(database, declarations.by_type, roles, forgets, clock)
        self.breaches = Breaches(database, declarations.by_type, roles, log, clock)
        self.inbox = RightsInbox(database, roles, clock)

    def handed_out(self) -> dict[str, Any]:
        """What handlers of pages get, by the name of their argument."""
        return {"cases": self.cases, "disposal": self.disposal, "breaches": self.breaches}
