"""What can be done with an account elsewhere? Sign in by it, once it is linked to an account here; link it; give it an end."""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from kairo.errors import Forbidden, ResourceNotFound, Unauthenticated
from kairo.platform.clock import Clock
from kairo.platform.observability.logs import logger
from kairo.trust.identity.digests import digest_of
from kairo.trust.identity.principals import Principal
from kairo.trust.oauth.relying import store
from kairo.trust.oauth.relying.client import Client, Person, Refused
from kairo.trust.oauth.relying.outgoing import NotHad
from kairo.trust.oauth.relying.providers import Elsewhere
from kairo.trust.recording import record

LIVES: Final = timedelta(minutes=10)  # from here to the other provider and back
_log = logger("sign-in")


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Sessions(Protocol):
    """Identity's sessions."""

    async def standing(self, principal: Principal) -> tuple[str, ...] | None: ...
    async def open(self, principal: Principal, *, aal: int, method: str, device: str = "") -> str: ...


@dataclass(frozen=True, slots=True)
class Begun:
    """Where to send the browser, and the cookie by which it is known again."""

    address: str
    browser: str


@dataclass(frozen=True, slots=True)
class CameBack:
    """How it ended: where to go, and the secret of the new session, if there is one; `is_unknown`: nobody here has this account."""

    onward: str
    session: str = ""
    is_unknown: bool = False


class Relying:
    """Signing in at other providers, for one installation."""

    def __init__(
        self, database: Database, tenant: str, clock: Clock, sessions: Sessions, issuer: str, providers: Mapping[str, Elsewhere]
    ) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self._sessions = sessions
        self.clients = {name: Client(one, f"{issuer}/sign-in/with/{name}/back") for name, one in providers.items()}

    @property
    def providers(self) -> Sequence[Elsewhere]:
        """The other providers, as the operator lists them."""
        return [client.provider for client in self.clients.values()]

    async def begin(self, name: str, onward: str, *, links: str | None = None) -> Begun:
        """Begins a sign-in at another provider. `links`: the principal whose account is to be linked by it. Raises ResourceNotFound
        for a provider that is not listed, Unauthenticated where it cannot be reached."""
        client = self._client(name)
        state, nonce, browser, verifier = (secrets.token_urlsafe(32) for _ in range(4))
        try:
            address = await client.address(state, nonce, verifier)
        except NotHad as error:
            raise _failed(name, error) from error
        now = self._clock()
        one = store.Underway(digest_of(state), name, digest_of(browser), nonce, verifier, onward, links, now + LIVES)
        async with self._database.unit(self._tenant) as unit:
            await store.begin(unit.connection, self._tenant, one, now)
        return Begun(address, browser)

    async def come_back(self, name: str, said: Mapping[str, str], browser: str, device: str) -> CameBack:
        """Ends a sign-in: `said` are the parameters of the answer. Each begun sign-in ends once, in the browser that began it, by an
        answer of the provider that was asked. Raises Unauthenticated for everything else, in one and the same way."""
        client, now = self._client(name), self._clock()
        async with self._database.unit(self._tenant) as unit:
            underway = await store.take(unit.connection, self._tenant, digest_of(said.get("state", "")), now)
        try:
            if underway is None or underway.provider != name or not hmac.compare_digest(underway.browser, digest_of(browser)):
                raise Refused("nobody in this browser is on their way back from there")
            await client.check_issuer(said.get("iss"))
            if "error" in said or "code" not in said:
                raise Refused("the other provider says no")
            person = await client.person(said["code"], underway.verifier, underway.nonce, now)
        except (Refused, NotHad) as error:
            raise _failed(name, error) from error
        if underway.links is not None:
            await self._link(person, underway.links, name, now)
            return CameBack(underway.onward)
        return await self._sign_in(person, underway.onward, device, now)

    async def _sign_in(self, person: Person, onward: str, device: str, now: datetime) -> CameBack:
        async with self._database.unit(self._tenant) as unit:
            found = await store.linked(unit.connection, self._tenant, (person.issuer, person.subject), now)
        principal = Principal.named(found) if found else None
        if principal is None or await self._sessions.standing(principal) is None:
            return CameBack(onward, is_unknown=True)
        return CameBack(onward, await self._sessions.open(principal, aal=person.aal, method="oidc", device=device))

    async def _link(self, person: Person, principal: str, provider: str, now: datetime) -> None:
        async with self._database.unit(self._tenant) as unit:
            await record(unit, now, by=principal, purpose="identity", did="link login", what=f"{principal}/{provider}")
            if not await store.link(unit.connection, self._tenant, (person.issuer, person.subject), principal, provider, now):
                raise Forbidden(
                    "this account elsewhere cannot be linked here",
                    detail_ja="この外部アカウントは連携できません。",
                    mend="It may be linked to another account already; ask at the counter.",
                    mend_ja="すでに別のアカウントと連携している可能性があります。窓口でご確認ください。",
                )

    async def logins(self, principal: str) -> Sequence[store.Linked]:
        """The logins elsewhere of an account."""
        async with self._database.reading(self._tenant) as connection:
            return await store.logins_of(connection, self._tenant, principal)

    async def end(self, principal: str, provider: str, linked_at: str, days: int) -> None:
        """A login elsewhere is good for so many days more; 0: not any more. Raises ResourceNotFound where there is none."""
        now = self._clock()
        try:
            since = datetime.fromisoformat(linked_at)
        except ValueError:
            since = now
        async with self._database.unit(self._tenant) as unit:
            await record(unit, now, by=principal, purpose="identity", did="end login", what=f"{principal}/{provider[:63]}")
            at = now + timedelta(days=max(0, min(days, 365)))
            is_known = since.tzinfo is not None and await store.end(
                unit.connection, self._tenant, principal, provider, since, at
            )
            if not is_known:
                raise ResourceNotFound("there is no such login", detail_ja="その連携はありません。")

    def _client(self, name: str) -> Client:
        found = self.clients.get(name)
        if found is None:
            raise ResourceNotFound("there is no such provider", detail_ja="そのログイン方法はありません。")
        return found


def _failed(name: str, error: Exception) -> Unauthenticated:
    """What a person is told; what happened stands in the log alone."""
    _log.warning("a sign-in elsewhere failed", provider=name, reason=str(error))
    return Unauthenticated(
        "signing in there did not work",
        detail_ja="外部のサービスでのログインを確認できませんでした。",
        mend="Begin again from the sign-in page.",
        mend_ja="ログイン画面から、もう一度お試しください。",
    )
