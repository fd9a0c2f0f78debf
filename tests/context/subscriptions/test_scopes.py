"""Is a subscriber told only what it may read, at the moment when it is told? Whatever the gate withholds is as if it were not there."""

from typing import Any
from uuid import uuid4

import pytest

from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import Receiver, delivering, ids, receiving, subscribed

ALL = ["entityCreated", "entityUpdated", "entityDeleted", "attributeCreated", "attributeUpdated", "attributeDeleted"]


def new(type: str, **attributes: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:{type}:{uuid4()}", "type": type, **attributes}


def prop(value: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value}


async def lived(asker: Asker, entity: dict[str, Any], change: dict[str, Any]) -> None:
    """An entity from its creation to its end."""
    await asker.made(entity)
    ok(await asker.patch(f"/entities/{entity['id']}/attrs", json=change), 204)
    ok(await asker.delete(f"/entities/{entity['id']}"), 204)


# Whose subscription is told of which entities: by class, and who wrote it.
TABLE = [
    ("administrator", "OpenThing", "administrator", True),
    ("administrator", "Resident", "administrator", True),
    ("administrator", "Unheard", "application", True),
    ("application", "OpenThing", "administrator", True),
    ("application", "Resident", "administrator", False),
    ("application", "Unheard", "administrator", False),
    ("application", "Unheard", "application", True),
]


@pytest.mark.parametrize(("subscriber", "type", "writer", "is_told"), TABLE, ids=str)
async def test_the_truth_table(
    administrator: Asker, application: Asker, delivery: None, subscriber: str, type: str, writer: str, is_told: bool
) -> None:
    who = {"administrator": administrator, "application": application}
    async with receiving() as receiver:
        entity = new(type, a=prop(1))
        wanted = [{"type": type, "id": entity["id"]}, {"type": "OpenThing", "idPattern": ":mark$"}]
        await subscribed(who[subscriber], receiver.url, entities=wanted, notificationTrigger=ALL)
        await lived(who[writer], entity, {"a": prop(2)})
        mark = {"id": f"urn:ngsi-ld:{uuid4()}:mark", "type": "OpenThing"}
        await administrator.made(mark)
        got = await receiver.until(4 if is_told else 1)
        assert ids(got) == [entity["id"]] * (3 if is_told else 0) + [mark["id"]]


async def test_withheld_attributes_are_not_told(
    administrator: Asker, application: Asker, receiver: Receiver, delivery: None
) -> None:
    entity = new("OpenThing", a=prop(1), ownerName=prop("山口 花子"))
    await subscribed(
        application, receiver.url, entities=[{"type": "OpenThing", "id": entity["id"]}], notificationTrigger=ALL,
        notification={"showChanges": True, "sysAttrs": True},
    )  # fmt: skip
    await lived(administrator, entity, {"a": prop(2), "ownerName": prop("防府 太郎")})
    got = await receiver.until(3)
    assert [set(one.data[0]) - {"id", "type", "createdAt", "modifiedAt", "deletedAt"} for one in got] == [{"a"}] * 3
    assert "花子" not in str(got)


@pytest.mark.parametrize(
    "asking",
    [
        {"watchedAttributes": ["ownerName"]},
        {"q": 'ownerName=="山口 花子"'},
        {"q": "ownerName"},
        {"temporalQ": {"timerel": "after", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "modifiedAt"}},
        {},
    ],
    ids=str,
)
async def test_nothing_is_told_by_asking_for_what_is_withheld(
    administrator: Asker, application: Asker, delivery: None, asking: dict[str, Any]
) -> None:
    """A change of a withheld attribute alone is no change, and no condition on it holds."""
    async with receiving() as receiver:
        entity = new("OpenThing", ownerName=prop("山口 花子"))
        await administrator.made(entity)
        wanted: dict[str, Any] = {
            "entities": [{"type": "OpenThing", "id": entity["id"]}],
            "notificationTrigger": ALL[1:2] + ALL[3:],
        }
        await subscribed(application, receiver.url, **wanted, **asking)
        ok(await administrator.patch(f"/entities/{entity['id']}/attrs", json={"ownerName": prop("萩 次郎")}), 204)
        mark = new("OpenThing", a=prop(1))
        await subscribed(application, receiver.url, entities=[{"type": "OpenThing", "id": mark["id"]}])
        await administrator.made(mark)
        assert ids(await receiver.until(1)) == [mark["id"]]


async def test_a_withdrawn_right_stops_what_is_pending(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    name = f"application:{uuid4()}"
    entity = new("OpenThing", a=prop(1))
    async with broker.asker(await broker.token_of(name)) as leaving:
        gone = await subscribed(leaving, receiver.url, entities=[{"type": "OpenThing", "id": entity["id"]}])
    await administrator.made(entity)
    async with broker.database.unit(broker.settings.tenant) as unit:
        await unit.connection.execute("DELETE FROM credential WHERE principal = $1", name)
    await subscribed(administrator, receiver.url, entities=[{"type": "OpenThing", "idPattern": ":mark$"}])
    mark = {"id": f"urn:ngsi-ld:{uuid4()}:mark", "type": "OpenThing"}
    async with delivering(broker):
        await administrator.made({**mark, "a": prop(1)})
        assert ids(await receiver.until(1)) == [mark["id"]]
    assert not [row for row in await broker.rows("notification") if row["subscription"] == gone]


async def test_periodic_ones_see_with_the_subscribers_eyes(
    administrator: Asker, application: Asker, receiver: Receiver, delivery: None
) -> None:
    entity = new("OpenThing", a=prop(1), ownerName=prop("山口 花子"))
    await administrator.made(entity)
    id = await subscribed(application, receiver.url, entities=[{"type": "OpenThing", "id": entity["id"]}], timeInterval=0.2)
    (first, *_) = await receiver.until(1)
    assert set(first.data[0]) == {"id", "type", "a"}
    ok(await application.delete(f"/subscriptions/{id}"), 204)


async def test_a_trial_shows_what_its_subscriber_may_read(administrator: Asker, application: Asker, receiver: Receiver) -> None:
    entity = new("OpenThing", a=prop(1), ownerName=prop("山口 花子"))
    await administrator.made(entity)
    id = await subscribed(application, receiver.url, entities=[{"type": "OpenThing", "id": entity["id"]}])
    ok(await administrator.post(f"/subscriptions/{id}/trial"))
    (got,) = await receiver.until(1)
    assert set(got.data[0]) == {"id", "type", "a"}
