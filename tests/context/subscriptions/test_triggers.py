"""Which changes are told? Triggers, watched attributes, selectors and conditions (CIM 009 5.8.6)."""

from itertools import combinations
from typing import Any
from uuid import uuid4

import pytest

from kairo.context.subscriptions.members import TRIGGERS
from tests.context.api.broker import Asker, Broker, ok
from tests.context.subscriptions.receivers import LOOPBACK, Receiver, delivering, subscribed
from tests.context.subscriptions.world import POINT, World, prop

# What each step of a life fires: creation with `a`, a new attribute, a change, a removal, the end.
LIFE: list[tuple[str, set[str]]] = [
    ("create", {"entityCreated", "attributeCreated"}),
    ("append", {"entityUpdated", "attributeCreated"}),
    ("change", {"entityUpdated", "attributeUpdated"}),
    ("remove", {"entityUpdated", "attributeDeleted"}),
    ("delete", {"entityDeleted", "attributeDeleted"}),
]


async def live(world: World) -> None:
    await world.create(a=prop(1))
    ok(await world.asker.post(f"/entities/{world.id}/attrs", json={"b": prop(1)}), 204)
    await world.patch(a=prop(2))
    await world.remove("b")
    await world.delete()


@pytest.mark.parametrize("triggers", [*combinations(TRIGGERS, 1), *combinations(TRIGGERS, 2), None], ids=str)
async def test_each_trigger_fires_for_its_changes_only(world: World, triggers: tuple[str, ...] | None) -> None:
    wanted = set(triggers or ("attributeCreated", "attributeUpdated"))
    await world.subscribe(**({"notificationTrigger": list(triggers)} if triggers else {}))
    await live(world)
    expected = [step for step, fired in LIFE if fired & wanted]
    assert len(await world.told()) == len(expected), expected


async def test_only_watched_attributes_count(world: World) -> None:
    await world.subscribe(watchedAttributes=["a"], notificationTrigger=list(TRIGGERS))
    await live(world)
    told = await world.told()
    assert [set(data[0]) - {"id", "type"} for data in told] == [{"a"}, {"a", "b"}, {"deletedAt", "a"}]


async def test_what_stays_as_it_was_is_no_change(world: World) -> None:
    await world.create(a=prop(1))
    await world.subscribe()
    await world.patch(a=prop(1))
    assert await world.told() == []


async def test_watched_attributes_of_any_type(world: World) -> None:
    name = f"a{uuid4().hex[:8]}"
    await world.subscribe(entities=None, watchedAttributes=[name])
    await world.create(**{name: prop(1), "other": prop(1)})
    await world.patch(other=prop(2))
    assert len(await world.told()) == 1


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ({"type": "{kind}"}, True),
        ({"type": "Other|{kind}"}, True),
        ({"type": "({kind};Extra)"}, True),
        ({"type": "({kind};Missing)"}, False),
        ({"type": "Other"}, False),
        ({"type": "*", "id": "{id}"}, True),
        ({"type": "{kind}", "id": ["urn:x:1", "{id}"]}, True),
        ({"type": "{kind}", "id": "urn:x:1"}, False),
        ({"type": "{kind}", "idPattern": "^urn:ngsi-ld:T"}, True),
        ({"type": "{kind}", "idPattern": "^urn:x"}, False),
    ],
    ids=str,
)
async def test_selectors(world: World, selector: dict[str, Any], found: bool) -> None:
    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(item) for item in value]
        return value.replace("{kind}", world.kind).replace("{id}", world.id)

    await world.subscribe(entities=[{key: filled(value) for key, value in selector.items()}])
    await world.asker.made({"id": world.id, "type": [world.kind, "Extra"], "a": prop(1)})
    assert len(await world.told()) == found


NEAR = {"georel": "near;maxDistance==1000", "geometry": "Point"}


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"q": "level>3"}, True),
        ({"q": "level>5"}, False),
        ({"q": 'level==5;name~="学校$"'}, True),
        ({"q": 'size=="big"', "expandValues": ["size"], "jsonKeys": ["level"]}, True),
        ({"q": 'size=="small"', "expandValues": ["size"]}, False),
        ({"q": 'size=="big"', "expandValues": "level, size", "jsonKeys": "level"}, True),
        ({"geoQ": {**NEAR, "coordinates": [131.47, 34.181]}}, True),
        ({"geoQ": {**NEAR, "coordinates": [131.47, 35.18]}}, False),
        ({"scopeQ": "/Yamaguchi/#"}, True),
        ({"scopeQ": "/Hofu/#"}, False),
        ({"temporalQ": {"timerel": "after", "timeAt": "2026-01-01T00:00:00Z"}}, True),
        ({"temporalQ": {"timerel": "before", "timeAt": "2026-01-01T00:00:00Z"}}, False),
        ({"temporalQ": {"timerel": "between", "timeAt": "2026-01-01T00:00:00Z", "endTimeAt": "2026-12-01T00:00:00Z"}}, True),
        ({"temporalQ": {"timerel": "before", "timeAt": "2020-01-01T00:00:00Z", "timeproperty": "modifiedAt"}}, False),
        ({"datasetId": ["@none"]}, True),
        ({"datasetId": ["urn:d:1"]}, False),
    ],
    ids=str,
)
async def test_conditions(world: World, condition: dict[str, Any], holds: bool) -> None:
    await world.subscribe(**condition)
    observed = "2026-06-01T00:00:00Z"
    size = {"type": "VocabProperty", "vocab": "big"}
    level = prop(5, observedAt=observed)
    await world.create(scope="/Yamaguchi/Ogori", level=level, name=prop("山口小学校"), location=POINT, size=size)
    assert len(await world.told()) == holds


async def test_a_subscription_is_told_of_nothing_from_before(broker: Broker, administrator: Asker, receiver: Receiver) -> None:
    kind = f"T{uuid4().hex[:8]}"
    await subscribed(administrator, "https://receiver.example/", entities=[{"type": kind}], isActive=True)
    await administrator.made({"id": f"urn:x:{kind}:1", "type": kind, "a": prop(1)})
    await subscribed(administrator, receiver.url, entities=[{"type": kind}])
    await administrator.made({"id": f"urn:x:{kind}:2", "type": kind, "a": prop(1)})
    async with delivering(broker, LOOPBACK):
        (got,) = await receiver.until(1)
    assert got.data[0]["id"] == f"urn:x:{kind}:2"


async def test_a_paused_one_is_told_nothing_and_then_goes_on(world: World) -> None:
    id = await world.subscribe()
    await world.create(a=prop(1))
    await world.told()
    ok(await world.asker.patch(f"/subscriptions/{id}", json={"isActive": False}), 204)
    await world.patch(a=prop(2))
    ok(await world.asker.patch(f"/subscriptions/{id}", json={"isActive": True}), 204)
    await world.patch(a=prop(3))
    assert [data[0]["a"]["value"] for data in await world.told()] == [1, 3]
