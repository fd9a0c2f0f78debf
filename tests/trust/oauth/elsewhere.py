"""Another provider for the tests: on a port of this machine, over HTTP, either a second Kairo or one that says whatever it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

Answering = Callable[
    [str, str, bytes, dict[str, str]], Any
]  # method, target, body, headers → awaitable of (status, headers, body)


@asynccontextmanager
async def listening(answer: Answering) -> AsyncIterator[int]:
    """A server on a port of its own, one request a connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status, more, content = await answer(method, target, body, headers)
        lines = [
            f"HTTP/1.1 {status} X",
            f"Content-Length: {len(content)}",
            "Connection: close",
            *(f"{k}: {v}" for k, v in more.items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def passed_to(app: Any) -> Answering:
    """Hands requests to an ASGI application."""

    async def answer(method: str, target: str, body: bytes, headers: dict[str, str]) -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app()), base_url="http://peer") as client:
            kept = {name: value for name, value in headers.items() if name not in {"host", "content-length", "connection"}}
            found = await client.request(method, target, content=body, headers=kept)
        return found.status_code, {"Content-Type": found.headers.get("content-type", "")}, found.content

    return answer


@dataclass
class Pretender:
    """A provider that says what the test wants. `said`: answers by path; `asked`: what it was asked for."""

    said: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    issuer: str = ""

    async def answer(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> Any:
        self.asked.append((target, body, headers))
        found = self.said.get(target.partition("?")[0])
        if found is None:
            return 404, {}, b""
        if callable(found):
            found = found()
        if isinstance(found, tuple):
            return found
        return 200, {"Content-Type": "application/json"}, orjson.dumps(found)

    def stands_at(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        addresses = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        self.said["/.well-known/openid-configuration"] = {
            "issuer": self.issuer, **addresses, "authorization_response_iss_parameter_supported": True,
        }  # fmt: skip
