"""Does anything of hidden rows and withheld attributes leak, through whatever channel? Two worlds must answer alike.

Whoever may not see what is hidden asks both worlds everything.
"""

from typing import Any

from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.api.broker import Asker, Broker, ok, refused
from tests.context.api.two_worlds import KIOSK, NEAR, SECRET, Asked, answer_alike, whoever_may_not_see

QUERIES = [
    "type=OpenThing",
    "type=Resident",
    "type=CityGadget",
    "type=*&limit=1000",
    "type=OpenThing,Resident,CityGadget&count=true&limit=2",
    "type=OpenThing&count=true&limit=1&offset=1",
    "type=*&limit=1",
    "type=*&limit=2&after=urn:w:a",
    "type=*&id=urn:w:a,urn:w:b,urn:w:c,urn:w:i",
    "type=*&idPattern=urn:w:[a-j]&count=true",
    "attrs=ownerName",
    "attrs=secretName,secretGauge,n&count=true",
    "type=OpenThing&attrs=ownerName,n",
    "type=OpenThing&pick=id,ownerName",
    *(
        f"type=*&limit={limit}&orderBy={order}"
        for limit in (1, 1000)
        for order in ("ownerName", "ownerName;desc", "ownerName.phone,id;desc", "ownerName.createdAt;desc")
    ),
    "type=OpenThing&local=true&orderBy=ownerName;dist-desc,id;desc&orderFrom=[131,34]",
    "type=OpenThing&join=inline&joinLevel=2",
    "type=OpenThing&join=flat&joinLevel=2",
    "type=OpenThing&join=flat&q=leads{ownerName}&count=true",
    "type=OpenThing&join=flat&q=!leads{ownerName}&count=true",
    "type=OpenThing&join=flat&q=leads{secretGauge}|leads{Resident:n}==1|leads{ownerName.createdAt}&count=true",
    "type=OpenThing&omit=n",
    "q=ownerName",
    "q=!ownerName;n>=0",
    'q=ownerName=="山口花子"&count=true',
    'q=ownerName!="x"&count=true',
    "q=ownerName~=山",
    'q=ownerName!~="zz"',
    "q=ownerName.phone",
    'q=ownerName.phone=="0839221111"',
    "q=!ownerName.phone;n>=0&count=true",
    "q=ownerName.observedAt>2020-01-01T00:00:00Z",
    "q=ownerName.createdAt>2020-01-01T00:00:00Z",
    "q=!ownerName.modifiedAt;n>=0",
    "q=ownerName.home",
    "q=n>=0|ownerName&count=true",
    "q=secretName|secretGauge|n==1&count=true",
    f"{NEAR}&geoproperty=ownerName&count=true",
    f"type=*&{NEAR}&count=true",
    f"{NEAR.replace('near;maxDistance==10', 'disjoint')}&geoproperty=ownerName",
    f"{NEAR.replace('near;maxDistance==10', 'near;minDistance==10')}&geoproperty=ownerName",
    "type=*&scopeQ=/Yamaguchi&count=true",
    "type=OpenThing&options=sysAttrs",
    "type=OpenThing&options=sysAttrs,concise",
    "type=OpenThing&options=keyValues&lang=ja",
    "type=OpenThing&datasetId=urn:d:1",
    "type=*&geometryProperty=ownerName",
]
READS = [
    *(f"/entities?{query}" for query in QUERIES),
    *(f"/entities/urn:w:{name}" for name in "abcdefghijz"),
    *(f"/entities/urn:w:{name}?options=sysAttrs&attrs=ownerName" for name in "abcfz"),
    *(f"/entities/urn:w:{name}?pick=ownerName" for name in "abz"),
    *(f"/types{rest}" for rest in ("", "?details=true", "/Resident", "/CityGadget", "/OpenThing", "/Unknown")),
    *(f"/attributes{rest}" for rest in ("", "?details=true", "/ownerName", "/secretName", "/secretGauge", "/n", "/phone")),
]
POSTED = [
    {"type": "Query", "entities": [{"type": "Resident"}]},
    {"type": "Query", "attrs": ["ownerName"]},
    {"type": "Query", "q": 'ownerName=="山口花子"'},
    {"type": "Query", "entities": [{"type": "*", "id": ["urn:w:a", "urn:w:i", "urn:w:b"]}]},
    {"type": "Query", "geoQ": {"georel": "near;maxDistance==9", "geometry": "Point", "coordinates": [131.47, 34.18], "geoproperty": "ownerName"}},
]  # fmt: skip
# What is tried in both worlds, in this order: what succeeds changes both alike.
WRITES: list[tuple[str, str, Any]] = [
    *(("DELETE", f"/entities/urn:w:{name}", None) for name in "aciz"),
    *(("PATCH", f"/entities/urn:w:{name}/attrs/ownerName", {"value": "山口花子"}) for name in "abcdfhz"),
    *(("PUT", f"/entities/urn:w:{name}/attrs/ownerName", {"value": "山口花子"}) for name in "abcz"),
    *(("DELETE", f"/entities/urn:w:{name}/attrs/ownerName", None) for name in "abcfhz"),
    *(("DELETE", f"/entities/urn:w:{name}/attrs/ownerName?deleteAll=true", None) for name in "bdh"),
    *(("DELETE", f"/entities/urn:w:{name}/attrs/ownerName?datasetId=urn:d:1", None) for name in "bdh"),
    *(("POST", f"/entities/urn:w:{name}/attrs?options=noOverwrite", {"ownerName": "x"}) for name in "abcdhz"),
    *(("POST", f"/entities/urn:w:{name}/attrs", {"ownerName": SECRET}) for name in "abhz"),
    *(("PATCH", f"/entities/urn:w:{name}/attrs", {"ownerName": SECRET}) for name in "abhz"),
    *(("PATCH", f"/entities/urn:w:{name}/attrs", {"ownerName": "urn:ngsi-ld:null"}) for name in "abdhz"),
    *(("PATCH", f"/entities/urn:w:{name}", {"ownerName": "urn:ngsi-ld:null"}) for name in "abdhz"),
    *(("PATCH", f"/entities/urn:w:{name}", {"ownerName": {"value": "山口花子"}}) for name in "abdhz"),
    *(("PATCH", f"/entities/urn:w:{name}", {"type": "OtherOpenThing"}) for name in "abhz"),
    *(("PUT", f"/entities/urn:w:{name}", {"type": "OtherOpenThing", "n": 5}) for name in "abhz"),
    *(("PUT", f"/entities/urn:w:{name}", {"type": "OpenThing", "n": 5}) for name in "abhz"),
    *(("PUT", f"/entities/urn:w:{name}", {"type": "OpenThing", "n": 5, "ownerName": "x"}) for name in "abhz"),
    ("POST", "/entities", {"id": "urn:w:b", "type": "OpenThing", "n": 1}),
    ("POST", "/entities", {"id": "urn:w:a", "type": "Resident"}),
    ("POST", "/entities", {"id": "urn:w:z", "type": "Resident"}),
    ("POST", "/entityOperations/delete", ["urn:w:a", "urn:w:i", "urn:w:z"]),
    ("DELETE", "/entities?type=Resident,CityGadget", None),
    ("DELETE", "/entities?type=OpenThing&q=ownerName", None),
    ("DELETE", "/entities?type=OpenThing&drop=ownerName", None),
    ("DELETE", "/entities?type=OpenThing&q=n==6&keep=n", None),
    ("POST", "/entityOperations/update", [{"id": f"urn:w:{name}", "ownerName": "x"} for name in "abchiz"]),
    ("POST", "/entityOperations/update?options=noOverwrite", [{"id": f"urn:w:{name}", "ownerName": "x"} for name in "abch"]),
    ("POST", "/entityOperations/merge", [{"id": f"urn:w:{name}", "ownerName": {"value": "山口花子"}} for name in "abchiz"]),
    ("POST", "/entityOperations/upsert?options=update", [{"id": "urn:w:b", "type": "OpenThing", "ownerName": SECRET}]),
    (
        "POST",
        "/entityOperations/upsert",
        [{"id": "urn:w:d", "type": "OpenThing", "n": 6}, {"id": "urn:w:a", "type": "Resident"}],
    ),
]


@whoever_may_not_see
async def test_both_worlds_answer_alike(database: Database, name: str) -> None:
    asked: list[Asked] = [("GET", url, None, {}) for url in READS]
    asked += [("GET", url, None, {"Accept": "application/geo+json"}) for url in READS if url.startswith("/entities")]
    asked += [("POST", f"/entityOperations/query{rest}", body, {}) for body in POSTED for rest in ("", "?count=true&limit=1")]
    asked += [(method, url, body, {}) for method, url, body in WRITES]
    asked += [("GET", url, None, {}) for url in READS]
    await answer_alike(database, name, "present", asked)


async def test_what_was_withheld_is_still_there(broker: Broker, application: Asker, administrator: Asker) -> None:
    """Whoever changes an entity without seeing all of it leaves the rest as it is."""
    id = await administrator.made({"id": "urn:kept:1", "type": "OpenThing", "n": 1, "ownerName": SECRET})
    born = (await administrator.entity(id, options="sysAttrs"))["ownerName"]["createdAt"]
    ok(await application.put(f"/entities/{id}", json={"type": "OpenThing", "m": 2}), 204)
    ok(await application.patch(f"/entities/{id}", json={"m": 3}), 204)
    found = await administrator.entity(id, options="sysAttrs")
    assert found["ownerName"]["value"] == SECRET["value"]
    assert found["ownerName"]["createdAt"] == found["ownerName"]["modifiedAt"] == born
    assert "n" not in found
    assert "ownerName" not in await application.entity(id, options="sysAttrs")
    refused(await application.put(f"/entities/{id}", json={"type": "OtherOpenThing"}), 403, "forbidden")
    ok(await administrator.delete(f"/entities/{id}/attrs/ownerName"), 204)
    rows = await broker.rows("attribute_history", tenant=broker.settings.tenant, entity=id, attribute="ownerName")
    assert [row["operation"] for row in sorted(rows, key=lambda row: row["change"])] == ["created", "deleted"]


async def test_history_of_what_is_withheld_is_withheld(broker: Broker, administrator: Asker) -> None:
    id = await administrator.made({"id": "urn:past:1", "type": "OpenThing", "n": 1, "ownerName": SECRET})
    for scope in (broker.gate.public(broker.settings.tenant), broker.gate.scope_of(KIOSK, broker.settings.tenant)):
        assert await broker.graph.history(scope, id, "ownerName") == []
        assert len(await broker.graph.history(scope, id, "n")) == 1
    administrators = broker.gate.scope_of(LOCAL_ADMINISTRATOR, broker.settings.tenant)
    assert len(await broker.graph.history(administrators, id, "ownerName")) == 1


async def test_all_that_a_hidden_entity_shows_is_that_its_id_is_taken(
    broker: Broker, administrator: Asker, application: Asker, anyone: Asker
) -> None:
    id = await administrator.made({"id": "urn:taken:1", "type": "Resident", "n": 1})
    same = {"id": id, "type": "OpenThing"}
    problem = refused(await application.post("/entities", json=same), 409, "AlreadyExists")
    assert problem["detail"] == f"The entity {id} exists already."
    ((error,),) = [ok(await application.post("/entityOperations/upsert", json=[same]), 207).json()["errors"]]
    assert error["error"]["detail"] == problem["detail"]
    refused(await anyone.post("/entities", json=same), 401, "unauthenticated")
    refused(await anyone.post("/entities", json=same | {"id": "urn:taken:none"}), 401, "unauthenticated")
    assert (await administrator.entity(id))["type"] == "Resident"
