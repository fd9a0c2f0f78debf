"""How is trust put together? Who is asking, may they, and who looked: the half of `Kairo` (app.py) that the other half stands on."""

from collections.abc import Coroutine
from typing import Any

from kairo.context.gate import Declarations
from kairo.context.graph import Graph
from kairo.context.quotas import Quotas
from kairo.parts import manifests, purposes
from kairo.platform.clock import Clock
from kairo.platform.db import Database
from kairo.settings import Settings
from kairo.trust.anonymity.extracting import Extracts
from kairo.trust.anonymity.noisy import NoisyCounts
from kairo.trust.anonymity.secret import kept_secret
from kairo.trust.anonymity.service import Statistics
from kairo.trust.anonymity.sources import AccountsShield, Sources
from kairo.trust.consent.desk import ConsentDesk
from kairo.trust.consent.explaining import ConsentExplains
from kairo.trust.consent.signing_in import SigningIn
from kairo.trust.consent.tasks import Ending
from kairo.trust.disclosure.asking.inbox import QuestionsInbox
from kairo.trust.disclosure.log import Log
from kairo.trust.disclosure.proving.keys import Keys
from kairo.trust.disclosure.proving.proofs import Prover
from kairo.trust.disclosure.service import Disclosure
from kairo.trust.emergency.inbox import EmergencyInbox
from kairo.trust.emergency.service import Emergency
from kairo.trust.gate import CityGate
from kairo.trust.identity import Credentials
from kairo.trust.identity.service import Identity
from kairo.trust.identity.sessions.service import Lives
from kairo.trust.oauth import Tokens
from kairo.trust.oauth.connecting import provider_of, relying_of
from kairo.trust.readers.proxies import Proxies
from kairo.trust.readers.service import Explains, Readers
from kairo.trust.rights.desk import RightsDesk
from kairo.trust.roles import demo as roles_demo
from kairo.trust.roles.directory import Directory
from kairo.trust.roles.inbox import RolesInbox
from kairo.trust.roles.service import Roles


class Trusted:
    """Identity, roles, consent and the log of looks, each handed what it needs of the others."""

    def __init__(self, settings: Settings, database: Database, clock: Clock, declarations: Declarations) -> None:
        """What the graph needs: who asks, and who keeps the record of looks."""
        self.settings = settings
        self.database = database
        self.clock = clock
        self.declarations = declarations
        self.disclosure = Log(database, clock)
        self.prover = Prover(database, Keys(settings.data, clock), clock)
        self.credentials = Credentials(database, settings.tenant, clock, Lives.of_settings(settings))
        tokens = Tokens(database, settings.tenant, clock)
        self.gate = CityGate(self.credentials, open_to_all=settings.open, tokens=tokens)

    def connect(self, graph: Graph, quotas: Quotas | None) -> None:
        """What needs the graph."""
        settings, database, clock, types = self.settings, self.database, self.clock, self.declarations.by_type
        personal = [one.type for one in types.values() if one.data_class == "personal" and one.subjects]
        self.identity = Identity(database, graph, self.credentials, settings, clock, types=personal)
        declared = [role for manifest in manifests() for role in manifest.roles]
        limits = {"longest_days": settings.role_days, "confirm_hours": settings.role_confirm_hours}
        self.roles = Roles(database, self.declarations, declared, clock, **limits)
        self.emergency = Emergency(database, self.declarations, clock, longest_hours=settings.emergency_hours)
        self.purposes = purposes(settings)
        self.consent = ConsentDesk.of(
            database,
            clock,
            self.purposes,
            self.identity.people,
            members=self.identity.people,
            witness=self.disclosure,
            synthetic=settings.demo,
        )
        self.identity.accounts.follows.append(self.consent.service.follow)
        self.identity.powers = self.roles
        self.identity.witness = self.disclosure
        explains: dict[str, Explains] = {
            "role": self.roles,
            "emergency": self.emergency,
            "consent": ConsentExplains(database),
        }
        self.readers = Readers(database, clock, explains, Proxies(database, settings.tenant, clock))
        shield = AccountsShield(self.identity.accounts)
        sources = Sources(graph, self.declarations, self.disclosure, shield, clock, settings.statistics_max_persons)
        making = (database, sources, self.roles, settings, clock)
        self.statistics, self.noisy = Statistics(*making), NoisyCounts(*making)
        self.extracts = Extracts(*making, lambda: kept_secret(settings.data / "extracts.key"))
        signing_in = SigningIn(database, clock, self.purposes)
        self.oauth = provider_of(settings, database, clock, self.gate, graph, self.identity, quotas, signing_in)
        self.relying = relying_of(settings, database, clock, self.identity)
        forgets = Disclosure(database, self.disclosure, self.identity.people, self.roles, clock)
        asked = (self.roles, self.identity.accounts, self.consent.service, self.disclosure, forgets)
        self.rights = RightsDesk(database, clock, self.declarations, graph, *asked)

    def handed_out(self) -> dict[str, Any]:
        """What handlers of pages get, by the name of their argument."""
        inboxes = (
            EmergencyInbox(self.emergency, self.roles),
            RolesInbox(self.roles),
            QuestionsInbox(self.database, self.roles),
            self.rights.inbox,
        )
        return {
            "credentials": self.credentials,
            "identity": self.identity,
            "people": self.identity.people,
            "duties": self.identity.sessions,
            "directory": Directory(self.identity.accounts),
            "disclosure": Disclosure(self.database, self.disclosure, self.identity.people, self.roles, self.clock),
            "prover": self.prover,
            "consent": self.consent,
            "oauth": self.oauth,
            "relying": self.relying,
            "roles": self.roles,
            "emergency": self.emergency,
            "readers": self.readers,
            "inboxes": inboxes,
            "statistics": self.statistics,
            "noisy": self.noisy,
            "extracts": self.extracts,
            **self.rights.handed_out(),
        }

    def housekeeping(self) -> list[Coroutine[Any, Any, None]]:
        """What the leading job worker does for trust, each until it is cancelled."""
        return [
            self.identity.keep_house(),
            self.prover.run(),
            Ending(self.database, self.consent.service, self.clock).run(),
        ]

    async def seed_people(self) -> None:
        """Makes the demo's people, and gives the staff among them their roles, where they are not there yet."""
        await self.identity.seed_demo()
        await roles_demo.seed(self.roles, self.settings.tenant, self.clock())
