"""What may the application do to history, and what does the migration make of histories from before it?"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import kairo.context.migrations
from tests.context.api.broker import Broker, ok

MIGRATION = Path(kairo.context.migrations.__path__[0]) / "0012_evolution.sql"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE history SET at = at",
        "UPDATE history SET operation = 'created'",
        "UPDATE history SET entity = 'x'",
        "UPDATE change SET principal = 'x'",
        "DELETE FROM change",
    ],
)
async def test_what_was_done_by_whom_cannot_be_rewritten(broker: Broker, statement: str) -> None:
    with pytest.raises(Exception) as refusal:  # noqa: PT011 - the unit maps the database's error
        async with broker.database.unit(broker.settings.tenant) as unit:
            await unit.connection.execute(statement)
    causes = [refusal.value, refusal.value.__cause__]
    assert any(isinstance(cause, asyncpg.InsufficientPrivilegeError) for cause in causes)


def test_one_place_alone_changes_history() -> None:
    """Beside the owner's housekeeping, which the application's role could not do."""
    source = MIGRATION.parent.parent.parent
    found = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"(?:UPDATE|DELETE FROM) history\b", path.read_text(encoding="utf-8"))
    }
    assert found == {"context/temporal/writing/store.py", "context/temporal/keeping/store.py"}


async def test_former_lives_that_nobody_noted_are_taken_for_personal(broker: Broker) -> None:
    """An entity that was deleted and made anew, or changed its types, before there was a table to say what it was."""
    tenant, id = broker.settings.tenant, "urn:old:1"
    row = "INSERT INTO history (tenant, entity, attribute, at, change, operation, instance) VALUES ($1, $2, $3, $4, $5, 'created', $6)"
    async with broker.asker(await broker.token_of("administrator:local")) as administrator:
        await administrator.made({"id": id, "type": "OpenThing", "n": 5})
    block = MIGRATION.read_text(encoding="utf-8")
    async with broker.database.owner() as owner:
        await owner.execute(f"SET app.tenant = '{tenant}'")
        await owner.execute(row, tenant, id, "n", datetime(2020, 1, 1, tzinfo=UTC), 0, b'{"type": "Property", "value": 1}')
        await owner.execute(
            row, tenant, id, "scope", datetime(2020, 1, 2, tzinfo=UTC), 0, b'{"type": "Property", "value": "/a"}'
        )
        await owner.execute(block[block.index("DO $$") :])
    (past,) = await broker.rows("entity_past", tenant=tenant, entity=id)
    assert (past["data_class"], past["last_change"]) == ("personal", 0)
    assert await shown(broker, id) == [5]
    assert await shown(broker, id, await broker.token_of("administrator:local")) == [1, 5]
    (scope,) = await broker.rows("history", tenant=tenant, entity=id, attribute="scope")
    assert scope["observed_at"] == scope["at"]


async def shown(broker: Broker, id: str, token: str = "") -> list[Any]:
    async with broker.asker(token) as asker:
        found = ok(await asker.get(f"/temporal/entities/{id}")).json()
        return [item["value"] for item in found["n"]]
