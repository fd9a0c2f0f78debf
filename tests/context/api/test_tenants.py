"""Are tenants made by the first write of who may, and kept apart in every answer (CIM 009 4.14, 5.5.10, 6.3.14)?"""

import asyncio
from typing import Any

from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.api.broker import Asker, Broker, ok, refused

HOFU = {"NGSILD-Tenant": "352063"}


def thing(name: str, value: int = 1) -> dict[str, Any]:
    location = {"type": "Point", "coordinates": [131.56, 34.05]}
    return {"id": f"urn:t:{name}", "type": "OpenThing", "n": {"type": "Property", "value": value}, "location": location}


async def test_the_first_write_makes_the_tenant_and_answers_echo_it(administrator: Asker, anyone: Asker) -> None:
    refused(await anyone.get("/entities", params={"type": "OpenThing"}, headers=HOFU), 404, "NonexistentTenant")
    refused(await anyone.get("/types", headers=HOFU), 404, "NonexistentTenant")
    refused(await anyone.post("/entities", json=thing("a"), headers=HOFU), 404, "NonexistentTenant")
    answer = ok(await administrator.post("/entities", json=thing("a"), headers=HOFU), 201)
    assert answer.headers["ngsild-tenant"] == "352063"
    for url in ("/entities/urn:t:a", "/entities?type=OpenThing", "/types", "/attributes/n"):
        answer = ok(await anyone.get(url, headers=HOFU))
        assert answer.headers["ngsild-tenant"] == "352063"
        assert "ngsild-tenant" not in (await anyone.get(url)).headers


async def test_only_creating_makes_a_tenant(administrator: Asker, broker: Broker) -> None:
    headers = {"NGSILD-Tenant": "nobody_made_me"}
    url = "/entities/urn:t:a"
    for answer in (
        await administrator.delete(url, headers=headers),
        await administrator.patch(url, json={"n": 1}, headers=headers),
        await administrator.put(url, json={"type": "OpenThing"}, headers=headers),
        await administrator.post(f"{url}/attrs", json={"n": 1}, headers=headers),
        await administrator.post("/entityOperations/delete", json=["urn:t:a"], headers=headers),
        await administrator.post("/entities", json={"id": "urn:t:a"}, headers=headers),
    ):
        assert answer.status_code in {400, 404}, answer.text
    assert await broker.rows("tenant", tenant="nobody_made_me") == []


async def test_who_may_not_make_one_does_not(application: Asker, broker: Broker) -> None:
    headers = {"NGSILD-Tenant": "by_application"}
    refused(await application.post("/entities", json=thing("a"), headers=headers), 404, "NonexistentTenant")
    assert await broker.rows("tenant", tenant="by_application") == []


async def test_a_name_that_is_none(anyone: Asker) -> None:
    for name in ("UPPER", "a b", "a;b", "../x", "x" * 64, "", "a'--"):
        refused(await anyone.get("/types", headers={"NGSILD-Tenant": name}), 400, "BadRequestData")


async def test_the_same_id_lives_in_both_apart(administrator: Asker) -> None:
    ok(await administrator.post("/entities", json=thing("both", 1)), 201)
    ok(await administrator.post("/entities", json=thing("both", 2), headers=HOFU), 201)
    assert (await administrator.entity("urn:t:both"))["n"]["value"] == 1
    found = ok(await administrator.get("/entities/urn:t:both", headers=HOFU)).json()
    assert found["n"]["value"] == 2
    ok(await administrator.delete("/entities/urn:t:both", headers=HOFU), 204)
    assert (await administrator.entity("urn:t:both"))["n"]["value"] == 1


async def test_no_channel_shows_another_tenants_rows(administrator: Asker, broker: Broker) -> None:
    """The administrator of both asks in the home tenant, in every way that there is, for what only Hofu has."""
    secret = thing("only-hofu", 77) | {"type": "OnlyHofu", "onlyThere": {"type": "Property", "value": 77}}
    ok(await administrator.post("/entities", json=secret, headers=HOFU), 201)
    for url in (
        "/types",
        "/attributes",
        "/types?details=true",
        "/attributes?details=true",
        "/entities?type=OnlyHofu",
        "/entities?q=onlyThere==77",
        "/entities?attrs=onlyThere",
        "/entities?type=*&id=urn:t:only-hofu",
        "/entities?type=*&idPattern=hofu",
        "/entities?local=true&limit=1000",
        "/entities?georel=near;maxDistance==9&geometry=Point&coordinates=[131.56,34.05]&q=onlyThere",
        "/entities?georel=disjoint&geometry=Point&coordinates=[0,0]",
    ):
        answer = ok(await administrator.get(url))
        assert "only" not in answer.text, url
    for url in ("/entities/urn:t:only-hofu", "/types/OnlyHofu", "/attributes/onlyThere"):
        refused(await administrator.get(url), 404, "ResourceNotFound")
    counted = await administrator.get("/entities", params={"type": "OnlyHofu", "count": "true"})
    assert counted.headers["ngsild-results-count"] == "0"
    body = {"type": "Query", "entities": [{"type": "OnlyHofu"}]}
    assert ok(await administrator.post("/entityOperations/query", json=body)).json() == []
    refused(await administrator.delete("/entities/urn:t:only-hofu"), 404)
    scope = broker.gate.scope_of(LOCAL_ADMINISTRATOR, broker.settings.tenant)
    assert await broker.graph.history(scope, "urn:t:only-hofu", "onlyThere") == []


async def test_tenants_do_not_mix_when_many_ask_at_once(administrator: Asker) -> None:
    names = [f"city_{count}" for count in range(6)]
    for count, name in enumerate(names):
        ok(await administrator.post("/entities", json=thing("mix", count), headers={"NGSILD-Tenant": name}), 201)

    async def ask(count: int, name: str) -> None:
        found = ok(await administrator.get("/entities/urn:t:mix", headers={"NGSILD-Tenant": name})).json()
        assert found["n"]["value"] == count
        listed = ok(await administrator.get("/entities", params={"q": "n>=0"}, headers={"NGSILD-Tenant": name})).json()
        assert [item["n"]["value"] for item in listed] == [count]

    await asyncio.gather(*(ask(count, name) for count, name in enumerate(names) for _ in range(10)))
