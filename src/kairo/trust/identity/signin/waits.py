"""How long must someone wait who tried a password in vain? Growing waits that do not let a stranger lock a person out. Pure.

Tries count by the account together with where they come from, by where they come from alone, and, only a little and late, by the account
wherever they come from. A device on which the person signed in before has a count of its own and is held to no other; a passkey is
held to none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from kairo.trust.identity.digests import digest_of

FORGOTTEN_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many tries are free; each further one doubles the wait, up to `longest` seconds."""

    free: int
    longest: int


LIMITS = {"device": Limit(5, 900), "pair": Limit(5, 900), "source": Limit(20, 900), "account": Limit(50, 30)}


@dataclass(frozen=True, slots=True)
class Count:
    """How often it was tried in vain under one name, and until when it must not be tried again."""

    name: str
    failures: int
    last_at: datetime
    until: datetime


def names_of(login: str, source: str, device: str | None) -> list[str]:
    """The names under which a try counts. `device`: the digest of a known device of this very account."""
    if device:
        return [f"device:{device}"]
    account, place = digest_of(f"login {login}"), network(source)
    return [f"account:{account}", f"pair:{account} {place}", f"source:{place}"]


def network(source: str) -> str:
    """By what sources are told apart: the address; of IPv6 the 64 bits that one household has."""
    try:
        address = ip_address(source)
    except ValueError:
        return "unknown"
    return str(ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


def wait_for(counts: Iterable[Count], now: datetime) -> timedelta:
    """How long to wait before the next try; zero where it may be made now."""
    return max((count.until - now for count in counts if count.until > now), default=timedelta())


def tried(count: Count, now: datetime) -> Count:
    """The count after one more try, which counts as in vain until it turns out right."""
    failures = 1 if now - count.last_at >= FORGOTTEN_AFTER else count.failures + 1
    limit = LIMITS[count.name.partition(":")[0]]
    over = failures - limit.free
    seconds = 0 if over <= 0 else min(2 ** min(over - 1, 20), limit.longest)
    return Count(count.name, failures, now, now + timedelta(seconds=seconds))


def was_right(count: Count, now: datetime) -> Count:
    """The count after a try that was right: of the person's own device, and of them from here, nothing is held against them; of a place
    or an account only this try is taken back."""
    if count.name.startswith(("device:", "pair:")):
        return Count(count.name, 0, now, now)
    return Count(count.name, max(0, count.failures - 1), now, now)
