"""How does someone show who they are? One-time links and tokens; what lasts is a session (sessions/service.py).

Secrets are random, stored as SHA-256 only.
"""

import asyncio
import os
import secrets
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from kairo.errors import StartError
from kairo.platform.clock import Clock
from kairo.trust.identity import store
from kairo.trust.identity.digests import digest_of, is_secret
from kairo.trust.identity.principals import LOCAL_ADMINISTRATOR, Principal
from kairo.trust.identity.sessions.service import Lives, Sessions

LINK_LIVES = timedelta(hours=24)
REMEMBERED_SECONDS = 10.0  # how long a worker believes a token before it looks again: the delay of a revocation
REMEMBERED_MOST = 10_000
# What a one-time link of the administrator is worth: whoever holds it was at the machine, behind its own sign-in.
LINK_AAL = 2


def _kept_secret(path: Path) -> str:
    """The secret in the file, which is made on first use and read by its owner only.

    The file appears whole or not at all, and the first of two programs that make it wins: never is half a secret believed.
    """
    for _ in range(2):
        try:
            kept = path.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            _make_secret(path)
            continue
        if not is_secret(kept):
            raise StartError(f"{path} holds no token", mend="Remove the file; Kairo makes a new one.")
        return kept
    raise StartError(f"{path} disappears as soon as it is made", mend="Check who else works in the data folder.")


def _make_secret(path: Path) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
    finally:
        fresh.unlink(missing_ok=True)


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Credentials:
    """Makes and checks credentials of one installation (they live under its home tenant)."""

    def __init__(self, database: Database, tenant: str, clock: Clock, lives: Lives | None = None) -> None:
        self._database = database
        self.tenant = tenant
        self._clock = clock
        self.sessions = Sessions(database, tenant, clock, lives or Lives())
        self._remembered: dict[tuple[str, str], tuple[float, Principal]] = {}

    async def new_link(self, principal: Principal = LOCAL_ADMINISTRATOR) -> str:
        """The secret of a link that signs `principal` in once within 24 hours."""
        return await self._new("link", principal, LINK_LIVES)

    async def enter(self, secret: str, device: str = "") -> str | None:
        """Uses up a one-time link: the secret of a new session, or None when the link is used, expired or unknown."""
        if not is_secret(secret):
            return None
        now = self._clock()
        async with self._database.unit(self.tenant) as unit:
            principal = await store.use_link(unit.connection, self.tenant, digest_of(secret), now)
            await store.delete_expired(unit.connection, self.tenant, now)
        if principal is None:
            return None
        return await self.sessions.open(Principal.named(principal), aal=LINK_AAL, method="link", device=device)

    async def leave(self, secret: str) -> None:
        """Ends the session."""
        async with self._database.unit(self.tenant) as unit:
            await store.delete(unit.connection, self.tenant, digest_of(secret))

    async def who(self, secret: str, kind: str) -> Principal | None:
        """Whose session or token this is, or None. A token is believed for some seconds; a session is looked up each time."""
        if kind == "session":
            session = await self.sessions.find(secret)
            return session.principal if session else None
        if not is_secret(secret):
            return None
        name = (kind, digest_of(secret))
        now = self._clock()
        known = self._remembered.get(name)
        if known and now.timestamp() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        async with self._database.unit(self.tenant) as unit:
            found = await store.find(unit.connection, self.tenant, name[1], [kind], now)
        if found is None:
            self._remembered.pop(name, None)
            return None
        if len(self._remembered) >= REMEMBERED_MOST:
            self._remembered.clear()
        principal = Principal.named(found)
        self._remembered[name] = (now.timestamp(), principal)
        return principal

    async def has_token(self, principal: Principal) -> bool:
        """Whether any token of this principal is valid; believed as long as a credential is."""
        now = self._clock()
        known = self._remembered.get(("any", principal.id))
        if known and now.timestamp() - known[0] < REMEMBERED_SECONDS:
            return True
        async with self._database.unit(self.tenant) as unit:
            found = await store.has_token(unit.connection, self.tenant, principal.id, now)
        if found:
            self._remembered["any", principal.id] = (now.timestamp(), principal)
        return found

    async def administrator_token(self, path: Path) -> str:
        """The local administrator's API token, kept in a file that only its owner reads; made on first use."""
        secret = await asyncio.to_thread(_kept_secret, path)
        async with self._database.unit(self.tenant) as unit:
            await store.insert(
                unit.connection, self.tenant, digest_of(secret), "token", LOCAL_ADMINISTRATOR.id, self._clock(), None
            )
        return secret

    async def _new(self, kind: str, principal: Principal, lives: timedelta) -> str:
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        async with self._database.unit(self.tenant) as unit:
            await store.insert(unit.connection, self.tenant, digest_of(secret), kind, principal.id, now, now + lives)
        return secret
