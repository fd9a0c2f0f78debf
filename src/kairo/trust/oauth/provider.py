"""What do the handlers of this part work with? One `Provider` a process: the protocol, applications, and who is told what."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl

from kairo.context.gate import Scope
from kairo.context.reading import value_of
from kairo.errors import TooManyRequests
from kairo.platform.clock import Clock
from kairo.trust.identity.principals import Principal, PrincipalKind, person_of
from kairo.trust.oauth.asking import ConsentAsker
from kairo.trust.oauth.issuing import Issuing
from kairo.trust.oauth.keys import ALGORITHM
from kairo.trust.oauth.known import Answer, Asking
from kairo.trust.oauth.records import PRINCIPAL
from kairo.trust.oauth.rules import PEOPLE, attributes_of, for_purpose
from kairo.trust.oauth.service import Applications

MOST_BYTES = 32_768  # of a request's parameters; what is longer is not read
MOST_PARAMETERS = 50


class Gate(Protocol):
    """The part of the gate that userinfo asks."""

    def scope_of(self, principal: Principal, tenant: str) -> Scope: ...


class Graph(Protocol):
    """The part of the graph that userinfo reads."""

    async def row(self, scope: Scope, id: str, shows: Callable[[str], bool]) -> Any: ...


class Standing(Protocol):
    """Who knows whether somebody may still sign in (identity's sessions)."""

    async def standing(self, principal: Principal) -> tuple[str, ...] | None: ...


class Quotas(Protocol):
    """How much may be asked (context/quotas)."""

    async def admit(self, scope: Scope, client: str) -> None: ...


class Provider:
    """Kairo as the one that applications ask. `quotas`: None where the operator has set none."""

    def __init__(
        self,
        issuing: Issuing,
        applications: Applications,
        asker: ConsentAsker,
        gate: Gate,
        graph: Graph,
        standing: Standing,
        quotas: Quotas | None,
        tenant: str,
    ) -> None:
        self.issuing = issuing
        self.applications = applications
        self.asker = asker
        self._gate = gate
        self._graph = graph
        self._standing = standing
        self._quotas = quotas
        self._tenant = tenant

    @property
    def issuer(self) -> str:
        """The name of this provider: its address."""
        return self.issuing.issuer

    @property
    def clock(self) -> Clock:
        """The time of this provider."""
        return self.issuing.clock

    async def answer(self, what: str, body: bytes, authorization: str, client: str) -> Answer:
        """Answers token, introspection or revocation. `client`: the address that asks."""
        try:
            await self._admit(Scope(self._tenant, "anonymous:"), client)
            asking = Asking("POST", parameters(body), authorization)

            async def admit(principal: str) -> None:
                await self._admit(Scope(self._tenant, principal), client)

            return await self.issuing.answer(what, asking, admit)
        except ValueError as error:
            return Answer(400, {"error": "invalid_request", "error_description": str(error)}, {})
        except TooManyRequests as error:
            said = {
                "error": "temporarily_unavailable",
                "error_description": "Too many requests: wait as long as Retry-After says.",
            }
            return Answer(429, said, error.headers)

    async def _admit(self, scope: Scope, client: str) -> None:
        if self._quotas is not None:
            await self._quotas.admit(scope, client)

    async def userinfo(self, authorization: str) -> Answer:
        """What the application that holds this token may know of who signed in (Core 5.3): read of the graph, under its grants."""
        kind, _, secret = authorization.partition(" ")
        token = await self.issuing.token_of_person(secret.strip()) if kind.lower() == "bearer" else None
        client = await self.issuing.client(token.application) if token else None
        resident = Principal.named(token.resident) if token and token.resident else None
        if token is None or client is None or resident is None or await self._standing.standing(resident) is None:
            challenge = {"WWW-Authenticate": 'Bearer realm="kairo", error="invalid_token"'}
            return Answer(
                401, {"error": "invalid_token", "error_description": "The token is not valid, or is over."}, challenge
            )
        ring = await self.issuing.keys.ring()
        said: dict[str, Any] = {"sub": ring.subject(token.application, resident.id)}
        asked, person = attributes_of(token.words), person_of(resident.id)
        if asked and person:
            application = Principal(f"{PRINCIPAL}{token.application}", PrincipalKind.APPLICATION)
            scope = for_purpose(self._gate.scope_of(application, self._tenant), client.application.purpose)
            row = await self._graph.row(scope, person, lambda name: name in asked)
            doc = row.doc if row is not None else {}
            said |= {claim: value_of(doc, name) for name, claim in asked.items() if name in doc}
        return Answer(200, said, {})

    def metadata(self) -> dict[str, Any]:
        """What this provider offers (OpenID Connect Discovery 3, RFC 8414)."""
        issuer, ways = self.issuer, ["client_secret_basic", "client_secret_post", "private_key_jwt"]
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/oauth/authorize",
            "token_endpoint": f"{issuer}/oauth/token",
            "userinfo_endpoint": f"{issuer}/oauth/userinfo",
            "jwks_uri": f"{issuer}/oauth/jwks",
            "introspection_endpoint": f"{issuer}/oauth/introspect",
            "revocation_endpoint": f"{issuer}/oauth/revoke",
            "end_session_endpoint": f"{issuer}/oauth/logout",
            "scopes_supported": [*PEOPLE, "read", "write", "subscribe"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": [*ways, "none"],
            "introspection_endpoint_auth_methods_supported": ways,
            "revocation_endpoint_auth_methods_supported": [*ways, "none"],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "acr_values_supported": [f"urn:kairo:ial:{ial}:aal:{aal}" for ial in (1, 2, 3) for aal in (1, 2, 3)],
            "claims_supported": [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "acr",
                "nonce",
                *attributes_of(PEOPLE).values(),
            ],
            "ui_locales_supported": ["ja", "en"],
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "claims_parameter_supported": False,
            "authorization_response_iss_parameter_supported": True,
        }


def parameters(given: bytes) -> Mapping[str, list[str]]:
    """The parameters of a form or a query string, those without a value left out (RFC 6749 3.1). Raises ValueError, in words that may
    be shown, for what is too long, no text, or given twice."""
    if len(given) > MOST_BYTES:
        raise ValueError("The request is too long.")
    try:
        pairs = parse_qsl(given.decode("ascii"), errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise ValueError("The parameters cannot be read.") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if not name.isprintable() or not value.isprintable():
            raise ValueError("A parameter holds characters that do not belong there.")
        found.setdefault(name, []).append(value)
    if any(len(values) > 1 for name, values in found.items() if name != "resource"):
        raise ValueError("A parameter is given twice.")
    return found
