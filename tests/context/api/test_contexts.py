"""Are names read and shown in the request's @context: by Link, in the body, and hosted here (CIM 009 5.5.7, 5.13, 6.3.5)?"""

from typing import Any

from tests.context.api.broker import Asker, Broker, ok, refused

LD = {"Content-Type": "application/ld+json"}
CONTEXT = {
    "Ship": "https://sea.example/Ship",
    "speed": "https://sea.example/speed",
    "state": {"@id": "https://sea.example/state", "@type": "@vocab"},
}


def link(address: str) -> dict[str, str]:
    return {"Link": f'<{address}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'}


def ship(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"urn:ship:{name}", "type": "Ship", "speed": {"type": "Property", "value": 12}, **more}


async def hosted(asker: Asker) -> str:
    return ok(await asker.post("/jsonldContexts", json={"@context": CONTEXT}), 201).headers["location"]


async def test_a_body_brings_its_own(administrator: Asker) -> None:
    body = {"@context": CONTEXT, **ship("body")}
    ok(await administrator.post("/entities", json=body, headers=LD), 201)
    found = await administrator.entity("urn:ship:body")
    assert found["type"] == "https://sea.example/Ship"
    assert "https://sea.example/speed" in found


async def test_a_hosted_one_is_used_by_link(administrator: Asker, anyone: Asker) -> None:
    address = await hosted(administrator)
    ok(await administrator.post("/entities", json=ship("link"), headers=link(address)), 201)
    answer = ok(await administrator.get("/entities/urn:ship:link", headers=link(address)))
    assert answer.json() == ship("link")
    assert answer.headers["link"] == link(address)["Link"]
    assert (await administrator.entity("urn:ship:link"))["type"] == "https://sea.example/Ship"
    found = ok(
        await administrator.get(
            "/entities", params={"type": "Ship", "q": "speed==12", "pick": "id,speed"}, headers=link(address)
        )
    )
    assert {"id": "urn:ship:link", "speed": {"type": "Property", "value": 12}} in found.json()
    assert await administrator.ids(type="Ship") == []
    ok(await administrator.patch("/entities/urn:ship:link/attrs/speed", json={"value": 15}, headers=link(address)), 204)
    assert ok(await anyone.get(address)).json() == {"@context": CONTEXT}
    body = {"@context": address, **ship("by-address")}
    ok(await administrator.post("/entities", json=body, headers=LD), 201)
    assert (await administrator.entity("urn:ship:by-address"))["type"] == "https://sea.example/Ship"


async def test_what_is_hosted_is_listed_told_of_and_deleted(administrator: Asker) -> None:
    address = await hosted(administrator)
    assert address in ok(await administrator.get("/jsonldContexts")).json()
    details = ok(await administrator.get("/jsonldContexts", params={"details": "true", "kind": "Hosted"})).json()
    (mine,) = [item for item in details if item["url"] == address]
    assert mine["kind"] == "Hosted"
    assert ok(await administrator.get(f"/jsonldContexts/{mine['localId']}", params={"details": "true"})).json() == mine
    ok(await administrator.delete(f"/jsonldContexts/{mine['localId']}"), 204)
    refused(await administrator.get(f"/jsonldContexts/{mine['localId']}"), 404, "ResourceNotFound")
    refused(await administrator.delete(f"/jsonldContexts/{mine['localId']}"), 404, "ResourceNotFound")
    refused(await administrator.get("/entities/urn:a:1", headers=link(address)), 503, "LdContextNotAvailable")
    refused(await administrator.get("/jsonldContexts", params={"kind": "Strange"}), 400, "InvalidRequest")


async def test_nothing_is_fetched_unless_allowed(administrator: Asker) -> None:
    problem = refused(
        await administrator.get("/entities", params={"type": "T"}, headers=link("https://elsewhere.example/c.jsonld")),
        503,
        "LdContextNotAvailable",
    )
    assert "jsonldContexts" in problem["mend"]


async def test_the_three_ways_exclude_each_other(administrator: Asker) -> None:
    address = await hosted(administrator)
    with_context = {"@context": CONTEXT, **ship("both")}
    refused(await administrator.post("/entities", json=with_context), 400, "BadRequestData")
    refused(await administrator.post("/entities", json=with_context, headers={**LD, **link(address)}), 400, "BadRequestData")
    refused(await administrator.post("/entities", json=ship("none"), headers=LD), 400, "BadRequestData")
    refused(await administrator.get("/entities/urn:ship:both"), 404)


async def test_what_is_no_context_is_refused(administrator: Asker) -> None:
    for wrong in (5, {"a": 5}, {"a": {"@id": 5}}, ["https://[", "x"], {"@version": 1.0}, {"a": "b", "b": "a"}, "not a url"):
        answer = await administrator.post("/entities", json={"@context": wrong, **ship("wrong")}, headers=LD)
        refused(answer, 400, "BadRequestData")
        refused(await administrator.post("/jsonldContexts", json={"@context": wrong}), 400, "BadRequestData")
    for wrong_link in ("<https://[>", "<nowhere>", "<https://a.example/", "no link at all"):
        header = f'{wrong_link}; rel="http://www.w3.org/ns/json-ld#context"'
        answer = await administrator.get("/entities/urn:a:1", headers={"Link": header})
        assert answer.status_code in {400, 503}, answer.text
        refused(answer, answer.status_code)
    refused(await administrator.post("/jsonldContexts", json={"context": {}}), 400, "BadRequestData")
    refused(await administrator.get("/jsonldContexts/http:%2F%2F["), 404, "ResourceNotFound")


async def test_only_who_may_write_stores_contexts(administrator: Asker, anyone: Asker, broker: Broker) -> None:
    address = await hosted(administrator)
    refused(await anyone.post("/jsonldContexts", json={"@context": CONTEXT}), 401, "unauthenticated")
    refused(await anyone.delete(address), 401, "unauthenticated")
    assert ok(await anyone.get(address)).json() == {"@context": CONTEXT}
