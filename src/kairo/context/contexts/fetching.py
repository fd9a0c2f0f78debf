"""How does a remote @context come here without opening the house? Only from listed hosts, small, quick, and never from within.

The name is looked up first, every address of it is checked, and the connection goes to the checked address (a name that points
elsewhere a moment later gains nothing). Redirects stay on the host. Nothing is taken from proxy settings of the environment.
"""

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx
import orjson

from kairo.context.contexts.links import check_url
from kairo.context.contexts.names import shown
from kairo.errors import BadRequestData, LdContextNotAvailable
from kairo.platform.http.addresses import is_allowed

_MAX_REDIRECTS: Final = 3
_DAY: Final = 86_400
_SECONDS_KEPT: Final = (60, _DAY, 7 * _DAY)  # least, where the server says nothing, most
_JSON: Final = re.compile(r"application/([\w.+-]+\+)?json\b|text/plain\b|application/octet-stream\b", re.IGNORECASE)
_ACCEPT: Final = "application/ld+json, application/json;q=0.9, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: the JSON object, and for how many seconds it may be kept without asking again."""

    document: dict[str, Any]
    keep_seconds: int


class Fetcher(Protocol):
    """Brings remote contexts."""

    def may_fetch(self, url: str) -> bool:
        """Whether the operator allows this address at all."""
        ...

    async def fetch(self, url: str) -> Fetched:
        """The document. Raises LdContextNotAvailable when it cannot be had, BadRequestData when it is no context."""
        ...


def not_available(url: str, reason: str) -> LdContextNotAvailable:
    """The one way in which a context is not to be had."""
    return LdContextNotAvailable(
        f"the @context {shown(url)} is not available: {reason}", detail_ja=f"@context {shown(url)} を取得できません。"
    )


class HttpFetcher:
    """A `Fetcher` for the hosts in `context_hosts`.

    An entry is `host` (ports 80 and 443) or `host:port`. Hosts with private, loopback or link-local addresses are refused, unless
    the address or its network (`10.1.0.0/16`) is an entry too. `certificates` replaces the public authorities, for hosts of an inner one.
    """

    def __init__(
        self,
        hosts: Iterable[str],
        *,
        max_bytes: int = 4 * 1024 * 1024,
        timeout_seconds: float = 5.0,
        certificates: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        look_up: Callable[[str, int], Awaitable[list[str]]] | None = None,
    ) -> None:
        entries = [entry.lower().strip() for entry in hosts]
        self._networks = [network for entry in entries if (network := _network(entry)) is not None]
        self._hosts = frozenset(entries)
        self._max_bytes = max_bytes
        self._timeout_seconds = timeout_seconds
        self._verify = certificates or True
        self._transport = transport
        self._look_up = look_up or _look_up

    def may_fetch(self, url: str) -> bool:
        """Whether scheme, host and port are listed and there is no user name in the address."""
        try:
            host, port, scheme = _parts(url)
        except (httpx.InvalidURL, ValueError):
            return False
        standard = port == {"http": 80, "https": 443}[scheme]
        return f"{host}:{port}" in self._hosts or (standard and host in self._hosts)

    async def fetch(self, url: str) -> Fetched:
        """The document at this address. See `Fetcher`."""
        try:
            async with (
                asyncio.timeout(self._timeout_seconds),
                httpx.AsyncClient(
                    transport=self._transport, verify=self._verify, trust_env=False, timeout=self._timeout_seconds
                ) as client,
            ):
                return await self._follow(client, url)
        except TimeoutError as error:
            raise not_available(url, f"no answer within {self._timeout_seconds:g} seconds") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise not_available(url, type(error).__name__) from error

    async def _follow(self, client: httpx.AsyncClient, url: str) -> Fetched:
        at = url
        for _ in range(_MAX_REDIRECTS + 1):
            if not self.may_fetch(at):
                raise not_available(url, "its host is not in context_hosts")
            request = await self._request(client, at)
            response = await client.send(request, stream=True)
            try:
                onward = _onward(response, at)
                if onward is None:
                    return _read(url, response, await self._body(url, response))
            finally:
                await response.aclose()
            if _parts(onward)[0] != _parts(at)[0] or (at.startswith("https:") and not onward.startswith("https:")):
                raise not_available(url, "it redirects to another host, or away from https")
            at = onward
        raise not_available(url, f"more than {_MAX_REDIRECTS} redirects")

    async def _request(self, client: httpx.AsyncClient, url: str) -> httpx.Request:
        """A request to the checked address, with name and certificate of the host."""
        host, port, _ = _parts(url)
        addresses = [ipaddress.ip_address(found.partition("%")[0]) for found in await self._look_up(host, port)]
        if not addresses or not all(is_allowed(address, self._networks) for address in addresses):
            raise not_available(url, "its host has a private address, which is not in context_hosts")
        pinned = httpx.URL(url).copy_with(host=str(addresses[0]), fragment=None)
        headers = {"Host": httpx.URL(url).netloc.decode(), "Accept": _ACCEPT, "Accept-Encoding": "identity"}
        return client.build_request("GET", pinned, headers=headers, extensions={"sni_hostname": host})

    async def _body(self, url: str, response: httpx.Response) -> bytes:
        if response.status_code != httpx.codes.OK:
            raise not_available(url, f"its host answers {response.status_code}")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise not_available(url, "it comes compressed, unasked")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise not_available(url, f"it is larger than {self._max_bytes} bytes")
        return bytes(body)


def read_document(url: str, body: bytes) -> dict[str, Any]:
    """The JSON object of a context document. Raises BadRequestData with what is wrong with it (5.5.6)."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequestData(f"the @context {shown(url)} is not JSON: {error}") from error
    if not isinstance(document, dict) or "@context" not in document:
        raise BadRequestData(f"the @context {shown(url)} is not a JSON object with a member @context")
    return document


def _parts(url: str) -> tuple[str, int, str]:
    """Host, port and scheme of an absolute http(s) URL without user name."""
    parsed = httpx.URL(url)
    if parsed.scheme not in {"http", "https"} or not parsed.host or parsed.userinfo:
        raise ValueError(url)
    return parsed.raw_host.decode().strip("[]").lower(), parsed.port or {"http": 80, "https": 443}[parsed.scheme], parsed.scheme


async def _look_up(host: str, port: int) -> list[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _network(entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(entry)
    except ValueError:
        return None


def _onward(response: httpx.Response, url: str) -> str | None:
    """Where the answer sends us: a redirect, or the JSON-LD beside a web page (JSON-LD 1.1 API 9.4; schema.org does so)."""
    onward: str | None = None
    if response.has_redirect_location:
        onward = response.headers["location"]
    elif not _JSON.match(response.headers.get("content-type", "application/json")):
        beside = response.links.get("alternate", {})
        if beside.get("type") == "application/ld+json":
            onward = beside.get("url")
    return None if onward is None else check_url(str(httpx.URL(url).join(onward)))


def _read(url: str, response: httpx.Response, body: bytes) -> Fetched:
    control = response.headers.get("cache-control", "").lower()
    age = re.search(r"max-age=(\d{1,9})", control)
    least, usual, most = _SECONDS_KEPT
    wished = 0 if "no-store" in control or "no-cache" in control else int(age[1]) if age else usual
    return Fetched(read_document(url, body), min(max(wished, least), most))
