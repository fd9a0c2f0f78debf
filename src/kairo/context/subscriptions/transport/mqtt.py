"""How is a notification published over MQTT? A publisher of MQTT 3.1.1 and 5.0 with QoS 0 to 2 (CIM 009 clause 7).

Nothing is taken for delivered before the broker said so: with QoS 0, which knows no receipt, by the answer to a ping behind it.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from kairo.context.subscriptions.transport.doors import Doors, Idle, Stream, Undelivered

VERSIONS: Final = {"mqtt3.1.1": 4, "mqtt5.0": 5}
_CONNACK, _PUBACK, _PUBREC, _PUBREL, _PUBCOMP, _PINGREQ, _PINGRESP = 0x20, 0x40, 0x50, 0x62, 0x70, 0xC0, 0xD0
_FAILED_FROM = 0x80
_LARGEST_PACKET_BYTES = 64 * 1024  # of those that a broker sends to a publisher
_PACKET_ID = b"\x00\x01"  # one message at a time on a connection


@dataclass(frozen=True, slots=True)
class Broker:
    """Where to, as whom, in which version."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None
    level: int


class MqttClient:
    """Publishes messages. One a process; receivers at the same broker share kept connections."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._idle = Idle[Stream]()

    async def close(self) -> None:
        """Lets go of kept connections."""
        await self._idle.close()

    async def publish(self, uri: str, version: str, qos: int, payload: bytes) -> None:
        """Returns when the broker has the message; raises Undelivered otherwise."""
        broker, topic = read_uri(uri, version)
        kept = self._idle.take(broker)
        if kept is not None:
            try:
                return await self._publish(broker, kept, topic, qos, payload)
            except Undelivered:  # closed meanwhile, most likely; a second copy is allowed, a loss is not
                pass
        stream = await self._doors.open(broker.host, broker.port, tls=broker.tls)
        try:
            await _connect(stream, broker)
        except BaseException:
            stream[1].close()
            raise
        return await self._publish(broker, stream, topic, qos, payload)

    async def _publish(self, broker: Broker, stream: Stream, topic: str, qos: int, payload: bytes) -> None:
        writer = stream[1]
        try:
            await _send(stream, _publication(topic, qos, payload, broker.level))
            if qos == 0:
                await _send(stream, bytes([_PINGREQ, 0]))
                await _expect(stream, _PINGRESP)
            elif qos == 1:
                _check(await _expect(stream, _PUBACK), "the broker refused the message")
            else:
                _check(await _expect(stream, _PUBREC), "the broker refused the message")
                await _send(stream, bytes([_PUBREL, 2]) + _PACKET_ID)
                await _expect(stream, _PUBCOMP)
        except BaseException:
            writer.close()
            raise
        self._idle.keep(broker, stream, writer)


def read_uri(uri: str, version: str = "mqtt5.0") -> tuple[Broker, str]:
    """Broker and topic of `mqtt[s]://[user[:password]@]host[:port]/topic[/subtopic…]`. Raises ValueError for what is none."""
    parts = urlsplit(uri)
    tls = parts.scheme == "mqtts"
    topic = unquote(parts.path.removeprefix("/"), errors="strict") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise ValueError("no MQTT address")
    if not topic or any(character in topic for character in "+#\0") or len(topic.encode()) > 65_535:
        raise ValueError("no topic, or one with a wildcard")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Broker(parts.hostname, parts.port or (8883 if tls else 1883), tls, user, password, VERSIONS[version]), topic


async def _connect(stream: Stream, broker: Broker) -> None:
    flags = 0x02 | (0x80 if broker.user is not None else 0) | (0x40 if broker.password is not None else 0)
    body = _text("MQTT") + bytes([broker.level, flags, 0, 0])
    body += b"\x00" if broker.level == 5 else b""
    body += _text(f"kairo-{secrets.token_hex(8)}")
    body += b"".join(_text(part) for part in (broker.user, broker.password) if part is not None)
    await _send(stream, b"\x10" + _length(len(body)) + body)
    answer = await _expect(stream, _CONNACK)
    if len(answer) < 2 or answer[1]:
        raise Undelivered(f"the MQTT broker refused the connection (code {answer[1] if len(answer) > 1 else '?'})")


def _publication(topic: str, qos: int, payload: bytes, level: int) -> bytes:
    body = _text(topic) + (_PACKET_ID if qos else b"")
    if level == 5:
        properties = b"\x01\x01\x03" + _text("application/json")  # the payload is text; its content type
        body += _length(len(properties)) + properties
    body += payload
    return bytes([0x30 | qos << 1]) + _length(len(body)) + body


def _text(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(2, "big") + encoded


def _length(number: int) -> bytes:
    """The variable byte integer of MQTT; four bytes at the most."""
    if number >= 1 << 28:
        raise Undelivered("the notification is larger than an MQTT message may be")
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (0x80 if number else 0))
        if not number:
            return bytes(out)


async def _send(stream: Stream, packet: bytes) -> None:
    try:
        stream[1].write(packet)
        await stream[1].drain()
    except OSError:
        raise Undelivered("the MQTT broker closed the connection") from None


async def _expect(stream: Stream, kind: int) -> bytes:
    """The content of the next packet, which must be of this kind."""
    reader = stream[0]
    try:
        first = (await reader.readexactly(1))[0]
        length = shift = 0
        while True:
            digit = (await reader.readexactly(1))[0]
            length |= (digit & 0x7F) << shift
            shift += 7
            if digit < 0x80:
                break
            if shift > 21:
                raise Undelivered("the answer is not MQTT")
        if length > _LARGEST_PACKET_BYTES:
            raise Undelivered("the answer is not MQTT")
        body = await reader.readexactly(length)
    except (asyncio.IncompleteReadError, OSError):
        raise Undelivered("the MQTT broker closed the connection") from None
    if first & 0xF0 != kind & 0xF0:
        raise Undelivered(f"the MQTT broker sent a packet of kind {first >> 4} where {kind >> 4} was due")
    return body


def _check(answer: bytes, words: str) -> None:
    """MQTT 5 says in its receipts whether the message was taken."""
    if len(answer) > 2 and answer[2] >= _FAILED_FROM:
        raise Undelivered(f"{words} (code {answer[2]})")
