"""Does the HTTP client take every answer that HTTP/1.1 allows for what it is, and go nowhere that it may not?"""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

import pytest

from kairo.context.subscriptions.transport import Doors, Undelivered, doors
from kairo.context.subscriptions.transport.http import HttpClient

LOOPBACK = Doors(["127.0.0.0/8"])
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """Gives its answers one after the other; None closes the connection without one."""

    answers: list[bytes | None]
    port: int = 0
    heads: list[bytes] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def connections(self) -> int:
        return len(self.writers)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.heads.append(head)
                self.bodies.append(await reader.readexactly(length))
                answer = self.answers.pop(0)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def answering(*answers: bytes | None) -> AsyncIterator[tuple[Server, HttpClient]]:
    server, client = Server(list(answers)), HttpClient(LOOPBACK)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server, client
    finally:
        await client.close()
        listening.close()
        for writer in server.writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in server.writers), return_exceptions=True)


async def post(server: Server, client: HttpClient, headers: Sequence[tuple[str, str]] = (), path: str = "/a?b=c") -> None:
    await client.post(f"http://127.0.0.1:{server.port}{path}", headers, b'{"a":1}')


async def test_what_is_sent() -> None:
    async with answering(OK) as (server, client):
        await post(server, client, [("X-Key", "ä")])
    (head,) = server.heads
    assert head.startswith(b"POST /a?b=c HTTP/1.1\r\n")
    assert f"Host: 127.0.0.1:{server.port}\r\n".encode() in head
    assert "X-Key: ä\r\n".encode("latin-1") in head
    assert server.bodies == [b'{"a":1}']


async def test_a_connection_is_used_again() -> None:
    async with answering(OK, b"HTTP/1.1 204 No Content\r\n\r\n", OK) as (server, client):
        for _ in range(3):
            await post(server, client)
        assert server.connections == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
    ],
    ids=["close", "1.0", "chunked", "no length", "too long"],
)
async def test_a_connection_that_may_not_be_used_again(answer: bytes) -> None:
    async with answering(answer, OK) as (server, client):
        await post(server, client)
        await post(server, client)
        assert server.connections == 2


async def test_what_comes_before_the_answer() -> None:
    async with answering(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK) as (server, client):
        await post(server, client)


async def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    async with answering(OK, None, OK) as (server, client):
        await post(server, client)
        await post(server, client)
        assert len(server.bodies) == 3


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 404 Nothing\r\nContent-Length: 0\r\n\r\n", "answered 404 Not Found"),
        (b"HTTP/1.1 599 X\r\nContent-Length: 0\r\n\r\n", "answered 599"),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "answered 302"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", "not HTTP"),
        (None, "without an answer"),
    ],
    ids=["404", "599", "302", "no HTTP", "a large head", "nothing"],
)
async def test_what_is_no_success(answer: bytes | None, reason: str) -> None:
    async with answering(answer) as (server, client):
        with pytest.raises(Undelivered, match=reason):
            await post(server, client)


async def test_nobody_listens() -> None:
    async with answering() as (server, client):
        pass
    with pytest.raises(Undelivered, match="no connection"):
        await post(server, client)


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "192.168.1.1"], ["fd00::1"], ["::ffff:10.0.0.1"], []]
)
async def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    async def look_up(host: str, port: int) -> object:
        return [ip_address(address) for address in addresses]

    monkeypatch.setattr(doors, "look_up", look_up)
    with pytest.raises(Undelivered, match="private"):
        await HttpClient(Doors()).post("http://receiver.example/", [], b"{}")


async def test_the_next_address_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    async def look_up(host: str, port: int) -> object:
        return [ip_address("127.0.0.9"), ip_address("127.0.0.1")]

    monkeypatch.setattr(doors, "look_up", look_up)
    async with answering(OK) as (server, client):
        await client.post(f"http://receiver.example:{server.port}/", [], b"{}")
        assert f"Host: receiver.example:{server.port}".encode() in server.heads[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for receiver.example, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, chain = folder / "key.pem", folder / "chain.pem"
    line = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=receiver.example -addext subjectAltName=DNS:receiver.example"
    subprocess.run([*line.split(), "-keyout", key, "-out", chain], check=True, capture_output=True)
    return chain, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize(("host", "arrives"), [("receiver.example", True), ("another.example", False)])
async def test_https_by_the_name_of_the_host(
    monkeypatch: pytest.MonkeyPatch, certificate: tuple[Path, Path], host: str, arrives: bool
) -> None:
    async def look_up(host: str, port: int) -> object:
        return [ip_address("127.0.0.1")]

    monkeypatch.setattr(doors, "look_up", look_up)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    server = Server([OK])
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    client = HttpClient(Doors(["127.0.0.0/8"], ssl.create_default_context(cafile=str(certificate[0]))))
    if arrives:
        await client.post(f"https://{host}:{port}/", [], b"{}")
    else:
        with pytest.raises(Undelivered, match="TLS"):
            await client.post(f"https://{host}:{port}/", [], b"{}")
    await client.close()
    listening.close()
    for writer in server.writers:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in server.writers), return_exceptions=True)
