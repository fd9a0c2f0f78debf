"""Whose key or access token is this, and what does it allow? What the gate asks, on every request, and never from memory.

Tokens are opaque and looked up each time (one read by key), not signed statements that carry their rights: so a revocation holds from
its commit on, in every worker, and a stolen database holds nothing that could be presented.
"""

import re
from datetime import timedelta
from typing import Any, Final

from kairo.platform.clock import Clock
from kairo.trust.identity.digests import digest_of
from kairo.trust.identity.principals import Principal, PrincipalKind
from kairo.trust.oauth import store
from kairo.trust.oauth.issuing import Database
from kairo.trust.oauth.records import PREFIX, PRINCIPAL
from kairo.trust.oauth.rules import Allowance, Shown

_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
_TOUCHED: Final = timedelta(minutes=5)  # how exact a key's last use is


class Tokens:
    """The keys and tokens of applications, as the gate needs them."""

    def __init__(self, database: Database, tenant: str, clock: Clock) -> None:
        self._database = database
        self._tenant = tenant
        self._clock = clock

    async def shown(self, secret: str) -> Shown | None:
        """Who shows themselves by this key or access token, and what it allows. None for what does not hold, and for a token that
        was given for a resident: it opens userinfo alone."""
        if not _SECRET.fullmatch(secret):
            return None
        now = self._clock()
        row = await store.shown(self._database, self._tenant, digest_of(secret), now)
        if row is None:
            return None
        if row["touch"] is not None and (row["last_used_at"] is None or row["last_used_at"] <= now - _TOUCHED):
            async with self._database.unit(self._tenant) as unit:
                await store.touch_key(unit.connection, self._tenant, row["touch"], now)
        return _shown(row)

    async def standing(self, principal: str) -> Shown | None:
        """What an application may do without a request, and whether it can show itself at all: to what its notifications are held."""
        words = await store.standing(self._database, self._tenant, principal.removeprefix(PRINCIPAL), self._clock())
        return None if words is None else Shown(_principal(principal.removeprefix(PRINCIPAL)), Allowance.of(words))


def _shown(row: Any) -> Shown:
    most = Allowance.of(row["most"])
    allowed = Allowance.of(row["words"]).within(most)
    whole = (allowed.reads, allowed.types, allowed.purposes) == (most.reads, most.types, most.purposes)
    return Shown(_principal(row["application"]), allowed, whole)


def _principal(name: str) -> Principal:
    return Principal(f"{PRINCIPAL}{name}", PrincipalKind.APPLICATION)
