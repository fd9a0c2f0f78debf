"""Does a purge delete what its query finds, all of it and nothing else? (CIM 009 5.6.21)"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from kairo.context.api.app import BrokerApi
from kairo.context.contexts.store import PostgresContextStore
from kairo.context.gate import DataClass, Scope
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused


def thing(id: str, kind: str, **attributes: Any) -> dict[str, Any]:
    return {"id": f"urn:pu:{id}", "type": kind, **attributes}


async def filled(asker: Asker, kind: str, number: int = 3) -> None:
    made = [thing(f"{kind}:{count}", kind, n=count, m=1, k={"type": "Property", "value": 2}) for count in range(number)]
    ok(await asker.post("/entityOperations/create", json=made), 201)


async def test_what_the_query_finds_is_deleted_and_counted(administrator: Asker) -> None:
    await filled(administrator, "Wagon", 1203)
    answer = ok(await administrator.delete("/entities", params={"type": "Wagon", "q": "n>0"}), 204)
    assert answer.headers["ngsild-results-count"] == "1202"
    assert answer.content == b""
    assert await administrator.ids(type="Wagon") == ["urn:pu:Wagon:0"]
    again = ok(await administrator.delete("/entities", params={"type": "Wagon", "q": "n>0"}), 204)
    assert again.headers["ngsild-results-count"] == "0"


async def test_attributes_are_dropped_or_kept(administrator: Asker) -> None:
    await filled(administrator, "Barge")
    ok(await administrator.delete("/entities", params={"type": "Barge", "q": "n<2", "drop": "m,nothing"}), 204)
    ok(await administrator.delete("/entities", params={"type": "Barge", "q": "n>0", "keep": "n"}), 204)
    found = ok(await administrator.get("/entities", params={"type": "Barge", "format": "simplified"})).json()
    assert [{name for name in entity if len(name) == 1} for entity in found] == [{"n", "k"}, {"n"}, {"n"}]


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"id": "urn:a:1"},
        {"idPattern": ".*"},
        {"type": "A", "drop": "a", "keep": "b"},
        {"type": "A", "drop": "id"},
        {"type": "A", "drop": "a{b}"},
        {"type": "A", "q": "a{b}==1"},
        {"type": "A", "q": "(("},
    ],
)
async def test_what_is_too_wide_or_wrong_deletes_nothing(administrator: Asker, asked: dict[str, str]) -> None:
    refused(await administrator.delete("/entities", params=asked), 400, "BadRequestData")


async def test_all_of_a_tenant_goes_only_by_saying_so(broker: Broker, administrator: Asker) -> None:
    tenant = {"NGSILD-Tenant": "purged"}
    ok(await administrator.post("/entities", json=thing("t", "A"), headers=tenant), 201)
    ok(await administrator.delete("/entities", params={"local": "true"}, headers=tenant), 204)
    assert ok(await administrator.get("/entities?local=true", headers=tenant)).json() == []
    refused(await administrator.delete("/entities?local=true", headers={"NGSILD-Tenant": "nowhere"}), 404, "NonexistentTenant")


async def test_who_may_not_write_purges_nothing(administrator: Asker, anyone: Asker, application: Asker) -> None:
    await administrator.made(thing("open", "OpenThing", name="a", ownerName="山口花子"))
    await administrator.made(thing("secret", "Resident"))
    refused(await anyone.delete("/entities", params={"type": "OpenThing"}), 401, "unauthenticated")
    nothing = ok(await application.delete("/entities", params={"type": "Resident"}), 204)
    assert nothing.headers["ngsild-results-count"] == "0"
    ok(await application.delete("/entities", params={"type": "OpenThing", "keep": "other"}), 204)
    left = await administrator.entity("urn:pu:open", format="simplified")
    assert left == {"id": "urn:pu:open", "type": "OpenThing", "ownerName": "山口花子"}, "what is not seen stays"
    assert await administrator.ids(type="Resident") == ["urn:pu:secret"]


class Reader:
    """A gate for someone who reads what they may not change."""

    async def scope(self, headers: Mapping[str, str], tenant: str, *, cookies: bool) -> Scope:
        classes = frozenset({DataClass.OPEN, DataClass.UNDECLARED})
        return Scope(tenant, "application:reader", read_classes=classes, write_classes=frozenset({DataClass.OPEN}))

    async def standing(self, principal: str, tenant: str, purpose: str = "") -> Scope | None:
        return None


async def test_what_may_be_read_and_not_changed_is_told(broker: Broker, administrator: Asker) -> None:
    await administrator.made(thing("city", "CityGadget", n=1))
    await administrator.made(thing("free", "OtherOpenThing", n=1))
    contexts = PostgresContextStore(broker.database, broker.settings.tenant)
    narrow = replace(broker, api=BrokerApi(replace(broker.api.desk, gate=Reader()), contexts))
    async with narrow.asker() as asker:
        answer = ok(await asker.delete("/entities", params={"type": "CityGadget,OtherOpenThing"}), 207).json()
    assert answer["success"] == ["urn:pu:free"]
    assert [error["entityId"] for error in answer["errors"]] == ["urn:pu:city"]
    assert answer["errors"][0]["error"]["status"] == 403
    assert await administrator.ids(type="CityGadget") == ["urn:pu:city"]


async def test_more_than_the_limit_changes_nothing(database: Database, administrator: Asker) -> None:
    await filled(administrator, "Crate", 4)
    async with open_broker(database, settings=replace(Settings(), max_purge=3)) as broker:
        token = str(administrator.headers["authorization"]).partition(" ")[2]
        async with broker.asker(token) as asker:
            problem = refused(await asker.delete("/entities", params={"type": "Crate"}), 403, "TooManyResults")
            assert "4 entities" in problem["detail"]
            assert len(await asker.ids(type="Crate")) == 4
            ok(await asker.delete("/entities", params={"type": "Crate", "q": "n<3"}), 204)
            assert len(await asker.ids(type="Crate")) == 1
