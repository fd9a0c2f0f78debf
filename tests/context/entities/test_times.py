"""Are the times of entities true where several processes and machines write? (CIM 009 4.8)"""

from datetime import UTC, datetime, timedelta

from kairo.context.gate import DataClass, Declarations, Scope
from kairo.context.graph import Graph
from kairo.context.subscriptions import ReactionTable
from kairo.context.temporal.writing.operations import EraseAttribute
from kairo.platform.db import Database

NOON = datetime(2026, 4, 1, 3, tzinfo=UTC)
EVERY = frozenset(DataClass)
SCOPE = Scope("times", "test", read_classes=EVERY, write_classes=EVERY, own_undeclared=True, may_create_tenant=True)


def graph_at(database: Database, moment: datetime) -> Graph:
    """A graph in a process whose clock stands at this moment."""
    declarations = Declarations()
    return Graph(database, declarations, ReactionTable([], declarations), lambda: moment)


async def test_times_never_go_back_whoever_writes(database: Database) -> None:
    ahead, behind = graph_at(database, NOON), graph_at(database, NOON - timedelta(seconds=1))
    id = "urn:ngsi-ld:A:1"
    await ahead.upsert(SCOPE, [{"id": id, "type": "A", "a": {"type": "Property", "value": 1}}])
    await behind.update(SCOPE, [{"id": id, "a": {"type": "Property", "value": 2}}])
    row = await ahead.row(SCOPE, id)
    assert row is not None
    assert row.doc["a"]["value"] == 2
    assert row.modified_at >= row.created_at
    born, changed = row.stamps["a"]["@none"]
    assert born <= changed
    newest, oldest = await ahead.history(SCOPE, id, "a")
    assert (newest["instance"]["value"], oldest["instance"]["value"]) == (2, 1), "history is in the order of the changes"


async def test_a_clock_that_stood_far_ahead_is_not_followed(database: Database) -> None:
    wrong, right, behind = (graph_at(database, NOON + timedelta(seconds=seconds)) for seconds in (3600, 0, -299))
    times = []
    for number, graph in enumerate((wrong, right, behind, wrong)):
        id = f"urn:ngsi-ld:Far:{number}"
        await graph.upsert(SCOPE, [{"id": id, "type": "Far"}])
        row = await graph.row(SCOPE, id)
        assert row is not None
        times.append(row.created_at)
    assert times == [NOON + timedelta(hours=1), NOON, NOON, NOON + timedelta(hours=1)]


async def test_the_past_is_changed_in_its_turn(database: Database) -> None:
    id = "urn:ngsi-ld:A:9"
    await graph_at(database, NOON).upsert(SCOPE, [{"id": id, "type": "A", "a": {"type": "Property", "value": 1}}])
    behind = graph_at(database, NOON - timedelta(minutes=1))
    await behind.evolutions.submit(SCOPE, EraseAttribute(id, "a", None))
    moments = await database.fetch(
        SCOPE.tenant, "SELECT at FROM change WHERE tenant = $1 ORDER BY seq DESC LIMIT 2", SCOPE.tenant
    )
    assert [row["at"] for row in moments] == [NOON, NOON]


async def test_created_and_changed_in_one_commit(database: Database) -> None:
    graph = graph_at(database, NOON)
    id = "urn:ngsi-ld:A:2"
    number = {"type": "Property", "value": 1}
    batch = [
        {"id": id, "type": "A", "a": number, "b": number},
        {"id": id, "type": "A", "a": {**number, "value": 2}, "c": number},
        {"id": "urn:ngsi-ld:A:3", "type": "A", "a": number},
    ]
    written = await graph.upsert(SCOPE, batch)
    assert [one.outcome for one in written] == ["created", "changed", "created"]

    async def history(id: str, attribute: str) -> list[tuple[str, int | None]]:
        """Oldest first: what was done, and the value after it."""
        rows = await graph.history(SCOPE, id, attribute)
        return [(row["operation"], row["instance"]["value"] if row["instance"] else None) for row in reversed(rows)]

    assert await history(id, "a") == [("created", 1), ("updated", 2)]
    assert await history(id, "b") == [("created", 1), ("deleted", None)]
    assert await history(id, "c") == [("created", 1)]
    assert await history("urn:ngsi-ld:A:3", "a") == [("created", 1)], "of one that was only created"
    row = await graph.row(SCOPE, id)
    assert row is not None
    assert row.doc == {"id": id, "type": "A", "a": {**number, "value": 2}, "c": number}
    await graph.close()
