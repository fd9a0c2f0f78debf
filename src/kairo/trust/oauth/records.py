"""What does this part keep of applications, of their keys, and of what they were given? Plain rows, as stores read and write them."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from kairo.trust.oauth.rules import Allowance

PRINCIPAL: Final = "application:"  # what stands before an application's name in its principal
PREFIX: Final = "kairo_"  # what keys and tokens begin with, so that whoever finds one lying about knows what it is


def new_secret() -> str:
    """A key or token: 256 random bits."""
    return f"{PREFIX}{secrets.token_urlsafe(32)}"


class State(StrEnum):
    """Where an application stands. Only an approved one gets in."""

    REQUESTED = "requested"
    APPROVED = "approved"
    STOPPED = "stopped"


class Authentication(StrEnum):
    """How an application shows itself at the token endpoint (RFC 6749 2.3, RFC 7523)."""

    SECRET = "secret"  # noqa: S105 - a word of the table
    PRIVATE_KEY_JWT = "private_key_jwt"
    NONE = "none"  # runs on the person's own device and can keep no secret: code + PKCE alone


@dataclass(frozen=True, slots=True)
class Application:
    """A program of a partner. `name` is its client_id; `purpose` that of the grants which it asks residents for; `words` the most
    that its keys and tokens allow; `jwks`: its public keys as JSON, or an empty text."""

    name: str
    title: str
    organisation: str
    description: str
    purpose: str
    state: State
    authentication: Authentication
    words: tuple[str, ...]
    registered_by: str
    registered_at: datetime
    redirect_uris: tuple[str, ...] = ()
    logout_uris: tuple[str, ...] = ()
    jwks: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None

    @property
    def allowance(self) -> Allowance:
        """What it may do at the API at the most."""
        return Allowance.of(self.words)


@dataclass(frozen=True, slots=True)
class Key:
    """A key of an application, which is also its client secret. The secret itself is nowhere."""

    digest: str
    id: str
    application: str
    label: str
    words: tuple[str, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code that was given out, for one use."""

    digest: str
    application: str
    resident: str
    redirect_uri: str
    words: tuple[str, ...]
    challenge: str
    nonce: str
    acr: str
    signed_in_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An access or refresh token that was given out. `resident`: who signed in, None for an application by itself. `family`: what it
    goes back to, the digest of a code or its own."""

    digest: str
    kind: str
    application: str
    key_id: str | None
    resident: str | None
    family: str
    words: tuple[str, ...]
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """That a resident signed in to an application, and what they let it ask for. `title`, `organisation` as it is registered."""

    resident: str
    application: str
    words: tuple[str, ...]
    since: datetime
    last_at: datetime
    title: str = ""
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is signed in at this browser, since when, and how sure that is (IAL, AAL)."""

    principal: str
    at: datetime
    ial: int
    aal: int

    @property
    def acr(self) -> str:
        """The authentication context class that partners are told."""
        return f"urn:kairo:ial:{self.ial}:aal:{self.aal}"
