"""Do create, replace, merge and delete of single entities do what CIM 009 5.6.1, 5.6.6, 5.6.17 and 5.6.18 say?"""

import asyncio
from typing import Any

import pytest

from tests.context.api.broker import Asker, ok, refused

MERGE = {"Content-Type": "application/merge-patch+json"}


def thing(name: str, /, **more: Any) -> dict[str, Any]:
    return {"id": f"urn:ngsi-ld:OpenThing:{name}", "type": "OpenThing", **more}


def number(value: float, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, **more}


async def test_create_answers_where_it_is(administrator: Asker) -> None:
    answer = ok(await administrator.post("/entities", json=thing("日本/語?1")), 201)
    assert answer.headers["location"] == "/ngsi-ld/v1/entities/urn:ngsi-ld:OpenThing:%E6%97%A5%E6%9C%AC%2F%E8%AA%9E%3F1"
    assert answer.content == b""
    assert "content-type" not in answer.headers
    found = ok(await administrator.get("http://test" + answer.headers["location"]))
    assert found.json()["id"] == "urn:ngsi-ld:OpenThing:日本/語?1"


async def test_what_is_there_is_not_created_again(administrator: Asker) -> None:
    id = await administrator.made(thing("twice", a=number(1)))
    refused(await administrator.post("/entities", json=thing("twice", a=number(2))), 409, "AlreadyExists")
    assert (await administrator.entity(id))["a"]["value"] == 1


async def test_of_many_who_create_the_same_one_wins(administrator: Asker) -> None:
    answers = await asyncio.gather(
        *(administrator.post("/entities", json=thing("race", a=number(count))) for count in range(20))
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "OpenThing"},
        {"id": "urn:a:1"},
        {"id": "no uri", "type": "OpenThing"},
        {"id": "urn:a:1", "type": []},
        {"id": "urn:a:1", "type": "OpenThing", "a": None},
        {"id": "urn:a:1", "type": "OpenThing", "a": {"type": "Property"}},
        {"id": "urn:a:1", "type": "OpenThing", "a": {"type": "Nothing", "value": 1}},
        {"id": "urn:a:1", "type": "OpenThing", "a": {"type": "Property", "value": "urn:ngsi-ld:null"}},
        {"id": "urn:a:1", "type": "OpenThing", "value": 1},
        {"id": "urn:a:1", "type": "OpenThing", "scope": "not a scope"},
    ],
)
async def test_what_is_no_entity_is_refused(administrator: Asker, wrong: dict[str, Any]) -> None:
    refused(await administrator.post("/entities", json=wrong), 400, "BadRequestData")
    refused(await administrator.get("/entities/urn:a:1"), 404, "ResourceNotFound")


async def test_replace_leaves_nothing_of_the_old_but_its_birth(administrator: Asker) -> None:
    id = await administrator.made(thing("replaced", a=number(1), b=number(2), scope="/old"))
    before = await administrator.entity(id, options="sysAttrs")
    ok(await administrator.put(f"/entities/{id}", json=thing("replaced", b=number(2), c=number(3))), 204)
    after = await administrator.entity(id, options="sysAttrs")
    assert set(after) == {"id", "type", "b", "c", "createdAt", "modifiedAt"}
    assert after["createdAt"] == before["createdAt"]
    assert after["b"] == before["b"], "what stays as it was keeps its times (4.8)"
    assert after["modifiedAt"] > before["modifiedAt"]


async def test_replace_of_another_or_of_none_is_refused(administrator: Asker) -> None:
    id = await administrator.made(thing("steady", a=number(1)))
    refused(await administrator.put(f"/entities/{id}", json=thing("other")), 400, "BadRequestData")
    refused(await administrator.put("/entities/urn:a:none", json={"type": "OpenThing"}), 404, "ResourceNotFound")
    ok(await administrator.put(f"/entities/{id}", json={"type": "OpenThing", "z": number(1)}), 204)
    assert await administrator.entity(id) == thing("steady", z=number(1))


async def test_merge_changes_what_is_named_to_any_depth(administrator: Asker) -> None:
    deep = {"street": "亀山町", "number": {"block": 2, "house": 1}}
    id = await administrator.made(
        thing("merged", a=number(1, unitCode="CEL", note=number(5)), b=number(2), address={"type": "Property", "value": deep})
    )
    patch = {
        "a": {"value": 9, "note": "urn:ngsi-ld:null"},
        "b": "urn:ngsi-ld:null",
        "address": {"value": {"number": {"house": 7}}},
        "c": number(3),
    }
    ok(await administrator.patch(f"/entities/{id}", json=patch, headers=MERGE), 204)
    merged = await administrator.entity(id)
    assert merged["a"] == number(9, unitCode="CEL")
    assert "b" not in merged
    assert merged["c"] == number(3)
    assert merged["address"]["value"] == {"street": "亀山町", "number": {"block": 2, "house": 7}}


async def test_merge_takes_times_and_languages(administrator: Asker) -> None:
    id = await administrator.made(
        thing(
            "measured",
            a=number(1, observedAt="2026-04-01T00:00:00Z"),
            b=number(1),
            name={"type": "LanguageProperty", "languageMap": {"ja": "橋", "en": "bridge"}},
        )
    )
    parameters = {"options": "keyValues", "observedAt": "2026-04-02T09:00:00+09:00", "lang": "en"}
    patch = {"a": 2, "b": 2, "name": "old bridge"}
    ok(await administrator.patch(f"/entities/{id}", json=patch, params=parameters), 204)
    merged = await administrator.entity(id)
    assert merged["a"] == number(2, observedAt="2026-04-02T00:00:00Z")
    assert merged["b"] == number(2), "observedAt goes only where there was one (5.6.17)"
    assert merged["name"]["languageMap"] == {"ja": "橋", "en": "old bridge"}
    refused(await administrator.patch(f"/entities/{id}", json={"name": "x"}, params={"lang": "no language!"}), 400)
    refused(await administrator.patch(f"/entities/{id}", json={"a": 1}, params={"observedAt": "yesterday"}), 400)
    refused(await administrator.patch(f"/entities/{id}", json={"a": 1}, params={"format": "verbose"}), 400, "InvalidRequest")
    refused(await administrator.patch("/entities/urn:a:none", json={"a": 1}), 404, "ResourceNotFound")


async def test_types_are_added_and_never_lost_by_merging(administrator: Asker) -> None:
    id = await administrator.made(thing("typed"))
    ok(await administrator.patch(f"/entities/{id}", json={"type": "OtherOpenThing"}), 204)
    assert (await administrator.entity(id))["type"] == ["OpenThing", "OtherOpenThing"]
    assert id in await administrator.ids(type="OtherOpenThing")


async def test_delete_takes_it_from_every_view(administrator: Asker) -> None:
    location = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [131.5, 34.2]}}
    id = await administrator.made(thing("gone", type="Fleeting", location=location))
    ok(await administrator.delete(f"/entities/{id}"), 204)
    refused(await administrator.get(f"/entities/{id}"), 404, "ResourceNotFound")
    refused(await administrator.delete(f"/entities/{id}"), 404, "ResourceNotFound")
    assert await administrator.ids(type="Fleeting") == []
    near = {"georel": "near;maxDistance==10", "geometry": "Point", "coordinates": "[131.5,34.2]"}
    assert id not in await administrator.ids(**near)
    refused(await administrator.get("/types/Fleeting"), 404, "ResourceNotFound")


async def test_what_is_over_is_not_shown_any_more(administrator: Asker) -> None:
    id = await administrator.made(thing("over", type="Passing", expiresAt="2020-01-01T00:00:00Z"))
    refused(await administrator.get(f"/entities/{id}"), 404, "ResourceNotFound")
    assert await administrator.ids(type="Passing") == []
