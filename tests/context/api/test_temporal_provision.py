"""Is the past entered, corrected and erased as CIM 009 5.6.11 to 5.6.16 say, and only the past?"""

import asyncio
from itertools import count, zip_longest
from typing import Any

import pytest

from tests.context.api.broker import Asker, Broker, ok, refused

DATASET = "urn:ngsi-ld:Dataset:2"
NOON = "2020-08-01T12:00:00Z"
_numbers = count(1)


def seen(value: Any, minute: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": f"2020-08-01T12:{minute:02}:00Z", **more}


async def entered(asker: Asker, **attributes: Any) -> str:
    id = f"urn:enter:{next(_numbers)}"
    ok(await asker.post("/temporal/entities", json={"id": id, "type": "OpenThing", **attributes}), 201)
    return id


async def past(asker: Asker, id: str, **parameters: Any) -> dict[str, Any]:
    found: dict[str, Any] = ok(await asker.get(f"/temporal/entities/{id}", params=parameters)).json()
    return found


def values(found: dict[str, Any], name: str = "n") -> list[Any]:
    return [item["value"] for item in found.get(name, [])]


async def test_create_says_where_and_enters_once_more(administrator: Asker) -> None:
    body = {"id": "urn:enter:twice", "type": "OpenThing", "n": seen(1)}
    first = ok(await administrator.post("/temporal/entities", json=body), 201)
    assert first.headers["location"] == "/ngsi-ld/v1/temporal/entities/urn:enter:twice"
    again = {**body, "type": ["OpenThing", "OtherOpenThing"], "n": [seen("urn:ngsi-ld:null", 1), seen(2, 2)]}
    assert ok(await administrator.post("/temporal/entities", json=again), 204).content == b""
    found = await past(administrator, "urn:enter:twice")
    assert found["type"] == ["OpenThing", "OtherOpenThing"]
    assert values(found) == [1, "urn:ngsi-ld:null", 2]


async def test_the_present_stays_as_it_is(broker: Broker, administrator: Asker) -> None:
    """Entering the past neither makes an entity nor changes one, and tells nobody (docs/adr/0014)."""
    only_past = await entered(administrator, n=seen(1))
    refused(await administrator.get(f"/entities/{only_past}"), 404)
    id = await administrator.made({"id": "urn:enter:present", "type": "OpenThing", "n": seen(5, 5)})
    before = await administrator.entity(id, options="sysAttrs")
    ok(await administrator.post(f"/temporal/entities/{id}/attrs", json={"n": [seen(1), seen(9, 9)], "m": seen(1)}), 204)
    assert await administrator.entity(id, options="sysAttrs") == before
    found = await past(administrator, id)
    assert (values(found), values(found, "m")) == ([1, 5, 9], [1])
    ok(await administrator.delete(f"/temporal/entities/{id}"), 204)
    assert await administrator.entity(id, options="sysAttrs") == before
    assert await past(administrator, id) == {"id": id, "type": "OpenThing"}


async def test_a_new_type_is_a_type_of_the_entity(administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:enter:types", "type": "OpenThing", "n": 1})
    ok(await administrator.post(f"/temporal/entities/{id}/attrs", json={"type": "OtherOpenThing", "n": seen(2)}), 204)
    assert (await administrator.entity(id))["type"] == ["OpenThing", "OtherOpenThing"]
    assert values(await past(administrator, id)) == [2, 1]


async def test_each_change_leaves_an_audit_record(broker: Broker, administrator: Asker) -> None:
    id = await entered(administrator, n=[seen(1), seen(2, 1)], m=seen(1))
    first = (await past(administrator, id))["n"][0]["instanceId"]
    ok(await administrator.post(f"/temporal/entities/{id}/attrs", json={"n": seen(3, 2)}), 204)
    ok(await administrator.patch(f"/temporal/entities/{id}/attrs/n/{first}", json=seen(7)), 204)
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/n/{first}"), 204)
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/m"), 204)
    ok(await administrator.delete(f"/temporal/entities/{id}"), 204)
    rows = sorted(await broker.rows("change", tenant=broker.settings.tenant, entity=id), key=lambda row: row["seq"])
    assert [(row["operation"], row["attributes"]) for row in rows] == [
        ("temporal-enter", ["n", "m"]),
        ("temporal-enter", ["n"]),
        ("temporal-correct", ["n"]),
        ("temporal-erase-instance", ["n"]),
        ("temporal-erase-attribute", ["m"]),
        ("temporal-erase", []),
    ]
    assert {row["principal"] for row in rows} == {"administrator:local"}
    assert all(row["request"] for row in rows)
    assert await broker.rows("history", tenant=broker.settings.tenant, entity=id) == []
    assert await broker.rows("entity_past", tenant=broker.settings.tenant, entity=id) == []
    assert await broker.rows("outbox", tenant=broker.settings.tenant, entity=id) == []


async def test_a_correction_keeps_when_it_was_entered(administrator: Asker) -> None:
    id = await entered(administrator, n=[seen(1), seen(2, 1)])
    before = (await past(administrator, id, options="sysAttrs"))["n"]
    url = f"/temporal/entities/{id}/attrs/n/{before[1]['instanceId']}"
    ok(await administrator.patch(url, json={"n": [seen(20, 3, unitCode="KMH")]}), 204)
    after = (await past(administrator, id, options="sysAttrs"))["n"]
    assert [item["value"] for item in after] == [1, 20]
    assert after[0] == before[0]
    assert after[1]["unitCode"] == "KMH"
    assert (after[1]["createdAt"], after[1]["instanceId"]) == (before[1]["createdAt"], before[1]["instanceId"])
    assert after[1]["modifiedAt"] > before[1]["modifiedAt"]
    since = {"timerel": "after", "timeAt": after[1]["modifiedAt"], "timeproperty": "modifiedAt"}
    assert values(await past(administrator, id, **since)) == [20]


@pytest.mark.parametrize("name", ["a", "b"])
async def test_an_instance_of_a_creation_is_one_like_the_others(broker: Broker, administrator: Asker, name: str) -> None:
    """A creation is one row with all attributes (docs/adr/0013): one of them is corrected, one erased, the other stays."""
    body = {"id": f"urn:enter:creation:{name}", "type": "OpenThing", "a": seen(1), "b": seen(2, datasetId=DATASET)}
    id = await administrator.made(body)
    other = {"a": "b", "b": "a"}[name]
    found = await past(administrator, id, options="sysAttrs")
    url = f"/temporal/entities/{id}/attrs/{name}/{found[name][0]['instanceId']}"
    ok(await administrator.patch(url, json=seen(5)), 204)
    corrected = await past(administrator, id, options="sysAttrs")
    assert values(corrected, name) == [5]
    assert {item: corrected[name][0].get(item) for item in ("instanceId", "createdAt", "datasetId")} == {
        item: found[name][0].get(item) for item in ("instanceId", "createdAt", "datasetId")
    }
    assert corrected[other] == found[other]
    ok(await administrator.delete(url), 204)
    assert await past(administrator, id, options="sysAttrs") == {key: value for key, value in found.items() if key != name}
    refused(await administrator.delete(url), 404)
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/{other}?deleteAll=true"), 204)
    assert await broker.rows("history", tenant=broker.settings.tenant, entity=id) == []
    assert name in await administrator.entity(id)


async def test_erasing_an_attribute_by_dataset(administrator: Asker) -> None:
    several = [seen(1), seen(2, 1), seen(3, 2, datasetId=DATASET)]
    id = await entered(administrator, n=several, m=seen(1))
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/n"), 204)
    assert values(await past(administrator, id)) == [3]
    refused(await administrator.delete(f"/temporal/entities/{id}/attrs/n"), 404, "ResourceNotFound")
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/n", params={"datasetId": DATASET}), 204)
    assert set(await past(administrator, id)) == {"id", "type", "m"}
    other = await entered(administrator, n=several)
    ok(await administrator.delete(f"/temporal/entities/{other}/attrs/n?deleteAll=true"), 204)
    assert set(await past(administrator, other)) == {"id", "type"}


async def test_scopes_are_entered_corrected_and_erased(administrator: Asker) -> None:
    id = await entered(administrator, n=seen(1), scope=[seen("/a"), seen(["/b", "/c"], 5)])
    found = await past(administrator, id)
    assert values(found, "scope") == ["/a", ["/b", "/c"]]
    ok(
        await administrator.patch(f"/temporal/entities/{id}/attrs/scope/{found['scope'][0]['instanceId']}", json=seen("/x")),
        204,
    )
    assert values(await past(administrator, id), "scope") == ["/x", ["/b", "/c"]]
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/scope"), 204)
    assert "scope" not in await past(administrator, id)


@pytest.mark.parametrize(
    "body",
    [
        {"n": {"type": "Property"}},
        {"n": [seen(1), 5]},
        {"n": [{**seen(1), "observedAt": "yesterday"}]},
        {"n": [{"type": "Thing", "value": 1}]},
        {"expiresAt": "2030-01-01T00:00:00Z"},
        {"expiresAt": "urn:ngsi-ld:null"},
        {"scope": {"type": "Relationship", "object": "urn:a:b"}},
        {"scope": [{"type": "Property", "value": "/a", "unitCode": "X"}]},
        {"scope": "no scope!"},
        {"@value": 1},
        {"type": []},
        {"n": {"type": "Property", "value": "urn:ngsi-ld:null", "datasetId": "no uri"}},
    ],
)
async def test_what_is_no_past_is_refused(administrator: Asker, body: dict[str, Any]) -> None:
    id = "urn:enter:refused"
    refused(await administrator.post("/temporal/entities", json={"id": id, "type": "OpenThing", **body}), 400, "BadRequestData")
    refused(await administrator.get(f"/temporal/entities/{id}"), 404)
    known = await entered(administrator, n=seen(1))
    refused(await administrator.post(f"/temporal/entities/{known}/attrs", json=body), 400, "BadRequestData")


async def test_what_is_not_there_is_not_found(administrator: Asker) -> None:
    id = await entered(administrator, n=seen(1))
    instance = (await past(administrator, id))["n"][0]["instanceId"]
    for method, url, body in [
        ("POST", "urn:nobody:1/attrs", {"n": seen(1)}),
        ("DELETE", "urn:nobody:1", None),
        ("DELETE", "urn:nobody:1/attrs/n", None),
        ("DELETE", f"{id}/attrs/m", None),
        ("DELETE", f"{id}/attrs/type", None),
        ("PATCH", f"{id}/attrs/m/{instance}", seen(1)),
        ("PATCH", f"{id}/attrs/n/urn:ngsi-ld:Instance:other", seen(1)),
        ("PATCH", f"{id}/attrs/n/{instance[:-1]}7", seen(1)),
        ("DELETE", f"{id}/attrs/n/urn:ngsi-ld:Instance:other", None),
    ]:
        sent = {} if body is None else {"json": body}
        answer = await administrator.request(method, f"/temporal/entities/{url}", **sent)  # type: ignore[arg-type]
        assert answer.status_code == (400 if url.endswith("attrs/type") else 404), url
    refused(await administrator.delete(f"/temporal/entities/{id}/attrs/n/no-uri"), 400, "BadRequestData")
    refused(await administrator.post(f"/temporal/entities/{id}/attrs", json={"id": "urn:other:1", "n": seen(1)}), 400)
    assert values(await past(administrator, id)) == [1]


async def test_a_correction_is_one_whole_instance(administrator: Asker) -> None:
    id = await entered(administrator, n=[seen(1), seen(3, 2, datasetId=DATASET), seen("urn:ngsi-ld:null", 9)])
    one, other, gone = (item["instanceId"] for item in (await past(administrator, id))["n"])
    url = f"/temporal/entities/{id}/attrs/n"
    refused(await administrator.patch(f"{url}/{one}", json={"n": [seen(1), seen(2)]}), 400)
    refused(await administrator.patch(f"{url}/{one}", json=seen("urn:ngsi-ld:null")), 400)
    refused(await administrator.patch(f"{url}/{one}", json={"type": "Property"}), 400)
    refused(await administrator.patch(f"{url}/{one}", json=seen(1, datasetId=DATASET)), 400)
    refused(await administrator.patch(f"{url}/{gone}", json=seen(1)), 400)
    ok(await administrator.patch(f"{url}/{other}", json=seen(4, 2)), 204)
    assert [item["value"] for item in (await past(administrator, id, datasetId=DATASET))["n"]] == [4]
    ok(await administrator.delete(f"{url}/{gone}"), 204)


async def test_what_is_entered_at_once_has_ids_of_its_own(administrator: Asker) -> None:
    id = await entered(administrator, n=[seen(value) for value in range(50)])
    ids = [item["instanceId"] for item in (await past(administrator, id))["n"]]
    assert len(set(ids)) == 50
    ok(await administrator.delete(f"/temporal/entities/{id}/attrs/n/{ids[17]}"), 204)
    assert values(await past(administrator, id)) == [value for value in range(50) if value != 17]


async def test_what_the_graph_changes_within_one_commit_has_ids_of_its_own(administrator: Asker) -> None:
    batch = [{"id": "urn:enter:batch", "type": "OpenThing", "n": seen(value, value)} for value in (1, 2, 3)]
    ok(await administrator.post("/entityOperations/upsert", json=batch), 201)
    ids = [item["instanceId"] for item in (await past(administrator, "urn:enter:batch"))["n"]]
    assert len(set(ids)) == 3
    ok(await administrator.delete(f"/temporal/entities/urn:enter:batch/attrs/n/{ids[1]}"), 204)
    assert values(await past(administrator, "urn:enter:batch")) == [1, 3]


async def test_the_first_past_makes_the_tenant(administrator: Asker) -> None:
    headers = {"NGSILD-Tenant": "t_enter"}
    body = {"id": "urn:enter:tenant", "type": "OpenThing", "n": seen(1)}
    refused(await administrator.delete("/temporal/entities/urn:enter:tenant", headers=headers), 404, "NonexistentTenant")
    answer = ok(await administrator.post("/temporal/entities", json=body, headers=headers), 201)
    assert answer.headers["ngsild-tenant"] == "t_enter"
    ok(await administrator.get("/temporal/entities/urn:enter:tenant", headers=headers))
    refused(await administrator.get("/temporal/entities/urn:enter:tenant"), 404)


async def test_past_and_present_are_written_at_once(broker: Broker, administrator: Asker) -> None:
    """Many of both, of one entity: none is lost, none waits for another for ever, each has a change number of its own."""
    id = await administrator.made({"id": "urn:enter:race", "type": "OpenThing", "n": seen(0)})
    present = [administrator.patch(f"/entities/{id}/attrs/n", json=seen(value, value)) for value in range(1, 31)]
    additions = [administrator.post(f"/temporal/entities/{id}/attrs", json={"m": seen(value, value)}) for value in range(30)]
    types = [administrator.post(f"/temporal/entities/{id}/attrs", json={"type": f"T{value}"}) for value in range(5)]
    answers = await asyncio.gather(
        *(one for three in zip_longest(present, additions, types) for one in three if one is not None)
    )
    assert {answer.status_code for answer in answers} == {204}
    found = await past(administrator, id)
    assert sorted(values(found)) == list(range(31))
    assert sorted(values(found, "m")) == list(range(30))
    assert set((await administrator.entity(id))["type"]) == {"OpenThing", *(f"T{value}" for value in range(5))}
    audit = await broker.rows("change", tenant=broker.settings.tenant, entity=id)
    assert len(audit) == len({row["seq"] for row in audit}) == 1 + 30 + 30 + 5 + 5
