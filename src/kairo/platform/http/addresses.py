"""May the program connect to this address? What is public, and where names lead: the guard before every call to the outside."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_PUBLIC_V6 = ipaddress.ip_network(
    "2000::/3"
)  # all that is given out (IANA); what else counts as global is reserved or was once local
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks as networks. Raises ValueError for a text that is neither."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def is_allowed(address: Address, allowed: Iterable[Network]) -> bool:
    """Whether the address is public, or in one of these networks. An IPv6 address that stands for an IPv4 one is judged as that."""
    inner: Address = address
    if isinstance(address, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(address.packed[-4:]) if address in _NAT64 else None
        inner = address.ipv4_mapped or address.sixtofour or translated or address
    public = inner.is_global and not inner.is_multicast and (inner.version == 4 or inner in _PUBLIC_V6)
    return public or any(inner in network for network in allowed if network.version == inner.version)


def literal(host: str) -> Address | None:
    """The address that a host of a URL is, or None for a name."""
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None


async def look_up(host: str, port: int) -> list[Address]:
    """The addresses of a name, as the machine's resolver gives them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
