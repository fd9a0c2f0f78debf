"""What does the protocol say to this request? Authlib's grants over what was read of the database, without touching it.

Authlib's server is synchronous; our database is not. So a request is answered in three steps (issuing.py): what it may need is read
and locked (`Known`), Authlib decides over it here, and what it decided (`Done`) is written in the same atomic unit.
"""

from datetime import timedelta
from typing import Any, Final

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidRequestError, InvalidScopeError, grants
from authlib.oauth2.rfc6749.util import scope_to_list
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDCode, UserInfo
from joserfc.jwk import RSAKey

from kairo.trust.identity.digests import digest_of
from kairo.trust.oauth.endpoints import EndSession, Introspection, PrivateKeyJwt, Revocation
from kairo.trust.oauth.keys import ALGORITHM
from kairo.trust.oauth.known import Answer, Asking, Client, Done, GivenCode, GivenToken, Known
from kairo.trust.oauth.records import Code, Token, new_secret
from kairo.trust.oauth.rules import OFFLINE, OPENID, PEOPLE

CODE_LIVES = timedelta(seconds=60)
ACCESS_LIVES = timedelta(minutes=10)
REFRESH_LIVES = timedelta(days=30)
ID_LIVES = timedelta(minutes=10)
SECRETS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
ANY: Final = ("none", *SECRETS)
# Words that say no more than they must, in place of Authlib's: neither whether a client is there nor why a code was refused.
_SAID: Final = {
    "invalid_client": "The client is not known, or did not show who it is.",
    "invalid_grant": "The code or token is not valid, has been used, or was given to another client.",
    "unsupported_grant_type": "Use authorization_code, refresh_token or client_credentials.",
}


class Server(AuthorizationServer):  # type: ignore[misc]
    """Authlib's server for one request."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self.known = known
        self.done = Done()
        lives = int(ACCESS_LIVES.total_seconds())
        self.register_token_generator("default", BearerTokenGenerator(_secret, _secret, lambda *_: lives))
        self.register_grant(ClientCredentials)
        self.register_grant(AuthorizationCode, [Challenge(), IdToken(known)])
        self.register_grant(Refresh)
        self.register_extension(_Issuer(known.issuer))
        self.register_client_auth_method("private_key_jwt", PrivateKeyJwt(known, self.done))
        self.register_endpoint(Introspection(self))
        self.register_endpoint(Revocation(self))
        self.register_endpoint(EndSession(self))

    def query_client(self, client_id: str) -> Client | None:
        return self.known.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Notes what was given out: the access token, and the refresh token that comes with it."""
        now, client = self.known.now, request.client
        before: GivenCode | GivenToken | None = request.refresh_token or request.authorization_code
        granted = tuple(token["scope"].split())
        family = before.family if before else digest_of(token["access_token"])
        lasting = before.words if before else granted
        for kind, words, lives in (("access_token", granted, ACCESS_LIVES), ("refresh_token", lasting, REFRESH_LIVES)):
            if kind in token:
                self.done.tokens.append(
                    Token(
                        digest_of(token[kind]), kind.partition("_")[0], client.get_client_id(), client.matched and client.matched.id,
                        before.resident if before else None, family, words, now, now + lives,
                    )
                )  # fmt: skip

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def create_oauth2_request(self, request: Asking) -> Asking:
        return request

    def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Answer:
        return Answer(status, body, dict(headers))

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Answer:
        """The error as RFC 6749 5.2 has it, in words that give nothing away."""
        if error.error in _SAID:
            error.get_error_description = lambda: _SAID[error.error]
            error.description = _SAID[error.error]
        if error.error == "invalid_client":
            error.status_code = 401
        answer: Answer = super().handle_error_response(request, error)
        if answer.status == 401:
            answer.headers["WWW-Authenticate"] = 'Basic realm="kairo"'
        return answer


class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """An application by itself (RFC 6749 4.4)."""

    TOKEN_ENDPOINT_AUTH_METHODS = SECRETS

    def validate_requested_scope(self) -> None:
        if set(scope_to_list(self.request.payload.scope) or ()) & set(PEOPLE):
            raise InvalidScopeError("Nobody signs in here: ask for read, write, subscribe, type:... or purpose:...")


class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A resident signs in to an application (4.1)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ANY
    prompt = ""  # login, consent or select_account, where the request asks for it (validate_request_prompt)

    def validate_requested_scope(self) -> None:
        if OPENID not in (scope_to_list(self.request.payload.scope) or ()):
            raise InvalidScopeError("Ask for openid, and what else you need of the person.")

    def save_authorization_code(self, code: str, request: Any) -> None:
        known, given = self.server.known, request.payload.data
        self.server.done.code = Code(
            digest_of(code), request.client.get_client_id(), request.user.principal, given["redirect_uri"], tuple(request.scope.split()),
            given["code_challenge"], given.get("nonce", ""), request.user.acr, request.user.at, known.now + CODE_LIVES,
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Client) -> GivenCode | None:
        known: Known = self.server.known
        found = known.code
        if found is None or found.digest != digest_of(code) or found.application != client.get_client_id():
            return None
        if found.used_at is not None:
            self.server.done.ended_family = found.digest
            return None
        return GivenCode(found) if found.expires_at > known.now else None

    def delete_authorization_code(self, authorization_code: GivenCode) -> None:
        self.server.done.used_code = authorization_code.digest

    def authenticate_user(self, authorization_code: GivenCode) -> str:
        return authorization_code.resident

    def generate_token(self, **given: Any) -> Any:
        given["include_refresh_token"] = given["include_refresh_token"] and OFFLINE in given["scope"].split()
        return super().generate_token(**given)


class Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
    """A new access token, and a new refresh token each time (6; RFC 9700 4.14: the second use of one ends them all)."""

    TOKEN_ENDPOINT_AUTH_METHODS = ANY
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> GivenToken | None:
        known: Known = self.server.known
        found = known.token
        if found is None or found.kind != "refresh" or found.digest != digest_of(refresh_token):
            return None
        if found.used_at is not None:
            if found.application == self.request.client.get_client_id():
                self.server.done.ended_family = found.family
            return None
        return GivenToken(found) if found.expires_at > known.now else None

    def authenticate_user(self, refresh_token: GivenToken) -> str | None:
        return refresh_token.resident

    def revoke_old_credential(self, refresh_token: GivenToken) -> None:
        self.server.done.used_token = refresh_token.digest


class Challenge(CodeChallenge):  # type: ignore[misc]
    """PKCE (RFC 7636), always, and never `plain`."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        given = grant.request.payload.data
        if not given.get("code_challenge") or given.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send code_challenge with code_challenge_method=S256.")
        super().validate_code_challenge(grant, redirect_uri)


class IdToken(OpenIDCode):  # type: ignore[misc]
    """What the application is told of who signed in (OpenID Connect Core 2): a name of its own for them, when, and how surely."""

    def __init__(self, known: Known) -> None:
        super().__init__()
        self._known = known

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        return False  # the code is used once, and by who holds the verifier

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self._known.ring.signing(self._known.now)

    def get_client_algorithm(self, client: Client) -> str:
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:
        return {"alg": ALGORITHM, "kid": str(self.resolve_client_private_key(client).kid)}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        now = int(self._known.now.timestamp())
        return {
            "iss": self._known.issuer,
            "aud": client.get_client_id(),
            "iat": now,
            "exp": now + int(ID_LIVES.total_seconds()),
        }

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        code = self._known.code
        assert code is not None
        return UserInfo(sub=self._known.ring.subject(code.application, user))


class _Issuer(IssuerParameter):  # type: ignore[misc]
    """Every answer to a browser says who gives it (RFC 9207)."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer

    def get_issuer(self) -> str:
        return self._issuer


def _secret(**_: Any) -> str:
    return new_secret()
