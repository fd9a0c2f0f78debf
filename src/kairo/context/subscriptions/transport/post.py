"""What goes over the wire to which kind of receiver? A message made once, sent by HTTP headers or as MQTT metadata (6.3.8, 7.2)."""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Protocol

from kairo.context.model.jsontext import dumps
from kairo.context.subscriptions.transport.doors import Doors, Undelivered
from kairo.context.subscriptions.transport.endpoint import Endpoint
from kairo.context.subscriptions.transport.http import HttpClient
from kairo.context.subscriptions.transport.mqtt import MqttClient


@dataclass(frozen=True, slots=True)
class Message:
    """A notification, and the headers that go with it (Content-Type, Link, NGSILD-Tenant, receiverInfo)."""

    body: dict[str, Any]
    headers: list[tuple[str, str]] = field(default_factory=list)


class Sender(Protocol):
    """What delivers; tests may hand the engine something else."""

    async def send(self, endpoint: Endpoint, message: Message) -> None:
        """Returns when the receiver has it; raises Undelivered."""
        ...


class Post:
    """Sends messages to endpoints; `timeout_seconds` for those that name none."""

    def __init__(self, doors: Doors, timeout_seconds: float) -> None:
        self.doors = doors
        self._timeout_seconds = timeout_seconds
        self._http = HttpClient(doors)
        self._mqtt = MqttClient(doors)

    async def close(self) -> None:
        """Lets go of kept connections."""
        await self._http.close()
        await self._mqtt.close()

    async def send(self, endpoint: Endpoint, message: Message) -> None:
        """See `Sender`."""
        seconds = endpoint.timeout_seconds or self._timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                if endpoint.is_mqtt:
                    payload = dumps({"metadata": dict(message.headers), "body": message.body})
                    await self._mqtt.publish(endpoint.uri, endpoint.mqtt_version, endpoint.mqtt_qos, payload)
                else:
                    await self._http.post(endpoint.uri, message.headers, dumps(message.body))
        except TimeoutError:
            raise Undelivered(f"no answer within {seconds:g} seconds") from None
