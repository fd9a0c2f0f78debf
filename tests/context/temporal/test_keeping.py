"""Is history kept as long, and in as much detail, as its entity type declares?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kairo.context.gate import Declarations
from kairo.context.maintenance import Maintenance
from kairo.platform.clock import system_clock
from kairo.platform.manifests import EntityType, HistorySampling
from tests.context.api.broker import Asker, Broker, ok, refused

NOW = datetime(2030, 1, 1, tzinfo=UTC)  # what the tests enter now is old by then
START = datetime(2020, 8, 1, tzinfo=UTC)


def declared(**rules: Any) -> Declarations:
    return Declarations.of([EntityType("OpenThing", "open", {"en": "open"}, **rules)])


async def tidied(broker: Broker, now: datetime = NOW, **rules: Any) -> int:
    return await Maintenance(broker.database, declared(**rules), lambda: now).round()


def seen(value: Any, minute: int, **more: Any) -> dict[str, Any]:
    return {"type": "Property", "value": value, "observedAt": (START + timedelta(minutes=minute)).isoformat(), **more}


async def past(asker: Asker, id: str) -> dict[str, Any]:
    found: dict[str, Any] = ok(await asker.get(f"/temporal/entities/{id}")).json()
    return found


def values(found: dict[str, Any], name: str = "n") -> list[Any]:
    return [item["value"] for item in found.get(name, [])]


async def test_history_is_dropped_when_its_time_is_over(broker: Broker, administrator: Asker) -> None:
    there = await administrator.made({"id": "urn:keep:there", "type": ["OpenThing", "OtherOpenThing"], "n": 1})
    other = await administrator.made({"id": "urn:keep:other", "type": "OtherOpenThing", "n": 1})
    gone = await administrator.made({"id": "urn:keep:gone", "type": "OpenThing", "n": 1})
    ok(await administrator.delete(f"/entities/{gone}"), 204)
    await tidied(broker, system_clock(), history_days=1)
    assert values(await past(administrator, there)) == [1]
    assert values(await past(administrator, gone)) == [1, "urn:ngsi-ld:null"]
    await tidied(broker, history_days=1)
    assert values(await past(administrator, there)) == []
    assert values(await past(administrator, other)) == [1]
    refused(await administrator.get(f"/temporal/entities/{gone}"), 404)
    assert (await administrator.entity(there))["n"]["value"] == 1


async def test_synthetic_history_goes_with_its_records(broker: Broker, administrator: Asker) -> None:
    real = await administrator.made({"id": "urn:keep:real", "type": "OpenThing", "n": 1})
    ids = [f"urn:keep:synthetic:{name}" for name in ("there", "gone")]
    for id in ids:
        await administrator.made({"id": id, "type": "OpenThing", "n": 1, "synthetic": True})
    ok(await administrator.delete(f"/entities/{ids[1]}"), 204)
    await tidied(broker, synthetic_history_hours=2)
    tenant = broker.settings.tenant
    for id in ids:
        assert await broker.rows("history", tenant=tenant, entity=id) == []
        assert await broker.rows("change", tenant=tenant, entity=id) == []
    assert await broker.rows("entity_past", tenant=tenant, entity=ids[1]) == []
    assert values(await past(administrator, real)) == [1]


async def test_what_is_dropped_whole_is_not_thinned_out_before(broker: Broker, administrator: Asker) -> None:
    """Or the audit record of a row that was thinned out would never be found again."""
    id = "urn:keep:synthetic:hourly"
    body = {"id": id, "type": "OpenThing", "synthetic": seen(True, 0), "n": [seen(n, n) for n in range(3)]}
    await administrator.made({"id": id, "type": "OpenThing", "n": 0, "synthetic": True})
    ok(await administrator.post("/temporal/entities", json=body), 204)
    rules: dict[str, Any] = {"history_sampling": HistorySampling(after_days=1, period_hours=1)}
    assert await tidied(broker, system_clock() + timedelta(days=2), synthetic_history_hours=24 * 365, **rules) == 0
    assert await tidied(broker, synthetic_history_hours=24 * 365, **rules) > 0
    assert await broker.rows("change", tenant=broker.settings.tenant, entity=id) == []


@pytest.mark.parametrize(
    ("keep", "numbers", "texts", "other"),
    [("last", [3, 5], ["c", "e"], [30]), ("mean", [2, 4.5], ["c", "e"], [20])],
)
async def test_old_history_is_thinned_out(
    broker: Broker, administrator: Asker, keep: Any, numbers: list[float], texts: list[str], other: list[float]
) -> None:
    """One instance an hour; what is deleted, created, or a scope stays."""
    id = f"urn:keep:thin:{keep}"
    minutes = [0, 20, 59, 60, 119]
    body = {
        "id": id,
        "type": "OpenThing",
        "n": [
            *(seen(value, minute) for value, minute in zip((1, 2, 3, 4, 5), minutes, strict=True)),
            *(seen(value, minute, datasetId="urn:d:1") for value, minute in ((10, 0), (20, 1), (30, 2))),
        ],
        "t": [*(seen(value, minute) for value, minute in zip("abcde", minutes, strict=True)), seen("urn:ngsi-ld:null", 5)],
        "scope": [seen("/a", 0), seen("/b", 1)],
    }
    ok(await administrator.post("/temporal/entities", json=body), 201)
    sampling = HistorySampling(after_days=30, period_hours=1, keep=keep)
    assert await tidied(broker, system_clock(), history_sampling=sampling) == 0
    before = await past(administrator, id)
    assert await tidied(broker, history_sampling=sampling) == 8
    after = await past(administrator, id)
    assert [item["value"] for item in after["n"] if "datasetId" not in item] == numbers
    assert [item["value"] for item in after["n"] if "datasetId" in item] == other
    assert values(after, "t") == ["urn:ngsi-ld:null", *texts]
    assert after["scope"] == before["scope"]
    assert {item["instanceId"] for item in after["n"]} < {item["instanceId"] for item in before["n"]}
    assert await tidied(broker, history_sampling=sampling) == 0, "done once, it is done"
    assert await past(administrator, id) == after


async def test_a_period_that_is_not_over_is_left(broker: Broker, administrator: Asker) -> None:
    id = "urn:keep:open"
    now = system_clock()
    instances = [{"type": "Property", "value": n, "observedAt": (now + timedelta(minutes=n)).isoformat()} for n in range(3)]
    ok(await administrator.post("/temporal/entities", json={"id": id, "type": "OpenThing", "n": instances}), 201)
    sampling = HistorySampling(after_days=1, period_hours=24 * 365)
    await tidied(broker, now + timedelta(days=1, hours=1), history_sampling=sampling)
    assert values(await past(administrator, id)) == [0, 1, 2]


async def test_a_round_out_of_time_goes_on_where_it_stopped(broker: Broker, administrator: Asker, monkeypatch: Any) -> None:
    batch = [{"id": f"urn:keep:many:{n:03}", "type": "OpenThing", "n": 1} for n in range(7)]
    ok(await administrator.post("/entityOperations/create", json=batch), 201)
    await tidied(broker, history_days=1)
    ok(await administrator.post("/entityOperations/update", json=[{**item, "n": 2} for item in batch]), 204)
    monkeypatch.setattr("kairo.context.temporal.keeping.keeper._ENTITIES_A_STEP", 3)
    monkeypatch.setattr("kairo.context.maintenance._KEEPING_SECONDS", 0.0)
    maintenance = Maintenance(broker.database, declared(history_days=1), lambda: NOW)
    rounds = [await maintenance.round() for _ in range(20)]
    assert sum(rounds) == 7
    assert max(rounds) <= 3
