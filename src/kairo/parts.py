"""Which parts does this installation have, and what do they say of themselves? Services, capabilities and trust, by their manifests."""

from pathlib import Path
from typing import Any

from kairo.capabilities.catalogue import manifest as catalogue_part
from kairo.capabilities.places import manifest as places_part
from kairo.capabilities.search import manifest as search_part
from kairo.capabilities.search.tables import TABLES as SEARCH_TABLES
from kairo.capabilities.sensing import manifest as sensing_part
from kairo.context.api.app import routes as broker_routes
from kairo.context.gate import Declarations
from kairo.context.tables import TABLES as CONTEXT_TABLES
from kairo.errors import StartError
from kairo.platform.db import Table
from kairo.platform.http import Route
from kairo.platform.manifests import Manifest
from kairo.services.console import manifest as console_part
from kairo.services.health import manifest as health_part
from kairo.services.mypage import manifest as mypage_part
from kairo.services.portal import manifest as portal_part
from kairo.services.vision import manifest as vision_part
from kairo.settings import Settings
from kairo.trust.anonymity import manifest as anonymity_part
from kairo.trust.consent import manifest as consent_part
from kairo.trust.consent.purposes import Purposes, read_purposes
from kairo.trust.disclosure import manifest as disclosure_part
from kairo.trust.emergency import manifest as emergency_part
from kairo.trust.identity import manifest as identity_part
from kairo.trust.oauth import manifest as oauth_part
from kairo.trust.readers import manifest as readers_part
from kairo.trust.rights import manifest as rights_part
from kairo.trust.roles import manifest as roles_part
from kairo.trust.tables import TABLES as TRUST_TABLES

# The parts of this installation. A new service is one line here (docs/how-to-add-a-service.md).
PARTS = (
    identity_part,
    consent_part,
    oauth_part,
    roles_part,
    emergency_part,
    readers_part,
    disclosure_part,
    anonymity_part,
    rights_part,
    catalogue_part,
    places_part,
    search_part,
    sensing_part,
    vision_part,
    health_part,
    mypage_part,
    portal_part,
    console_part,
)


def manifests() -> tuple[Manifest, ...]:
    """What every part says of itself."""
    return tuple(part.MANIFEST for part in PARTS)


def declarations() -> Declarations:
    """The declared entity types of all parts."""
    return Declarations.of(kind for manifest in manifests() for kind in manifest.entity_types)


def purposes(settings: Settings) -> Purposes:
    """The purposes for which consent is asked: those of all parts, and of this installation's own file."""
    declared = [one for manifest in manifests() for one in manifest.purposes]
    own = read_purposes(settings.purposes) if settings.purposes else ()
    try:
        return Purposes([*declared, *own])
    except ValueError as error:
        raise StartError(str(error), mend=f"Correct {settings.purposes}.") from error


def tables() -> tuple[Table, ...]:
    """The tables of all parts: the manifest that the live database is compared with."""
    return (*CONTEXT_TABLES, *TRUST_TABLES, *SEARCH_TABLES)


def routes() -> list[Route]:
    """Every route of the program with its permission and its line in the docs: what the house tests walk."""
    found = [*broker_routes(None, None)]  # type: ignore[arg-type]
    found += [
        Route("GET", "/health/live", no_handler, "anyone", "The process answers"),
        Route("GET", "/health/ready", no_handler, "anyone", "The database answers"),
        Route("GET", "/metrics", no_handler, "this machine and the administrator", "Prometheus metrics"),
        Route("GET", "/static/{file}", no_handler, "anyone", "Stylesheets, scripts and the base map"),
    ]
    for manifest in manifests():
        for handler in manifest.routes:
            summary = (handler.fn.__doc__ or "").strip().splitlines()[0]
            for path in sorted(handler.paths):
                for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                    found.append(Route(method, path, no_handler, handler.opt.get("permission", ""), summary))
    return found


async def no_handler(request: Any) -> Any:
    """Stands in the table of routes for handlers that another framework calls."""
    raise RuntimeError(f"another framework answers {request}")


def part_folder(part: Any) -> Path:
    """The folder of a part: that of its manifest."""
    return Path(part.__file__).parent
