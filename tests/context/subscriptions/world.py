"""Where do tests of notifications happen? In a world with a type of its own, where it can be known that nothing else was told."""

from typing import Any
from uuid import uuid4

from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import Receiver, eventually, receiving, subscribed

NULL = "urn:ngsi-ld:null"
POINT: dict[str, Any] = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.47, 34.18]}}


def prop(value: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


class World:
    """An entity of a type of its own, its owner, and a receiver."""

    def __init__(self, broker: Broker, asker: Asker, receiver: Receiver) -> None:
        self.broker = broker
        self.asker = asker
        self.receiver = receiver
        self.kind = f"T{uuid4().hex[:8]}"
        self.id = f"urn:ngsi-ld:{self.kind}:1"
        self.subscriptions: set[str] = set()
        self._checks = 0

    async def subscribe(self, **more: Any) -> str:
        more.setdefault("entities", [{"type": self.kind}])
        if more["entities"] is None:
            del more["entities"]
        id = await subscribed(self.asker, self.receiver.url, **more)
        self.subscriptions.add(id)
        return id

    async def create(self, **attributes: Any) -> None:
        await self.asker.made({"id": self.id, "type": self.kind, **attributes})

    async def patch(self, **attributes: Any) -> None:
        ok(await self.asker.patch(f"/entities/{self.id}/attrs", json=attributes), 204)

    async def remove(self, attribute: str, **parameters: str) -> None:
        ok(await self.asker.delete(f"/entities/{self.id}/attrs/{attribute}", params=parameters), 204)

    async def delete(self) -> None:
        ok(await self.asker.delete(f"/entities/{self.id}"), 204)

    async def told(self) -> list[Any]:
        """The data of all notifications of what happened so far: events are matched in order, so once a later change was told
        elsewhere, all are matched; and once nothing waits, all are sent."""
        self._checks += 1
        mark = f"urn:ngsi-ld:Mark:{self.kind}:{self._checks}"
        async with receiving() as marks:
            await subscribed(self.asker, marks.url, entities=[{"type": "Mark", "id": mark}])
            await self.asker.made({"id": mark, "type": "Mark", "a": prop(1)})
            await marks.until(1)

        async def all_sent() -> bool:
            return not any(row["subscription"] in self.subscriptions for row in await self.broker.rows("notification"))

        await eventually(all_sent)
        return [one.data for one in self.receiver.got]
