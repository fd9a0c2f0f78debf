"""What is said between Kairo and another provider? Its configuration and keys, the request, the code for an id_token, and what of that holds.

OpenID Connect Core 3.1, RFC 7636, RFC 9207 (who answers), RFC 7523 (a signature instead of a secret).
"""

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key
from joserfc.jws import JWSRegistry

from kairo.trust.oauth.relying.outgoing import NotHad, asked
from kairo.trust.oauth.relying.providers import Elsewhere

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
LEEWAY_SECONDS: Final = 60  # how far two clocks may be apart
_KEPT_SECONDS: Final = 3600.0
_ANEW_SECONDS: Final = 30.0  # so often, at the most, keys are asked for again because one is not known


class Refused(Exception):
    """What came from the other provider does not hold; the message is for the log, and holds nothing that was secret."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody, as another provider knows them."""

    issuer: str
    subject: str
    aal: int


class Client:
    """Kairo as the client of one other provider."""

    def __init__(self, provider: Elsewhere, redirect_uri: str) -> None:
        self.provider = provider
        self.redirect_uri = redirect_uri
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in. Raises NotHad."""
        said = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.provider.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
            **({"acr_values": self.provider.acr_values} if self.provider.acr_values else {}),
        }
        metadata = await self._configuration()
        return str(add_params_to_uri(metadata["authorization_endpoint"], list(said.items())))

    async def check_issuer(self, said: str | None) -> None:
        """Raises Refused where another provider than the one that was asked gives the answer (mix-up, RFC 9207 2.4)."""
        if said is None:
            metadata = await self._configuration()
            if metadata.get("authorization_response_iss_parameter_supported") is True:
                raise Refused("the answer does not say who gives it")
        elif said.rstrip("/") != self.provider.issuer:
            raise Refused("another provider answers")

    async def person(self, code: str, verifier: str, nonce: str, now: datetime) -> Person:
        """Who it is, for a code. Raises NotHad and Refused."""
        metadata = await self._configuration()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.redirect_uri, "code_verifier": verifier}
        auth: tuple[str, str] | None = None
        if self.provider.authentication == "client_secret_basic":
            auth = (self.provider.client_id, self.provider.secret)
        elif self.provider.authentication == "client_secret_post":
            form |= {"client_id": self.provider.client_id, "client_secret": self.provider.secret}
        else:
            kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            statement = self._statement(metadata["token_endpoint"], now)
            form |= {"client_id": self.provider.client_id, "client_assertion_type": kind, "client_assertion": statement}
        answer = await asked(metadata["token_endpoint"], self.provider.networks, form=form, auth=auth)
        return await self.checked(answer.get("id_token"), nonce, now)

    async def checked(self, id_token: Any, nonce: str, now: datetime) -> Person:
        """What an id_token says, if everything about it holds (Core 3.1.3.7)."""
        if not isinstance(id_token, str) or len(id_token) > 20_000:
            raise Refused("there is no id_token")
        try:
            claims = (await self._verified(id_token)).claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": self.provider.issuer},
                sub={"essential": True},
                aud={"essential": True, "value": self.provider.client_id},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise Refused(f"the id_token does not hold: {type(error).__name__}") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.provider.client_id) != self.provider.client_id:
            raise Refused("the id_token is for somebody else")
        if not 1 <= len(claims["sub"]) <= 255:
            raise Refused("the id_token names nobody")
        return Person(self.provider.issuer, claims["sub"], self.provider.aal.get(str(claims.get("acr", "")), 1))

    async def _verified(self, id_token: str) -> jwt.Token:
        """By a key of the provider's; a key that is not known yet may be new, and is asked for, though not at every try."""
        registry = JWSRegistry(algorithms=list(ALGORITHMS))
        try:
            return jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS, registry=registry)
        except (JoseError, ValueError):
            if self._keys is None or time.monotonic() - self._keys[0] < _ANEW_SECONDS:
                raise
            self._keys = None
            return jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS, registry=registry)

    async def _configuration(self) -> dict[str, Any]:
        """Addresses, as the operator gives them or the provider publishes them (Discovery 4). Raises NotHad."""
        if len(self.provider.endpoints) == 3:
            return dict(self.provider.endpoints)
        if self._metadata is None or time.monotonic() - self._metadata[0] > _KEPT_SECONDS:
            found = await asked(f"{self.provider.issuer}/.well-known/openid-configuration", self.provider.networks)
            if str(found.get("issuer", "")).rstrip("/") != self.provider.issuer:
                raise NotHad("its configuration is another provider's")
            found |= self.provider.endpoints
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                if not str(found.get(name, "")).startswith(
                    ("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")
                ):
                    raise NotHad(f"its {name} is no https address")
            self._metadata = (time.monotonic(), found)
        return self._metadata[1]

    async def _key_set(self) -> KeySet:
        if self._keys is None or time.monotonic() - self._keys[0] > _KEPT_SECONDS:
            metadata = await self._configuration()
            found = await asked(metadata["jwks_uri"], self.provider.networks)
            try:
                usable = [key for key in found["keys"] if key.get("kty") in {"RSA", "EC"} and key.get("use", "sig") == "sig"]
                self._keys = (time.monotonic(), KeySet.import_key_set({"keys": usable}))
            except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise NotHad("its keys cannot be read") from error
        return self._keys[1]

    def _statement(self, audience: str, now: datetime) -> str:
        """Who we are, signed (RFC 7523 2.2)."""
        key = _private_key(self.provider.secret)
        seconds, client = int(now.timestamp()), self.provider.client_id
        claims = {
            "iss": client,
            "sub": client,
            "aud": audience,
            "iat": seconds,
            "exp": seconds + 60,
            "jti": secrets.token_hex(16),
        }
        header = {"alg": "ES256" if key.key_type == "EC" else "RS256", **({"kid": key.kid} if key.kid else {})}
        return jwt.encode(header, claims, key, algorithms=ALGORITHMS)


def _private_key(text: str) -> RSAKey | ECKey:
    """The key by which we sign, from PEM or a JSON Web Key. Raises NotHad: the operator's file holds another thing."""
    try:
        if text.startswith("-----"):
            is_curve = isinstance(load_pem_private_key(text.encode(), None), EllipticCurvePrivateKey)
            return ECKey.import_key(text) if is_curve else RSAKey.import_key(text)
        found = import_key(orjson.loads(text))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotHad("its secret_file holds no private key") from error
    if not isinstance(found, RSAKey | ECKey) or not found.is_private:
        raise NotHad("its secret_file holds no private key")
    return found
