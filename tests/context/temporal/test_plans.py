"""Does PostgreSQL find the past by its indexes, as the application's role and under row security?"""

from typing import Any

import pytest

from tests.context.api.broker import Broker, ok

TIMES = "timerel=between&timeAt=2026-01-01T00:00:00Z&endTimeAt=2026-02-01T00:00:00Z"


@pytest.mark.parametrize(
    "asked",
    [
        f"/temporal/entities/urn:plan:1?{TIMES}",
        f"/temporal/entities/urn:plan:1?{TIMES}&attrs=n&lastN=1",
        f"/temporal/entities/urn:plan:1?{TIMES}&format=aggregatedValues&aggrMethods=avg&aggrPeriodDuration=PT1H",
        f"/temporal/entities?type=OpenThing&{TIMES}",
    ],
)
async def test_the_time_reaches_the_index(broker: Broker, asked: str, monkeypatch: Any) -> None:
    """Conditions that row security must be asked before, since they are not leakproof, would not."""
    async with broker.asker(await broker.token_of("administrator:local")) as asker:
        await asker.post("/temporal/entities", json={"id": "urn:plan:1", "type": "OpenThing", "n": {"value": 1}})
    statements: list[tuple[Any, ...]] = []
    fetch = broker.database.fetch

    async def noted(tenant: str, statement: str, *arguments: Any) -> Any:
        statements.append((statement, *arguments))
        return await fetch(tenant, statement, *arguments)

    monkeypatch.setattr(broker.database, "fetch", noted)
    async with broker.asker() as anyone:
        ok(await anyone.get(asked))
    asking = [item for item in statements if "attribute_history" in item[0]]
    assert asking
    async with broker.database.unit(broker.settings.tenant) as unit:
        assert await unit.connection.fetchval("SELECT current_user") == "kairo_app"
        await unit.connection.execute("SET LOCAL enable_seqscan = off")
        for statement, *arguments in asking:
            plan = [row[0] for row in await unit.connection.fetch(f"EXPLAIN {statement}", *arguments)]
            assert any("Index Cond" in line and "observed_at >=" in line and "tenant" in line for line in plan), plan
            assert not any("Seq Scan on history" in line for line in plan), plan
