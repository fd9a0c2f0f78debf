"""Is every change of an attribute in the history, and every change in the audit record, exactly once?"""

from typing import Any

import orjson

from tests.context.api.broker import Asker, Broker, ok, refused

DATASET = "urn:ngsi-ld:Dataset:2"


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


async def history(broker: Broker, id: str, **equal: Any) -> list[tuple[str, str, str, Any]]:
    """(operation, attribute, dataset, value) of each row, in the order in which they were written."""
    rows = await broker.rows("history", tenant=broker.settings.tenant, entity=id, **equal)
    rows.sort(key=lambda row: (row["change"], row["attribute"], row["dataset"]))
    values = [orjson.loads(row["instance"]) if row["instance"] is not None else {} for row in rows]
    return [
        (row["operation"], row["attribute"], row["dataset"], value.get("value"))
        for row, value in zip(rows, values, strict=True)
    ]


async def changes(broker: Broker, id: str) -> list[dict[str, Any]]:
    rows = await broker.rows("change", tenant=broker.settings.tenant, entity=id)
    return sorted(rows, key=lambda row: row["seq"])


async def test_each_operation_writes_what_it_changed(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:h:1", "type": "OpenThing", "a": number(1), "b": number(2)})
    ok(await administrator.post(f"/entities/{id}/attrs", json={"b": number(3), "c": number(4, datasetId=DATASET)}), 204)
    ok(await administrator.patch(f"/entities/{id}/attrs", json={"a": number(5)}), 204)
    ok(await administrator.patch(f"/entities/{id}/attrs/a", json={"value": 6}), 204)
    ok(await administrator.put(f"/entities/{id}/attrs/a", json=number(7)), 204)
    ok(await administrator.patch(f"/entities/{id}", json={"a": 8, "b": "urn:ngsi-ld:null"}), 204)
    ok(await administrator.delete(f"/entities/{id}/attrs/c", params={"datasetId": DATASET}), 204)
    ok(await administrator.put(f"/entities/{id}", json={"type": "OpenThing", "d": number(9), "scope": "/s"}), 204)
    ok(await administrator.delete(f"/entities/{id}"), 204)
    assert await history(broker, id) == [
        ("created", "a", "@none", 1),
        ("created", "b", "@none", 2),
        ("updated", "b", "@none", 3),
        ("created", "c", DATASET, 4),
        ("updated", "a", "@none", 5),
        ("updated", "a", "@none", 6),
        ("updated", "a", "@none", 7),
        ("updated", "a", "@none", 8),
        ("deleted", "b", "@none", None),
        ("deleted", "c", DATASET, None),
        ("deleted", "a", "@none", None),
        ("created", "d", "@none", 9),
        ("created", "scope", "@none", "/s"),
        ("deleted", "d", "@none", None),
        ("deleted", "scope", "@none", None),
    ]
    audit = await changes(broker, id)
    assert [row["operation"] for row in audit] == [
        "create", "append", "update", "partial-update", "replace-attribute", "merge", "delete-attribute", "replace", "delete",
    ]  # fmt: skip
    assert {row["principal"] for row in audit} == {"administrator:local"}
    assert all(row["request"] for row in audit), "the request id that the answer carried"
    assert [row["seq"] for row in audit] == sorted({row["seq"] for row in audit})


async def test_batches_write_it_too(broker: Broker, administrator: Asker) -> None:
    batch = [{"id": f"urn:hb:{count}", "type": "OpenThing", "a": number(count)} for count in range(3)]
    ok(await administrator.post("/entityOperations/create", json=batch), 201)
    ok(await administrator.post("/entityOperations/upsert", json=[{**batch[0], "a": number(9)}, batch[1]]), 204)
    ok(await administrator.post("/entityOperations/delete", json=["urn:hb:2"]), 204)
    assert await history(broker, "urn:hb:0") == [("created", "a", "@none", 0), ("updated", "a", "@none", 9)]
    assert await history(broker, "urn:hb:1") == [("created", "a", "@none", 1)], "the same again is no change"
    assert await history(broker, "urn:hb:2") == [("created", "a", "@none", 2), ("deleted", "a", "@none", None)]


async def test_what_fails_writes_nothing(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:hf:1", "type": "OpenThing", "a": number(1)})
    refused(await administrator.post("/entities", json={"id": id, "type": "OpenThing"}), 409)
    refused(await administrator.patch(f"/entities/{id}/attrs/missing", json={"value": 1}), 404)
    refused(await administrator.post(f"/entities/{id}/attrs", json={"a": number(2), "b": {"type": "Property"}}), 400)
    ok(await administrator.post(f"/entities/{id}/attrs", json={"a": number(1)}), 204)
    assert await history(broker, id) == [("created", "a", "@none", 1)]
    assert len(await changes(broker, id)) == 1


async def test_observed_times_stand_beside(broker: Broker, administrator: Asker) -> None:
    observed = "2026-04-01T09:00:00+09:00"
    id = await administrator.made({"id": "urn:ho:1", "type": "OpenThing", "a": number(1, observedAt=observed)})
    (row,) = await broker.rows("history", tenant=broker.settings.tenant, entity=id)
    assert row["observed_at"].isoformat() == "2026-04-01T00:00:00+00:00"
    assert row["change"] == (await changes(broker, id))[0]["seq"]
