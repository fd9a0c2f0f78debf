"""Does the gate let through what its truth table says, in every operation that the router has, and through the Graph API?"""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from kairo.context.gate import Scope
from kairo.errors import KairoError
from kairo.platform.db import Database
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Principal
from tests.context.api.broker import Asker, Broker, open_broker
from tests.context.api.permission_table import ASKERS, CHANGE, CREATE, HIDDEN, OPERATIONS, READ, TYPES, YES, Target

KIOSK = Principal.named("application:kiosk")


def entity_of(name: str, owner: str) -> dict[str, Any]:
    return {"id": f"urn:{name}", "type": TYPES[owner], f"mark_{owner}": 1, "extra": 0}


async def target_of(broker: Broker, owner: str, name: str) -> Target:
    """A fresh entity of this class, and a fresh stored context."""
    entity = entity_of(name, owner)
    writer = KIOSK if owner == "own" else LOCAL_ADMINISTRATOR
    (written,) = await broker.graph.upsert(broker.gate.scope_of(writer, broker.settings.tenant), [entity])
    assert written.outcome != "refused", written.error
    async with broker.asker(await broker.token_of("administrator:local")) as administrator:
        made = await administrator.post("/jsonldContexts", json={"@context": {}})
    return Target(entity["id"], TYPES[owner], f"mark_{owner}", made.headers["location"])


async def asker_of(stack: AsyncExitStack, name: str, broker: Broker, folder: Path) -> Asker:
    if name == "administrator":
        return await stack.enter_async_context(await broker.administrator(folder))
    token = await broker.token_of(KIOSK.id) if name == "application" else ""
    return await stack.enter_async_context(broker.asker(token))


def test_the_table_has_every_route_and_no_other(broker: Broker) -> None:
    assert set(OPERATIONS) == {f"{route.method} {route.path}" for route in broker.api.router}


@pytest.mark.parametrize("name", ASKERS)
async def test_the_truth_table(database: Database, tmp_path: Path, name: str) -> None:
    async with AsyncExitStack() as stack:
        broker = await stack.enter_async_context(open_broker(database, open_to_all="--open" in name))
        asker = await asker_of(stack, name, broker, tmp_path)
        found, expected = {}, {}
        for count, (operation, (table, attempt)) in enumerate(OPERATIONS.items()):
            for owner in TYPES:
                target = await target_of(broker, owner, f"{ASKERS.index(name)}:{count}:{owner}")
                expected[f"{operation} {owner}"] = table[name][owner]
                found[f"{operation} {owner}"] = await attempt(asker, target)
        assert found == expected


@pytest.mark.parametrize("name", ASKERS)
async def test_the_same_through_the_graph(database: Database, name: str) -> None:
    async with open_broker(database, open_to_all="--open" in name) as broker:
        graph, tenant = broker.graph, broker.settings.tenant
        scopes = {
            "administrator": broker.gate.scope_of(LOCAL_ADMINISTRATOR, tenant),
            "application": broker.gate.scope_of(KIOSK, tenant),
        }
        scope = scopes.get(name) or broker.gate.public(tenant)
        for owner, type in TYPES.items():
            may_read = READ[name][owner] == YES
            target = await target_of(broker, owner, f"graph:{name.replace(' ', '')}:{owner}")
            doc = await graph.get(scope, target.id)
            assert (doc is not None) == may_read
            assert (target.id in await graph.get_many(scope, [target.id])) == may_read
            page = await graph.find(scope, type, "extra==0", limit=1000)
            assert (target.id in [item["id"] for item in page.docs]) == may_read
            assert (target.id in [item["id"] async for item in graph.every(scope, type)]) == may_read
            assert (await graph.count(scope, type) > 0) == may_read
            assert bool(await graph.history(scope, target.id, target.mark)) == may_read
            changed = await graph.update(scope, [{"id": target.id, "extra": 7}])
            assert said(changed[0].error) == CHANGE[name][owner]
            created = await graph.upsert(scope, [{"id": f"{target.id}-new", "type": target.new_type}])
            assert said(created[0].error) == CREATE[name][owner]
            assert said((await graph.delete(scope, [target.id]))[0]) == CHANGE[name][owner]
            assert await remains(graph, broker, target) == (CHANGE[name][owner] != YES)


def said(error: KairoError | None) -> str:
    return YES if error is None else {401: "sign in", 403: "forbidden", 404: HIDDEN}[error.status]


async def remains(graph: Any, broker: Broker, target: Target) -> bool:
    scope: Scope = broker.gate.scope_of(LOCAL_ADMINISTRATOR, broker.settings.tenant)
    return await graph.get(scope, target.id) is not None


async def test_credentials_that_are_not_valid_are_no_anonymous(broker: Broker) -> None:
    for value in ("Bearer wrong", "Bearer", "Basic YTpi", "wrong", "Bearer \xff"):
        async with broker.asker() as asker:
            answer = await asker.get("/types", headers=[(b"authorization", value.encode("latin-1"))])
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_session_cookie_reads_but_never_writes(broker: Broker) -> None:
    """A page elsewhere can make a browser send a cookie: it must not make it write."""
    target = await target_of(broker, "personal", "cookie:1")
    session = await broker.credentials.enter(await broker.credentials.new_link())
    async with broker.asker(Cookie=f"kairo_session={session}") as browser:
        assert (await browser.get(f"/entities/{target.id}")).status_code == 200
        assert (await browser.delete(f"/entities/{target.id}")).status_code == 404
        assert (await browser.post("/entities", json={"id": "urn:cookie:2", "type": "OpenThing"})).status_code == 401
        body = {"type": "Query", "entities": [{"type": "Resident"}]}
        assert (await browser.post("/entityOperations/query", json=body)).json() == []
