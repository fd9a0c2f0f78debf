"""Who is asking? For now: the local administrator, by a one-time link, a session or a token."""

from kairo.trust.identity.credentials import Credentials
from kairo.trust.identity.principals import ANONYMOUS, LOCAL_ADMINISTRATOR, Principal

__all__ = ["ANONYMOUS", "LOCAL_ADMINISTRATOR", "Credentials", "Principal"]
