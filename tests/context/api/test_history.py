"""Is every change of an attribute in the history, and every change in the audit record, exactly once?

`attribute_history` shows a creation, which is one row, attribute by attribute (docs/adr/0013).
"""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from kairo.context.contexts import CORE
from kairo.context.entities.commits import Command
from kairo.context.entities.rules import Create, Delete
from kairo.context.model.parse import parse_entity
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.api.broker import Asker, Broker, ok, refused

DATASET = "urn:ngsi-ld:Dataset:2"


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


async def history(broker: Broker, id: str, **equal: Any) -> list[tuple[str, str, str, Any]]:
    """(operation, attribute, dataset, value) of each row, in the order in which they were written."""
    rows = await broker.rows("attribute_history", tenant=broker.settings.tenant, entity=id, **equal)
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
    (row,) = await broker.rows("attribute_history", tenant=broker.settings.tenant, entity=id)
    assert row["observed_at"].isoformat() == "2026-04-01T00:00:00+00:00"
    assert row["change"] == (await changes(broker, id))[0]["seq"]


async def attributes_of_rows(broker: Broker, id: str) -> list[str]:
    rows = await broker.rows("history", tenant=broker.settings.tenant, entity=id)
    return sorted(row["attribute"] for row in rows)


async def test_a_creation_is_one_row(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:hc:1", "type": "OpenThing", "a": number(1), "b": number(2, datasetId=DATASET)})
    assert await attributes_of_rows(broker, id) == ["*"]
    assert await history(broker, id) == [("created", "a", "@none", 1), ("created", "b", DATASET, 2)]


@pytest.mark.parametrize(
    ("name", "more", "rows"),
    [
        ("several", {"a": [number(1), number(2, datasetId=DATASET)]}, ["a", "a"]),
        ("scope", {"a": number(1), "scope": "/s"}, ["a", "scope"]),
        ("nothing", {}, []),
    ],
)
async def test_other_creations_are_rows_one_by_one(
    broker: Broker, administrator: Asker, name: str, more: dict[str, Any], rows: list[str]
) -> None:
    id = await administrator.made({"id": f"urn:hm:{name}", "type": "OpenThing", **more})
    assert await attributes_of_rows(broker, id) == rows
    assert [attribute for _, attribute, _, _ in await history(broker, id)] == rows


async def test_what_is_created_and_changed_in_one_commit_stands_one_by_one(broker: Broker, administrator: Asker) -> None:
    id = "urn:h2:1"
    batch = [{"id": id, "type": "OpenThing", "a": number(value)} for value in (1, 2)]
    ok(await administrator.post("/entityOperations/upsert", json=batch), 201)
    assert await attributes_of_rows(broker, id) == ["a", "a"]
    assert await history(broker, id) == [("created", "a", "@none", 1), ("updated", "a", "@none", 2)]


async def test_what_is_deleted_and_made_again_in_one_commit(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:h3:1", "type": "OpenThing", "a": number(1)})
    scope = broker.gate.scope_of(LOCAL_ADMINISTRATOR, broker.settings.tenant)
    again = parse_entity({"id": id, "type": "OpenThing", "b": number(2)}, CORE)
    await broker.graph.submit(scope, [Command(id, Delete()), Command(id, Create(again))])
    assert await administrator.entity(id) == {"id": id, "type": "OpenThing", "b": number(2)}
    assert await history(broker, id) == [
        ("created", "a", "@none", 1),
        ("deleted", "a", "@none", None),
        ("created", "b", "@none", 2),
    ]


OLD_ROW = """
INSERT INTO history (tenant, entity, attribute, dataset, at, change, operation, instance)
VALUES ($1, $2, 'a', '@none', $3, $4, 'created', '{"type": "Property", "value": 0}')"""


async def test_the_latest_of_all_kinds_of_rows(broker: Broker, administrator: Asker) -> None:
    """Rows as they were written before creations were one row, creations and changes: newest first."""
    id = await administrator.made({"id": "urn:hl:1", "type": "OpenThing", "a": number(1), "b": number(9)})
    ok(await administrator.patch(f"/entities/{id}/attrs/a", json={"value": 2}), 204)
    ok(await administrator.delete(f"/entities/{id}"), 204)
    await administrator.made({"id": id, "type": "OpenThing", "a": number(3, datasetId=DATASET), "b": number(9)})
    ok(await administrator.post(f"/entities/{id}/attrs", json={"a": number(4)}), 204)
    tenant = broker.settings.tenant
    async with broker.database.owner() as owner:
        await owner.execute(f"SET app.tenant = '{tenant}'")
        await owner.execute(OLD_ROW, tenant, id, datetime(2025, 4, 1, tzinfo=UTC), 0)
    scope = broker.gate.public(tenant)
    found = await broker.graph.history(scope, id, "a")
    values = [row["instance"]["value"] if row["instance"] else None for row in found]
    assert values == [4, None, 2, 1, 0]
    assert [row["operation"] for row in found] == ["created", "deleted", "updated", "created", "created"]
    assert [row["instance"]["value"] for row in (await broker.graph.history(scope, id, "a", limit=1))] == [4]


async def test_row_security_holds_for_the_views(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:hr:1", "type": "OpenThing", "a": number(1)})
    for view in ("creation_history", "attribute_history"):
        statement = f"SELECT 1 FROM {view} WHERE entity = $1"
        assert len(await broker.database.fetch(broker.settings.tenant, statement, id)) == 1
        assert await broker.database.fetch("another", statement, id) == []


async def test_conditions_reach_the_key_of_both_parts(broker: Broker) -> None:
    statement = (
        "EXPLAIN SELECT * FROM attribute_history WHERE tenant = '352039' AND entity = 'urn:x:1'"
        " AND attribute = 'a' AND at >= '2026-01-01'"
    )
    async with broker.database.unit(broker.settings.tenant) as unit:
        await unit.connection.execute("SET LOCAL enable_seqscan = off")
        plan = [row[0] for row in await unit.connection.fetch(statement)]
    conditions = [line for line in plan if "Index Cond" in line]
    for attribute in ("attribute = 'a'", "attribute = '*'"):
        assert any(attribute in line and "entity = 'urn:x:1'" in line and "at >=" in line for line in conditions), plan
    assert not any("Seq Scan" in line for line in plan), plan
