"""Under which name and origin do passkeys belong to this installation? From the setting `public_url`.

Browsers take no address in figures for it: without a public_url passkeys work at http://localhost and the port, on this machine.
"""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from kairo.settings import Settings


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """`id`: the host; `origin`: scheme, host and port as a browser says them; `name`: what an authenticator shows."""

    id: str
    origin: str
    name: str

    @property
    def is_usable(self) -> bool:
        """Whether a browser lets pages of this origin use passkeys: https, or localhost."""
        return self.origin.startswith("https://") or self.id == "localhost"


def relying_party(settings: Settings) -> RelyingParty:
    """The relying party of this installation."""
    parts = urlsplit(settings.public_url)
    host = parts.hostname or ""
    if not host or _is_address(host):
        return RelyingParty("localhost", f"http://localhost:{settings.port}", settings.operator)
    usual = {"http": 80, "https": 443}[parts.scheme]
    port = f":{parts.port}" if parts.port not in {None, usual} else ""
    return RelyingParty(host, f"{parts.scheme}://{host}{port}", settings.operator)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
