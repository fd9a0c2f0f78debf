"""Who is really asking, over which scheme and host? Forwarded headers are believed from the proxies that the settings name."""

from ipaddress import ip_address, ip_network

from kairo.platform.http.messages import Scope


class TrustedProxies:
    """Rewrites client, scheme and host of an ASGI scope where the peer is a trusted reverse proxy.

    `names` are addresses or networks (`10.0.0.0/8`). Raises ValueError for anything else. X-Forwarded-For is read from the
    right: the first address that is not a trusted proxy is the client; what stands left of it anyone may have written.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        self._networks = [ip_network(name, strict=False) for name in names]

    def _trusts(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self._networks)

    def apply(self, scope: Scope) -> None:
        """Changes the scope in place; leaves it alone when the peer is not trusted."""
        peer = scope.get("client")
        if not self._networks or not peer or not self._trusts(peer[0]):
            return
        headers: dict[bytes, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name, []).append(value.decode("latin-1"))
        chain = [part.strip() for line in headers.get(b"x-forwarded-for", []) for part in line.split(",") if part.strip()]
        client = next((address for address in reversed(chain) if not self._trusts(address)), None)
        if client is not None:
            scope["client"] = (client, 0)
        scheme = headers.get(b"x-forwarded-proto", [""])[-1].strip().lower()
        if scheme in {"http", "https"}:
            scope["scheme"] = scheme
        host = headers.get(b"x-forwarded-host", [""])[-1].strip()
        if host:
            scope["headers"] = [
                *((name, value) for name, value in scope["headers"] if name != b"host"),
                (b"host", host.encode("latin-1")),
            ]
