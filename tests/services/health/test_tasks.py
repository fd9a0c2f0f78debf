"""Are the demo's vital signs made once, labelled, and about whom they say?"""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.reading import value_of
from kairo.context.subscriptions import ReactionTable
from kairo.platform.db import Database
from kairo.services.health import tasks
from kairo.services.health.manifest import VITAL_SIGNS

NOW = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
TENANT = "health_demo"
HANAKO = "urn:ngsi-ld:Resident:hanako"
EVERY = frozenset(DataClass)
DECLARED = Declarations.of([VITAL_SIGNS])


@given(st.integers(1_577_836_800, 2_208_988_800), st.text(min_size=1, max_size=8))  # 2020 to 2040
def test_what_is_measured_lies_in_the_past_and_is_plausible(second: int, name: str) -> None:
    now = datetime.fromtimestamp(second, UTC)
    found = tasks.measured(name, now)
    moments = [datetime.fromisoformat(one["heartRate"]["observedAt"]) for one in found]
    assert moments == sorted(set(moments))
    assert all(moment <= now for moment in moments)
    assert tasks.DAYS * len(tasks.HOURS) <= len(found) <= (tasks.DAYS + 1) * len(tasks.HOURS)
    for one in found:
        assert one["synthetic"]["value"] is True
        assert 40 < one["heartRate"]["value"] < 110
        assert one["diastolicBloodPressure"]["value"] < one["systolicBloodPressure"]["value"]
    assert tasks.measured(name, now) == found


async def test_they_are_made_once(database: Database) -> None:
    graph = Graph(database, DECLARED, ReactionTable([], DECLARED), lambda: NOW)
    await graph.create_tenant(TENANT, "test:")
    assert await tasks.load_demo(graph, TENANT, [HANAKO], NOW) == 1
    assert await tasks.load_demo(graph, TENANT, [HANAKO], NOW) == 0
    city = Scope(TENANT, "administrator:local", "administration", EVERY, EVERY)
    doc = await graph.get(city, tasks.id_of(HANAKO))
    assert doc is not None
    assert value_of(doc, "person") == HANAKO
    rows = await graph.history(city, doc["id"], "heartRate", limit=100)
    assert len(rows) == len(tasks.measured(HANAKO, NOW))
    own = Scope(TENANT, "resident:hanako", "family", frozenset({DataClass.OPEN}), by_grants=True, persons=(HANAKO,))
    assert await graph.get(own, doc["id"]) == doc
    other = Scope(TENANT, "resident:taro", "family", frozenset({DataClass.OPEN}), by_grants=True, persons=("urn:taro",))
    assert await graph.get(other, doc["id"]) is None
    await graph.close()
