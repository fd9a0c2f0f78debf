"""Does anything of what is hidden leak through the past? Two worlds answer alike, and what was once personal stays so.

The worlds are those of test_leaks.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.api.broker import Asker, Broker, ok, refused
from tests.context.api.two_worlds import KIOSK, NEAR, SECRET, Asked, answer_alike, whoever_may_not_see

SINCE = "timerel=after&timeAt=2000-01-01T00:00:00Z"
TIMES = [SINCE, *(f"{SINCE}&timeproperty={name}" for name in ("createdAt", "modifiedAt", "deletedAt"))]
ALL_METHODS = "format=aggregatedValues&aggrMethods=totalCount,distinctCount,min,max"
QUERIES = [
    "type=OpenThing",
    "type=*&limit=1000",
    "type=Resident,CityGadget",
    "type=OpenThing,Resident,CityGadget&count=true&limit=2",
    "type=*&limit=0&count=true",
    "type=*&limit=2&after=urn:w:a",
    "type=*&id=urn:w:a,urn:w:b,urn:w:c,urn:w:i",
    "attrs=ownerName&count=true",
    "attrs=secretName,secretGauge,n",
    "type=OpenThing&q=ownerName",
    "type=OpenThing&q=!ownerName&count=true",
    'type=OpenThing&q=ownerName=="山口花子"|n==1',
    "type=OpenThing&q=ownerName.phone",
    f"type=OpenThing&{NEAR}&geoproperty=ownerName&count=true",
    f"type=*&{NEAR}&count=true",
    "type=*&scopeQ=/%23&count=true",
    f"type=*&{ALL_METHODS}",
    f"type=*&{ALL_METHODS}&pick=id,ownerName",
    "type=*&format=temporalValues&lastN=1",
]
SINGLE = [
    "",
    "?options=sysAttrs",
    "?pick=ownerName",
    "?timeproperty=deletedAt",
    "?lastN=1&timeproperty=createdAt",
    f"?{ALL_METHODS}&timeproperty=createdAt",
]
READS = [
    *(f"/temporal/entities?{query}&{times}" for query in QUERIES for times in TIMES),
    *(f"/temporal/entities/urn:w:{name}{rest}" for name in "abcdefghijz" for rest in SINGLE),
]
WRITES: list[tuple[str, str, Any]] = [
    *(("POST", f"/temporal/entities/urn:w:{name}/attrs", {"n": {"value": 7}}) for name in "abceiz"),
    *(("POST", f"/temporal/entities/urn:w:{name}/attrs", {"ownerName": SECRET}) for name in "abeiz"),
    *(("DELETE", f"/temporal/entities/urn:w:{name}/attrs/ownerName?deleteAll=true", None) for name in "abdefiz"),
    *(("DELETE", f"/temporal/entities/urn:w:{name}/attrs/n", None) for name in "acdi"),
    *(("PATCH", f"/temporal/entities/urn:w:{name}/attrs/ownerName/urn:ngsi-ld:Instance:x", {"value": 1}) for name in "abz"),
    ("POST", "/temporal/entities", {"id": "urn:w:b", "type": "OpenThing", "ownerName": SECRET}),
    ("POST", "/temporal/entities", {"id": "urn:w:b", "type": "Resident", "n": {"value": 1}}),
    ("POST", "/temporal/entities", {"id": "urn:w:a", "type": "Resident", "n": {"value": 1}}),
    *(("PATCH", f"/entities/urn:w:{name}", {"type": "OtherOpenThing"}) for name in "bd"),
    *(("DELETE", f"/entities/urn:w:{name}", None) for name in "abfi"),
    ("POST", "/entities", {"id": "urn:w:f", "type": "OpenThing", "n": 2}),
    ("DELETE", "/temporal/entities/urn:w:h", None),
    *(("DELETE", f"/temporal/entities/urn:w:{name}", None) for name in "aciz"),
]


@whoever_may_not_see
async def test_both_worlds_answer_alike(database: Database, name: str) -> None:
    reads: list[Asked] = [("GET", url, None, {}) for url in READS]
    await answer_alike(database, name, "past", [*reads, *((method, url, body, {}) for method, url, body in WRITES), *reads])


@pytest_asyncio.fixture
async def kiosk(broker: Broker) -> AsyncIterator[Asker]:
    async with broker.asker(await broker.token_of(KIOSK.id)) as asker:
        yield asker


async def shown(asker: Asker, id: str, name: str) -> list[Any]:
    answer = await asker.get(f"/temporal/entities/{id}")
    assert answer.status_code in {200, 404}
    return [item.get("value") for item in answer.json().get(name, [])]


async def test_what_was_personal_stays_so_when_the_id_becomes_another(administrator: Asker, anyone: Asker) -> None:
    """Deleted, and made anew as something open: each life is shown to whom it was open."""
    id = await administrator.made({"id": "urn:life:1", "type": "Resident", "n": 1})
    ok(await administrator.delete(f"/entities/{id}"), 204)
    refused(await anyone.get(f"/temporal/entities/{id}"), 404)
    await administrator.made({"id": id, "type": "OpenThing", "n": 2})
    ok(await administrator.patch(f"/entities/{id}/attrs/n", json={"value": 3}), 204)
    assert await shown(anyone, id, "n") == [2, 3]
    assert await shown(administrator, id, "n") == [1, "urn:ngsi-ld:null", 2, 3]
    aggregates = "format=aggregatedValues&aggrMethods=totalCount&timeproperty=createdAt"
    assert ok(await anyone.get(f"/temporal/entities/{id}?{aggregates}")).json()["n"]["totalCount"][0][0] == 2
    found = ok(await anyone.get(f"/temporal/entities?type=OpenThing&id={id}&q=n==1&{SINCE}&timeproperty=createdAt")).json()
    assert found == []
    ok(await administrator.delete(f"/entities/{id}"), 204)
    assert await shown(anyone, id, "n") == [2, 3, "urn:ngsi-ld:null"]


async def test_what_becomes_personal_is_closed_as_a_whole(administrator: Asker, anyone: Asker) -> None:
    id = await administrator.made({"id": "urn:life:2", "type": "OpenThing", "n": 1})
    assert await shown(anyone, id, "n") == [1]
    ok(await administrator.patch(f"/entities/{id}", json={"type": "Resident"}), 204)
    refused(await anyone.get(f"/temporal/entities/{id}"), 404)
    assert await shown(administrator, id, "n") == [1]


async def test_what_ceases_to_be_personal_keeps_its_past_closed(administrator: Asker, anyone: Asker) -> None:
    """The change that made it open belongs to both what it was and what it became, and is shown to who may see both."""
    id = await administrator.made({"id": "urn:life:3", "type": "Resident", "n": 1, "phone": "1"})
    ok(await administrator.put(f"/entities/{id}", json={"type": "OpenThing", "n": 2}), 204)
    ok(await administrator.patch(f"/entities/{id}/attrs/n", json={"value": 3}), 204)
    assert await shown(anyone, id, "n") == [3]
    assert await shown(anyone, id, "phone") == []
    assert await shown(administrator, id, "n") == [1, 2, 3]


async def test_a_personal_attribute_stays_so_when_its_type_is_gone(administrator: Asker, anyone: Asker, kiosk: Asker) -> None:
    id = await administrator.made({"id": "urn:life:4", "type": ["OpenThing", "OtherOpenThing"], "n": 1, "ownerName": "x"})
    ok(await administrator.put(f"/entities/{id}", json={"type": "OtherOpenThing", "n": 2}), 204)
    ok(await administrator.delete(f"/entities/{id}"), 204)
    for asker in (anyone, kiosk):
        assert await shown(asker, id, "n") == [1, 2, "urn:ngsi-ld:null"]
        assert await shown(asker, id, "ownerName") == []
    assert await shown(administrator, id, "ownerName") == ["x", "urn:ngsi-ld:null"]


async def test_the_instance_of_a_withheld_attribute_is_not_there(administrator: Asker, kiosk: Asker) -> None:
    """Even for who guesses its id, or takes it from another attribute that came with it."""
    id = await administrator.made({"id": "urn:life:5", "type": "OpenThing", "n": 1, "ownerName": "x"})
    instance = ok(await kiosk.get(f"/temporal/entities/{id}")).json()["n"][0]["instanceId"]
    for method in ("PATCH", "DELETE"):
        sent = {"json": {"type": "Property", "value": 2}} if method == "PATCH" else {}
        refused(await kiosk.request(method, f"/temporal/entities/{id}/attrs/ownerName/{instance}", **sent), 404)  # type: ignore[arg-type]
    assert await shown(administrator, id, "ownerName") == ["x"]
    ok(await kiosk.patch(f"/temporal/entities/{id}/attrs/n/{instance}", json={"type": "Property", "value": 2}), 204)
    assert await shown(administrator, id, "n") == [2]


async def test_a_strangers_past_is_a_strangers(administrator: Asker, kiosk: Asker, anyone: Asker) -> None:
    """An undeclared entity of one writer, deleted, and made anew by another: each sees the own life only."""
    id = await kiosk.made({"id": "urn:life:6", "type": "KioskGadget", "n": 1})
    ok(await kiosk.delete(f"/entities/{id}"), 204)
    assert await shown(kiosk, id, "n") == [1, "urn:ngsi-ld:null"]
    await administrator.made({"id": id, "type": "KioskGadget", "n": 2})
    for asker in (kiosk, anyone):
        refused(await asker.get(f"/temporal/entities/{id}"), 404)
    refused(await kiosk.delete(f"/temporal/entities/{id}"), 404)
    ok(await administrator.delete(f"/entities/{id}"), 204)
    await kiosk.made({"id": id, "type": "KioskGadget", "n": 3})
    assert await shown(kiosk, id, "n") == [1, "urn:ngsi-ld:null", 3]
    ok(await kiosk.delete(f"/temporal/entities/{id}"), 204)
    assert await shown(kiosk, id, "n") == []
    assert await shown(administrator, id, "n") == [2, "urn:ngsi-ld:null"]


async def test_an_id_is_taken_by_a_hidden_past(administrator: Asker, kiosk: Asker, anyone: Asker) -> None:
    body = {"id": "urn:life:7", "type": "Resident", "n": {"value": 1}}
    ok(await administrator.post("/temporal/entities", json=body), 201)
    same = {"id": "urn:life:7", "type": "OpenThing", "n": {"value": 2}}
    assert refused(await kiosk.post("/temporal/entities", json=same), 409)["detail"] == "The entity urn:life:7 exists already."
    refused(await kiosk.post("/temporal/entities/urn:life:7/attrs", json={"n": {"value": 2}}), 404)
    refused(await anyone.post("/temporal/entities", json=same), 401)
    assert await shown(administrator, "urn:life:7", "n") == [1]


async def test_history_for_pages_keeps_to_the_same_rules(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:life:8", "type": "Resident", "n": 1})
    ok(await administrator.delete(f"/entities/{id}"), 204)
    await administrator.made({"id": id, "type": "OpenThing", "n": 2})
    tenant = broker.settings.tenant
    seen_by_all = await broker.graph.history(broker.gate.public(tenant), id, "n")
    assert [row["instance"]["value"] for row in seen_by_all] == [2]
    assert len(await broker.graph.history(broker.gate.scope_of(LOCAL_ADMINISTRATOR, tenant), id, "n")) == 3


async def test_rows_that_nothing_explains_are_shown_to_nobody(broker: Broker, administrator: Asker, tmp_path: Path) -> None:
    """Default deny: history of which neither an entity nor a past says what it was."""
    id = await administrator.made({"id": "urn:life:9", "type": "OpenThing", "n": 1})
    ok(await administrator.delete(f"/entities/{id}"), 204)
    tenant = broker.settings.tenant
    async with broker.database.owner() as owner:
        await owner.execute(f"SET app.tenant = '{tenant}'")
        await owner.execute(
            "UPDATE entity_past SET last_change = last_change - 1 WHERE tenant = $1 AND entity = $2", tenant, id
        )
        assert await shown(administrator, id, "n") == [1], "the deletion itself is beyond what is known of it"
        await owner.execute("DELETE FROM entity_past WHERE tenant = $1 AND entity = $2", tenant, id)
    refused(await administrator.get(f"/temporal/entities/{id}"), 404)
