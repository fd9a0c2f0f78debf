"""Do the batch operations succeed and fail member by member, as CIM 009 5.6.7 to 5.6.10 and 5.6.20 say?"""

from typing import Any

import pytest

from tests.context.api.broker import Asker, Broker, ok, refused

BATCH = "/entityOperations"


def thing(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:OpenThing:{name}", "type": "OpenThing", **more}


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


def parts(answer: Any) -> tuple[list[str], dict[str, int]]:
    body = ok(answer, 207).json()
    assert set(body) == {"success", "errors"}
    return body["success"], {item["entityId"]: item["error"]["status"] for item in body["errors"]}


async def test_create_all(administrator: Asker) -> None:
    batch = [thing("c1", a=number(1)), thing("c2", a=number(2))]
    answer = ok(await administrator.post(f"{BATCH}/create", json=batch), 201)
    assert answer.json() == [item["id"] for item in batch]
    assert [await administrator.entity(item["id"]) for item in batch] == batch


async def test_create_some(administrator: Asker) -> None:
    await administrator.made(thing("there", a=number(1)))
    batch = [thing("there", a=number(2)), thing("new"), {"id": "urn:x:broken", "type": "OpenThing", "a": None}, "no entity"]
    success, errors = parts(await administrator.post(f"{BATCH}/create", json=batch))
    assert success == [thing("new")["id"]]
    assert errors == {thing("there")["id"]: 409, "urn:x:broken": 400, "": 400}
    assert (await administrator.entity(thing("there")["id"]))["a"]["value"] == 1


async def test_upsert_replaces_or_updates(administrator: Asker) -> None:
    first = await administrator.made(thing("u1", a=number(1), b=number(1)))
    answer = ok(await administrator.post(f"{BATCH}/upsert", json=[thing("u1", a=number(2)), thing("u2")]), 201)
    assert answer.json() == [thing("u2")["id"]], "only new ones are named (6.15)"
    assert await administrator.entity(first) == thing("u1", a=number(2))
    batch = [thing("u1", c=number(3))]
    ok(await administrator.post(f"{BATCH}/upsert", json=batch, params={"options": "update"}), 204)
    assert await administrator.entity(first) == thing("u1", a=number(2), c=number(3))


async def test_upsert_some(administrator: Asker) -> None:
    success, errors = parts(await administrator.post(f"{BATCH}/upsert", json=[thing("u3"), {"id": "urn:x:y", "type": 5}]))
    assert success == [thing("u3")["id"]]
    assert errors == {"urn:x:y": 400}


async def test_update_appends_to_what_is_there(administrator: Asker) -> None:
    id = await administrator.made(thing("p1", a=number(1)))
    ok(await administrator.post(f"{BATCH}/update", json=[thing("p1", a=number(2), b=number(3))]), 204)
    assert await administrator.entity(id) == thing("p1", a=number(2), b=number(3))
    kept = await administrator.post(
        f"{BATCH}/update", json=[thing("p1", a=number(9), c=number(4))], params={"options": "noOverwrite"}
    )
    assert parts(kept) == ([], {id: 400})
    assert await administrator.entity(id) == thing("p1", a=number(2), b=number(3), c=number(4))
    assert parts(await administrator.post(f"{BATCH}/update", json=[thing("missing")])) == ([], {thing("missing")["id"]: 404})


async def test_merge_in_batches(administrator: Asker) -> None:
    first = await administrator.made(thing("m1", a=number(1, unitCode="CEL"), b=number(1)))
    batch = [{"id": first, "a": {"value": 5}, "b": "urn:ngsi-ld:null"}, {"id": thing("m0")["id"], "a": {"value": 5}}, {"a": 1}]
    success, errors = parts(await administrator.post(f"{BATCH}/merge", json=batch))
    assert success == [first]
    assert errors == {thing("m0")["id"]: 404, "": 400}
    assert await administrator.entity(first) == thing("m1", a=number(5, unitCode="CEL"))


async def test_delete_in_batches(administrator: Asker) -> None:
    ids = [await administrator.made(thing(f"d{count}")) for count in range(3)]
    ok(await administrator.post(f"{BATCH}/delete", json=ids[:2]), 204)
    success, errors = parts(await administrator.post(f"{BATCH}/delete", json=[ids[0], ids[2], "no uri"]))
    assert success == [ids[2]]
    assert errors == {ids[0]: 404, "no uri": 400}


async def test_members_of_a_batch_act_in_their_order(administrator: Asker) -> None:
    batch = [thing("o", a=number(1)), thing("o", b=number(2))]
    assert ok(await administrator.post(f"{BATCH}/upsert", json=batch, params={"options": "update"}), 201).json()
    assert await administrator.entity(thing("o")["id"]) == thing("o", a=number(1), b=number(2))


@pytest.mark.parametrize("operation", ["create", "upsert", "update", "merge", "delete"])
async def test_what_is_no_batch_is_refused(administrator: Asker, operation: str) -> None:
    wrong: Any
    for wrong in ([], {}, "text", 5):
        refused(await administrator.post(f"{BATCH}/{operation}", json=wrong), 400, "BadRequestData")


async def test_a_batch_that_is_too_large_changes_nothing(broker: Broker, administrator: Asker) -> None:
    most = broker.settings.max_batch
    batch = [thing(f"many{count}") for count in range(most + 1)]
    problem = refused(await administrator.post(f"{BATCH}/create", json=batch), 400, "BadRequestData")
    assert str(most) in problem["detail"]
    refused(await administrator.get(f"/entities/{batch[0]['id']}"), 404)


async def test_errors_of_members_are_in_the_askers_language(administrator: Asker) -> None:
    answer = await administrator.post(f"{BATCH}/delete", json=["urn:x:none"], headers={"Accept-Language": "ja"})
    error = ok(answer, 207).json()["errors"][0]["error"]
    assert error["title"] == "見つかりません"
    assert error["detail"] == "そのエンティティはありません。"


async def test_members_bring_their_own_context(administrator: Asker) -> None:
    batch = [
        {"@context": {"temp": "https://a.example/temp"}, **thing("x1", temp=number(1))},
        {"@context": {"temp": "https://b.example/temp"}, **thing("x2", temp=number(2))},
        thing("x3", temp=number(3)),
    ]
    answer = await administrator.post(f"{BATCH}/create", json=batch, headers={"Content-Type": "application/ld+json"})
    success, errors = parts(answer)
    assert success == [thing("x1")["id"], thing("x2")["id"]]
    assert errors == {thing("x3")["id"]: 400}, "a JSON-LD member without @context fails by itself (6.3.5)"
    assert "https://b.example/temp" in await administrator.entity(success[1])
