"""What may be done to a personal attribute of an open entity? The second truth table of the gate: every operation that can name one."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR
from tests.context.api.broker import Asker, Broker, open_broker
from tests.context.api.permission_table import ASKERS, BASE, FORBIDDEN, HIDDEN, SIGN_IN, YES, verdict

NAME = "ownerName"
# Reading it; naming it in the address; writing it in a body; deleting the whole entity, which deletes it too.
READS = dict(zip(ASKERS, (HIDDEN, HIDDEN, HIDDEN, YES), strict=True))
NAMES = dict(zip(ASKERS, (SIGN_IN, HIDDEN, HIDDEN, YES), strict=True))
WRITES = dict(zip(ASKERS, (SIGN_IN, FORBIDDEN, FORBIDDEN, YES), strict=True))
DELETES = dict(zip(ASKERS, (SIGN_IN, YES, YES, YES), strict=True))
Try = Callable[[Asker, str], Awaitable[str]]


def one(method: str, path: str, body: object = None) -> Try:
    async def attempt(asker: Asker, id: str) -> str:
        url = path.format(id=id)
        return verdict(await (asker.request(method, url, json=body) if body is not None else asker.request(method, url)))

    return attempt


def shows(method: str, path: str, body: object = None) -> Try:
    """Whether the answer to a read shows the attribute; the only entity that has it is asked for."""

    async def attempt(asker: Asker, id: str) -> str:
        url = path.format(id=id)
        answer: httpx.Response = await (
            asker.request(method, url, json=body) if body is not None else asker.request(method, url)
        )
        assert answer.status_code in {200, 404}, answer.text
        return YES if answer.status_code == 200 and NAME in answer.text else HIDDEN

    return attempt


def many(operation: str, suffix: str = "") -> Try:
    async def attempt(asker: Asker, id: str) -> str:
        member: object = {"id": id + suffix, "type": "OpenThing", NAME: "x"}
        if operation == "delete":
            member = id
        return verdict(await asker.post(f"/entityOperations/{operation}", json=[member]))

    return attempt


async def create(asker: Asker, id: str) -> str:
    return verdict(await asker.post("/entities", json={"id": f"{id}-new", "type": "OpenThing", NAME: "x"}))


async def purge(asker: Asker, id: str) -> str:
    """By a condition on it, which only who may read it can use."""
    answer = await asker.delete("/entities", params={"type": "OpenThing", "id": id, "q": NAME, "drop": NAME})
    if answer.status_code == 204:
        return YES if answer.headers["ngsild-results-count"] == "1" else HIDDEN
    return verdict(answer)


async def enter_past(asker: Asker, id: str) -> str:
    return verdict(await asker.post("/temporal/entities", json={"id": f"{id}-past", "type": "OpenThing", NAME: "x"}))


def on_instance(method: str, body: object = None) -> Try:
    """On its only instance, which came with that of `n`: its id is no secret to who sees the one of `n`."""

    async def attempt(asker: Asker, id: str) -> str:
        instance = (await asker.get(f"/temporal/entities/{id}")).json()["n"][0]["instanceId"]
        url = f"/temporal/entities/{id}/attrs/{NAME}/{instance}"
        return verdict(await (asker.request(method, url, json=body) if body is not None else asker.request(method, url)))

    return attempt


BODY = {NAME: {"type": "Property", "value": "x"}}
QUERY = {"type": "Query", "entities": [{"type": "OpenThing"}], "q": NAME}
SINCE = "timerel=after&timeAt=2000-01-01T00:00:00Z&timeproperty=createdAt"
PAST_QUERY = {**QUERY, "temporalQ": {"timerel": "after", "timeAt": "2000-01-01T00:00:00Z", "timeproperty": "createdAt"}}
ENTITY, ATTRIBUTE = "/entities/{id}", f"/entities/{{id}}/attrs/{NAME}"
TABLE: dict[str, tuple[dict[str, str], Try]] = {
    f"POST {BASE}/entities": (WRITES, create),
    f"DELETE {BASE}/entities": (NAMES, purge),
    f"GET {BASE}/entities": (READS, shows("GET", f"/entities?type=OpenThing&q={NAME}&options=sysAttrs")),
    f"GET {BASE}/entities/{{id}}": (READS, shows("GET", ENTITY)),
    f"PUT {BASE}/entities/{{id}}": (WRITES, one("PUT", ENTITY, {"type": "OpenThing", **BODY})),
    f"PATCH {BASE}/entities/{{id}}": (WRITES, one("PATCH", ENTITY, BODY)),
    f"DELETE {BASE}/entities/{{id}}": (DELETES, one("DELETE", ENTITY)),
    f"POST {BASE}/entities/{{id}}/attrs": (WRITES, one("POST", ENTITY + "/attrs", BODY)),
    f"PATCH {BASE}/entities/{{id}}/attrs": (WRITES, one("PATCH", ENTITY + "/attrs", BODY)),
    f"PATCH {BASE}/entities/{{id}}/attrs/{{attribute}}": (NAMES, one("PATCH", ATTRIBUTE, {"value": "x"})),
    f"PUT {BASE}/entities/{{id}}/attrs/{{attribute}}": (NAMES, one("PUT", ATTRIBUTE, {"value": "x"})),
    f"DELETE {BASE}/entities/{{id}}/attrs/{{attribute}}": (NAMES, one("DELETE", ATTRIBUTE)),
    f"POST {BASE}/entityOperations/create": (WRITES, many("create", "-created")),
    f"POST {BASE}/entityOperations/upsert": (WRITES, many("upsert")),
    f"POST {BASE}/entityOperations/update": (WRITES, many("update")),
    f"POST {BASE}/entityOperations/merge": (WRITES, many("merge")),
    f"POST {BASE}/entityOperations/delete": (DELETES, many("delete")),
    f"POST {BASE}/entityOperations/query": (READS, shows("POST", "/entityOperations/query", QUERY)),
    f"POST {BASE}/temporal/entities": (WRITES, enter_past),
    f"GET {BASE}/temporal/entities": (READS, shows("GET", f"/temporal/entities?type=OpenThing&q={NAME}&{SINCE}")),
    f"GET {BASE}/temporal/entities/{{id}}": (READS, shows("GET", f"/temporal{ENTITY}?options=sysAttrs")),
    f"DELETE {BASE}/temporal/entities/{{id}}": (DELETES, one("DELETE", f"/temporal{ENTITY}")),
    f"POST {BASE}/temporal/entities/{{id}}/attrs": (WRITES, one("POST", f"/temporal{ENTITY}/attrs", BODY)),
    f"DELETE {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}": (NAMES, one("DELETE", f"/temporal{ATTRIBUTE}")),
    f"PATCH {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}/{{instance}}": (NAMES, on_instance("PATCH", {"value": "x"})),
    f"DELETE {BASE}/temporal/entities/{{id}}/attrs/{{attribute}}/{{instance}}": (NAMES, on_instance("DELETE")),
    f"POST {BASE}/temporal/entityOperations/query": (READS, shows("POST", "/temporal/entityOperations/query", PAST_QUERY)),
    f"GET {BASE}/types": (READS, shows("GET", "/types?details=true")),
    f"GET {BASE}/types/{{type}}": (READS, shows("GET", "/types/OpenThing")),
    f"GET {BASE}/attributes": (READS, shows("GET", "/attributes")),
    f"GET {BASE}/attributes/{{attribute}}": (READS, shows("GET", f"/attributes/{NAME}")),
}


def test_every_route_that_knows_attributes_is_in_the_table(broker: Broker) -> None:
    routed = {f"{route.method} {route.path}" for route in broker.api.router}
    elsewhere = ("jsonldContexts", "openapi", "subscriptions")  # the last: tests/context/subscriptions/test_scopes.py
    assert set(TABLE) == {name for name in routed if not any(word in name for word in elsewhere)}


@pytest.mark.parametrize("name", ASKERS)
async def test_the_truth_table_of_personal_attributes(database: Database, tmp_path: Path, name: str) -> None:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(open_broker(database, open_to_all="--open" in name))
        city = broker.gate.scope_of(LOCAL_ADMINISTRATOR, broker.settings.tenant)
        token = await broker.token_of("application:kiosk") if name == "application" else ""
        opened = await broker.administrator(tmp_path) if name == "administrator" else broker.asker(token)
        asker = await stack.enter_async_context(opened)
        found, kept = {}, {}
        for count, (operation, (_, attempt)) in enumerate(TABLE.items()):
            id = f"urn:p:{ASKERS.index(name)}:{count}"
            await broker.graph.upsert(city, [{"id": id, "type": "OpenThing", NAME: "山口花子", "n": 1}])
            found[operation] = await attempt(asker, id)
            after = await broker.graph.get(city, id)
            kept[operation] = after is None or after.get(NAME) == {"type": "Property", "value": "山口花子"}
        assert found == {operation: expected[name] for operation, (expected, _) in TABLE.items()}
        if name != "administrator":
            assert all(kept.values()), "whoever may not write it has not changed it"
