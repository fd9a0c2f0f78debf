"""Does the task store all old entities anew, bit by bit, wherever it is interrupted, and does nobody notice?"""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from kairo.context.types import rewriting
from kairo.context.types.rewriting import Rewriter

Start = Callable[..., Any]
POINT = {"type": "Point", "coordinates": [131.47, 34.18]}


def old(number: int) -> dict[str, Any]:
    """A gauge of version 1."""
    level = {"value": number, "unitCode": "CMT"}
    return {
        "id": f"urn:ngsi-ld:Gauge:{number:03}",
        "type": "Gauge",
        "level": level,
        "name": "淵",
        "phone": "1",
        "location": POINT,
    }


def rewriter(program: Any) -> Rewriter:
    """The task, for the test's tenant alone."""

    async def tenants() -> list[str]:
        return [program.tenant]

    return Rewriter(program.graph, tenants)


async def versions(program: Any) -> dict[int, int]:
    """How many entities are stored in which version."""
    rows = await program.rows("entity", "type_version")
    return {number: sum(row["type_version"] == number for row in rows) for number in {row["type_version"] for row in rows}}


@pytest.fixture
async def updated(program: Start) -> Any:
    """The program at version 3, over 25 gauges that it wrote when it was at version 1."""
    await (await program(1)).write(*map(old, range(25)))
    return await program(3)


async def test_all_is_stored_anew_and_nobody_notices(updated: Any) -> None:
    tables = ("history", "outbox", "entity_geo")
    before = {table: await updated.rows(table) for table in tables}
    shown = await updated.read("/entities", type="Gauge", limit=100, options="sysAttrs")
    counted = REGISTRY.get_sample_value("kairo_entities_rewritten_total") or 0
    heard: list[Any] = []
    updated.graph.on_change = lambda *change: heard.append(change)

    assert await rewriter(updated).round() == 25
    assert await versions(updated) == {3: 25}
    assert {table: await updated.rows(table) for table in tables} == before
    assert await updated.read("/entities", type="Gauge", limit=100, options="sysAttrs") == shown
    assert REGISTRY.get_sample_value("kairo_entities_rewritten_total") == counted + 25
    assert heard == []
    assert [doc["id"] for doc in await updated.read("/entities", type="Gauge", q="height==0.07")] == ["urn:ngsi-ld:Gauge:007"]
    assert await updated.read("/entities", type="Gauge", q="level==7") == []


async def test_each_has_its_audit_record(updated: Any) -> None:
    await rewriter(updated).round()
    records = await updated.rows("change", "principal, purpose, operation, entity, attributes", "operation = 'upcast'")
    assert {record["entity"] for record in records} == {old(number)["id"] for number in range(25)}
    assert {(record["principal"], record["purpose"], tuple(record["attributes"])) for record in records} == {
        ("system:versions", "upcasting", ())
    }


async def test_once_it_is_through_it_does_nothing(updated: Any) -> None:
    await rewriter(updated).round()
    before = await updated.rows("entity"), await updated.rows("change")
    assert await rewriter(updated).round() == 0
    assert (await updated.rows("entity"), await updated.rows("change")) == before


async def test_what_was_interrupted_goes_on(updated: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewriting, "BATCH", 10)
    committed, rewrite = asyncio.Event(), updated.graph.rewrite

    async def rewrite_once(*asked: Any) -> int:
        await rewrite(*asked)
        committed.set()
        return await asyncio.Future()  # interrupted here

    with monkeypatch.context() as patch:
        patch.setattr(updated.graph, "rewrite", rewrite_once)
        task = asyncio.create_task(rewriter(updated).round())
        await committed.wait()
        task.cancel()
        await asyncio.wait([task])
    assert await versions(updated) == {1: 15, 3: 10}
    assert len(await updated.read("/entities", type="Gauge", limit=100)) == 25
    assert await rewriter(updated).round() == 15
    assert await versions(updated) == {3: 25}


async def test_what_another_wrote_meanwhile_is_not_rewritten(updated: Any) -> None:
    ids = [old(number)["id"] for number in range(3)]
    await updated.write({**old(0), "level": {"value": 999, "unitCode": "CMT"}})
    assert await updated.graph.rewrite(rewriting.system_scope(updated.tenant), [*ids, "urn:ngsi-ld:Gauge:none"]) == 2
    assert len(await updated.rows("change", "seq", "operation = 'upcast'")) == 2


async def test_what_cannot_be_upcast_is_left_as_it_is_and_not_tried_for_ever(program: Start) -> None:
    odd = {"id": "urn:ngsi-ld:Gauge:odd", "type": "Gauge", "level": "deep"}
    await (await program(1)).write(odd)
    updated = await program(3)
    assert (await updated.read("/entities/urn:ngsi-ld:Gauge:odd"))["level"]["value"] == "deep"
    await rewriter(updated).round()
    (stored,) = await updated.rows("entity")
    assert (orjson.loads(stored["doc"])["level"]["value"], stored["type_version"]) == ("deep", 3)


async def test_what_has_become_personal_is_classed_anew(program: Start) -> None:
    await (await program(1)).write(old(1))
    updated = await program(3, data_class="personal", personal=frozenset({"name"}))
    await rewriter(updated).round()
    (stored,) = await updated.rows("entity", "data_class, withheld")
    assert stored == {"data_class": "personal", "withheld": ["name"]}


async def test_entities_of_a_newer_program_are_reported_and_left(program: Start) -> None:
    new, older = await program(3), await program(1)
    await new.write(old(1))
    before = await new.rows("entity")
    with capture_logs() as logged:
        assert await rewriter(older).round() == 0
    assert await new.rows("entity") == before
    (told,) = logged
    assert told["log_level"] == "warning"
    assert (told["tenant"], told["types"], told["type_version"], told["entities"]) == (new.tenant, "Gauge", 3, 1)


async def test_entities_of_several_types_are_rewritten_whole(program: Start) -> None:
    await (await program(1)).write({**old(1), "type": ["Paint", "Gauge"], "shade": "red"})
    updated = await program(3)
    assert await rewriter(updated).round() == 1
    (stored,) = await updated.rows("entity", "doc, type_version")
    assert stored["type_version"] == 103
    assert {"height", "colour"} <= set(orjson.loads(stored["doc"]))
