"""Are names read and shown in the request's @context: by Link, in the body, and hosted here (CIM 009 5.5.7, 5.13, 6.3.5)?"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import orjson
import pytest_asyncio

from kairo.context.contexts import Fetched, read_document
from kairo.errors import LdContextNotAvailable
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused

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
    (mine,) = [item for item in details if item["URL"] == address]
    assert mine["kind"] == "Hosted"
    assert ok(await administrator.get(f"/jsonldContexts/{mine['localId']}", params={"details": "true"})).json() == mine
    ok(await administrator.delete(f"/jsonldContexts/{mine['localId']}"), 204)
    refused(await administrator.get(f"/jsonldContexts/{mine['localId']}"), 404, "ResourceNotFound")
    refused(await administrator.delete(f"/jsonldContexts/{mine['localId']}"), 404, "ResourceNotFound")
    refused(await administrator.get("/entities/urn:a:1", headers=link(address)), 504, "LdContextNotAvailable")
    refused(await administrator.get("/jsonldContexts", params={"kind": "Strange"}), 400, "InvalidRequest")


async def test_nothing_is_fetched_unless_allowed(administrator: Asker) -> None:
    problem = refused(
        await administrator.get("/entities", params={"type": "T"}, headers=link("https://elsewhere.example/c.jsonld")),
        504,
        "LdContextNotAvailable",
    )
    assert "jsonldContexts" in problem["mend"]


class Web:
    """The outside, as far as the operator allows it: documents by address, and what was fetched."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}
        self.fetched: list[str] = []

    def may_fetch(self, url: str) -> bool:
        return url.startswith("https://sea.example/")

    async def fetch(self, url: str) -> Fetched:
        self.fetched.append(url)
        if url not in self.documents:
            raise LdContextNotAvailable(f"{url} is away")
        return Fetched(read_document(url, self.documents[url]), 3600)


CACHED = "https://sea.example/c.jsonld"


@pytest_asyncio.fixture
async def sea(broker: Broker, administrator: Asker) -> AsyncIterator[Web]:
    """The administrator's broker with a part of the outside."""
    web = Web()
    web.documents[CACHED] = orjson.dumps({"@context": CONTEXT})
    broker.api.desk.contexts._fetcher = web
    yield web
    await administrator.delete(f"/jsonldContexts/{quote(CACHED, safe='')}")


async def details_of(asker: Asker, name: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(await asker.get(f"/jsonldContexts/{quote(name, safe='')}", params={"details": "true"})).json()
    return found


async def test_what_was_fetched_is_kept_and_told_of(sea: Web, administrator: Asker) -> None:
    for _ in range(3):
        ok(await administrator.get("/entities", params={"type": "Ship"}, headers=link(CACHED)))
    assert sea.fetched == [CACHED]
    assert ok(await administrator.get("/jsonldContexts", params={"kind": "Cached"})).json() == [CACHED]
    assert CACHED not in ok(await administrator.get("/jsonldContexts", params={"kind": "Hosted"})).json()
    (told,) = ok(await administrator.get("/jsonldContexts", params={"kind": "Cached", "details": "true"})).json()
    assert told == await details_of(administrator, CACHED) == await details_of(administrator, told["localId"])
    assert told["URL"] == CACHED
    assert told["kind"] == "Cached"
    assert told["numberOfHits"] == 3
    assert told["createdAt"] <= told["lastUsage"] < told["expiresAt"]
    for name in (CACHED, told["localId"]):
        refused(await administrator.get(f"/jsonldContexts/{quote(name, safe='')}"), 422, "OperationNotSupported")
    ok(await administrator.delete(f"/jsonldContexts/{told['localId']}"), 204)
    refused(await administrator.get(f"/jsonldContexts/{told['localId']}", params={"details": "true"}), 404, "ResourceNotFound")
    ok(await administrator.get("/entities", params={"type": "Ship"}, headers=link(CACHED)))
    assert sea.fetched == [CACHED, CACHED], "after it was deleted it is fetched again"


async def test_what_was_fetched_is_fetched_anew(sea: Web, administrator: Asker, anyone: Asker) -> None:
    ok(await administrator.post("/entities", json=ship("anew"), headers=link(CACHED)), 201)
    url = f"/jsonldContexts/{quote(CACHED, safe='')}"
    before = await details_of(administrator, CACHED)
    for wrong in (b"no json", b'{"a": 1}', orjson.dumps({"@context": {"a": 5}})):
        sea.documents[CACHED] = wrong
        refused(await administrator.delete(url, params={"reload": "true"}), 504, "LdContextNotAvailable")
    del sea.documents[CACHED]
    refused(await administrator.delete(url, params={"reload": "true"}), 504, "LdContextNotAvailable")
    refused(await anyone.delete(url, params={"reload": "true"}), 401, "unauthenticated")
    assert (await details_of(administrator, CACHED))["createdAt"] == before["createdAt"], "the old one stays"
    sea.documents[CACHED] = orjson.dumps({"@context": {"Ship": CONTEXT["Ship"], "fast": CONTEXT["speed"]}})
    ok(await administrator.delete(url, params={"reload": "true"}), 204)
    assert (await details_of(administrator, CACHED))["createdAt"] > before["createdAt"]
    shown = ok(await administrator.get("/entities/urn:ship:anew", headers=link(CACHED))).json()
    assert "fast" in shown, "the new one counts at once"


async def test_only_what_was_fetched_can_be_fetched_anew(administrator: Asker) -> None:
    address = await hosted(administrator)
    refused(await administrator.delete(address, params={"reload": "true"}), 400, "BadRequestData")
    refused(await administrator.delete(address, params={"reload": "yes"}), 400, "InvalidRequest")
    refused(await administrator.delete("/jsonldContexts/nothing", params={"reload": "true"}), 404, "ResourceNotFound")
    assert ok(await administrator.get(address)).json() == {"@context": CONTEXT}


async def test_a_context_in_a_query_is_served_from_here(administrator: Asker, anyone: Asker) -> None:
    ok(await administrator.post("/entities", json={"@context": CONTEXT, **ship("posted")}, headers=LD), 201)
    body = {"type": "Query", "entities": [{"type": "Ship"}], "q": "speed>0", "@context": [CONTEXT]}
    addresses = set()
    for _ in range(2):
        answer = ok(
            await administrator.post("/entityOperations/query", json=body, headers={**LD, "Accept": "application/json"})
        )
        assert ship("posted") in answer.json()
        addresses.add(answer.headers["link"].partition("<")[2].partition(">")[0])
    (address,) = addresses
    assert address in ok(await administrator.get("/jsonldContexts", params={"kind": "ImplicitlyCreated"})).json()
    assert ok(await anyone.get(address)).json()["@context"][0] == CONTEXT
    assert ship("posted") in ok(await administrator.get("/entities", params={"type": "Ship"}, headers=link(address))).json()
    other = {**body, "@context": [{"a": "https://a.example/"}]}
    answer = await anyone.post("/entityOperations/query", json=other, headers={**LD, "Accept": "application/json"})
    assert "link" not in ok(answer).headers, "who may write nothing stores no @context either"
    again = await administrator.post("/entityOperations/query", json=body, headers={**LD, "Accept": "application/ld+json"})
    assert "link" not in ok(again).headers


async def test_the_number_of_contexts_is_limited(database: Database, administrator: Asker) -> None:
    token = str(administrator.headers["authorization"]).partition(" ")[2]
    async with open_broker(database, settings=replace(Settings(), max_contexts=1)) as broker, broker.asker(token) as asker:
        answers = [await asker.post("/jsonldContexts", json={"@context": {"a": "https://a.example/"}}) for _ in range(2)]
        refused(answers[1], 429, "too-many-requests")


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
        assert answer.status_code in {400, 504}, answer.text
        refused(answer, answer.status_code)
    refused(await administrator.post("/jsonldContexts", json={"context": {}}), 400, "BadRequestData")
    refused(await administrator.get("/jsonldContexts/http:%2F%2F["), 404, "ResourceNotFound")


async def test_only_who_may_write_stores_contexts(administrator: Asker, anyone: Asker, broker: Broker) -> None:
    address = await hosted(administrator)
    refused(await anyone.post("/jsonldContexts", json={"@context": CONTEXT}), 401, "unauthenticated")
    refused(await anyone.delete(address), 401, "unauthenticated")
    assert ok(await anyone.get(address)).json() == {"@context": CONTEXT}
