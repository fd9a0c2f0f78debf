"""Do append, update, partial update, replace and delete of attributes do what CIM 009 5.6.2 to 5.6.5 and 5.6.19 say?"""

from typing import Any

from tests.context.api.broker import Asker, ok, refused

DATASET = "urn:ngsi-ld:Dataset:gps"


def thing(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:OpenThing:{name}", "type": "OpenThing", **more}


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


async def test_append_adds_and_overwrites(administrator: Asker) -> None:
    id = await administrator.made(thing("append", a=number(1), b=number(2)))
    ok(await administrator.post(f"/entities/{id}/attrs", json={"b": number(3), "c": number(4)}), 204)
    assert await administrator.entity(id) == thing("append", a=number(1), b=number(3), c=number(4))


async def test_append_without_overwriting_says_what_was_left(administrator: Asker) -> None:
    id = await administrator.made(thing("kept", a=number(1)))
    added = {"a": number(9), "c": number(4)}
    answer = ok(await administrator.post(f"/entities/{id}/attrs", json=added, params={"options": "noOverwrite"}), 207)
    body = answer.json()
    assert body["updated"] == ["c"]
    assert [item["attributeName"] for item in body["notUpdated"]] == ["a"]
    assert body["notUpdated"][0]["reason"]
    assert await administrator.entity(id) == thing("kept", a=number(1), c=number(4))


async def test_append_keeps_instances_of_other_datasets(administrator: Asker) -> None:
    id = await administrator.made(thing("datasets", speed=number(50)))
    ok(await administrator.post(f"/entities/{id}/attrs", json={"speed": number(54, datasetId=DATASET)}), 204)
    assert (await administrator.entity(id))["speed"] == [number(50), number(54, datasetId=DATASET)]
    ok(await administrator.post(f"/entities/{id}/attrs", json={"speed": number(55, datasetId=DATASET)}), 204)
    assert (await administrator.entity(id))["speed"] == [number(50), number(55, datasetId=DATASET)]


async def test_update_replaces_whole_attributes_and_removes_by_null(administrator: Asker) -> None:
    id = await administrator.made(thing("update", a=number(1, unitCode="CEL"), b=number(2)))
    patch = {"a": number(5), "b": {"type": "Property", "value": "urn:ngsi-ld:null"}, "n": number(7)}
    ok(await administrator.patch(f"/entities/{id}/attrs", json=patch), 204)
    assert await administrator.entity(id) == thing("update", a=number(5), n=number(7))


async def test_partial_update_changes_members_and_keeps_the_others(administrator: Asker) -> None:
    id = await administrator.made(thing("partial", a=number(1, unitCode="CEL", accuracy=number(0.5))))
    ok(await administrator.patch(f"/entities/{id}/attrs/a", json={"value": 2}), 204)
    assert (await administrator.entity(id))["a"] == number(2, unitCode="CEL", accuracy=number(0.5))
    ok(await administrator.patch(f"/entities/{id}/attrs/a", json={"unitCode": "urn:ngsi-ld:null"}), 204)
    assert (await administrator.entity(id))["a"] == number(2, accuracy=number(0.5))
    refused(await administrator.patch(f"/entities/{id}/attrs/missing", json={"value": 2}), 404, "ResourceNotFound")
    refused(await administrator.patch(f"/entities/{id}/attrs/a", json={"type": "Relationship", "object": "urn:a:1"}), 400)
    refused(await administrator.patch("/entities/urn:a:none/attrs/a", json={"value": 2}), 404, "ResourceNotFound")


async def test_partial_update_finds_the_instance_by_its_dataset(administrator: Asker) -> None:
    id = await administrator.made(thing("one-of-two", a=[number(1), number(2, datasetId=DATASET)]))
    ok(await administrator.patch(f"/entities/{id}/attrs/a", json={"value": 3, "datasetId": DATASET}), 204)
    assert (await administrator.entity(id))["a"] == [number(1), number(3, datasetId=DATASET)]
    refused(await administrator.patch(f"/entities/{id}/attrs/a", json={"value": 3, "datasetId": "urn:x:y"}), 404)


async def test_replace_of_an_attribute(administrator: Asker) -> None:
    id = await administrator.made(thing("put", a=number(1, unitCode="CEL")))
    ok(await administrator.put(f"/entities/{id}/attrs/a", json={"type": "Relationship", "object": "urn:a:1"}), 204)
    assert (await administrator.entity(id))["a"] == {"type": "Relationship", "object": "urn:a:1"}
    refused(await administrator.put(f"/entities/{id}/attrs/missing", json=number(1)), 404, "ResourceNotFound")


async def test_delete_of_one_instance_or_of_all(administrator: Asker) -> None:
    id = await administrator.made(thing("less", a=[number(1), number(2, datasetId=DATASET)], b=number(3), scope="/s"))
    ok(await administrator.delete(f"/entities/{id}/attrs/a", params={"datasetId": DATASET}), 204)
    assert (await administrator.entity(id))["a"] == number(1)
    refused(await administrator.delete(f"/entities/{id}/attrs/a", params={"datasetId": DATASET}), 404, "ResourceNotFound")
    ok(await administrator.post(f"/entities/{id}/attrs", json={"a": number(2, datasetId=DATASET)}), 204)
    ok(await administrator.delete(f"/entities/{id}/attrs/a", params={"deleteAll": "true"}), 204)
    ok(await administrator.delete(f"/entities/{id}/attrs/scope"), 204)
    assert await administrator.entity(id) == thing("less", b=number(3))
    refused(await administrator.delete(f"/entities/{id}/attrs/a"), 404, "ResourceNotFound")
    refused(await administrator.delete(f"/entities/{id}/attrs/type"), 400, "BadRequestData")
    refused(await administrator.delete(f"/entities/{id}/attrs/b", params={"deleteAll": "maybe"}), 400, "InvalidRequest")


async def test_an_attribute_is_named_by_its_iri_too(administrator: Asker) -> None:
    id = await administrator.made(thing("iri", **{"https://example.org/a": number(1)}))
    ok(await administrator.patch(f"/entities/{id}/attrs/https%3A%2F%2Fexample.org%2Fa", json={"value": 2}), 204)
    assert (await administrator.entity(id))["https://example.org/a"] == number(2)


async def test_a_message_that_says_nothing_new_changes_no_time(administrator: Asker) -> None:
    id = await administrator.made(thing("same", a=number(1)))
    before = await administrator.entity(id, options="sysAttrs")
    for method, url, body in (
        ("POST", f"/entities/{id}/attrs", {"a": number(1)}),
        ("PATCH", f"/entities/{id}/attrs", {"a": number(1)}),
        ("PATCH", f"/entities/{id}/attrs/a", {"value": 1}),
        ("PUT", f"/entities/{id}/attrs/a", number(1)),
        ("PATCH", f"/entities/{id}", {"a": number(1)}),
        ("PUT", f"/entities/{id}", thing("same", a=number(1))),
    ):
        ok(await administrator.request(method, url, json=body), 204)
    assert await administrator.entity(id, options="sysAttrs") == before
