"""What else does the protocol answer? A client's signed statement of itself (RFC 7523), introspection (RFC 7662), revocation (RFC 7009)."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidClientError
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from kairo.trust.identity.digests import digest_of
from kairo.trust.oauth.keys import ALGORITHM
from kairo.trust.oauth.known import Client, Done, GivenToken, Known

STATEMENT_LIVES: Final = timedelta(minutes=10)  # how far ahead a statement may say that it ends: it is remembered until then
ALGORITHMS: Final = ("RS256", "PS256", "ES256")  # never none, never a shared secret


class PrivateKeyJwt(JWTBearerClientAssertion):  # type: ignore[misc]
    """A client shows by a signature who it is. Each statement counts once."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, known: Known, done: Done) -> None:
        super().__init__()
        self._known = known
        self._done = done

    def get_audiences(self) -> list[str]:
        return [self._known.issuer, f"{self._known.issuer}/oauth/token"]

    def resolve_client_public_key(self, client: Client) -> KeySet:
        try:
            return KeySet.import_key_set(client.public_keys())
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise InvalidClientError from error

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        try:
            found = jwt.decode(assertion, resolve_key, algorithms=ALGORITHMS)
        except (JoseError, ValueError) as error:
            raise InvalidClientError from error
        self.verify_claims(found.claims)
        return found.claims

    def verify_claims(self, claims: Any) -> None:
        """By our clock, and with an end that is near: what is remembered of statements stays small."""
        now = int(self._known.now.timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=now,
            leeway=self.leeway,
            iss={"essential": True, "value": claims.get("sub")},
            sub={"essential": True},
            aud={"essential": True, "values": self.get_audiences()},
            exp={"essential": True},
            jti={"essential": True},
        )
        try:
            registry.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise InvalidClientError from error
        if claims["exp"] > now + STATEMENT_LIVES.total_seconds() + self.leeway:
            raise InvalidClientError
        until = datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=self.leeway)
        self._done.statement = (digest_of(f"{claims['sub']}\0{claims['jti']}"), until)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """Whether a token holds, asked by the client that it was given to; of any other token it hears what it hears of a made-up one."""

    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")

    def query_token(self, token_string: str, token_type_hint: str | None) -> GivenToken | None:
        known: Known = self.server.known
        found = known.token
        if (
            found is None
            or found.digest != digest_of(token_string)
            or found.used_at is not None
            or found.expires_at <= known.now
        ):
            return None
        return GivenToken(found)

    def check_permission(self, token: GivenToken, client: Client, request: Any) -> bool:
        return token.check_client(client)

    def introspect_token(self, token: GivenToken) -> dict[str, Any]:
        known: Known = self.server.known
        found = token.token
        said = {
            "active": True,
            "client_id": found.application,
            "scope": token.get_scope(),
            "token_type": "Bearer",
            "iss": known.issuer,
            "aud": found.application,
            "exp": int(found.expires_at.timestamp()),
            "iat": int(found.made_at.timestamp()),
        }
        return said if found.resident is None else {**said, "sub": known.ring.subject(found.application, found.resident)}


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """A client gives a token back. With a refresh token goes all that came with it."""

    CLIENT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")

    def query_token(self, token_string: str, token_type_hint: str | None) -> GivenToken | None:
        found = self.server.known.token
        return GivenToken(found) if found is not None and found.digest == digest_of(token_string) else None

    def revoke_token(self, token: GivenToken, request: Any) -> None:
        if token.token.kind == "refresh":
            self.server.done.ended_family = token.family
        else:
            self.server.done.ended_token = token.digest


class EndSession(EndSessionEndpoint):  # type: ignore[misc]
    """Where a browser goes after signing out: to an address that is registered for the application which the hint was made for."""

    def get_server_jwks(self) -> KeySet:
        known: Known = self.server.known
        return known.ring.all()

    def get_algorithms(self) -> list[str]:
        return [ALGORITHM]
