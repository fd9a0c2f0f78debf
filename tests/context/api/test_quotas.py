"""Is nobody given more than their quota, and told what to do: requests a second, entities, batches; by setting and by name?"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from kairo.errors import StartError
from kairo.platform.db import Database
from kairo.settings import load_settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused


@asynccontextmanager
async def limited(database: Database, **settings: str) -> AsyncIterator[Broker]:
    environ = {f"KAIRO_{name.upper()}": value for name, value in settings.items()}
    async with open_broker(database, settings=load_settings(environ)) as broker:
        yield broker


async def statuses(asker: Asker, number: int) -> list[int]:
    return [(await asker.get("/types")).status_code for _ in range(number)]


def thing(id: str) -> dict[str, Any]:
    return {"id": f"urn:qu:{id}", "type": "OpenThing"}


async def test_an_application_has_its_rate_and_is_told_to_wait(database: Database) -> None:
    async with limited(database, application_requests_per_second="5") as broker:
        async with broker.asker(await broker.token_of("application:busy")) as busy:
            seen = await statuses(busy, 40)
            assert 5 <= seen.count(200) < 30
            problem, answer = None, httpx.Response(200)
            while answer.status_code == 200:
                answer = await busy.get("/types")
            problem = refused(answer, 429, "too-many-requests")
            assert int(answer.headers["retry-after"]) >= 1
            assert "5 requests a second" in problem["detail"]
        async with broker.asker(await broker.token_of("application:calm")) as calm:
            assert await statuses(calm, 3) == [200] * 3, "others go on"


async def test_single_ones_have_values_of_their_own(database: Database) -> None:
    quotas = "application:slow.requests_per_second=1, application:small.max_batch=2"
    async with limited(database, quotas=quotas) as broker:
        async with broker.asker(await broker.token_of("application:slow")) as slow:
            assert (await statuses(slow, 20)).count(200) < 10
        async with broker.asker(await broker.token_of("application:small")) as small:
            assert await statuses(small, 30) == [200] * 30
            ok(await small.post("/entityOperations/upsert", json=[thing("s1"), thing("s2")]), 201)
            three = [thing("s1"), thing("s2"), thing("s3")]
            problem = refused(await small.post("/entityOperations/upsert", json=three), 400, "BadRequestData")
            assert "at most 2" in problem["detail"]
            refused(await small.post("/entityOperations/delete", json=["urn:a:1", "urn:a:2", "urn:a:3"]), 400, "BadRequestData")


async def test_who_says_no_name_has_a_rate_by_address(database: Database) -> None:
    async with limited(database, anonymous_requests_per_second="3") as broker, broker.asker() as anyone:
        assert (await statuses(anyone, 20)).count(200) < 15
        async with broker.asker(await broker.token_of("application:named")) as named:
            assert await statuses(named, 20) == [200] * 20


async def test_a_tenant_has_a_rate_and_the_administrator_is_never_held_up(database: Database, administrator: Asker) -> None:
    token = str(administrator.headers["authorization"]).partition(" ")[2]
    async with limited(database, tenant_requests_per_second="4") as broker, broker.asker() as anyone:
        seen = [await anyone.get("/types") for _ in range(30)]
        problem = next(refused(answer, 429) for answer in seen if answer.status_code == 429)
        assert "tenant 352039" in problem["detail"]
        async with broker.asker(token) as owner:
            assert await statuses(owner, 20) == [200] * 20


async def test_a_tenant_has_room_for_so_many_entities(database: Database) -> None:
    tenant = {"NGSILD-Tenant": "small"}
    async with limited(database, quotas="tenant:small.max_entities=3") as broker:
        await broker.graph.create_tenant("small", "administrator:local")
        async with broker.asker(await broker.token_of("application:full"), **tenant) as asker:
            ok(await asker.post("/entities", json=thing("1")), 201)
            ok(await asker.post("/entityOperations/upsert", json=[thing("1"), thing("2"), thing("3")]), 201)
            problem = refused(await asker.post("/entities", json=thing("4")), 429, "too-many-requests")
            assert "3 of 3 entities" in problem["detail"]
            refused(await asker.post("/entityOperations/create", json=[thing("4")]), 429)
            refused(await asker.post("/entityOperations/upsert", json=[thing("1"), thing("4")]), 429)
            ok(await asker.post("/entityOperations/upsert", json=[thing("1"), thing("2")]), 204)
            ok(await asker.delete("/entities/urn:qu:1"), 204)
            ok(await asker.post("/entities", json=thing("4")), 201)
        async with broker.asker(await broker.token_of("application:elsewhere")) as elsewhere:
            ok(await elsewhere.post("/entityOperations/create", json=[thing(f"e{count}") for count in range(5)]), 201)


@pytest.mark.parametrize(
    "text", ["kiosk.max_batch=1", "application:kiosk.max_batch=0", "tenant:a.max_batch=5", "application:a.surprise=1", "x"]
)
def test_what_is_no_quota_stops_the_program(text: str) -> None:
    with pytest.raises(StartError, match="KAIRO_QUOTAS"):
        load_settings({"KAIRO_QUOTAS": text})
