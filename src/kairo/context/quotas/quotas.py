"""Which limits hold for this asker in this tenant, and is there room under them? Settings, and values for single ones.

Applications and tenants have buckets that all workers share; who says no name has one by address, of which each worker gives
its part. The administrator is never held up, so that a flood cannot lock out who would end it.
"""

import math
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any, Final, Protocol

from kairo.context.gate import Scope
from kairo.context.quotas import store
from kairo.context.quotas.buckets import OwnBuckets, SharedBuckets
from kairo.errors import TooManyRequests
from kairo.platform.clock import Clock
from kairo.settings import Settings

_COUNTED_SECONDS: Final = 10.0  # so long the number of a tenant's entities is believed while there is plenty of room


class Database(Protocol):
    """The part of the database that this needs."""

    def unit(self, tenant: str) -> Any: ...
    def reading(self, tenant: str) -> Any: ...


class Quotas:
    """The quotas of one installation, as one of its workers holds to them."""

    def __init__(
        self, settings: Settings, database: Database, clock: Clock, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._database = database
        self._timer = timer
        self._own = OwnBuckets(timer)
        self._shared = SharedBuckets(database, clock, timer)
        self._single = {word.rpartition("=")[0]: int(word.rpartition("=")[2]) for word in settings.quotas}
        self._counted: dict[str, tuple[int, float]] = {}

    @staticmethod
    def of_settings(settings: Settings, database: Database, clock: Clock) -> "Quotas | None":
        """None where the operator has set no quota, so that nobody has to ask."""
        rates = (settings.application_requests_per_second, settings.tenant_requests_per_second)
        if any((*rates, settings.anonymous_requests_per_second, settings.max_entities, settings.quotas)):
            return Quotas(settings, database, clock)
        return None

    def of(self, who: str, name: str, default: int) -> int:
        """The value of a limit for an application (`application:kiosk`) or a tenant (`tenant:352039`)."""
        return self._single.get(f"{who}.{name}", default)

    def max_batch(self, scope: Scope) -> int:
        """The most members of one batch operation of this asker."""
        return self.of(scope.principal, "max_batch", self._settings.max_batch)

    async def admit(self, scope: Scope, client: str) -> None:
        """Counts a request. Raises TooManyRequests with Retry-After where the asker or the tenant has had its share."""
        if scope.principal.startswith("administrator:"):
            return
        tenant_rate = self.of(f"tenant:{scope.tenant}", "requests_per_second", self._settings.tenant_requests_per_second)
        rate, wait = 0, 0.0
        if scope.principal.startswith("application:"):
            rate = self.of(scope.principal, "requests_per_second", self._settings.application_requests_per_second)
            wait = await self._shared.take(scope.tenant, scope.principal, rate) if rate else 0.0
        elif scope.principal.startswith("anonymous:"):
            rate = self._settings.anonymous_requests_per_second
            wait = self._own.take(_network(client), rate / self._settings.web_workers) if rate else 0.0
        if wait:
            raise _too_many("you", "この利用者", rate, wait)
        if tenant_rate:
            wait = await self._shared.take(scope.tenant, "tenant", tenant_rate)
            if wait:
                raise _too_many(f"all askers of tenant {scope.tenant} together", f"テナント {scope.tenant}", tenant_rate, wait)

    async def require_room(self, tenant: str, ids: Sequence[str]) -> None:
        """Raises TooManyRequests where the tenant may not have as many entities more as these ids are new."""
        most = self.of(f"tenant:{tenant}", "max_entities", self._settings.max_entities)
        if not most or not ids:
            return
        number, until = self._counted.get(tenant, (0, 0.0))
        if self._timer() < until and number + len(ids) <= most:
            self._counted[tenant] = (number + len(ids), until)
            return
        async with self._database.reading(tenant) as connection:
            number = await store.number_of_entities(connection, tenant)
            there = await store.number_there(connection, tenant, ids) if number + len(ids) > most else 0
        if number + len(ids) - there > most:
            raise TooManyRequests(
                f"tenant {tenant} has {number} of {most} entities; {len(ids) - there} more do not fit in",
                detail_ja=f"テナント {tenant} のエンティティは {number} 件です（上限 {most} 件）。{len(ids) - there} 件は追加できません。",
                mend="Delete what is not needed any more, or ask the operator for a larger quota. Nothing was changed.",
                mend_ja="不要なものを削除するか、上限の引き上げを運用担当に依頼してください。何も変更されていません。",
            )
        self._counted[tenant] = (number + len(ids) - there, self._timer() + _COUNTED_SECONDS)


def _network(client: str) -> str:
    """By what an asker without a name is told from others: the address; of IPv6 the 64 bits that one household has."""
    try:
        address = ip_address(client)
    except ValueError:
        return client
    return client if address.version == 4 else str(ip_network(f"{address}/64", strict=False))


def _too_many(who: str, who_ja: str, rate: int, wait: float) -> TooManyRequests:
    seconds = max(1, math.ceil(wait))
    return TooManyRequests(
        f"{who} may send {rate} requests a second; wait {seconds} second{'s' if seconds > 1 else ''}",
        detail_ja=f"{who_ja}からの要求は毎秒 {rate} 件までです。{seconds} 秒お待ちください。",
        headers={"Retry-After": str(seconds)},
    )
