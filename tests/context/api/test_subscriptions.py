"""Are subscriptions created, read, changed and deleted as CIM 009 5.8.1 to 5.8.5 and 6.10, 6.11 say, each by its owner only?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from kairo.context.subscriptions.members import TRIGGERS
from kairo.errors import LdContextNotAvailable
from kairo.platform.clock import iso
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused
from tests.context.subscriptions.receivers import eventually

CORE = "https://uri.etsi.org/ngsi-ld/v1/ngsi-ld-core-context-v1.8.jsonld"


def subscription(**more: Any) -> dict[str, Any]:
    endpoint = more.pop("endpoint", {"uri": "https://receiver.example/notify"})
    notification = {"endpoint": endpoint, **more.pop("notification", {})}
    return {"type": "Subscription", "entities": [{"type": "OpenThing"}], "notification": notification, **more}


async def made(asker: Asker, **more: Any) -> str:
    answer = ok(await asker.post("/subscriptions", json=subscription(**more)), 201)
    return str(answer.headers["location"].rpartition("/")[2])


def new_id() -> str:
    return f"urn:ngsi-ld:Subscription:{uuid4()}"


async def test_create_answers_where_it_is(administrator: Asker) -> None:
    id = new_id()
    answer = ok(await administrator.post("/subscriptions", json=subscription(id=id)), 201)
    assert answer.headers["location"] == f"/ngsi-ld/v1/subscriptions/{id}"
    assert answer.content == b""
    assert ok(await administrator.get(f"/subscriptions/{id}")).json() == {
        "id": id,
        "type": "Subscription",
        "entities": [{"type": "OpenThing"}],
        "notification": {"endpoint": {"uri": "https://receiver.example/notify"}, "timesSent": 0, "timesFailed": 0},
        "status": "active",
    }


async def test_an_id_is_given_where_none_was(administrator: Asker) -> None:
    assert (await made(administrator)).startswith("urn:ngsi-ld:Subscription:")


async def test_an_id_is_taken_once(administrator: Asker, application: Asker) -> None:
    id = new_id()
    await made(administrator, id=id)
    refused(await administrator.post("/subscriptions", json=subscription(id=id)), 409, "AlreadyExists")
    refused(await application.post("/subscriptions", json=subscription(id=id)), 409, "AlreadyExists")


async def test_what_is_sent_comes_back(administrator: Asker) -> None:
    given = {
        "subscriptionName": "Shelters",
        "description": "避難所 <\"';=()>",
        "entities": [{"type": "(OpenThing;Other)|Third"}, {"type": "*", "id": ["urn:a:1", "urn:a:2"]}, {"type": "T", "idPattern": "^urn:a"}],
        "watchedAttributes": ["level", "status"],
        "notificationTrigger": list(TRIGGERS),
        "q": 'level>3;name=="山口"',
        "geoQ": {"georel": "near;maxDistance==2000", "geometry": "Point", "coordinates": [131.47, 34.18], "geoproperty": "place"},
        "scopeQ": "/Yamaguchi/#",
        "temporalQ": {"timerel": "after", "timeAt": "2026-01-01T00:00:00Z", "timeproperty": "observedAt"},
        "csf": "x",
        "lang": "ja,en;q=0.5",
        "datasetId": ["urn:d:1", "@none"],
        "isActive": False,
        "expiresAt": "2099-01-01T00:00:00Z",
        "throttling": 1.5,
    }  # fmt: skip
    wanted = {
        "pick": ["id", "type", "level"],
        "omit": ["status"],
        "format": "concise",
        "sysAttrs": True,
        "showChanges": True,
        "endpoint": {
            "uri": "https://receiver.example/notify?x=1",
            "accept": "application/ld+json",
            "timeout": 500,
            "cooldown": 1000,
            "receiverInfo": [{"key": "Authorization", "value": "Bearer x"}],
            "notifierInfo": [{"key": "MQTT-QoS", "value": "1"}],
        },
    }
    id = await made(administrator, **given, notification=wanted)
    got = ok(await administrator.get(f"/subscriptions/{id}")).json()
    assert {name: got[name] for name in given} == given
    assert {name: got["notification"][name] for name in wanted} == wanted
    assert got["status"] == "paused"


async def test_names_are_the_askers(administrator: Asker) -> None:
    context = {"@context": {"Home": "https://example.org/Home", "size": "https://example.org/size"}}
    payload = {**subscription(entities=[{"type": "Home|Flat"}], watchedAttributes=["size"], q="size>3"), **context}
    answer = ok(await administrator.post("/subscriptions", json=payload, headers={"Content-Type": "application/ld+json"}), 201)
    got = ok(await administrator.get(f"http://test{answer.headers['location']}")).json()
    assert got["entities"] == [{"type": "https://example.org/Home|Flat"}]
    assert got["watchedAttributes"] == ["https://example.org/size"]
    assert got["q"] == "size>3"


async def test_json_ld_brings_its_context(administrator: Asker) -> None:
    id = await made(administrator)
    answer = ok(await administrator.get(f"/subscriptions/{id}", headers={"Accept": "application/ld+json"}))
    assert answer.json()["@context"] == CORE
    assert "link" not in answer.headers
    assert f"<{CORE}>" in ok(await administrator.get(f"/subscriptions/{id}")).headers["link"]


async def test_system_times_only_when_asked(administrator: Asker) -> None:
    id = await made(administrator)
    assert "createdAt" not in ok(await administrator.get(f"/subscriptions/{id}")).json()
    before = ok(await administrator.get(f"/subscriptions/{id}", params={"options": "sysAttrs"})).json()
    ok(await administrator.patch(f"/subscriptions/{id}", json={"description": "new"}), 204)
    after = ok(await administrator.get(f"/subscriptions/{id}", params={"options": "sysAttrs"})).json()
    assert before["createdAt"] == before["modifiedAt"] == after["createdAt"] < after["modifiedAt"]


async def test_a_list_goes_by_pages(broker: Broker) -> None:
    async with broker.asker(await broker.token_of(f"application:{uuid4()}")) as owner:
        ids = sorted([await made(owner) for _ in range(5)])
        first = ok(await owner.get("/subscriptions", params={"limit": "2", "count": "true"}))
        assert first.headers["ngsild-results-count"] == "5"
        assert [item["id"] for item in first.json()] == ids[:2]
        assert first.headers["link"].count('rel="next"') == 1
        last = ok(await owner.get("/subscriptions", params={"limit": "2", "offset": "4"}))
        assert [item["id"] for item in last.json()] == ids[4:]
        assert 'rel="prev"' in last.headers["link"]
        assert 'rel="next"' not in last.headers["link"]
        counted = ok(await owner.get("/subscriptions", params={"limit": "0", "count": "true"}))
        assert (counted.json(), counted.headers["ngsild-results-count"]) == ([], "5")
        for wrong in ({"limit": "0"}, {"limit": "-1"}, {"limit": "1001"}, {"offset": "x"}):
            refused(await owner.get("/subscriptions", params=wrong), 400, "BadRequestData")


async def test_a_change_keeps_what_it_does_not_name(administrator: Asker) -> None:
    id = await made(administrator, q="level>1", description="old", notification={"format": "concise"})
    change = {
        "q": None,
        "description": "new",
        "notification": {"sysAttrs": True, "endpoint": {"accept": "application/ld+json"}},
    }
    answer = ok(await administrator.patch(f"/subscriptions/{id}", json=change), 204)
    assert answer.content == b""
    got = ok(await administrator.get(f"/subscriptions/{id}")).json()
    assert "q" not in got
    assert got["description"] == "new"
    assert got["notification"]["format"] == "concise"
    assert got["notification"]["sysAttrs"] is True
    assert got["notification"]["endpoint"] == {"uri": "https://receiver.example/notify", "accept": "application/ld+json"}


@pytest.mark.parametrize("null", [None, "urn:ngsi-ld:null"])
async def test_null_removes(administrator: Asker, null: object) -> None:
    id = await made(administrator, description="old")
    merge = {"Content-Type": "application/merge-patch+json"}
    ok(await administrator.patch(f"/subscriptions/{id}", json={"description": null}, headers=merge), 204)
    assert "description" not in ok(await administrator.get(f"/subscriptions/{id}")).json()
    refused(await administrator.patch(f"/subscriptions/{id}", json={"notification": {"endpoint": null}}), 400, "BadRequestData")
    refused(await administrator.post("/subscriptions", json=subscription(description=null)), 400, "BadRequestData")


async def test_status_says_whether_it_is_active(administrator: Asker) -> None:
    async def status() -> str:
        return str(ok(await administrator.get(f"/subscriptions/{id}")).json()["status"])

    id = await made(administrator, isActive=False)
    assert await status() == "paused"
    ok(await administrator.patch(f"/subscriptions/{id}", json={"isActive": True, "expiresAt": "2099-01-01T00:00:00Z"}), 204)
    assert await status() == "active"


async def test_what_is_over_has_expired(administrator: Asker, broker: Broker) -> None:
    refused(
        await administrator.post("/subscriptions", json=subscription(expiresAt="2020-01-01T00:00:00Z")), 400, "BadRequestData"
    )
    soon = (broker.graph.clock()).timestamp() + 0.4
    id = await made(administrator, expiresAt=iso(datetime.fromtimestamp(soon, UTC)))
    refused(
        await administrator.patch(f"/subscriptions/{id}", json={"expiresAt": "2020-01-01T00:00:00Z"}), 400, "BadRequestData"
    )

    async def is_over() -> bool:
        return bool(ok(await administrator.get(f"/subscriptions/{id}")).json()["status"] != "active")

    await eventually(is_over)
    assert broker.graph.clock().timestamp() >= soon
    assert ok(await administrator.get(f"/subscriptions/{id}")).json()["status"] == "expired"


async def test_delete(administrator: Asker) -> None:
    id = await made(administrator)
    ok(await administrator.delete(f"/subscriptions/{id}"), 204)
    for answer in (
        await administrator.get(f"/subscriptions/{id}"),
        await administrator.delete(f"/subscriptions/{id}"),
        await administrator.patch(f"/subscriptions/{id}", json={"q": "a"}),
        await administrator.get(f"/subscriptions/{id}/deadLetters"),
        await administrator.post(f"/subscriptions/{id}/deadLetters/replay"),
        await administrator.delete(f"/subscriptions/{id}/deadLetters"),
        await administrator.post(f"/subscriptions/{id}/trial"),
    ):
        refused(answer, 404, "ResourceNotFound")


async def test_others_are_as_if_they_were_not_there(broker: Broker, application: Asker, administrator: Asker) -> None:
    mine = await made(application)
    async with broker.asker(await broker.token_of("application:other")) as other:
        for answer in (
            await other.get(f"/subscriptions/{mine}"),
            await other.patch(f"/subscriptions/{mine}", json={"description": "x"}),
            await other.delete(f"/subscriptions/{mine}"),
            await other.get(f"/subscriptions/{mine}/deadLetters"),
            await other.post(f"/subscriptions/{mine}/trial"),
        ):
            refused(answer, 404, "ResourceNotFound")
        assert ok(await other.get("/subscriptions")).json() == []
        assert ok(await other.get("/subscriptions", params={"count": "true"})).headers["ngsild-results-count"] == "0"
    assert mine in {item["id"] for item in ok(await administrator.get("/subscriptions", params={"limit": "1000"})).json()}


async def test_nobody_subscribes_without_credentials(anyone: Asker, open_to_all: Broker) -> None:
    refused(await anyone.post("/subscriptions", json=subscription()), 401, "unauthenticated")
    refused(await anyone.get("/subscriptions"), 401, "unauthenticated")
    async with open_to_all.asker() as everyone:
        await made(everyone)


async def test_a_context_that_cannot_be_had(administrator: Asker) -> None:
    payload = subscription(jsonldContext="https://contexts.example/none.jsonld")
    refused(await administrator.post("/subscriptions", json=payload), LdContextNotAvailable.status, "LdContextNotAvailable")


async def test_a_tenant_has_so_many_at_the_most(database: Database, tmp_path: Path) -> None:
    tenant = {"NGSILD_Tenant": f"t{uuid4().hex[:8]}"}
    async with (
        open_broker(database, settings=Settings(max_subscriptions=2)) as broker,
        await broker.administrator(tmp_path, **tenant) as asker,
    ):
        await made(asker)
        await made(asker)
        refused(await asker.post("/subscriptions", json=subscription()), 429, "too-many-requests")


async def test_each_tenant_has_its_own(administrator: Asker) -> None:
    elsewhere = {"NGSILD-Tenant": f"t{uuid4().hex[:8]}"}
    id = new_id()
    ok(await administrator.post("/subscriptions", json=subscription(id=id), headers=elsewhere), 201)
    assert ok(await administrator.get(f"/subscriptions/{id}", headers=elsewhere)).json()["id"] == id
    refused(await administrator.get(f"/subscriptions/{id}"), 404, "ResourceNotFound")
    missing = {"NGSILD-Tenant": "none_such"}
    refused(await administrator.get("/subscriptions", headers=missing), 404, "NonexistentTenant")
    refused(await administrator.patch(f"/subscriptions/{id}", json={"q": "a"}, headers=missing), 404)
