"""How is this part put together? One call from the composition root (app.py)."""

from kairo.platform.clock import Clock
from kairo.settings import Settings
from kairo.trust.identity.service import Identity
from kairo.trust.oauth.asking import ConsentAsker, OpenIdOnly
from kairo.trust.oauth.issuing import Database, Issuing
from kairo.trust.oauth.keys import Keys
from kairo.trust.oauth.provider import Gate, Graph, Provider, Quotas
from kairo.trust.oauth.relying.providers import read_providers
from kairo.trust.oauth.relying.service import Relying
from kairo.trust.oauth.service import Applications


def provider_of(
    settings: Settings,
    database: Database,
    clock: Clock,
    gate: Gate,
    graph: Graph,
    identity: Identity,
    quotas: Quotas | None,
    asker: ConsentAsker | None = None,
) -> Provider:
    """Kairo as the provider of this installation. `asker`: who asks residents for their consent; without one nothing but a name of
    its own for each of them is given to an application. `identity` knows by now what duties allow (`powers`)."""
    asker = asker or OpenIdOnly()
    keys = Keys(settings.data / "oauth.keys", clock)
    issuing = Issuing(database, settings.tenant, issuer_of(settings), keys, clock)
    applications = Applications(database, settings.tenant, clock, asker, identity.powers)
    identity.accounts.follows.append(applications.follow)
    return Provider(issuing, applications, asker, gate, graph, identity.sessions, quotas, settings.tenant)


def relying_of(settings: Settings, database: Database, clock: Clock, identity: Identity) -> Relying:
    """Kairo as the one who relies on the providers that the operator lists. Raises StartError for a list that cannot be read."""
    providers = read_providers(settings.sign_in_providers)
    identity.elsewhere = [(one.name, one.title) for one in providers.values()]
    return Relying(database, settings.tenant, clock, identity.sessions, issuer_of(settings), providers)


def issuer_of(settings: Settings) -> str:
    """The name of this installation as a provider: the address under which it is reached."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.public_url.rstrip("/") or f"http://{host}:{settings.port}"
