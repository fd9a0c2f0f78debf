"""Does the graph take from services what it takes from bodies, and nothing else?"""

from typing import Any

import pytest

from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.errors import InvalidRequest
from kairo.platform.clock import system_clock
from kairo.platform.db import Database
from kairo.trust.gate import CityGate
from kairo.trust.identity import LOCAL_ADMINISTRATOR, Credentials
from tests.context.api.broker import DECLARED

TENANT = "352039"


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "b\udfff"])
async def test_texts_that_cannot_be_kept_are_refused(database: Database, text: str) -> None:
    scope = CityGate(Credentials(database, TENANT, system_clock)).scope_of(LOCAL_ADMINISTRATOR, TENANT)
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), system_clock)
    await graph.create_tenant(TENANT, LOCAL_ADMINISTRATOR.id)
    try:
        good: dict[str, Any] = {"id": "urn:g:1", "type": "OpenThing", "name": "市役所"}
        await graph.upsert(scope, [good])
        for wrong in ({"name": text}, {"name": {"type": "Property", "value": {"deep": [text]}}}, {f"name{text}": 1}):
            with pytest.raises(InvalidRequest):
                await graph.upsert(scope, [{"id": "urn:g:2", "type": "OpenThing", **wrong}])
            with pytest.raises(InvalidRequest):
                await graph.update(scope, [{"id": "urn:g:1", **wrong}])
        assert await graph.get(scope, "urn:g:2") is None
        assert (await graph.get(scope, "urn:g:1") or {})["name"]["value"] == "市役所"
    finally:
        await graph.close()
