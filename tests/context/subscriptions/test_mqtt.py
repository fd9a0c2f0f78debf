"""Does a real MQTT broker get what is published, in both versions and every quality of service? (CIM 009 clause 7)"""

import asyncio
import base64
import hashlib
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from kairo.context.subscriptions.transport import Doors, Undelivered
from kairo.context.subscriptions.transport.mqtt import MqttClient, read_uri
from tests.context.api.broker import Asker, Broker
from tests.context.subscriptions.receivers import delivering, subscribed

MOSQUITTO = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")


@dataclass
class Listener:
    """A subscriber of MQTT 3.1.1 with QoS 2, written apart from the publisher: messages as (topic, QoS, payload)."""

    port: int
    got: list[tuple[str, int, bytes]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def run(self, ready: asyncio.Event) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            await self._listen(reader, writer, ready)
        finally:
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ready: asyncio.Event) -> None:
        writer.write(b"\x10\x12\x00\x04MQTT\x04\x02\x00\x00\x00\x06listen")
        assert await self._packet(reader) == (0x20, b"\x00\x00")
        writer.write(b"\x82\x06\x00\x01\x00\x01#\x02")
        assert (await self._packet(reader))[0] == 0x90
        ready.set()
        while True:
            kind, body = await self._packet(reader)
            if kind >> 4 == 3:
                qos = kind >> 1 & 3
                end = 2 + int.from_bytes(body[:2], "big")
                if qos:
                    writer.write((b"\x40\x02" if qos == 1 else b"\x50\x02") + body[end : end + 2])
                async with self.changed:
                    self.got.append((body[2:end].decode(), qos, body[end + (2 if qos else 0) :]))
                    self.changed.notify_all()
            elif kind == 0x62:
                writer.write(b"\x70\x02" + body)

    async def _packet(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        kind, length, shift = (await reader.readexactly(1))[0], 0, 0
        while (digit := (await reader.readexactly(1))[0]) & 128:
            length, shift = length | (digit & 127) << shift, shift + 7
        return kind, await reader.readexactly(length | digit << shift)

    async def until(self, number: int) -> list[tuple[str, int, bytes]]:
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: len(self.got) >= number)
        return list(self.got)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def mosquitto(folder: Path, *lines: str, port: int = 0) -> AsyncIterator[Listener]:
    """A broker on a free port, and a listener to everything."""
    port = port or free_port()
    file = folder / "mosquitto.conf"
    file.write_text("\n".join([f"listener {port} 127.0.0.1", *(lines or ("allow_anonymous true",))]) + "\n")
    assert MOSQUITTO is not None
    process = await asyncio.create_subprocess_exec(MOSQUITTO, "-c", str(file), stderr=asyncio.subprocess.DEVNULL)
    listener, ready = Listener(port), asyncio.Event()
    listening: asyncio.Task[None] | None = None
    try:
        async with asyncio.timeout(20):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    await writer.wait_closed()
                    break
            if not lines:
                listening = asyncio.create_task(listener.run(ready))
                await ready.wait()
        yield listener
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
        process.terminate()
        await process.wait()


@pytest.mark.parametrize("version", ["mqtt3.1.1", "mqtt5.0"])
@pytest.mark.parametrize("qos", [0, 1, 2])
async def test_a_notification_over_mqtt(broker: Broker, administrator: Asker, tmp_path: Path, version: str, qos: int) -> None:
    type = f"T{uuid4().hex[:8]}"
    endpoint = {
        "receiverInfo": [{"key": "X-Key", "value": "abc"}],
        "notifierInfo": [{"key": "MQTT-Version", "value": version}, {"key": "MQTT-QoS", "value": str(qos)}],
    }
    async with mosquitto(tmp_path) as listener, delivering(broker):
        uri = f"mqtt://127.0.0.1:{listener.port}/city/things"
        id = await subscribed(administrator, uri, entities=[{"type": type}], notification={"endpoint": endpoint})
        for number in range(3):
            await administrator.made({"id": f"urn:{type}:{number}", "type": type, "a": {"type": "Property", "value": number}})
        got = await listener.until(3)
    assert [(topic, level) for topic, level, _ in got] == [("city/things", qos)] * 3
    messages: list[dict[str, Any]] = [orjson.loads(payload) for _, _, payload in got]
    assert [message["body"]["data"][0]["a"]["value"] for message in messages] == [0, 1, 2]
    assert messages[0]["body"]["subscriptionId"] == id
    assert messages[0]["metadata"]["Content-Type"] == "application/json"
    assert messages[0]["metadata"]["X-Key"] == "abc"
    assert "Link" in messages[0]["metadata"]


async def test_a_user_and_a_password(tmp_path: Path) -> None:
    secret = tmp_path / "passwords"
    salt = b"salt56789012"  # mosquitto's own form of SHA-512: salt and digest in base64
    digest = base64.b64encode(hashlib.sha512(b"pass word" + salt).digest()).decode()
    secret.write_text(f"kairo:$6${base64.b64encode(salt).decode()}${digest}\n")
    secret.chmod(0o600)
    async with mosquitto(tmp_path, "allow_anonymous false", f"password_file {secret}", "user root") as listener:
        client = MqttClient(Doors(["127.0.0.0/8"]))
        await client.publish(f"mqtt://kairo:pass%20word@127.0.0.1:{listener.port}/t", "mqtt5.0", 1, b"{}")
        await client.publish(f"mqtt://kairo:pass%20word@127.0.0.1:{listener.port}/t", "mqtt3.1.1", 1, b"{}")
        for version in ("mqtt3.1.1", "mqtt5.0"):
            with pytest.raises(Undelivered, match="refused the connection"):
                await client.publish(f"mqtt://kairo:wrong@127.0.0.1:{listener.port}/t", version, 1, b"{}")
        await client.close()


async def test_a_kept_connection_that_was_closed_is_replaced(tmp_path: Path) -> None:
    client = MqttClient(Doors(["127.0.0.0/8"]))
    async with mosquitto(tmp_path) as first:
        await client.publish(f"mqtt://127.0.0.1:{first.port}/t", "mqtt5.0", 1, b"1")
        assert await first.until(1) == [("t", 1, b"1")]
    async with mosquitto(tmp_path, port=first.port) as second:
        await client.publish(f"mqtt://127.0.0.1:{second.port}/t", "mqtt5.0", 1, b"2")
        assert await second.until(1) == [("t", 1, b"2")]
    with pytest.raises(Undelivered):
        await client.publish(f"mqtt://127.0.0.1:{first.port}/t", "mqtt5.0", 1, b"3")
    await client.close()


async def test_private_addresses_are_refused() -> None:
    client = MqttClient(Doors())
    with pytest.raises(Undelivered, match="private"):
        await client.publish("mqtt://127.0.0.1/t", "mqtt5.0", 1, b"{}")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("mqtt://h/t", ("h", 1883, False, None, None, "t")),
        ("mqtts://h/a/b", ("h", 8883, True, None, None, "a/b")),
        ("mqtt://u@h:1999/t", ("h", 1999, False, "u", None, "t")),
        ("mqtts://u:p%40@h/%E5%B7%9D", ("h", 8883, True, "u", "p@", "川")),
    ],
)
def test_addresses(uri: str, expected: tuple[Any, ...]) -> None:
    broker, topic = read_uri(uri)
    assert (broker.host, broker.port, broker.tls, broker.user, broker.password, topic) == expected
