"""What may a request of the protocol need, and what may come of it? Read before Authlib decides, written after (protocol.py)."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.requests import OAuth2Payload
from authlib.oauth2.rfc6749.util import scope_to_list

from kairo.trust.identity.digests import digest_of
from kairo.trust.oauth.keys import Ring
from kairo.trust.oauth.records import Application, Authentication, Code, Key, Token
from kairo.trust.oauth.rules import OFFLINE, OPENID, PEOPLE, Allowance


class Payload(OAuth2Payload):  # type: ignore[misc]
    """Parameters by name, each with all its values."""

    def __init__(self, values: Mapping[str, list[str]]) -> None:
        self._values = dict(values)

    @property
    def data(self) -> dict[str, str]:
        return {name: given[0] for name, given in self._values.items()}

    @property
    def datalist(self) -> dict[str, list[str]]:
        return self._values


class Asking(OAuth2Request):  # type: ignore[misc]
    """A request of the protocol. That it came by a safe way is the operator's proxy's matter, not Authlib's."""

    def __init__(self, method: str, values: Mapping[str, list[str]], authorization: str = "") -> None:
        headers = {"Authorization": authorization} if authorization else {}
        super().__init__(method, "https://localhost/", headers=headers)
        self.payload = Payload(values)

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


class Client(ClientMixin):  # type: ignore[misc]
    """An application, as the protocol sees it. `matched`: the key that it showed."""

    def __init__(self, application: Application, keys: list[Key]) -> None:
        self.application = application
        self.matched: Key | None = None
        self._keys = keys

    @property
    def allowance(self) -> Allowance:
        """What it may do at the API at the most, by the way in which it showed itself."""
        most = self.application.allowance
        return most if self.matched is None else Allowance.of(self.matched.words).within(most)

    @property
    def client_metadata(self) -> dict[str, Any]:
        return {"post_logout_redirect_uris": self.application.logout_uris}

    def public_keys(self) -> Any:
        """Its public keys, as it registered them (RFC 7517)."""
        return orjson.loads(self.application.jwks)

    def get_client_id(self) -> str:
        return self.application.name

    def get_default_redirect_uri(self) -> None:
        return None  # every request names it

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The part of the asked words that it may have; None where that is nothing. About people, or about the API: never both."""
        asked = scope_to_list(scope) or []
        if OPENID in asked:
            return " ".join(word for word in PEOPLE if word in asked and word in self.application.words) or None
        try:
            found = Allowance.of(asked).within(self.allowance) if asked else self.allowance
        except ValueError:
            return None
        return " ".join(found.words()) or None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.application.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        digest = digest_of(client_secret)
        self.matched = next((key for key in self._keys if hmac.compare_digest(key.digest, digest)), None)
        return self.matched is not None

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        ways = {
            Authentication.SECRET: ("client_secret_basic", "client_secret_post"),
            Authentication.PRIVATE_KEY_JWT: ("private_key_jwt",),
            Authentication.NONE: ("none",),
        }
        return method in ways[self.application.authentication]

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.application.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return self.application.authentication is not Authentication.NONE
        return OFFLINE in self.application.words or grant_type != "refresh_token"


@dataclass(frozen=True, slots=True)
class Known:
    """What was read for one request: the clients that it may mean, and the code or token that it presents."""

    now: datetime
    issuer: str
    ring: Ring
    clients: Mapping[str, Client] = field(default_factory=dict)
    code: Code | None = None
    token: Token | None = None


@dataclass(slots=True)
class Done:
    """What the protocol decided, to be written. `statement`: the digest of one that is good once, and until when it could be sent."""

    code: Code | None = None
    tokens: list[Token] = field(default_factory=list)
    used_code: str | None = None
    used_token: str | None = None
    ended_token: str | None = None
    ended_family: str | None = None
    statement: tuple[str, datetime] | None = None


@dataclass(slots=True)
class Answer:
    """An answer of the protocol."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @location.setter
    def location(self, value: str) -> None:
        self.headers["Location"] = value


class GivenCode:
    """A code as Authlib asks for it. What it gives is of its own family."""

    code_challenge_method = "S256"

    def __init__(self, code: Code) -> None:
        self.digest = self.family = code.digest
        self.resident, self.words = code.resident, code.words
        self.code_challenge = code.challenge
        self._code = code

    def get_redirect_uri(self) -> str:
        return self._code.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.words)

    def get_nonce(self) -> str:
        return self._code.nonce

    def get_auth_time(self) -> int:
        return int(self._code.signed_in_at.timestamp())

    def get_acr(self) -> str:
        return self._code.acr

    def get_amr(self) -> None:
        return None


class GivenToken:
    """A token as Authlib asks for it."""

    def __init__(self, token: Token) -> None:
        self.digest, self.resident, self.family, self.words = token.digest, token.resident, token.family, token.words
        self.token = token

    def check_client(self, client: Client) -> bool:
        return self.token.application == client.get_client_id()

    def get_scope(self) -> str:
        return " ".join(self.words)

    def is_expired(self) -> bool:
        return False  # one that is over is not found

    def is_revoked(self) -> bool:
        return False
