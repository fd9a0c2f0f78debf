"""How is a request of the protocol answered? What it may need is read and locked, Authlib decides, what it decided is written: one unit."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Final, Protocol

import orjson
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from joserfc import jws
from joserfc.errors import JoseError

from kairo.platform.clock import Clock
from kairo.trust.identity.digests import digest_of
from kairo.trust.oauth import store
from kairo.trust.oauth.keys import Keys
from kairo.trust.oauth.known import Answer, Asking, Client, Done, Known
from kairo.trust.oauth.protocol import Server
from kairo.trust.oauth.records import PRINCIPAL, Code, SignedIn, State, Token

Admit = Callable[[str], Awaitable[None]]
MOST_NAME: Final = 63
_REFUSED = {"error": "invalid_client", "error_description": "The client is not known, or did not show who it is."}


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    async def fetchrow(self, tenant: str, statement: str, *arguments: Any) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Issuing:
    """Answers the protocol for one installation. Applications live under its home tenant, as all credentials do."""

    def __init__(self, database: Database, tenant: str, issuer: str, keys: Keys, clock: Clock) -> None:
        self._database = database
        self._tenant = tenant
        self.clock = clock
        self.issuer = issuer
        self.keys = keys

    async def answer(self, what: str, asking: Asking, admit: Admit) -> Answer:
        """`what`: token, introspection or revocation. `admit` is called with the principal of the client that has shown who it is,
        and raises TooManyRequests: nothing is written then."""
        async with self._database.unit(self._tenant) as unit:
            known = await self._known(unit.connection, asking)
            server = Server(known)
            try:
                answer: Answer = (
                    server.create_token_response(asking) if what == "token" else server.create_endpoint_response(what, asking)
                )
            except ValueError:  # what Authlib does not foresee: signs that may not stand in its own words, or no UTF-8
                return Answer(400, {"error": "invalid_request", "error_description": "The request cannot be read."}, {})
            if asking.client is not None:
                await admit(f"{PRINCIPAL}{asking.client.get_client_id()}")
            if not await self._write(unit.connection, known, server.done):
                return Answer(401, _REFUSED, {"WWW-Authenticate": 'Basic realm="kairo"'})
            matched = asking.client and asking.client.matched
            if matched is not None and answer.status == 200:
                await store.touch_key(unit.connection, self._tenant, matched.digest, known.now)
            return answer

    async def consent_grant(self, asking: Asking, signed_in: SignedIn | None) -> Any:
        """The grant of a request that a browser brought. Raises OAuth2Error: one with `redirect_uri` goes back to the
        application, any other is shown to who sits there."""
        async with self._database.reading(self._tenant) as connection:
            server = Server(await self._of_browser(connection, asking))
        return server.get_consent_grant(asking, signed_in)

    async def asked_before(self, resident: str, name: str) -> frozenset[str]:
        """The words that an application has asked this resident for."""
        async with self._database.reading(self._tenant) as connection:
            return await store.asked_before(connection, self._tenant, resident, name)

    async def authorize(self, asking: Asking, signed_in: SignedIn, *, given: Sequence[str] | None) -> Answer:
        """The answer that sends the browser back, with a code for these words, or without where the person refused (None)."""
        async with self._database.unit(self._tenant) as unit:
            server = Server(await self._of_browser(unit.connection, asking))
            grant = server.get_consent_grant(asking, signed_in)
            user = signed_in if given is not None else None
            answer: Answer = server.create_authorization_response(asking, grant_user=user, grant=grant)
            code = server.done.code
            if code is not None and given is not None:
                words = tuple(word for word in code.words if word in given)
                await store.add_code(unit.connection, self._tenant, replace(code, words=words))
                asked = (code.resident, code.application, code.words, server.known.now)
                await store.connect(unit.connection, self._tenant, *asked)
            return answer

    async def after_logout(self, asking: Asking) -> str:
        """Where an application wants its user to be led after signing out, if that is registered for it; else an empty text. Raises
        OAuth2Error for an id_token_hint that is not ours."""
        async with self._database.reading(self._tenant) as connection:
            clients = await self._clients(connection, asking)
        server = Server(Known(self.clock(), self.issuer, await self.keys.ring(), clients))
        return server.validate_endpoint_request("end_session", asking).redirect_uri or ""

    async def token_of_person(self, secret: str) -> Token | None:
        """What an access token says that was given for a resident; None where it does not hold."""
        return await store.token_of_person(self._database, self._tenant, digest_of(secret), self.clock())

    async def client(self, name: str) -> Client | None:
        """The client of this name, if it is approved."""
        async with self._database.reading(self._tenant) as connection:
            return await self._client(connection, name)

    async def _of_browser(self, connection: Any, asking: Asking) -> Known:
        name = asking.payload.client_id or ""
        found = await self._client(connection, name)
        return Known(self.clock(), self.issuer, await self.keys.ring(), {name: found} if found else {})

    async def _known(self, connection: Any, asking: Asking) -> Known:
        clients = await self._clients(connection, asking)
        given = asking.form
        code: Code | None = None
        token: Token | None = None
        if "code" in given:
            code = await store.code(connection, self._tenant, digest_of(given["code"]))
        presented = given.get("refresh_token") or given.get("token")
        if presented:
            token = await store.token(connection, self._tenant, digest_of(presented))
        return Known(self.clock(), self.issuer, await self.keys.ring(), clients, code, token)

    async def _clients(self, connection: Any, asking: Asking) -> dict[str, Client]:
        return {name: found for name in sorted(_names(asking)) if (found := await self._client(connection, name)) is not None}

    async def _client(self, connection: Any, name: str) -> Client | None:
        found = await store.application(connection, self._tenant, name)
        if found is None or found.state is not State.APPROVED:
            return None
        now = self.clock()
        keys = await store.keys(connection, self._tenant, name)
        return Client(found, [key for key in keys if key.expires_at is None or key.expires_at > now])

    async def _write(self, connection: Any, known: Known, done: Done) -> bool:
        """False, and nothing written, where a statement was seen before."""
        tenant = self._tenant
        if done.statement is not None and not await store.see_once(connection, tenant, *done.statement):
            return False
        if done.ended_family is not None:
            await store.end_family(connection, tenant, done.ended_family)
        if done.ended_token is not None:
            await store.end_token(connection, tenant, done.ended_token)
        if done.used_code is not None:
            await store.use_code(connection, tenant, done.used_code, known.now)
        if done.used_token is not None:
            await store.use_token(connection, tenant, done.used_token, known.now)
        for token in done.tokens:
            await store.add_token(connection, tenant, token)
        if done.tokens:
            await store.forget_ended(connection, tenant, known.now)
        return True


def _names(asking: Asking) -> set[str]:
    """The clients that a request may mean: by its parameter, its Basic header, its statement, its hint. Nothing is believed here."""
    given = asking.args
    found: set[Any] = {given.get("client_id"), _unproved(given.get("client_assertion"), "sub")}
    found.add(_unproved(given.get("id_token_hint"), "aud"))
    try:
        found.add(extract_basic_authorization(asking.headers)[0])
    except ValueError:  # not base64, or not UTF-8
        asking.headers.pop("Authorization", None)
    return {name for name in found if name and len(name) <= MOST_NAME and name.isprintable()}


def _unproved(statement: str | None, claim: str) -> str | None:
    """What a signed statement says, before anyone has looked at its signature."""
    try:
        said = orjson.loads(jws.extract_compact((statement or "").encode()).payload)[claim]
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    one = said[0] if isinstance(said, list) and len(said) == 1 else said
    return one if isinstance(one, str) else None
