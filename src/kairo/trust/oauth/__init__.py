"""Applications of partners: keys, OAuth 2, and OpenID Connect as the provider and as the one who relies on another."""

from kairo.trust.oauth.rules import Allowance, Shown, narrowed
from kairo.trust.oauth.service import Applications
from kairo.trust.oauth.tokens import Tokens

__all__ = ["Allowance", "Applications", "Shown", "Tokens", "narrowed"]
