"""How is another provider asked without opening the house? Only public addresses, or networks that the operator lists; small, quick,
no redirects. The connection goes to the address that was checked, so that a name which points elsewhere a moment later gains nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
import orjson

from kairo.platform.http.addresses import Network, is_allowed, literal, look_up

_SECONDS: Final = 10.0
_MOST_BYTES: Final = 512 * 1024


class NotHad(Exception):
    """No usable answer came; the message is for the log."""


async def asked(
    url: str,
    allowed: Sequence[Network],
    *,
    form: Mapping[str, str] | None = None,
    auth: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """The JSON object at an address, by GET or, with a form, by POST. Raises NotHad."""
    try:
        async with (
            asyncio.timeout(_SECONDS),
            httpx.AsyncClient(trust_env=False, timeout=_SECONDS, follow_redirects=False) as client,
        ):
            request = await _request(client, url, allowed, form)
            response = await client.send(
                request, stream=True, auth=httpx.BasicAuth(*auth) if auth else httpx.USE_CLIENT_DEFAULT
            )
            try:
                return await _read(response)
            finally:
                await response.aclose()
    except TimeoutError as error:
        raise NotHad(f"no answer within {_SECONDS:g} seconds") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError, ValueError) as error:
        raise NotHad(f"{type(error).__name__}: {error}") from error


async def _request(
    client: httpx.AsyncClient, url: str, allowed: Sequence[Network], form: Mapping[str, str] | None
) -> httpx.Request:
    parsed = httpx.URL(url)
    host = parsed.raw_host.decode().strip("[]")
    if parsed.scheme not in {"http", "https"} or not host or parsed.userinfo:
        raise NotHad("no http(s) address")
    near = literal(host)
    addresses = [near] if near is not None else await look_up(host, parsed.port or (443 if parsed.scheme == "https" else 80))
    if not addresses or not all(is_allowed(address, allowed) for address in addresses):
        raise NotHad("its host has a private address, which is not in its networks")
    pinned = parsed.copy_with(host=str(addresses[0]), fragment=None)
    headers = {"Host": parsed.netloc.decode(), "Accept": "application/json", "Accept-Encoding": "identity"}
    method = "GET" if form is None else "POST"
    return client.build_request(method, pinned, headers=headers, data=form, extensions={"sni_hostname": host})


async def _read(response: httpx.Response) -> dict[str, Any]:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise NotHad("the answer is too large")
    if response.status_code != httpx.codes.OK:
        raise NotHad(f"it answers {response.status_code}")
    found = orjson.loads(bytes(body))
    if not isinstance(found, dict):
        raise NotHad("the answer is no JSON object")
    return found
