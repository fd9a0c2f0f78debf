"""Is a large batch refused in words, or taken in bounded memory while others are served?"""

import asyncio
import gc
import os
import sys
import tracemalloc
from collections.abc import AsyncIterator
from itertools import count
from typing import Any, Self

import orjson
import pytest
import pytest_asyncio

from kairo.context.entities import parts
from kairo.errors import StorageFull
from kairo.platform import turns
from kairo.platform.db import Database
from kairo.settings import Settings
from tests.context.api.broker import Asker, Broker, ok, open_broker, refused

MEMBERS = int(os.environ.get("KAIRO_TEST_MEMBERS", "4000"))  # 50,000 by hand
MOST_BYTES_PER_BYTE = 100  # of the process for each of the body, while it is read, folded and written
MOST_CALLS_A_MEMBER = 30  # in one go; to read one takes some eighty, to fold and write it some seventy
CREATE = "/entityOperations/create"


@pytest_asyncio.fixture
async def large(database: Database) -> AsyncIterator[Broker]:
    settings = Settings(max_batch=MEMBERS, max_body_bytes=64 * 1024 * 1024)
    async with open_broker(database, settings=settings) as opened:
        yield opened


def batch(members: int, name: str = "") -> bytes:
    number = {"type": "Property", "value": 1, "unitCode": "CEL"}
    return orjson.dumps(
        [{"id": f"urn:many:{name}{member}", "type": "Many", "a": number, "b": number} for member in range(members)]
    )


class Calls:
    """How many functions are called in one go, while nobody else has a turn: a measure of work that is the same on every machine."""

    def __init__(self) -> None:
        self.number = self.longest = 0

    async def until(self, done: asyncio.Event) -> None:
        """Notes the longest stretch between two turns of its own, and before the first."""
        before = 0
        while not done.is_set():
            await asyncio.sleep(0)
            self.longest, before = max(self.longest, self.number - before), self.number

    def _called(self, _frame: object, event: str, _argument: object) -> None:
        if event in {"call", "c_call"}:
            self.number += 1

    def __enter__(self) -> Self:
        sys.setprofile(self._called)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)


async def longest_stretch(asker: Asker, body: bytes) -> int:
    """The most calls in one go while this is created."""
    done = asyncio.Event()
    with Calls() as calls:
        beside = asyncio.create_task(calls.until(done))
        answer = await asker.post(CREATE, content=body, headers={"Content-Type": "application/json"}, timeout=600)
        done.set()
        await beside
    ok(answer, 201)
    return calls.longest


async def test_others_have_their_turn_meanwhile(large: Broker, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn every so many steps: nothing that takes more than a few calls a member is done in one go."""
    steps = count()
    monkeypatch.setattr(turns, "perf_counter", lambda: next(steps))
    monkeypatch.setattr(turns, "SECONDS", 20)
    async with await large.administrator(tmp_path) as asker:
        await asker.made({"id": "urn:many:first", "type": "Many"})
        assert await longest_stretch(asker, batch(MEMBERS, "many")) < MOST_CALLS_A_MEMBER * MEMBERS


async def test_memory_is_bounded_by_the_body(large: Broker, tmp_path: Any) -> None:
    async with await large.administrator(tmp_path, NGSILD_Tenant="memory") as asker:
        await asker.made({"id": "urn:small:1", "type": "Small"})
        body = batch(MEMBERS)
        tracemalloc.start()
        try:
            await asker.post(CREATE, content=body, headers={"Content-Type": "application/json"}, timeout=600)
            _, peak = tracemalloc.get_traced_memory()
            await asyncio.sleep(0)  # whatever brought the answer to us lets go of it
            gc.collect()
            left, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        print(f"{MEMBERS} members: {peak / len(body):.1f} bytes at the most for each of the body, {left} left")
        assert peak < MOST_BYTES_PER_BYTE * len(body)
        assert left < 100_000


async def test_one_more_is_refused_in_words(large: Broker, tmp_path: Any) -> None:
    async with await large.administrator(tmp_path) as asker:
        answer = await asker.post(CREATE, content=batch(MEMBERS + 1), headers={"Content-Type": "application/json"})
        problem = refused(answer, 400, "BadRequestData")
        assert str(MEMBERS) in problem["detail"]
        assert "smaller parts" in problem["mend"]


MIXED = [
    {"id": "urn:part:1", "type": "Part", "a": {"type": "Property", "value": 1}},
    {"id": "urn:part:2", "type": "Part", "a": {"type": "Property", "value": "x" * 3000}},
    {"id": "urn:part:1", "type": "Part", "b": {"type": "Property", "value": 2}},
    {"id": "urn:part:3", "type": "Part", "a": {"type": "Property"}},
    {"id": "urn:part:4", "type": "Part"},
]


async def test_commits_of_a_large_batch_follow_one_another(
    broker: Broker, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each entity's answer and what is stored are those of one commit."""
    found = []
    for tenant, most_bytes, commits in (("whole", parts.MOST_BYTES, 1), ("parted", 1500, 3)):
        monkeypatch.setattr(parts, "MOST_BYTES", most_bytes)
        async with await broker.administrator(tmp_path, NGSILD_Tenant=tenant) as asker:
            answers = [
                ok(await asker.post(f"/entityOperations/{name}", json=MIXED), 207).json() for name in ("create", "upsert")
            ]
            stored = [ok(await asker.get(f"/entities/urn:part:{number}")).json() for number in (1, 2, 4)]
        found.append((answers, stored))
        rows = await broker.database.fetch(
            tenant,
            "SELECT count(DISTINCT xmin::text) AS commits FROM change WHERE tenant = $1 AND operation = 'create'",
            tenant,
        )
        assert rows[0]["commits"] == commits
    assert found[0] == found[1]
    answers, stored = found[0]
    assert answers[0]["success"] == ["urn:part:1", "urn:part:2", "urn:part:4"]
    assert stored[0]["b"]["value"] == 2, "the later command counts"


async def test_what_was_not_reached_is_said(broker: Broker, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "MOST_BYTES", 1)
    unit, allowed = broker.database.unit, [1, 2]

    def failing(tenant: str) -> Any:
        if tenant == "unreached" and not allowed:
            raise StorageFull("the disk is full")
        if tenant == "unreached":
            allowed.pop()
        return unit(tenant)

    async with await broker.administrator(tmp_path, NGSILD_Tenant="unreached") as asker:
        monkeypatch.setattr(broker.database, "unit", failing)
        answer = ok(await asker.post(CREATE, json=[{"id": f"urn:part:{number}", "type": "Part"} for number in range(4)]), 207)
        assert answer.json()["success"] == ["urn:part:0", "urn:part:1"]
        assert [(item["entityId"], item["error"]["status"]) for item in answer.json()["errors"]] == [
            ("urn:part:2", 507),
            ("urn:part:3", 507),
        ]
        refused(await asker.post(CREATE, json=[{"id": "urn:part:9", "type": "Part"}]), 507)
        monkeypatch.setattr(broker.database, "unit", unit)
        assert await asker.ids(type="Part") == ["urn:part:0", "urn:part:1"]


NUMBER = {"type": "Property", "value": 1}
MANY = [{**NUMBER, "datasetId": f"urn:d:{number}"} for number in range(1001)]


@pytest.mark.parametrize(
    "entities",
    [
        [{f"a{number}": 1 for number in range(501)}, {f"a{number}": NUMBER for number in range(500)}],
        [{"a": MANY}],
        [{"a": {**NUMBER, **{f"a{number}": 1 for number in range(1000)}}}],
        [{"a": {**NUMBER, "b": {**NUMBER, "c": MANY}}}],
    ],
    ids=["of all entities", "instances", "attributes of attributes", "deep"],
)
async def test_too_many_attributes_are_refused_in_words(database: Database, tmp_path: Any, entities: list[Any]) -> None:
    whole = [{"id": f"urn:wide:{number}", "type": "Wide", **members} for number, members in enumerate(entities)]
    async with (
        open_broker(database, settings=Settings(max_attributes=1000)) as opened,
        await opened.administrator(tmp_path) as asker,
    ):
        problem = refused(await asker.post("/entityOperations/upsert", json=whole), 400, "BadRequestData")
        assert "1000 attributes" in problem["detail"]
        assert "smaller parts" in problem["mend"]
        if len(whole) == 1:
            refused(await asker.post("/entities", json=whole[0]), 400, "BadRequestData")
            refused(await asker.patch("/entities/urn:wide:0/attrs", json=entities[0]), 400, "BadRequestData")


async def test_values_are_no_attributes(database: Database, tmp_path: Any) -> None:
    value = {f"a{number}": {"b": number} for number in range(2000)}
    entity = {"id": "urn:wide:value", "type": "Wide", "a": {"type": "Property", "value": value}}
    entity["c"] = {"type": "ListProperty", "valueList": list(range(2000))}
    async with (
        open_broker(database, settings=Settings(max_attributes=1000)) as opened,
        await opened.administrator(tmp_path, NGSILD_Tenant="values") as asker,
    ):
        await asker.made(entity)
