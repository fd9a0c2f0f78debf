"""How does a session begin, live and end? Looked up at each request and never remembered: what is revoked is over at once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from kairo.errors import ResourceNotFound
from kairo.platform.clock import Clock
from kairo.settings import Settings
from kairo.trust.identity.digests import digest_of, is_secret
from kairo.trust.identity.principals import Principal, PrincipalKind
from kairo.trust.identity.sessions import store
from kairo.trust.identity.sessions.devices import device as words_for
from kairo.trust.identity.sessions.session import Session

TOUCHED_SECONDS = 60.0  # so often, at the most, a session in use writes that it is


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Lives:
    """How long sessions last, and whether those that one click opened count (only in the demo)."""

    absolute: timedelta = timedelta(hours=12)
    idle: timedelta = timedelta(minutes=60)
    demo: bool = False

    @staticmethod
    def of_settings(settings: Settings) -> "Lives":
        """As the operator has set it."""
        absolute, idle = timedelta(hours=settings.session_hours), timedelta(minutes=settings.session_idle_minutes)
        return Lives(absolute, idle, settings.demo)


class Sessions:
    """The sessions of one installation (they live under its home tenant)."""

    def __init__(self, database: Database, tenant: str, clock: Clock, lives: Lives) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock
        self.lives = lives

    async def open(self, principal: Principal, *, aal: int, method: str, device: str = "") -> str:
        """A new session's secret. The administrator's does not end by being idle."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        idle = None if principal.kind is PrincipalKind.ADMINISTRATOR else now + self.lives.idle
        session = Session(
            secrets.token_hex(8), principal, aal, method, words_for(device), "", now, now, now + self.lives.absolute, idle
        )
        async with self._database.unit(self._tenant) as unit:
            await store.insert(unit.connection, self._tenant, digest_of(secret), session)
        return secret

    async def find(self, secret: str) -> Session | None:
        """The session of this secret, where it is in force and its owner may sign in."""
        if not is_secret(secret):
            return None
        digest, now = digest_of(secret), self._clock()
        async with self._database.reading(self._tenant) as connection:
            found = await store.find(connection, self._tenant, digest, now)
        if found is None or (found.is_demo and not self.lives.demo):
            return None
        if (now - found.last_used_at).total_seconds() >= TOUCHED_SECONDS:
            async with self._database.unit(self._tenant) as unit:
                await store.touch(unit.connection, self._tenant, digest, now, self.lives.idle)
        return found

    async def of(self, principal: Principal) -> list[Session]:
        """All sessions of someone, the latest first."""
        async with self._database.reading(self._tenant) as connection:
            found = await store.of(connection, self._tenant, principal.id, self._clock())
        return [one for one in found if self.lives.demo or not one.is_demo]

    async def standing(self, principal: Principal) -> tuple[str, ...] | None:
        """Whom a resident or a member of staff represents at this moment, by key; None for who may not sign in (any more)."""
        async with self._database.reading(self._tenant) as connection:
            return await store.persons_of(connection, self._tenant, principal.id, self._clock())

    async def set_purpose(self, session: Session, purpose: str) -> None:
        """The duty that this session serves from now on: its purpose for the gate. Empty: none. Who may choose what is for the
        caller (trust/roles) to say. Raises ResourceNotFound where the session is over."""
        async with self._database.unit(self._tenant) as unit:
            if not await store.set_purpose(unit.connection, self._tenant, session.principal.id, session.id, purpose):
                raise ResourceNotFound("this session is over", detail_ja="このログインは終了しています。")

    async def revoke(self, principal: Principal, id: str) -> None:
        """Ends one session of someone. Raises ResourceNotFound where it is not theirs or over."""
        async with self._database.unit(self._tenant) as unit:
            if not await store.revoke(unit.connection, self._tenant, principal.id, id):
                raise ResourceNotFound("there is no such session", detail_ja="このログインはもうありません。")

    async def revoke_all(self, principal: Principal, *, but: Session | None = None, kinds: Sequence[str] = ("session",)) -> int:
        """Ends all sessions of someone, but the one in use; how many."""
        async with self._database.unit(self._tenant) as unit:
            left = but.id if but else None
            return await store.revoke_all(unit.connection, self._tenant, principal.id, kinds, but=left)
